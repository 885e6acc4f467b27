"""Where sentences begin and end in folded text. Owns the sentence segmenter and the repairs that German needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

from rag.language import guess

# The segmenter's quotation matching is quadratic in unmatched quotation marks: it gets no more than this at once.
_CHUNK = 4_000
# A sentence never ends in these: a list marker or an ordinal ("im 2. Quartal") is not the end of anything.
_UNFINISHED = re.compile(r"(?:^|[\s(„“\"])\d{1,3}\.\s*\Z")
# "... Konflikts. 2. Druck ...": the list marker belongs to what follows it.
_MARKER_AFTER_END = re.compile(r"(?<=[.!?])\s+(?=\d{1,3}\.\s*\Z)")
# "... auf X. Die Entwicklungen": a single capital and a full stop look like an initial, yet no surname is an article
# or a pronoun, so a word of this closed class begins a new sentence.
_AFTER_CAPITAL = re.compile(
    r"(?<=[\s„“(][A-ZÄÖÜ]\.)\s+(?=(?:Die|Der|Das|Ein|Eine|Er|Sie|Es|Wir|Ich|Im|In|Am|Auf|Mit|Für|Doch|Aber|Dies|Diese|"
    r"The|This|That|He|She|It|We|They|But|And|On)\s)"
)
# Longer than any list marker before a cut: what stands further in front is not looked at again for each cut.
_MARKER_LENGTH = 8
# Items of a list that was kept with its introduction.
_BULLET = re.compile(r"\s+(?=[•◦▪‣]\s)")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the sentences of folded ``text`` as (start, end) offsets into it, without the white space around them.

    Every character that is not white space lies in exactly one sentence. Abbreviations, dates ("18. November"),
    numbers ("20.000") and a quotation of several sentences in „…“ do not end a sentence.
    """
    cuts: list[int] = []
    for start, end in _chunks(text):
        chunk = text[start:end]
        bounds = sentencex.get_sentence_boundaries(guess(chunk), chunk)
        cuts += [start + int(bound["start_index"]) for bound in bounds]
    cuts += [match.end() for match in _AFTER_CAPITAL.finditer(text)]
    cuts += [match.end() for match in _BULLET.finditer(text)]
    cuts = sorted({0, *cuts})
    spans: list[tuple[int, int]] = []
    begin = 0
    for cut in [*cuts[1:], len(text)]:
        near = max(begin, cut - _MARKER_LENGTH)
        if cut < len(text) and _UNFINISHED.search(text, near, cut):
            marker = _MARKER_AFTER_END.search(text, near, cut)
            if marker is None:
                continue
            cut = marker.end()
        stripped = text[begin:cut].strip()
        if stripped:
            first = text.index(stripped, begin)
            spans.append((first, first + len(stripped)))
        begin = cut
    return spans


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """Cut text into stretches of at most _CHUNK characters, at white space where there is any."""
    start = 0
    while len(text) - start > _CHUNK:
        space = text.rfind(". ", start, start + _CHUNK)
        end = space + 2 if space > start else start + _CHUNK
        yield start, end
        start = end
    yield start, len(text)
