"""The clause in German: where it begins and ends, what mood it stands in, and which phrase is its subject.

Owns word order. German puts the finite verb second or last, and its subject directly before it or soon after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rag.speech.germanwords import (
    ARTICLES,
    HAVE,
    NOBODY,
    OPENERS,
    PREPOSITIONS,
    SUBJUNCTIVE,
    SUBJUNCTIVE_TWO,
    SUBORDINATORS,
)
from rag.speech.nounphrases import Phrase, phrase_at, shifted
from rag.speech.wording import Line

BREAKS = frozenset(",;:–—•◦▪‣")

ENDS = frozenset(".!?")

_FAR = 60

RELATIVE = frozenset(["der", "die", "das", "dessen", "deren", "welcher", "welche", "dem", "den", "denen"])

_NO_VERB = frozenset(
    """
eine keine alle beide seine ihre diese jede ohne heute gerade gerne nahe solche viele selbe
""".split()  # noqa: SIM905 - data reads better as words
)


def is_reported(line: Line, *, weakly: bool = False) -> bool:
    """Say whether the words outside quotation marks stand in the mood of reported speech.

    ``weakly`` counts subjunctive II too, which a sentence that goes on after reported speech may stand in.
    """
    for at, word in enumerate(line):
        if word.quotation or not word.text.islower():
            continue
        after = line[at + 1].text if at + 1 < len(line) else ""
        if word.low in SUBJUNCTIVE and after not in {"denn", "Dank"}:
            return True
        if weakly and word.low in SUBJUNCTIVE_TWO:
            return True
        # "Sie rate zum Kauf": after a pronoun in the singular only this mood ends in -e.
        if (
            word.low in {"er", "es", "man"}
            and after.endswith("e")
            and not after.endswith("te")
            and after not in _NO_VERB
        ):
            return True
    return False


def clause_begin(line: Line, at: int) -> int:
    """Return the first word of the clause that word ``at`` stands in."""
    while at > 0 and line[at - 1].text not in BREAKS and not (line[at - 1].quotation and not line[at - 1].capital):
        at -= 1
    return at


def clause_stop(line: Line, at: int) -> int:
    """Return where the clause of the finite verb ``at`` ends: at a colon or at a comma that opens another."""
    far = min(len(line), at + _FAR)
    for later in range(at + 1, far):
        word = line[later]
        if word.text in {":", ";"} or word.text in ENDS:
            return later
        if word.text == "," and later + 1 < far and line[later + 1].low in SUBORDINATORS | {"er", "sie", "es", "man"}:
            return later
    return far


def ends_clause(line: Line, at: int) -> bool:
    """Say whether word ``at`` is the last of its clause."""
    return at + 1 >= len(line) or line[at + 1].text in BREAKS or line[at + 1].text in ENDS or line[at + 1].low == "und"


def opener_of(line: Line, begin: int, at: int) -> str:
    """Return the conjunction that opens the clause of verb ``at``, "" where none does, as in "Als Antwort sagte X"."""
    low = line[begin].low if begin < at else ""
    last = at + 1 >= len(line) or not line[at + 1].text[0].isalnum() or line[at + 1].low in HAVE
    return low if low not in {"als", "während"} or last else ""


def subjects(line: Line) -> Iterator[Phrase]:
    """Give the noun phrases of a sentence that can be subjects, in order; what depends on a preposition cannot."""
    at = 0
    while at < len(line):
        phrase = first_subject(line, at, len(line))
        if phrase is not None:
            yield phrase
        at = phrase.last if phrase is not None else _past_break(line, at)


def first_subject(line: Line, at: int, stop: int) -> Phrase | None:
    """Return the first phrase in ``line[at:stop]`` that can be a subject; what depends on a preposition cannot."""
    while at < stop:
        word = line[at]
        if word.text in BREAKS or (word.quotation and not word.capital) or is_nobody(line, at):
            return None
        if word.low in PREPOSITIONS and not word.capital:
            inner = phrase_at(line, at + 1, stop, attributes=False)
            at = inner.last if inner is not None else at + 1
            continue
        phrase = phrase_at(line, at, stop)
        if phrase is not None and phrase.subject:
            return phrase
        at = phrase.last if phrase is not None else at + 1
    return None


def is_nobody(line: Line, at: int) -> bool:
    """Say whether word ``at`` is a pronoun that names nobody; "das" before a noun is an article."""
    return line[at].low in NOBODY and phrase_at(line, at, len(line), attributes=False) is None


def _past_break(line: Line, at: int) -> int:
    return next(
        (i + 1 for i in range(at, len(line)) if line[i].text in BREAKS or line[i].quotation or line[i].low in NOBODY),
        len(line),
    )


def subject_of(line: Line, begin: int, at: int) -> Phrase | None:
    """Return the subject of the finite verb ``at``: it stands directly before the verb or soon after it."""
    if line[0].low == "wie" and ends_clause(line, at):
        named = phrase_at(line, 1, at)
        return named if named is not None and named.subject else None
    nobody = at + 1 < len(line) and is_nobody(line, at + 1)
    if opener_of(line, begin, at) in SUBORDINATORS:
        return first_subject(line, begin + 1, at)
    if begin and line[begin].low in RELATIVE and line[begin - 1].text == "," and begin < at and ends_clause(line, at):
        return _ending_at(line, begin - 1)
    after = first_subject(line, at + 1, clause_stop(line, at))
    if begin == at:
        apart = _set_apart(line, at)
        near = after is not None and after.first == at + 1 and after.animate
        if nobody:
            return None
        return after if apart is None or (near and not apart.person) else apart
    before = _fore(line, begin, at)
    if before is None and after is None and line[begin].low == "von" and at - begin <= 4 and line[at - 1].capital:
        return Phrase(begin, at, begin, at, animate=True, person=True)  # Von der Leyen sagte
    if before is not None and begin and line[begin - 1].text == "," and not before.person:
        # "X, Sprecher des Y sagte": the comma that should close the apposition is often left out.
        before = next(
            (whole for whole in [phrase_at(line, 0, begin - 1)] if whole and whole.person and whole.last == begin - 1),
            before,
        )
    if before is None or nobody:
        return after if before is None else before
    # "Eine Verschiebung nannte Conze fatal": a thing before the verb is its object, unless the verb is in the plural.
    thing = not (before.animate or before.person) and not line[at].low.endswith("n")
    return after if thing and after is not None and (after.pronoun or after.person) else before


def _fore(line: Line, begin: int, at: int) -> Phrase | None:
    """Return the noun phrase that fills the place before the verb, None where something else does."""
    if line[begin].low in {"und", "doch", "aber", "denn", "sondern", "oder"}:
        begin += 1
    if line[at - 1].low in {"und", "aber", "oder"}:
        # "X lobte Y und sagte": the subject is that of the sentence.
        found = [shifted(phrase, first) for first in (begin, 0) for phrase in subjects(line[first : at - 1])]
        return next((phrase for phrase in found if phrase.animate or phrase.person or not found[0].person), None)
    phrase = phrase_at(line, begin, at) if begin < at else None
    if phrase is None or not phrase.subject:
        return None
    between = line[phrase.last : at]
    if any(word.text in BREAKS for word in between):
        return None
    # "Unmittelbar nach der Wahl sagte X": only a phrase with an article may stand so far from its verb.
    bare = phrase.person and phrase.last - phrase.first == 1
    return None if bare and any(word.low not in OPENERS for word in between) else phrase


def _ending_at(line: Line, end: int) -> Phrase | None:
    """Return the noun phrase directly before the comma ``end``, to which a relative clause belongs."""
    found = (
        phrase
        for first in range(max(0, end - 12), end)
        if (phrase := phrase_at(line, first, end)) and phrase.last == end
    )
    return next((phrase for phrase in found if phrase.animate or phrase.person), None)


def _set_apart(line: Line, at: int) -> Phrase | None:
    """Return the phrase that commas keep from its verb: "X, Leiter des Y, sagte", "X, der das entwarf, sagte"."""
    if at < 4 or line[at - 1].text != ",":
        return None
    first = at - 1
    while (
        first > 0
        and line[first - 1].text not in ":;"
        and not (line[first - 1].quotation and not line[first - 1].capital)
    ):
        first -= 1
    while first < at and (line[first].text in ",–" or line[first].low in {"und", "aber", "doch", "wie"}):
        first += 1
    phrase = phrase_at(line, first, at)
    if phrase is None or phrase.pronoun or not phrase.subject:
        return None
    if phrase.last >= at - 1:
        return phrase if any(word.text == "," for word in line[phrase.first : phrase.last]) else None
    relative = line[phrase.last - 1 if line[phrase.last - 1].text == "," else phrase.last]
    opens = phrase.last + (line[phrase.last].text == ",")
    if relative.text != "," or opens >= at or line[opens].low not in RELATIVE | ARTICLES:
        return None
    return phrase
