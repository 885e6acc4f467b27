"""The newsroom questions are what benchmarks/README.md says they are."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from benchmarks import questions
from rag import abstention, articles, paths
from rag.folding import fold
from rag.records import BlockKind

NEWSROOM = Path(questions.__file__).with_name("newsroom.jsonl")
LINES = NEWSROOM.read_text(encoding="utf-8").splitlines()
QUESTION_LIST: list[dict[str, Any]] = [json.loads(line) for line in LINES]
ANSWERABLE = [question for question in QUESTION_LIST if question["kind"] == "answerable"]
FIELDS = ["id", "language", "question", "kind", "answers", "corpus", "split"]
SEED = "newsroom-1"


@pytest.fixture(scope="module")
def paragraphs() -> dict[str, set[int]]:
    """Return the paragraph numbers of each of the five articles."""
    folder = paths.sample_corpus()
    read = [articles.read(path, folder) for path in sorted(folder.glob("*.txt"))]
    return {
        article.id: {block.paragraph for block in article.blocks if block.kind is BlockKind.PARAGRAPH}
        for article in read
    }


def bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_every_line_is_one_tidy_json_object_with_the_documented_fields():
    for line, question in zip(LINES, QUESTION_LIST, strict=True):
        assert json.dumps(question, ensure_ascii=False) == line
        assert list(question) == FIELDS
        assert question["question"] == fold(question["question"])
        assert question["corpus"] in {"seeds", "wikinews"}


def test_every_answer_about_the_five_articles_points_at_an_existing_paragraph(paragraphs):
    for question in ANSWERABLE:
        if question["corpus"] == "seeds":
            for answer in question["answers"]:
                assert answer["paragraph"] in paragraphs[answer["article"]], question["id"]


def test_every_answer_is_a_file_and_a_paragraph_number_counted_from_one():
    for question in ANSWERABLE:
        for answer in question["answers"]:
            assert list(answer) == ["article", "paragraph"], question["id"]
            pattern = r"\d{3}_[0-9a-f]{16}\.txt" if question["corpus"] == "seeds" else r"wikinews/\d+\.txt"
            assert re.fullmatch(pattern, answer["article"]), question["id"]
            assert isinstance(answer["paragraph"], int), question["id"]
            assert answer["paragraph"] >= 1, question["id"]


def test_only_answerable_questions_have_answers_and_none_of_these_is_listed_twice():
    for question in QUESTION_LIST:
        places = [(answer["article"], answer["paragraph"]) for answer in question["answers"]]
        assert bool(places) == (question["kind"] == "answerable"), question["id"]
        assert len(set(places)) == len(places), question["id"]


def test_half_of_the_questions_of_a_language_and_split_have_no_answer():
    assert Counter((question["language"], question["kind"], question["split"]) for question in QUESTION_LIST) == {
        (language, kind, split): n
        for language in ("en", "de")
        for split in ("dev", "test")
        for kind, n in (("answerable", 25), ("near-miss", 20), ("unrelated", 5))
    }


def test_the_questions_are_spread_over_the_two_corpora():
    assert Counter((question["corpus"], question["kind"]) for question in QUESTION_LIST) == {
        ("seeds", "answerable"): 10,
        ("seeds", "near-miss"): 20,
        ("seeds", "unrelated"): 10,
        ("wikinews", "answerable"): 90,
        ("wikinews", "near-miss"): 60,
        ("wikinews", "unrelated"): 10,
    }


def test_no_article_is_asked_about_more_often_than_the_others_in_a_corpus():
    asked = Counter(question["answers"][0]["article"] for question in ANSWERABLE if question["corpus"] == "wikinews")
    assert len(asked) == 45
    assert set(asked.values()) == {2}


def test_no_two_questions_and_no_two_ids_are_the_same():
    assert len({question["id"] for question in QUESTION_LIST}) == len(QUESTION_LIST)
    assert len({bare(question["question"]) for question in QUESTION_LIST}) == len(QUESTION_LIST)


def test_no_question_is_known_from_elsewhere():
    known = {bare(text) for texts in abstention.UNRELATED.values() for text in texts}
    known |= {bare(one.question.question) for one in questions.load(files=questions.FILES[:1])}
    assert not [question["id"] for question in QUESTION_LIST if bare(question["question"]) in known]


def test_the_split_deals_the_questions_of_a_language_and_kind_out_in_seeded_order_corpus_by_corpus():
    def order(question: dict[str, Any]) -> tuple[str, str]:
        return question["corpus"], hashlib.sha256(f"{SEED}:{question['id']}".encode()).hexdigest()

    strata: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for question in sorted(QUESTION_LIST, key=order):
        strata[question["language"], question["kind"]].append(question)
    for stratum in strata.values():
        assert {question["split"] for question in stratum[::2]} == {"dev"}
        assert {question["split"] for question in stratum[1::2]} == {"test"}
