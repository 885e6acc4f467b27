"""A search over both arms gives what an exhaustive search of the stored data gives, and looks twice at the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag import bm25, indexing, variants
from rag.embedding import packed, unpacked
from rag.encoder import HashingEncoder
from rag.language import guess
from rag.passages import PassageStore
from rag.records import Filter, Hit, Language
from rag.reranker import Reranker
from rag.retrieval import Generation, Tools, narrowed, prepare, search, word_scores
from rag.settings import DEFAULTS, Settings
from rag.splitting import embedding_text
from rag.terms import stems
from rag.translations import Translations
from tests.heldrows import stored

QUESTIONS = [
    "Wer hat die neue Brücke eröffnet?",
    "Who asked for the harbour?",
    "BRICS+ in Kasan",
    "the",
    "nichts davon",
]
ENCODER = HashingEncoder()
TRANSLATIONS = Translations()


@contextmanager
def generation(corpus: Path, store: PassageStore) -> Iterator[Generation]:
    indexing.update(corpus, store, ENCODER, settings=DEFAULTS)
    with store.snapshot() as snapshot:
        yield Generation(snapshot, indexing.load_vectors(store, snapshot))


def ask(
    question: str, opened: Generation, k: int, settings: Settings = DEFAULTS, reranker: Reranker | None = None
) -> list[Hit]:
    return search(prepare(question, ENCODER), opened, Tools(ENCODER, TRANSLATIONS, settings, reranker), k)


def lexical(question: str, opened: Generation, ids: list[int]) -> dict[int, tuple[float, float]]:
    """BM25 score and coverage of every passage, each by itself from its text."""
    snapshot = opened.snapshot
    terms = variants.terms(question, snapshot, TRANSLATIONS, DEFAULTS)
    words: dict[int, tuple[Language, Counter[str]]] = {}
    frequencies: dict[Language, Counter[str]] = {"de": Counter(), "en": Counter()}
    for passage in snapshot.passages(ids):
        language, found = guess(passage.text), stems(embedding_text(passage))
        words[passage.id] = language, Counter(found.german if language == "de" else found.english)
        frequencies[language].update(words[passage.id][1].keys())
    length = sum(own.total() for _, own in words.values()) / len(ids)
    return {
        i: bm25.Scorer([term.stems(language) for term in terms], frequencies[language], len(ids), length).score(own)
        for i, (language, own) in words.items()
    }


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("candidates", [1, 50])
def test_every_hit_has_the_exact_scores_of_an_exhaustive_search(
    corpus: Path, store: PassageStore, question: str, candidates: int
) -> None:
    asked = ENCODER.encode_queries([question])[0]
    words = ENCODER.query_pieces(question)
    with generation(corpus, store) as opened:
        hits = ask(question, opened, 3, replace(DEFAULTS, candidates=candidates))
        ids, vectors = stored(opened.snapshot)
        sentences = opened.snapshot.embeddings(ids.tolist())
        found = lexical(question, opened, ids.tolist())
        texts = {passage.id: passage.text for passage in opened.snapshot.passages(ids.tolist())}
    dense = {
        i: (v @ asked + max(sentences[i].sentences @ asked)) / 2 for i, v in zip(ids.tolist(), vectors, strict=True)
    }
    scores = {}
    for i, text in texts.items():
        # As they are kept, in half a byte a number.
        kept = np.concatenate(unpacked(packed([ENCODER.query_pieces(text)])))
        pieces = (words @ kept.T).max(axis=1)
        scores[i] = dense[i] + 0.03 * found[i][0] + max(0.0, pieces.mean())
    assert [hit.score for hit in hits] == pytest.approx(sorted(scores.values(), reverse=True)[: len(hits)], abs=1e-5)
    for hit in hits:
        assert hit.dense == pytest.approx(dense[hit.passage.id], abs=1e-5)
        assert (hit.lexical, hit.coverage) == pytest.approx(found[hit.passage.id], abs=1e-5)
        assert hit.score == pytest.approx(scores[hit.passage.id], abs=1e-5)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_best_passages_by_words_are_those_of_an_exhaustive_search(
    corpus: Path, store: PassageStore, question: str
) -> None:
    with generation(corpus, store) as opened:
        ids = opened.snapshot.ids().tolist()
        found = lexical(question, opened, ids)
        terms = variants.terms(question, opened.snapshot, TRANSLATIONS, DEFAULTS)
        scores = word_scores(terms, opened.snapshot)
    expected = sorted((i for i in ids if found[i][0]), key=lambda i: (-found[i][0], i))
    for k in range(len(ids) + 1):
        assert bm25.best(scores, k) == expected[:k]
    assert bm25.best(scores, 9, np.array(ids[1:])) == [i for i in expected if i in ids[1:]]


def test_asking_for_more_than_there_is_returns_every_passage_once(corpus: Path, store: PassageStore) -> None:
    with generation(corpus, store) as opened:
        hits = ask("Brücke", opened, 1_000)
        assert len({hit.passage.id for hit in hits}) == len(hits) == opened.snapshot.passage_count()
    assert all(hit.passage.id > 0 for hit in hits)


def test_a_hit_cites_the_whole_passage_with_the_title_of_its_article(corpus: Path, store: PassageStore) -> None:
    with generation(corpus, store) as opened:
        [hit] = ask("Wer eröffnete die Brücke in Köln?", opened, 1)
    place, passage = hit.citation, hit.passage
    assert (place.article_id, place.title, place.paragraph) == ("bruecke.txt", "Die neue Brücke", 1)
    assert (place.start, place.end, place.quote) == (passage.start, passage.end, passage.text)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Thirty short articles that differ in a word or two."""
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(30):
        text = f"Artikel {n}\n\nDer Rat sprach am Tag {n} {'lange ' * (n % 4)}über die Brücke und den Hafen.\n"
        (folder / f"{n}.txt").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("question", ["Brücke am Tag 7", "What about the harbour?"])
def test_the_shorter_list_is_the_head_of_the_longer(many: Path, store: PassageStore, question: str) -> None:
    with generation(many, store) as opened:
        longest = ask(question, opened, 12)
        assert [ask(question, opened, k) for k in range(1, 12)] == [longest[:k] for k in range(1, 12)]
        assert [hit.score for hit in longest] == sorted((hit.score for hit in longest), reverse=True)


@pytest.mark.parametrize("question", ["Brücke am Tag 7", "What about the harbour?"])
@pytest.mark.parametrize("candidates", [1, 50])
def test_a_filtered_search_is_the_search_of_all_without_those_that_do_not_pass(
    many: Path, store: PassageStore, question: str, candidates: int
) -> None:
    # No closer look: in the search of all it goes to others than in the filtered one.
    plain = replace(DEFAULTS, candidates=candidates, piece_weight=0.0)
    some = tuple(f"{n}.txt" for n in range(0, 30, 3))
    with generation(many, store) as opened:
        every = ask(question, opened, 1_000, plain)
        within = [hit for hit in every if hit.passage.article_id in some]
        few = narrowed(opened, Filter(articles=some))
        for k in (1, 4, 10, 1_000):
            assert [hit.passage.id for hit in ask(question, few, k, plain)] == [hit.passage.id for hit in within[:k]]
        found = ask(question, few, 1_000, plain)
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in within], abs=1e-6)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.sets(st.integers(0, 29), min_size=1), k=st.integers(1, 12), question=st.sampled_from(QUESTIONS))
def test_every_hit_of_a_filtered_search_passes(
    many: Path, store: PassageStore, names: set[int], k: int, question: str
) -> None:
    some = tuple(f"{n}.txt" for n in names)
    with generation(many, store) as opened:
        found = ask(question, narrowed(opened, Filter(articles=some)), k)
    assert {hit.passage.article_id for hit in found} <= set(some)
    assert len(found) == min(k, len(some))
    assert all(hit.citation.article_id == hit.passage.article_id for hit in found)


def test_the_empty_filter_changes_nothing_and_one_that_lets_nothing_through_finds_nothing(
    many: Path, store: PassageStore
) -> None:
    with generation(many, store) as opened:
        assert narrowed(opened, Filter()) is opened
        nothing = narrowed(opened, Filter(language="en"))
        assert ask("Brücke", nothing, 5) == []
        assert ask("Brücke", nothing, 5, reranker=Backwards()) == []


class Backwards:
    """A reranker that prefers what comes last."""

    name = "backwards"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen = list(texts)
        return np.arange(len(texts), dtype=np.float32)


def test_a_reranker_orders_the_first_hits_only(many: Path, store: PassageStore) -> None:
    reranker = Backwards()
    depth = replace(DEFAULTS, rerank_depth=4, piece_weight=0.0)
    with generation(many, store) as opened:
        plain = ask("Brücke am Tag 7", opened, 9, depth)
        turned = ask("Brücke am Tag 7", opened, 9, depth, reranker)
    assert reranker.seen == [hit.passage.text for hit in plain[:4]]
    assert turned == [*plain[3::-1], *plain[4:]]


def test_without_weight_the_word_pieces_are_not_even_looked_at(
    corpus: Path, store: PassageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = replace(DEFAULTS, piece_weight=0.0)
    with generation(corpus, store) as opened:
        monkeypatch.setattr(opened.snapshot, "pieces", lambda _: pytest.fail("the pieces were looked at"))
        hits = search(prepare("Brücke", ENCODER), opened, Tools(ENCODER, TRANSLATIONS, plain), 3)
    for hit in hits:
        assert hit.score == pytest.approx(hit.dense + DEFAULTS.lexical_weight * hit.lexical, abs=1e-6)


def test_an_english_passage_among_german_ones_is_found_by_english_words(many: Path, store: PassageStore) -> None:
    (many / "english.txt").write_text("The strike\n\nThe dockers of the port went on strike for the pay.\n", "utf-8")
    with generation(many, store) as opened:
        [english] = ask("Which dockers went on strike?", opened, 1)
        [german] = ask("Wer ging im Hafen in den Streik?", opened, 1, replace(DEFAULTS, lexical_weight=1.0))
    assert english.passage.article_id == german.passage.article_id == "english.txt"
    assert english.lexical > 0
    assert english.coverage > 0.5
