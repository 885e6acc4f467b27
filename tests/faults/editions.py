"""A corpus in numbered editions, and what an index must hold of them. Owns what "one whole generation" means."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import rag
from rag import indexing
from rag.encoder import HashingEncoder
from rag.folding import fold
from rag.passages import PassageStore
from rag.records import IndexReport
from rag.settings import DEFAULTS
from rag.splitting import sentence_spans
from rag.terms import stems
from tests.heldrows import stored

SENTENCE = "Im Artikel Nummer {n} der Ausgabe {edition} steht, was der Rat am Tag {n} über den Hafen beschloss."


def article_text(n: int, edition: int) -> str:
    return f"Artikel {n}\n\n{SENTENCE.format(n=n, edition=edition)}\n"


def write_edition(corpus: Path, edition: int) -> None:
    """Make the corpus one in which every article differs from every other edition's, and one comes or goes."""
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir()
    for n in range(4 + edition % 2):
        (corpus / f"{n}.txt").write_text(article_text(n, edition), "utf-8")


def update(corpus: Path, store: PassageStore) -> IndexReport:
    return indexing.update(corpus, store, HashingEncoder(), settings=DEFAULTS)


def checked_edition(engine: rag.Engine) -> int:
    """Ask, and return the one edition that all of the answer is from, every quote word for word in its source."""
    answer = engine.ask("Was steht über den Tag 2, als der Rat über den Hafen beschloss?")
    assert answer.hits
    cited = [hit.citation for hit in answer.hits]
    cited += [place for statement in answer.statements for place in (statement.citation, *statement.also)]
    (edition,) = {int(number) for place in cited for number in re.findall(r"Ausgabe (\d+)", place.quote)}
    for place in cited:
        text = article_text(int(place.article_id.removesuffix(".txt")), edition)
        assert fold(text[place.start : place.end]) == place.quote
    return edition


def served_edition(store: PassageStore) -> int:
    """The one edition that articles, passages, vectors and lexical search all serve; 0 before the first."""
    with store.snapshot() as snapshot:
        if snapshot.manifest is None:
            assert snapshot.article_ids() == []
            assert snapshot.passage_count() == 0
            return 0
        index = indexing.load_vectors(store, snapshot)
        ids, vectors = stored(snapshot)
        assert len(index) == len(ids) > 0
        texts = [snapshot.article(name).text for name in snapshot.article_ids()]
        for passage, vector in zip(snapshot.passages(ids.tolist()), vectors, strict=True):
            assert passage.text in snapshot.article(passage.article_id).text
            assert index.search(vector, 1)[0].tolist() == [passage.id]
            assert index.search(vector, 1)[1][0] == pytest.approx(1.0, abs=1e-6)
            found = stems(passage.text)
            postings = snapshot.postings({"de": found.german, "en": found.english}).values()
            assert any(passage.id in own.ids for own in postings)
            assert len(snapshot.embeddings([passage.id])[passage.id].sentences) == len(sentence_spans(passage))
    (edition,) = {int(number) for text in texts for number in re.findall(r"Ausgabe (\d+)", text)}
    assert len(texts) == 4 + edition % 2
    return edition


def is_tidy(store: PassageStore) -> bool:
    """Whether the folder holds the database, the current vectors and the lock, and nothing that somebody left behind.

    When the database was last examined may be noted beside it.

    No connection may be open: the log and its index go with the last one.
    """
    with store.snapshot() as snapshot:
        manifest = snapshot.manifest
    vectors = {manifest.vectors_file} if manifest else set()
    return {path.name for path in store.folder.iterdir()} - {"examined"} == {"index.lock", "index.sqlite3"} | vectors


class Runs:
    """Runs from one edition of a corpus to the next, each from the same beginning."""

    def __init__(self, folder: Path, before: int) -> None:
        self.corpus, self.store = folder / "corpus", PassageStore(folder / "index")
        self.before = before
        self._kept = folder / "kept"
        self._kept.mkdir()
        if before:
            write_edition(self.corpus, before)
            update(self.corpus, PassageStore(self._kept))
        write_edition(self.corpus, before + 1)

    def begin(self) -> None:
        """Put the index back to where it was."""
        shutil.rmtree(self.store.folder, ignore_errors=True)
        if self.before:
            shutil.copytree(self._kept, self.store.folder)

    def check(self, where: str) -> None:
        """One generation is served whole, and the next update goes on from there and tidies up."""
        assert served_edition(self.store) in (self.before, self.before + 1), where
        assert update(self.corpus, self.store).generation == self.before + 1, where
        assert served_edition(self.store) == self.before + 1, where
        assert is_tidy(self.store), where
