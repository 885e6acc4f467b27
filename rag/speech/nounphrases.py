"""Noun phrases of German: enough grammar to tell who is named, and no more.

Owns what a name looks like. German writes every noun with a capital, so that a phrase is found without a dictionary;
who of the named ones speaks is for ``rag.speech.attribution`` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.speech import germanwords as german
from rag.speech.wording import SMALL_WORDS, Line, ends_in, is_body, is_role

# "in New York City geborene", "inszenierende", but not "ersten".
_PARTICIPLE = re.compile(r"(?:end|[^rs]t|[^i]en|rt|[^r]st)e[nrsm]?\Z")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase, words ``[first:last]`` of its paragraph; ``[shown_first:shown_last]`` is the name to print.

    ``pronoun`` says that it is "er" or "sie"; ``subject`` that its case allows it to be one; ``animate`` that it names
    somebody who can speak: a person, a body, a country.
    """

    first: int
    last: int
    shown_first: int
    shown_last: int
    subject: bool = True
    animate: bool = False
    pronoun: bool = False
    person: bool = False


def shifted(phrase: Phrase, by: int) -> Phrase:
    """Return a phrase found in ``line[by:]`` as one of ``line``."""
    return replace(
        phrase,
        first=phrase.first + by,
        last=phrase.last + by,
        shown_first=phrase.shown_first + by,
        shown_last=phrase.shown_last + by,
    )


def phrase_at(line: Line, first: int, stop: int, *, attributes: bool = True) -> Phrase | None:
    """Return the noun phrase that begins at word ``first`` and ends before ``stop``, None where none does.

    With ``attributes`` what belongs to it is taken in: "der Sprecher des Ministeriums", "Lopez (CDU)", "X, Leiter
    des Y,". Linear in the phrase's length, which is bounded.
    """
    stop = min(stop, len(line), first + 40)
    if first >= stop:
        return None
    word = line[first]
    if word.low in german.SUBJECT_PRONOUNS:
        return Phrase(first, first + 1, first, first + 1, animate=True, pronoun=True)
    begin = first
    while begin + 1 < stop and line[begin].low in {"auch", "selbst", "sogar"} and not line[begin + 1].quotation:
        begin += 1
    determiner, at = _determiner(line, begin, stop)
    at = _past_adjectives(line, at, stop, determined=determiner != "")
    end = _past_capitals(line, at, stop, determined=determiner != "")
    if end == at or determiner == _RELATIVE:
        return None
    return _complete(_Core(line, determiner, begin, at, end), stop, attributes=attributes)


# What is found instead of an article: a relative pronoun, "Venezuelas" before a noun.
_RELATIVE, _NAME_BEFORE = "relative", "name"


def _determiner(line: Line, at: int, stop: int) -> tuple[str, int]:
    """Return the article or the like at word ``at``, "" for none, and the word after it."""
    found = ""
    begin = at
    while at < stop and line[at].low in german.DETERMINERS and at - begin < 3:
        if found in german.ARTICLES and line[at].low not in german.QUANTIFIERS:
            return _RELATIVE, at  # "der keine Spenden annimmt"
        found = found or line[at].low
        at += 1
    if not found and at + 2 < stop and line[at].capital and line[at].low.endswith("s") and line[at + 1].adjective:
        return _NAME_BEFORE, at + 1
    return found, at


def phrases(line: Line) -> Iterator[Phrase]:
    """Give the noun phrases of a sentence from left to right, without what belongs to them."""
    at = 0
    while at < len(line):
        phrase = phrase_at(line, at, len(line), attributes=False)
        if phrase is not None:
            yield phrase
        at = phrase.last if phrase is not None else at + 1


def _past_adjectives(line: Line, at: int, stop: int, *, determined: bool) -> int:
    """Skip declined adjectives; after an article also "in New York City geborene"."""
    begin = at
    while at < stop and at - begin < 5 and (line[at].adjective or (determined and _is_adverb(line, at, stop))):
        at += 1
    if at < stop and line[at].capital:
        return at
    if determined:
        for later in range(begin, min(begin + 10, stop - 1)):
            if line[later].text in ",;:" or line[later].quotation:
                break
            if later > begin and _PARTICIPLE.search(line[later].text) and line[later + 1].capital:
                return later + 1
    return begin if at < stop and not line[at].capital else at


def _is_adverb(line: Line, at: int, stop: int) -> bool:
    """Say whether word ``at`` tells more of an adjective behind it: "staatlich kontrollierte"."""
    known = line[at].low in SMALL_WORDS | german.OPENERS
    return line[at].text.islower() and not known and at + 1 < stop and line[at + 1].adjective


def _past_capitals(line: Line, at: int, stop: int, *, determined: bool = True) -> int:
    begin = at
    while at < stop and (line[at].capital or (at > begin and _joins(line, begin, at, stop, determined=determined))):
        at += 1
    while at > begin and line[at - 1].low in german.NAME_PARTICLES and not line[at - 1].capital:
        at -= 1
    return at


def _joins(line: Line, begin: int, at: int, stop: int, *, determined: bool) -> bool:
    """Say whether a particle is part of a name: "Ursula von der Leyen", but "Sprecher von Greenpeace" is not."""
    low = line[at].low
    if low == "und":  # "Vizekanzler und Arbeitsminister Franz Müntefering"
        return at + 1 < stop and is_role(line[at - 1]) and is_role(line[at + 1])
    if low not in german.NAME_PARTICLES:
        return False
    if low in {"von", "zu", "der", "den", "la", "da"}:
        before = line[at - 1]
        if low in {"der", "den"}:
            return before.low in {"von", "van"}
        given = (at - begin == 1 and not determined) or (at - begin > 1 and is_role(line[at - 2]))
        if (
            not given
            or is_role(before)
            or before.quotation
            or ends_in(before.text, german.BODY_ENDINGS + german.THING_ENDINGS)
        ):
            return False
        after = at + 1 + (at + 1 < stop and line[at + 1].low in {"der", "den", "la"})
        return low != "von" or (after < stop and line[after].capital and before.low not in _SOURCES)
    return at + 1 < stop and (line[at + 1].capital or line[at + 1].low in german.NAME_PARTICLES)


_SOURCES = frozenset({"angaben", "bericht", "berichten", "meldung", "aussagen", "aussage", "kritik", "brief"})


@dataclass(frozen=True, slots=True)
class _Core:
    """The nouns ``line[core:end]`` of a phrase that begins at word ``first`` with ``determiner``."""

    line: Line
    determiner: str
    first: int
    core: int
    end: int

    @property
    def role(self) -> int:
        """The last word that tells what somebody is; the word before the core where none does."""
        return max((i for i in range(self.core, self.end) if is_role(self.line[i])), default=self.core - 1)

    @property
    def named(self) -> bool:
        """Whether a name follows a role: "Außenminister Lawrow", but not "der Vertreter Libyens"."""
        owner = self.determiner != "" and self.role + 2 == self.end and self.line[self.end - 1].low.endswith("s")
        return self.core <= self.role < self.end - 1 and not owner

    @property
    def body(self) -> bool:
        """Whether it is a body: a word that ends like one, an abbreviation, a title."""
        return any(is_body(word) for word in self.line[self.core : self.end])

    @property
    def bare(self) -> bool:
        """Whether it may be a person's name alone: no article, no body, no thing."""
        return not self.determiner and not any(
            is_body(word) or ends_in(word.text, german.THING_ENDINGS) for word in self.line[self.core : self.end]
        )

    @property
    def unknown_role(self) -> bool:
        """Whether the first noun tells what somebody is, though no list has it: "der Schriftsteller Musa Okwanga"."""
        first, second = self.line[self.core], self.line[min(self.core + 1, self.end - 1)]
        declined = not first.quotation and first.low.endswith(("e", "en", "er")) and not is_role(first)
        return self.determiner != "" and self.end - self.core >= 3 and second.capital and not declined and not self.body


def _complete(core: _Core, stop: int, *, attributes: bool) -> Phrase:
    """Make the phrase around its nouns: what belongs to it, what of it is shown, who it may be."""
    line, last = core.line, core.end
    has_role, named, bare, body = core.role >= core.core, core.named, core.bare, core.body
    owned = last
    apposed: tuple[int, int] | None = None
    if attributes:
        last = _past_brackets(line, last, stop)
        if not named:
            owned = _past_attributes(line, last, stop, _OWNERS)
            last = _past_attributes(line, last, stop, german.ATTRIBUTE_PREPOSITIONS)
        last = _past_brackets(line, last, stop)
        last, apposed = _past_apposition(line, last, stop, wanted=has_role and not named)
    # "der Zeitung sagte Karma": a feminine noun behind "der" is no subject, nor is a time.
    dative = core.determiner == "der" and not named and ends_in(line[core.end - 1].text, german.FEMININE_ENDINGS)
    timely = line[core.core].low in german.TIMES or line[core.end - 1].low in german.TIMES
    several = sum(word.capital for word in line[core.core : core.end]) > 1
    return Phrase(
        core.first,
        last,
        *(apposed or _shown(core, owned if has_role or core.determiner else core.end)),
        subject=core.determiner not in german.NEVER_SUBJECT and not timely and not dative,
        animate=(has_role or body or (bare and several)) and not timely,
        person=(apposed is not None or named or bare) and not timely,
    )


def _shown(core: _Core, owned: int) -> tuple[int, int]:
    """Return what of a phrase is printed: the name alone, or role and owner with the adjectives before them."""
    if core.named:
        return core.role + 1, core.end
    if core.unknown_role:
        return core.core + 1, core.end
    if core.bare and core.first < core.core:
        return core.core, core.end
    bare_noun = core.core == core.first or core.line[core.core - 1].low in german.ARTICLES
    return (core.core if bare_noun else core.first), owned


def _past_brackets(line: Line, at: int, stop: int) -> int:
    if at < stop and line[at].text == "(":
        for closing in range(at + 1, min(at + 9, stop)):
            if line[closing].text == ")":
                return closing + 1
    if at + 2 < stop and line[at].text == "," and line[at + 1].text.isdigit() and line[at + 2].text == ",":
        return at + 2
    return at


# Of what belongs to a phrase these are shown; where and when somebody spoke is not part of a name.
_OWNERS = frozenset({"von", "vom", "für"})


def _past_attributes(line: Line, at: int, stop: int, prepositions: frozenset[str]) -> int:
    """Take in genitives and what follows one of ``prepositions``: "des Ministeriums für Verkehr"."""
    for _ in range(4):
        after = _past_attribute(line, at, stop, prepositions)
        if after == at:
            break
        at = after
    return at


def _past_attribute(line: Line, at: int, stop: int, prepositions: frozenset[str]) -> int:
    inner = at
    if inner < stop and line[inner].low in prepositions and line[inner].text.islower():
        inner += 1
        if inner < stop and line[inner].low in german.DETERMINERS:
            inner += 1
    elif inner < stop and line[inner].low in german.GENITIVE and line[inner].text.islower():
        inner += 1
    elif (
        inner + 1 < stop
        and line[inner].text in {"und", "sowie", "&"}
        and (line[inner + 1].capital or line[inner + 1].low in german.ARTICLES)
    ):
        inner += 1
        inner += line[inner].low in german.ARTICLES
    else:
        return at
    inner = _past_adjectives(line, inner, stop, determined=False)
    end = _past_capitals(line, inner, stop)
    return _past_brackets(line, end, stop) if end > inner else at


def _past_apposition(line: Line, at: int, stop: int, *, wanted: bool) -> tuple[int, tuple[int, int] | None]:
    """Take in ", Leiter des Y," and ", Klaus Stöhr,"; the second, a name for a role that had none, is the one shown."""
    if not (at + 1 < stop and line[at].text == "," and (line[at + 1].capital or line[at + 1].low in german.ARTICLES)):
        return at, None
    inner = phrase_at(line, at + 1, stop, attributes=False)
    if inner is None or inner.pronoun:
        return at, None
    end = _past_attributes(line, _past_brackets(line, inner.last, stop), stop, german.ATTRIBUTE_PREPOSITIONS)
    closed = end >= len(line) or line[end].text in {",", ".", ":", ";", "?", "!", "–", ")"}
    if not closed or not (
        inner.person or is_role(line[inner.last - 1]) or any(is_role(line[i]) for i in range(inner.first, inner.last))
    ):
        return at, None
    shown = (inner.shown_first, inner.shown_last) if wanted and inner.person and line[at + 1].capital else None
    return end + (end < len(line) and line[end].text == "," and end < stop), shown
