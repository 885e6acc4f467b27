"""Who speaks by an English sentence's own words: “…,” said X; X told Y that ...; according to X.

Owns the English rules of one sentence. English writes common nouns small, so that a name is what has a capital.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rag.functionwords import ENGLISH
from rag.speech.nounphrases import Phrase
from rag.speech.sources import CERTAIN, PLAIN, SOURCE, Cue
from rag.speech.wording import Line, Word

# These need nothing beside them; the others count only where what is said is quoted or follows with "that".
_SAY = frozenset(["said", "says", "told", "tells", "announced", "declared", "stressed", "insisted"])
_MAY_SAY = frozenset(
    """
added adds argued argues warned warns claimed claims explained explains noted notes stated states wrote writes tweeted
posted replied responded suggested suggests acknowledged admitted admits confirmed confirms denied denies predicted
predicts urged urges emphasised emphasized believes thinks commented complained concluded demanded promised recalled
remarked reported reports revealed vowed asked describes described called calls say tell
""".split()  # noqa: SIM905
)
_NOBODY = frozenset(
    """
i you we they it who which that there this what one nobody someone everyone
""".split()  # noqa: SIM905 - data reads better as words
)
_BESIDE = frozenset(
    """
has have had also later then recently reportedly again previously once repeatedly
""".split()  # noqa: SIM905 - data reads better as words
)
_PARTICLES = frozenset(["of", "de", "la", "van", "von", "der", "bin", "al", "el", "di", "du", "for", "and"])
_DETERMINERS = frozenset(["the", "a", "an", "its", "his", "her", "their", "another", "one"])
_BREAKS = frozenset(",;:–—.!?()")
_NO_NAMES = ENGLISH | frozenset(
    """
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
october november december according still yet thus meanwhile however although though since despite
""".split()  # noqa: SIM905
)
# Words of a speaker without a name: "a senior official at the ministry".
_LONG = 8


def cue(line: Line, is_name: Callable[[str], bool]) -> Cue | None:
    """Return the plainest sign in an English sentence of who speaks, None where there is none.

    ``is_name`` is there for the likeness with ``rag.speech.cues.cue``; in English a capital says enough.
    """
    return max(_cues(line), key=lambda one: one.strength, default=None)


def _cues(line: Line) -> Iterator[Cue]:
    for at, word in enumerate(line):
        found: Cue | None = None
        if word.low in _SAY | _MAY_SAY and not word.quotation:
            found = _verb_cue(line, at)
        elif word.low == "according" and at + 1 < len(line) and line[at + 1].low == "to":
            phrase = _after(line, at + 2)
            found = Cue(phrase, SOURCE) if phrase is not None and not phrase.pronoun else None
        if found is not None:
            yield found


def _verb_cue(line: Line, at: int) -> Cue | None:
    quoted = any(word.quotation and not word.capital for word in line)
    content = any(word.low in {"that", "whether"} for word in line[at + 1 : at + 12])
    if line[at].low not in _SAY and not (quoted or content):
        return None
    opened = at > 0 and (line[at - 1].quotation or line[at - 1].text == ",")
    # “…,” said X; but "X, who leads Y, said" has its subject before the comma.
    after = _after(line, at + 1) if at > 0 and line[at - 1].quotation else None
    phrase = after or _before(line, at) or (_after(line, at + 1) if opened else None)
    return Cue(phrase, CERTAIN if quoted else PLAIN) if phrase is not None else None


def _is_name(word: Word) -> bool:
    return word.text[0].isupper() and not word.quotation and word.low not in _NO_NAMES


def _before(line: Line, at: int) -> Phrase | None:
    """Return the phrase that ends before the verb ``at``, over adverbs and over ", the chief of X,"."""
    end = at
    while end > 0 and (line[end - 1].low in _BESIDE or line[end - 1].low.endswith("ly")):
        end -= 1
    if end == 0 or line[end - 1].low in _NOBODY:
        return None
    if line[end - 1].low in {"he", "she"}:
        return Phrase(end - 1, end, end - 1, end, animate=True, pronoun=True)
    if line[end - 1].text == ",":
        comma = next((i for i in range(end - 2, max(0, end - 20), -1) if line[i].text == "," or line[i].quotation), 0)
        if comma == 0 or line[comma].quotation:
            return None
        inside = range(comma + 1, end - 1)
        if len(inside) > 1 and all(_is_name(line[i]) for i in inside):
            return _run(line, comma + 1, end - 1)  # the US envoy, Steve Witkoff, said
        end = comma
    if _is_name(line[end - 1]):
        return _run(line, _run_start(line, end), end)
    return _unnamed(line, end)


def _run_start(line: Line, end: int) -> int:
    first = end
    while first > 0 and (_is_name(line[first - 1]) or (first > 1 and _links(line, first - 1))):
        first -= 1
    return first


def _links(line: Line, at: int) -> bool:
    """Say whether a small word joins the parts of a name: "Bank of England"; "and" joins two speakers."""
    return line[at].low in _PARTICLES - {"and", "for"} and _is_name(line[at - 1])


def _run(line: Line, first: int, end: int) -> Phrase:
    # "a spokesman for the Kremlin": the name belongs to whoever stands before it.
    if first > 2 and line[first - 1].low == "the" and line[first - 2].low in {"for", "of", "at"}:
        holder = _unnamed(line, first - 2)
        if holder is not None:
            return Phrase(holder.first, end, holder.shown_first, end, animate=True)
    return Phrase(first, end, first, end, animate=True, person=True)


def _unnamed(line: Line, end: int) -> Phrase | None:
    """Return a speaker without a name that ends before ``end``: "the ministry", "senior officials"."""
    first = end
    while (
        first > 0 and end - first < _LONG and line[first - 1].text[0].islower() and line[first - 1].low not in ENGLISH
    ):
        first -= 1
    if first == end:
        return None
    determined = first > 0 and line[first - 1].low in _DETERMINERS
    plural = line[end - 1].low.endswith("s") and (
        first == 0 or line[first - 1].text in _BREAKS or line[first - 1].quotation
    )
    return Phrase(first - determined, end, first, end, animate=True) if determined or plural else None


def _after(line: Line, at: int) -> Phrase | None:
    """Return the phrase that begins at word ``at``: "Peskov", "Kremlin spokesman Dmitry Peskov", "the ministry"."""
    first = at
    while first < len(line) and first - at < _LONG and not _is_name(line[first]):
        if line[first].low in {"he", "she"} and first == at:
            return Phrase(at, at + 1, at, at + 1, animate=True, pronoun=True)
        if line[first].text in _BREAKS or line[first].quotation or line[first].low in _NOBODY:
            break
        first += 1
    end = first
    while end < len(line) and (_is_name(line[end]) or (end > first and end + 1 < len(line) and _joins(line, end))):
        end += 1
    if end < len(line) and end > first and line[end].text[0].islower() and line[end].low not in ENGLISH:
        # "Kremlin spokesman Dmitry Peskov", "the US envoy, Steve Witkoff": what stands before a role is not the name.
        role = end
        while role < len(line) and role - end < _LONG and (line[role].text[0].islower() or line[role].text == ","):
            role += 1
        if role < len(line) and _is_name(line[role]):
            return _after(line, role)
    if end > first:
        return Phrase(at, end, first, end, animate=True, person=True)
    begin = at + (at < first and line[at].low in _DETERMINERS)
    return Phrase(at, first, begin, first, animate=True) if begin < first and begin > at else None


def _joins(line: Line, at: int) -> bool:
    return line[at].low in _PARTICLES - {"and", "for"} and _is_name(line[at + 1])
