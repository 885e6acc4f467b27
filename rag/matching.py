"""Which words of a passage stood for the words of a question, as both are written. Pure: owns the choice of one each.

What may stand for a word, and how surely, is said by ``rag.variants``; what a word is by ``rag.terms``.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.language import guess
from rag.records import Match
from rag.terms import english_stems, german_stems, written
from rag.variants import Term


def matches(question: str, passage: str, terms: Sequence[Term]) -> tuple[Match, ...]:
    """Return for each content word of ``question`` the word of ``passage`` that was taken for it, if there is one.

    ``terms`` are what ``rag.variants.terms`` gives for ``question``. In the question's order; of several words the one
    that stands for it most surely, the first among equals.
    """
    language = guess(passage)
    here = list(dict.fromkeys(written(passage)))
    words = [word for _, word in here]
    # The stretch a stem was first made of; it is looked up for every word that stands for a word of the question.
    first: dict[str, str] = {}
    for (stretch, _), stem in zip(here, german_stems(words) if language == "de" else english_stems(words), strict=True):
        first.setdefault(stem, stretch)
    order = {stem: position for position, stem in enumerate(first)}
    asked: dict[str, str] = {}
    for stretch, word in written(question):
        asked.setdefault(word, stretch)
    best: dict[str, tuple[float, int, str]] = {}
    for term in terms:
        standing = term.stems(language)
        found = [(-standing[stem], order[stem], first[stem]) for stem in standing.keys() & first.keys()]
        if found and term.word in asked:
            stretch = asked[term.word]
            best[stretch] = min([*found, *([best[stretch]] if stretch in best else [])])
    return tuple(Match(stretch, found) for stretch, (_, _, found) in best.items())
