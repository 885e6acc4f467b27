"""The benchmark questions are what benchmarks/README.md says they are."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

import pytest

from benchmarks.questions import FILES, load
from rag import abstention, articles, paths
from rag.folding import fold
from rag.records import Article, BlockKind
from rag.terms import stems


@dataclass(frozen=True, slots=True)
class Span:
    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A line of the file. ``style`` says how an answerable question was written and is None for the others."""

    id: str
    language: str
    question: str
    kind: str
    style: str | None
    answers: list[dict[str, str]]
    corpus: str
    split: str

    @property
    def spans(self) -> list[Span]:
        return [Span(**answer) for answer in self.answers]


QUESTIONS = FILES[0]
QUESTION_LIST = [Question(**json.loads(line)) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
ANSWERABLE = [question for question in QUESTION_LIST if question.kind == "answerable"]
SEED = "fundstelle-1"

# Names have no other word to ask with, and a question word may be any text's word.
NAMES = "Trump Putin Biden Witkoff Selenskyj Kreml Kiew Moskau Washington Amerika Europa Russland Ukraine Peking lange"


@pytest.fixture(scope="module")
def seeds() -> dict[str, Article]:
    folder = paths.sample_corpus()
    return {article.id: article for article in (articles.read(path, folder) for path in sorted(folder.glob("*.txt")))}


@pytest.fixture(scope="module")
def paragraphs(seeds: dict[str, Article]) -> dict[str, list[str]]:
    return {
        article.id: [
            fold(article.text[block.start : block.end]) for block in article.blocks if block.kind is BlockKind.PARAGRAPH
        ]
        for article in seeds.values()
    }


def bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_every_span_stands_in_its_article_once(seeds):
    for question in ANSWERABLE:
        for span in question.spans:
            assert fold(seeds[span.article].text).count(span.text) == 1, (question.id, span.text)


def test_every_span_stands_in_one_paragraph(paragraphs):
    for question in ANSWERABLE:
        for span in question.spans:
            assert any(span.text in paragraph for paragraph in paragraphs[span.article]), (question.id, span.text)


def test_spans_are_distinctive_and_short_enough_for_one_passage():
    lengths = [len(span.text) for question in ANSWERABLE for span in question.spans]
    assert min(lengths) >= 40
    assert max(lengths) <= 500


def test_nearly_every_paragraph_is_asked_about(paragraphs):
    spans = [(span.article, span.text) for question in ANSWERABLE for span in question.spans]
    unasked = [
        text
        for article, texts in paragraphs.items()
        for text in texts
        if not any(home == article and span in text for home, span in spans)
    ]
    assert len(unasked) <= len([text for texts in paragraphs.values() for text in texts]) // 10, unasked


def test_questions_are_spread_over_the_articles_in_proportion_to_their_length(paragraphs):
    asked = Counter(question.spans[0].article for question in ANSWERABLE)
    length = {article: sum(map(len, texts)) for article, texts in paragraphs.items()}
    for article in paragraphs:
        share = asked[article] / len(ANSWERABLE)
        assert share == pytest.approx(length[article] / sum(length.values()), abs=0.05), article


def test_only_answerable_questions_have_spans_and_a_style():
    for question in QUESTION_LIST:
        expected = question.kind == "answerable"
        assert (bool(question.spans), question.style is not None) == (expected, expected)


def test_both_files_are_read_with_their_kinds_and_splits():
    asked = load()
    assert len(asked) == len(QUESTION_LIST) + 200
    assert [one.question.id for one in asked[: len(QUESTION_LIST)]] == [question.id for question in QUESTION_LIST]
    assert {one.split for one in load("dev")} == {"dev"}
    assert len(load("dev")) + len(load("test")) == len(asked)
    assert all(bool(one.question.answers) == (one.kind == "answerable") for one in asked)


def test_there_are_as_many_english_as_german_questions_of_each_kind():
    assert Counter((question.language, question.kind) for question in QUESTION_LIST) == {
        (language, kind): n
        for language in ("en", "de")
        for kind, n in (("answerable", 72), ("near-miss", 10), ("unrelated", 10))
    }


def test_about_a_third_of_the_answerable_questions_of_a_language_is_of_each_style():
    for language in ("en", "de"):
        asked = [question for question in ANSWERABLE if question.language == language]
        for n in Counter(question.style for question in asked).values():
            assert n / len(asked) == pytest.approx(1 / 3, abs=0.06)


def test_no_two_questions_and_no_two_ids_are_the_same():
    assert len({bare(question.question) for question in QUESTION_LIST}) == len(QUESTION_LIST)
    assert len({question.id for question in QUESTION_LIST}) == len(QUESTION_LIST)


def test_no_question_is_a_heading(seeds):
    lines = [article.text.splitlines() for article in seeds.values()]
    # Headings run over one line or two; taking every line for one needs no reader to recognise them.
    headings = {bare(line) for text in lines for line in text}
    headings |= {bare(f"{first} {second}") for text in lines for first, second in pairwise(text)}
    assert not {question.question for question in QUESTION_LIST if bare(question.question) in headings}


def test_a_paraphrased_german_question_shares_no_word_with_its_answer_but_names():
    names = set(stems(NAMES).german)
    for question in QUESTION_LIST:
        if question.style == "paraphrase" and question.language == "de":
            asked = set(stems(question.question).german) - names
            for span in question.spans:
                assert not asked & set(stems(span.text).german), question.id


def test_no_unrelated_question_is_among_those_the_threshold_is_made_from():
    known = {bare(question) for questions in abstention.UNRELATED.values() for question in questions}
    assert not [question.id for question in QUESTION_LIST if bare(question.question) in known]


def test_the_split_is_the_seeded_one_of_each_language_kind_and_style():
    strata: dict[tuple[object, ...], list[Question]] = defaultdict(list)
    for question in QUESTION_LIST:
        strata[question.language, question.kind, question.style].append(question)
    for stratum in strata.values():
        drawn = sorted(stratum, key=lambda question: hashlib.sha256(f"{SEED}:{question.id}".encode()).hexdigest())
        half = (len(drawn) + 1) // 2
        assert {question.id for question in stratum if question.split == "dev"} == {q.id for q in drawn[:half]}


def test_the_file_is_one_tidy_json_object_a_line():
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert json.dumps(record, ensure_ascii=False) == line
        assert record["question"] == fold(record["question"])
