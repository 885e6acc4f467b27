"""Who speaks by a source that a German sentence names: laut X; nach Angaben von X; ..., so X; X: „…“; in X heißt es.

Owns prepositions and colons; verbs are for ``rag.speech.cues``.
"""

from __future__ import annotations

from dataclasses import dataclass

from rag.speech.clauses import RELATIVE, subjects
from rag.speech.germanwords import ARTICLES
from rag.speech.nounphrases import Phrase, phrase_at
from rag.speech.verbs import SOURCE_ENDINGS, SOURCE_NOUNS
from rag.speech.wording import Line

# How plain a sign is. A verb beside a quotation, or after reported speech between commas, cannot mean anything else;
# one without anything that is said often does.
CERTAIN, PLAIN, SOURCE, WEAK, POSSIBLE = 6, 5, 4, 3, 2
_POINTING = frozenset(
    """
den dem diesen diesem dieser eigenen eigener eigenem seinen seiner ihren ihrer deren dessen
""".split()  # noqa: SIM905 - data reads better as words
)

_AFTER_SO = frozenset(
    """
weiter am in im gegenüber bei auf zu wörtlich ferner heute gestern vor nach abschließend
""".split()  # noqa: SIM905 - data reads better as words
)

_OWNED_BY = frozenset({"der", "des", "eines", "einer", "seines", "ihres", "seiner", "ihrer", "mehrerer", "einiger"})


@dataclass(frozen=True, slots=True)
class Cue:
    """That ``phrase`` speaks in a sentence; of several the one of highest ``strength`` counts, then the first."""

    phrase: Phrase
    strength: int


def source_cue(line: Line, at: int) -> Cue | None:
    """Return the sign that word ``at`` is of a source, None where it is none."""
    return _preposition_cue(line, at) or _so_cue(line, at) or _colon_cue(line, at)


def _preposition_cue(line: Line, at: int) -> Cue | None:
    low = line[at].low
    before = line[at - 1].low if at else ""
    after = line[at + 1].low if at + 1 < len(line) else ""
    found: Phrase | None = None
    if low in {"laut", "gemäß"} and not (before == "," and after in RELATIVE):
        found = _source(line, at + 1)
    elif low == "nach":
        found = _source(line, at + 1, named=True)
    elif low == "berufung" and before == "unter":
        found = _source(line, at + 2)
    elif low == "sicht" and before == "aus":
        found = _owner(line, at + 1)
    elif low == "aus" and before == "wie":
        found = _source(line, at + 1)
    elif low == "zufolge":
        found = _before(line, at)
    elif low == "es" and {"heißt", "hieß"} & {before, after}:
        found = _document(line, at)
    return Cue(found, PLAIN if low == "es" else SOURCE) if found is not None else None


def _document(line: Line, at: int) -> Phrase | None:
    """Read "in einer Mitteilung der Bahn heißt es" and "heißt es in einer Mitteilung der Bahn"."""
    for place in (at + 1, at + 2, 0):
        if place < len(line) and line[place].low in {"in", "im", "auf", "aus", "von", "vom", "bei", "beim"}:
            return _source(line, place + 1)
    return None


def _source(line: Line, at: int, *, named: bool = False) -> Phrase | None:
    """Read a source from word ``at`` on: "der Polizei", "Angaben der Polizei", "Medienberichten".

    ``named`` asks for a noun that says that it is one, which "nach" needs ("nach Berlin" is none). Of "den Angaben",
    which points back, nothing is read.
    """
    noun = at
    while noun < len(line) and noun < at + 6 and not line[noun].capital:
        if not (line[noun].adjective or line[noun].low in _POINTING or line[noun].low in ARTICLES):
            return None
        noun += 1
    if noun >= len(line) or not line[noun].capital:
        return None
    text = line[noun].text
    if text not in SOURCE_NOUNS:
        return phrase_at(line, at, len(line)) if not named or text.lower().endswith(SOURCE_ENDINGS) else None
    owner = _owner(line, noun + 1)
    if owner is not None or any(word.low in _POINTING for word in line[at:noun]):
        return owner
    if noun + 1 < len(line) and line[noun + 1].low in ARTICLES:
        return None
    adjectives = noun - at if noun > at and line[at].adjective else 0
    return Phrase(at, noun + 1, noun - adjectives, noun + 1)


def _owner(line: Line, at: int) -> Phrase | None:
    """Read whose a source is: "der Polizei", "von Xinhua", "Österreichs"; not what merely comes next."""
    if at >= len(line):
        return None
    if line[at].low in {"von", "vom"}:
        return phrase_at(line, at + 1, len(line))
    if line[at].low in _OWNED_BY:
        return phrase_at(line, at, len(line))
    followed = line[at].capital or (line[at].adjective and line[at].low.endswith("er") and line[at + 1 : at + 2])
    return phrase_at(line, at, len(line)) if followed else None


def _before(line: Line, at: int) -> Phrase | None:
    """Read the source that ends before "zufolge": "offiziellen Angaben", "einer Meldung von Xinhua"."""
    for first in range(max(0, at - 14), at):
        if first == 0 or not (line[first - 1].adjective or line[first - 1].capital or line[first - 1].low in ARTICLES):
            found = _source(line, first)
            if found is not None and found.last == at:
                return found
    return None


def _so_cue(line: Line, at: int) -> Cue | None:
    """Read "..., so X." and "... – so X weiter – ..."."""
    if (
        line[at].text != "so"
        or at + 1 >= len(line)
        or not (at == 0 or line[at - 1].quotation or line[at - 1].text in ",–-.")
    ):
        return None
    phrase = phrase_at(line, at + 1, len(line)) if not line[at + 1].low.startswith(("sein", "ihre")) else None
    if phrase is None or phrase.pronoun or not phrase.subject:
        return None
    after = line[phrase.last] if phrase.last < len(line) else None
    closed = after is None or not after.text[0].isalnum() or after.low in _AFTER_SO or line[phrase.last - 1].text == ","
    owner = _source(line, at + 1) if closed else None
    return Cue(owner, CERTAIN) if owner is not None else None


def _colon_cue(line: Line, at: int) -> Cue | None:
    """Read "X: „…“", and of any verb before a colon or "mit den Worten" the subject: "X reagierte gelassen: „…“"."""
    words_follow = line[at].text == "Worten" and line[at - 1].low in {"den", "folgenden"}
    if not (line[at].text == ":" or words_follow) or at + 1 >= len(line):
        return None
    if not (line[at + 1].quotation or line[at + 1].text == ":"):
        return None
    phrase = phrase_at(line, 0, at)
    if phrase is not None and phrase.subject and not phrase.pronoun and phrase.last >= at - 1 and not words_follow:
        return Cue(phrase, PLAIN)
    first = next((phrase for phrase in subjects(line[:at]) if phrase.animate or phrase.person), None)
    return Cue(first, WEAK) if first is not None else None
