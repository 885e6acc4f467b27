"""Who says what a sentence quotes or reports, as far as its article tells without doubt.

Owns what a sentence's neighbours tell: a quotation or reported speech that goes on, and whom "er" stands for. What the
sentence itself says is read by ``cues`` and ``englishcues``; a wrong name is worse than none, so that every doubt ends
in None.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.folding import fold, fold_with_offsets
from rag.language import guess
from rag.records import Attribution
from rag.sentences import sentences
from rag.speech import cues as speechcues
from rag.speech import englishcues
from rag.speech.clauses import is_reported, subjects
from rag.speech.germanwords import ARTICLES
from rag.speech.nounphrases import Phrase, phrases
from rag.speech.sources import Cue
from rag.speech.wording import Line, Word, is_role, words

# Characters before and after a sentence in which its speaker is looked for: a few paragraphs, and bounded work.
_BEFORE, _AFTER, _LONGEST = 2_500, 500, 3_000
# Words of a sentence that are read; nobody writes more, and a hostile text would cost their square.
_WORDS = 150
# Sentences back that speech without a name of its own may be from where its speaker is named.
_CONTINUED = 6
# Sentences back in which the name behind a pronoun is looked for.
_ANTECEDENT = 3
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_CONTENT = frozenset({"dass", "daß", "that"})
_POINTING_BACK = frozenset({"das", "dies", "so", "this", "that"})


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence of the surroundings: its words, the offsets of its folded paragraph in the text, the paragraph."""

    words: Line
    offsets: Sequence[int]
    paragraph: int

    @property
    def start(self) -> int:
        return self.offsets[self.words[0].start]

    @property
    def end(self) -> int:
        return self.offsets[self.words[-1].end - 1] + 1


class _Scene:
    """The sentences around the one asked about, and how to tell their speakers."""

    def __init__(self, lines: list[_Line], *, english: bool) -> None:
        self.lines = lines
        self._read = englishcues.cue if english else speechcues.cue

    def cue(self, index: int) -> Cue | None:
        """Return the plainest sign in a sentence of who speaks."""
        return self._read(self.lines[index].words, self.is_name)

    def is_name(self, low: str) -> bool:
        """Say whether a word in lower case is somebody's last name here."""
        return low in self._last_names

    @cached_property
    def _last_names(self) -> frozenset[str]:
        """Return the words that stand behind a first name or a role, or twice and never with an article."""
        known: set[str] = set()
        bare: Counter[str] = Counter()
        for line in self.lines:
            for phrase in phrases(line.words):
                last = line.words[phrase.shown_last - 1].low
                if phrase.person and phrase.animate:
                    known.add(last)
                bare[last] += 1 if phrase.person else -len(self.lines)
        return frozenset(known | {name for name, count in bare.items() if count > 1})


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Phrase ``phrase`` of sentence ``index``."""

    index: int
    phrase: Phrase


def attribute(text: str, start: int, end: int) -> Attribution | None:
    """Return who speaks in the sentence ``text[start:end]``, None where it is the article's own or nothing is sure.

    ``text`` is an article's text as decoded, in German or English; ``start`` and ``end`` are offsets into it, 0 to its
    length. A few thousand characters around are read, so that the time does not depend on the article's length.
    """
    if not 0 <= start < end <= len(text):
        return None
    end = min(end, start + _LONGEST)
    scene = _scene(text, start, end)
    own = [index for index, line in enumerate(scene.lines) if line.start < end and line.end > start]
    found = (_speaker(scene, index, _CONTINUED) for index in own)
    speaker = next((one for one in found if one is not None), None)
    named = _named(scene, speaker) if speaker is not None else None
    if named is None:
        return None
    line, phrase = scene.lines[named.index], named.phrase
    first = line.offsets[line.words[phrase.shown_first].start]
    last = line.offsets[line.words[_name_end(scene, line.words, phrase) - 1].end - 1] + 1
    return Attribution(fold(text[first:last]), first, last, _is_direct([scene.lines[index].words for index in own]))


def _scene(text: str, start: int, end: int) -> _Scene:
    """Read what stands around the sentence ``text[start:end]``, and the sentence itself."""
    low, high = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    lines: list[_Line] = []
    number = 0
    # A heading may stand right above the sentence, so that only its own borders tell where it begins.
    for begin, close in ((low, start), (start, end), (end, high)):
        for gap in [*_PARAGRAPH.finditer(text, begin, close), None]:
            lines += _lines(text, begin, gap.start() if gap else close, number)
            begin = gap.end() if gap else close
            number += gap is not None
    # Where the surroundings are cut off, half a sentence would have half a name.
    if low > 0 and lines and lines[0].end <= start:
        del lines[0]
    if high < len(text) and lines and lines[-1].start >= end:
        del lines[-1]
    english = guess(text[low:high]) == "en"
    return _Scene(lines, english=english)


def _lines(text: str, start: int, end: int, number: int) -> list[_Line]:
    """Return the sentences of the paragraph ``text[start:end]``; a quotation of several sentences is not cut."""
    folded, offsets = fold_with_offsets(text[start:end])
    offsets = [start + offset for offset in offsets]
    every = words(folded)
    lines: list[_Line] = []
    begin = 0
    for _, cut in sentences(folded):
        at = begin
        while at < len(every) and every[at].end <= cut:
            at += 1
        if at > begin:
            lines.append(_Line(every[begin : min(at, begin + _WORDS)], offsets, number))
            begin = at
    return lines


def _name_end(scene: _Scene, line: Line, phrase: Phrase) -> int:
    """Return where the name to show ends: "lobte Trump Putin" has two names of which only the first speaks."""
    begins_anew = phrase.person and scene.is_name(line[phrase.shown_first].low)
    return phrase.shown_first + 1 if begins_anew else phrase.shown_last


def _speaker(scene: _Scene, index: int, patience: int) -> _Speaker | None:
    """Return who speaks in a sentence: by its own words, by a neighbour's where it only quotes, or by going on."""
    own = scene.cue(index)
    if own is not None:
        return _Speaker(index, own.phrase)
    line = scene.lines[index]
    quotes = _only_quotes(line.words)
    if quotes and index + 1 < len(scene.lines) and _speaks_of_before(scene.lines[index + 1]):
        told = scene.cue(index + 1)
        if told is not None:
            return _Speaker(index + 1, told.phrase)
    if index == 0 or patience == 0:
        return None
    before = scene.lines[index - 1].words
    goes_on = is_reported(before) or any(word.low in _CONTENT for word in before)
    if quotes or is_reported(line.words, weakly=goes_on):
        return _speaker(scene, index - 1, patience - 1)
    return None


def _only_quotes(line: Line) -> bool:
    """Say whether a sentence consists of quotations and punctuation."""
    return any(word.quotation for word in line) and all(
        word.quotation or not word.text[0].isalnum() or word.low in {"und", "and"} for word in line
    )


def _speaks_of_before(line: _Line) -> bool:
    """Say whether a sentence goes on from a quotation: "Das sagte X", or small letters."""
    first = line.words[0]
    return first.text[0].islower() or first.low in _POINTING_BACK


def _is_direct(lines: list[Line]) -> bool:
    """Say whether something is quoted, and more of it than is reported in a clause of its own."""
    line = [word for words_ in lines for word in words_]
    quoted = sum(word.end - word.start for at, word in enumerate(line) if word.quotation and not _is_title(line, at))
    plain = sum(word.end - word.start for word in line if not word.quotation)
    reports = is_reported(line) or any(word.low in _CONTENT for word in line)
    return quoted > 0 and (2 * quoted > plain or not reports)


def _is_title(line: Line, at: int) -> bool:
    """Say whether a quotation is the name of something, its article before it: "sagte der „Welt“"."""
    return at > 0 and line[at].capital and line[at - 1].low in ARTICLES


def _named(scene: _Scene, speaker: _Speaker | None) -> _Speaker | None:
    """Return the speaker, or whom a pronoun stands for; None where that is not sure."""
    for _ in range(_CONTINUED):
        if speaker is None or not speaker.phrase.pronoun:
            return speaker
        speaker = _antecedent(scene, speaker)
    return None


def _antecedent(scene: _Scene, speaker: _Speaker) -> _Speaker | None:
    """Return whom "er" or "sie" means: somebody named before in the sentence, or the last that spoke or acted."""
    line, at = scene.lines[speaker.index].words, speaker.phrase.first
    pronoun = line[at].low
    if pronoun == "sie" and any(_is_plural(word) for word in line[max(0, at - 1) : at + 2]):
        return None
    found = _fitting(scene, list(subjects(line[:at])), line, pronoun)
    if found is not None:
        return _Speaker(speaker.index, found)
    for index in range(speaker.index - 1, max(-1, speaker.index - 1 - _ANTECEDENT), -1):
        earlier = scene.lines[index].words
        own = scene.cue(index)
        found = _fitting(scene, [own.phrase] if own else list(subjects(earlier)), earlier, pronoun)
        if found is not None:
            return _Speaker(index, found)
    return None


def _fitting(scene: _Scene, candidates: list[Phrase], line: Line, pronoun: str) -> Phrase | None:
    """Return the first of the phrases that is the same pronoun or certainly somebody it can stand for."""
    for phrase in sorted(candidates, key=lambda phrase: not phrase.animate):
        same = phrase.pronoun and line[phrase.first].low == pronoun
        if same or (
            not phrase.pronoun and speechcues.is_sure(phrase, line, scene.is_name) and _fits(pronoun, line, phrase)
        ):
            return phrase
    return None


def _is_plural(word: Word) -> bool:
    return word.text.islower() and word.low.endswith("en")


def _fits(pronoun: str, line: Line, phrase: Phrase) -> bool:
    """Say whether nothing in a phrase speaks against its being "er" or "sie": its article, the gender of its role."""
    article = line[phrase.first].low
    inside = line[phrase.first : phrase.last]
    roles = [word.low for word in inside if is_role(word)]
    if article == "das" or any(word.low in {"und", "and"} for word in inside):
        return False
    if pronoun in {"er", "he"}:
        masculine = phrase.person or article in {"der", "ein"}
        return masculine and article not in {"die", "eine"} and not any(role.endswith(("in", "frau")) for role in roles)
    feminine = phrase.person or article in {"die", "eine"}
    return (
        feminine
        and article not in {"der", "ein"}
        and not any(role.endswith(("er", "präsident", "herr")) for role in roles)
    )
