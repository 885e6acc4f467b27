"""Which words of a passage stood for the words of a question, as both are written. Pure: owns the choice of one each.

What may stand for a word, and how surely, is said by ``rag.variants``; what a word is by ``rag.terms``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rag.language import guess
from rag.records import Language, Match
from rag.terms import english_stems, german_stems, written
from rag.variants import Term


def matches(
    question: str, passages: Sequence[tuple[str, Language | None]], terms: Sequence[Term]
) -> list[tuple[Match, ...]]:
    """Return for each of ``passages`` the words that were taken for the content words of ``question`` that it has.

    With each passage comes its language, where that is known. ``terms`` are what ``rag.variants.terms`` gives for
    ``question``. In the question's order; of several words the one that stands for it most surely, the first among
    equals.
    """
    asked: dict[str, str] = {}
    for stretch, word in written(question):
        asked.setdefault(word, stretch)
    wanted = [(asked[term.word], term) for term in terms if term.word in asked]
    languages = [language or guess(text) for text, language in passages]
    stood = {language: {stem for _, term in wanted for stem in term.stems(language)} for language in set(languages)}
    return [
        _chosen(wanted, language, _standing(text, language, stood[language]))
        for (text, _), language in zip(passages, languages, strict=True)
    ]


def _standing(passage: str, language: Language, wanted: Collection[str]) -> dict[str, tuple[int, str]]:
    """Return those of the ``wanted`` stems that ``passage`` has, with where and in what stretch each is first."""
    here = list(dict.fromkeys(written(passage)))
    words = [word for _, word in here]
    first: dict[str, tuple[int, str]] = {}
    for position, stem in enumerate(german_stems(words) if language == "de" else english_stems(words)):
        if stem in wanted and stem not in first:
            first[stem] = position, here[position][0]
    return first


def _chosen(
    wanted: Sequence[tuple[str, Term]], language: Language, first: Mapping[str, tuple[int, str]]
) -> tuple[Match, ...]:
    best: dict[str, tuple[float, int, str]] = {}
    for stretch, term in wanted if first else ():
        standing = term.stems(language)
        found = [(-standing[stem], *place) for stem, place in first.items() if stem in standing]
        if found:
            best[stretch] = min([*found, *([best[stretch]] if stretch in best else [])])
    return tuple(Match(stretch, found) for stretch, (_, _, found) in best.items())
