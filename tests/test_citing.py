"""Every statement is a sentence of its article, word for word; a quote that is not stops the answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citing import Candidate, candidates, cited_first, compose, verify
from rag.errors import IndexDamagedError
from rag.folding import fold
from rag.records import Citation, Hit, Passage, Statement
from rag.settings import DEFAULTS

TEXT = (
    "Überschrift\n\nDer erste Satz steht über zwei\nZeilen und nennt die US-\nInvestoren. Der zweite Satz ist ein "
    "anderer als der erste. Ja.\n\nEin weiterer Absatz sagt etwas Drittes.\n"
)


def hit(quote_from: str, quote_to: str, paragraph: int) -> Hit:
    start = TEXT.index(quote_from)
    end = TEXT.index(quote_to) + len(quote_to)
    text = fold(TEXT[start:end])
    passage = Passage(paragraph, "a.txt", paragraph, "Überschrift", start, end, text)
    return Hit(passage, 0.5, 0.5, 0.0, 0.0, Citation("a.txt", "Titel", paragraph, start, end, text))


HITS = [hit("Der erste", "Ja.", 1), hit("Ein weiterer", "Drittes.", 2)]


def test_the_sentences_of_all_hits_are_candidates_with_their_own_offsets() -> None:
    found = candidates(HITS, {"a.txt": TEXT})
    assert [(c.hit, c.sentence, c.citation.paragraph, c.citation.quote) for c in found] == [
        (0, 0, 1, "Der erste Satz steht über zwei Zeilen und nennt die US-Investoren."),
        (0, 1, 1, "Der zweite Satz ist ein anderer als der erste."),
        (1, 0, 2, "Ein weiterer Absatz sagt etwas Drittes."),
    ]
    for candidate in found:
        assert fold(TEXT[candidate.citation.start : candidate.citation.end]) == candidate.citation.quote


def test_a_passage_of_nothing_but_scraps_is_cited_whole() -> None:
    scrap = hit("Ja.", "Ja.", 1)
    assert [c.citation for c in candidates([scrap], {"a.txt": TEXT})] == [scrap.citation]


UNFIT = (
    r"^The index does not fit a\.txt: a stored passage is not in the stored article\. "
    r"Delete the index folder; it is rebuilt from the articles\.$"
)


@pytest.mark.parametrize("field", ["start", "end", "quote"])
def test_a_quote_that_is_not_in_the_article_is_never_shown(field: str) -> None:
    wrong = {"start": HITS[0].citation.start + 1, "end": len(TEXT) + 1, "quote": "Der erste Satz steht anders da."}
    citation = replace(HITS[0].citation, **{field: wrong[field]})
    with pytest.raises(IndexDamagedError, match=UNFIT):
        verify(citation, TEXT)
    with pytest.raises(IndexDamagedError):
        candidates([replace(HITS[0], citation=citation)], {"a.txt": TEXT})


@pytest.mark.parametrize(("text", "quotes"), [("a" * 24 + ".", 2), ("a" * 23 + ".", 1)])
def test_what_is_shorter_than_a_sentence_ever_is_answers_nothing(text: str, quotes: int) -> None:
    text += " Dieser Satz ist lang genug für eine Antwort."
    passage = Passage(1, "a.txt", 1, "", 0, len(text), text)
    whole = Hit(passage, 0.5, 0.5, 0.0, 0.0, Citation("a.txt", "Titel", 1, 0, len(text), text))
    assert len(candidates([whole], {"a.txt": text})) == quotes


def test_a_quote_may_be_all_of_a_text_but_not_nothing() -> None:
    verify(Citation("a.txt", "Titel", 1, 0, 4, "Text"), "Text")
    for start, end in ((0, 0), (4, 4), (-4, 4), (0, 5)):
        with pytest.raises(IndexDamagedError, match=UNFIT):
            verify(Citation("a.txt", "Titel", 1, start, end, fold("Text"[start:end])), "Text")


def unit(*values: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def test_the_best_sentences_lead_and_weak_ones_are_left_out() -> None:
    found = candidates(HITS, {"a.txt": TEXT})
    vectors = np.stack([unit(1, 0, 0), unit(0, 1, 0), unit(0, 0, 1)])
    statements = compose(
        found, vectors, np.array([0.3, 0.9, 0.8], dtype=np.float32), replace(DEFAULTS, statement_margin=0.2)
    )
    assert [s.text for s in statements] == [found[1].citation.quote, found[2].citation.quote]
    assert [s.hit for s in statements] == [0, 1]


def test_a_sentence_that_says_the_same_as_the_first_is_passed_over() -> None:
    found = candidates(HITS, {"a.txt": TEXT})
    vectors = np.stack([unit(1, 0, 0), unit(1, 0.01, 0), unit(0, 0, 1)])
    statements = compose(
        found,
        vectors,
        np.array([0.9, 0.8, 0.7], dtype=np.float32),
        replace(DEFAULTS, statements=2, statement_margin=1.0, statements_of_one_article=3),
    )
    assert [s.citation for s in statements] == [found[0].citation, found[2].citation]


def test_a_sentence_whose_worth_or_likeness_is_at_the_limit_is_within_it() -> None:
    limits = replace(DEFAULTS, statement_margin=0.25, same=0.5, redundancy=0.0)
    vectors = np.array([[1, 0], [0, 1], [0.5, 0.75**0.5]], dtype=np.float32)
    scores = np.array([1.0, 0.75, 0.5], dtype=np.float32)
    found = [sentence("a", 0), sentence("b", 1), sentence("c", 2)]
    first, second = compose(found, vectors, scores, limits)
    assert (first.hit, second.hit) == (0, 1)
    assert first.also == (found[2].citation,)
    [alone] = compose(found[::2], vectors[::2], scores[::2], replace(limits, statement_margin=1.0))
    assert alone.also == (found[2].citation,)


def test_of_each_other_article_the_sentence_most_alike_is_named_the_most_alike_first() -> None:
    found = [sentence("a", 0), *(sentence(article, n) for n, article in enumerate("bbcc", 1))]
    cosines = [1.0, 0.75, 0.9, 0.95, 0.8]
    vectors = np.array([[c, (1 - c * c) ** 0.5] for c in cosines], dtype=np.float32)
    [only] = compose(found, vectors, np.array([1, 0, 0, 0, 0], dtype=np.float32), DEFAULTS)
    assert only.also == (found[3].citation, found[2].citation)


def test_of_sentences_as_much_alike_the_first_is_named() -> None:
    found = [sentence("a", 0), *(sentence("b", n) for n in range(1, 400))]
    vectors = np.tile(np.array([[1, 0], [0.9, 0]], dtype=np.float32), (200, 1))
    [only] = compose(found, vectors, np.eye(400, dtype=np.float32)[0], replace(DEFAULTS, statement_margin=0.5))
    assert only.also == (found[2].citation,)


def test_no_more_sentences_lead_than_an_answer_has() -> None:
    found = [sentence(article, n) for n, article in enumerate("abcde")]
    assert len(compose(found, np.eye(5, dtype=np.float32), np.ones(5, dtype=np.float32), DEFAULTS)) == 3


def test_what_is_new_comes_before_what_was_half_said() -> None:
    found = [sentence(article, n) for n, article in enumerate("abc")]
    vectors = np.stack([unit(1, 0, 0), unit(0.6, 0.8, 0), unit(0, 0, 1)])
    statements = compose(found, vectors, np.array([1.0, 0.95, 0.9], dtype=np.float32), DEFAULTS)
    assert [statement.hit for statement in statements] == [0, 2, 1]


def test_no_sentences_make_no_statements() -> None:
    assert compose([], np.empty((0, 3), dtype=np.float32), np.empty(0, dtype=np.float32), DEFAULTS) == ()


def sentence(article: str, number: int) -> Candidate:
    return Candidate(number, 0, Citation(article, "Titel", 1, number, number + 1, f"Satz {number}."))


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.floats(-1, 1, width=32)), min_size=1, max_size=8), st.integers(0, 99)
)
def test_no_answer_says_one_thing_twice(made: list[tuple[str, float]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = np.stack([unit(*rng.normal(size=3)) for _ in made])
    scores = np.array([score for _, score in made], dtype=np.float32)
    found = [sentence(article, number) for number, (article, _) in enumerate(made)]
    statements = compose(found, vectors, scores, DEFAULTS)
    assert 1 <= len(statements) <= DEFAULTS.statements
    chosen = [statement.hit for statement in statements]
    assert chosen[0] == int(np.argmax(scores))
    assert all(scores[i] >= scores.max() - DEFAULTS.statement_margin - 1e-6 for i in chosen)
    near = vectors @ vectors.T
    assert all(near[i, j] < DEFAULTS.same for i in chosen for j in chosen if i < j or j < i)
    articles = [statement.citation.article_id for statement in statements]
    assert all(articles.count(article) <= DEFAULTS.statements_of_one_article for article in articles)


def test_another_article_gets_its_say_before_a_third_sentence_of_the_first() -> None:
    found = [sentence("a", 0), sentence("a", 1), sentence("a", 2), sentence("b", 3)]
    scores = np.array([0.9, 0.89, 0.88, 0.8], dtype=np.float32)
    statements = compose(found, np.eye(4, dtype=np.float32), scores, DEFAULTS)
    assert [statement.hit for statement in statements] == [0, 1, 3]


def test_what_another_article_says_in_nearly_the_same_words_is_named_beside_the_quote() -> None:
    found = [sentence("a", 0), sentence("b", 1), sentence("a", 2), sentence("c", 3)]
    vectors = np.stack([unit(1, 0), unit(1, 0.1), unit(1, 0.1), unit(0, 1)])
    first, second = compose(found, vectors, np.array([0.9, 0.85, 0.85, 0.8], dtype=np.float32), DEFAULTS)
    assert (first.hit, first.also) == (0, (found[1].citation,))
    assert (second.hit, second.also) == (3, ())


def test_passages_that_are_cited_come_first_and_citations_still_point_to_them() -> None:
    third = hit("Der zweite", "Ja.", 1)
    hits = [*HITS, third]
    cited = [Statement("x", third.citation, 2), Statement("y", hits[1].citation, 1), Statement("z", third.citation, 2)]
    statements, ordered = cited_first(cited, hits, 3)
    assert ordered == (third, hits[1], hits[0])
    assert [ordered[statement.hit].citation for statement in statements] == [s.citation for s in cited]
    assert cited_first([], hits, 3) == ((), tuple(hits))
    assert cited_first([], hits, 2) == ((), tuple(hits[:2]))
    assert cited_first(cited, hits, 1) == (statements, (third, hits[1]))
