"""A citation or a permalink, however old -> what has become of it. Owns the comparison with what is there now.

Citations are compared with the files, permalinks with the index; neither is trusted, for both come back from a reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

from rag import articles, permalinks
from rag.errors import ArticleError, QuestionError
from rag.folding import fold
from rag.passages import Snapshot
from rag.permalinks import Place
from rag.records import Article, Citation, Located, Standing, Whereabouts


def standings(citations: Sequence[Citation], corpus: Path, snapshot: Snapshot) -> list[Standing]:
    """Return what has become of each citation, seen from the files of ``corpus`` as they are now.

    A file is read once for all its citations. A citation of an article that is not in the index is at best CHANGED.
    """
    indexed = snapshot.content_hashes()

    @cache
    def source(article_id: str) -> _Source | None:
        path = articles.locate(article_id, corpus)
        return None if path is None else _Source(path, corpus, indexed.get(article_id), snapshot)

    found = [(citation, source(citation.article_id)) for citation in citations]
    return [Standing.GONE if file is None else file.standing(citation) for citation, file in found]


class _Source:
    """A file that is cited: its text as indexed where the file is still the same, else as it is read now."""

    def __init__(self, path: Path, corpus: Path, indexed: str | None, snapshot: Snapshot) -> None:
        self._indexed = self._now = ""
        try:
            if articles.refusal(path, corpus):
                return
            file = articles.load(path, corpus)
            if indexed is not None and file.content_hash == indexed:
                self._indexed = snapshot.article(file.id).text
            self._now = fold(self._indexed or articles.parse(file).text)
        except ArticleError:
            return

    def standing(self, citation: Citation) -> Standing:
        """Say what has become of a citation of this file."""
        # The file may have been indexed again since it was cited: that nothing changed since proves no quote.
        if citation.quote and fold(self._indexed[citation.start : citation.end]) == citation.quote:
            return Standing.EXACT
        return Standing.CHANGED if citation.quote and citation.quote in self._now else Standing.LOST


def permalink(citation: Citation, snapshot: Snapshot) -> str:
    """Return the permalink of the paragraph that ``citation`` stands in.

    Raises IndexStoreError if the article is not in the index, QuestionError if it does not say so any more.
    """
    paragraphs = list(_paragraphs(snapshot.article(citation.article_id)))
    holding = [one for one in paragraphs if citation.quote in one.quote]
    if not citation.quote or not holding:
        raise QuestionError(
            f"The cited words are no longer in {citation.article_id}; ask again, and link to what is there now."
        )
    nearest = min(holding, key=lambda one: abs(one.paragraph - citation.paragraph))
    return permalinks.write(Place(nearest.article_id, nearest.paragraph, permalinks.digest(nearest.quote)))


def located(link: str, snapshot: Snapshot) -> Located:
    """Return the paragraph that a permalink leads to.

    It is looked for at its place, then elsewhere in its article, then in every other; where its text is nowhere, what
    stands at its place is taken. Raises QuestionError if ``link`` is none or leads nowhere.
    """
    place = permalinks.read(link)
    ids = snapshot.article_ids()
    own = list(_paragraphs(snapshot.article(place.article_id))) if place.article_id in ids else []
    others = (one for i in ids if i != place.article_id for one in _paragraphs(snapshot.article(i)))
    nearest = sorted(own, key=lambda one: abs(one.paragraph - place.paragraph))
    for one in chain(nearest, others):
        if permalinks.digest(one.quote) == place.digest:
            stays = (one.article_id, one.paragraph) == (place.article_id, place.paragraph)
            return Located(one, Whereabouts.SAME if stays else Whereabouts.MOVED)
    if not nearest:
        raise QuestionError(
            f"The permalink leads to {place.article_id}, which is not among these articles, and none of them has its "
            "paragraph; open the folder of articles that it was copied from."
        )
    return Located(nearest[0], Whereabouts.CHANGED)


def _paragraphs(article: Article) -> Iterator[Citation]:
    """Yield the citation of each paragraph of ``article`` as a whole, in text order."""
    for block in article.blocks:
        if block.paragraph is not None:
            text = fold(article.text[block.start : block.end])
            yield Citation(article.id, article.title, block.paragraph, block.start, block.end, text)
