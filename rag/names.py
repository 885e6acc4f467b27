"""Names that are spelled differently in different languages: Zelensky and Selenskyj, Lavrov and Lawrow.

Pure. Owns the code under which spellings of one name meet, and the check that two spellings with one code look alike.
The code is the Daitch-Mokotoff soundex (Randy Daitch and Gary Mokotoff, 1985, made for Slavic and Germanic names as
they were written down by clerks of other languages), with two changes: vowels and the glides J and Y count only at the
start of a word (Dostoevsky = Dostojewski), and the code is not cut off after six digits.
"""

from __future__ import annotations

from difflib import SequenceMatcher

# Shorter words have too few consonants to be told apart by them.
_SHORTEST = 4
# Spellings of one name share most of their letters; of words that merely share their code few do. How often either goes
# wrong is told by benchmarks/names.py.
_ALIKE = 0.6

# Letters: code at the start of a word and code elsewhere; alternatives are parted by "|". After the published table
# (https://www.avotaynu.com/soundex.htm); its third column, "before a vowel", concerns vowels and H and is dropped.
_AT_START_AND_ELSEWHERE = """
schtsch 2 4, schtsh 2 4, schtch 2 4, shtch 2 4, shtsh 2 4, stsch 2 4, shch 2 4, stch 2 4, szcz 2 4, szcs 2 4,
zhdzh 2 4, scht 2 43, schd 2 43, sht 2 43, szt 2 43, shd 2 43, szd 2 43, zhd 2 43, st 2 43, sd 2 43, zd 2 43, sc 2 4,
ttsch 4 4, tsch 4 4, ttch 4 4, tch 4 4, tsh 4 4, sch 4 4, zsch 4 4, zsh 4 4, sh 4 4, sz 4 4, zh 4 4, zs 4 4,
dzh 4 4, dsh 4 4, dz 4 4, ds 4 4, tts 4 4, ttz 4 4, tz 4 4, ts 4 4, cz 4 4, cs 4 4, tc 4 4, dsch 4 4, s 4 4, z 4 4,
ch 5|4 5|4, ck 5 5, c 5|4 5|4, g 5 5, kh 5 5, gh 5 5, k 5 5, q 5 5, h 5 -, x 5 54, ks 5 54,
b 7 7, f 7 7, p 7 7, pf 7 7, ph 7 7, v 7 7, w 7 7, fb 7 7, l 8 8, r 9 9, m 6 6, n 6 6, mn 66 66, nm 66 66,
d 3 3, dt 3 3, t 3 3, th 3 3, dh 3 3, j 1|4 -|4, y 1 -, a 0 -, e 0 -, i 0 -, o 0 -, u 0 -
"""
_RULES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    letters: (tuple(start.split("|")), tuple(elsewhere.replace("-", "").split("|")))
    for letters, start, elsewhere in (rule.split() for rule in _AT_START_AND_ELSEWHERE.split(","))
}
_LONGEST = max(map(len, _RULES))
# A name of many C's would have 2**n codes; the first few are enough.
_MOST_CODES = 8


def codes(word: str) -> frozenset[str]:
    """Return the codes of ``word``, which is in lower case without accents (see ``rag.terms``).

    Empty where it is too short or holds anything but Latin letters. Letters that are read in two ways (CH as in
    Charkiw and as in Chekhov) give several codes; two spellings meet if they share one.
    """
    if len(word) < _SHORTEST or not (word.isascii() and word.isalpha()):
        return frozenset()
    found = [("", "")]  # the code so far and the digits of the letters just read, which are not given twice in a row
    position = 0
    while position < len(word):
        letters = next(
            word[position : position + n] for n in range(_LONGEST, 0, -1) if word[position : position + n] in _RULES
        )
        digits = _RULES[letters][position > 0]
        found = list(
            dict.fromkeys((code if new == last else code + new, new) for code, last in found for new in digits)
        )
        del found[_MOST_CODES:]
        position += len(letters)
    return frozenset(code for code, _ in found)


def alike(one: str, other: str) -> bool:
    """Say whether two words with a code in common are likely spellings of one name."""
    return SequenceMatcher(None, _plain(one), _plain(other), autojunk=False).ratio() >= _ALIKE


def _plain(word: str) -> str:
    """Return ``word`` with the letters that languages use for one sound made one."""
    for letters, letter in (("sch", "s"), ("sh", "s"), ("zh", "s"), ("tch", "c"), ("ch", "c"), ("kh", "c")):
        word = word.replace(letters, letter)
    return word.translate(str.maketrans("wyzjk", "visic"))
