"""Suggested questions come from the articles, read well in both languages, and are answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from rag import articles
from rag.encoder import HashingEncoder
from rag.passages import PassageStore
from rag.records import Answer, Article, Attribution, Citation, Language, Passage, Statement
from rag.retrieval import cite
from rag.suggesting import candidates, sources, suggest

SEEDS = Path(__file__).parents[1] / "seeds"
TALKS = """Gespräche in Riad

Am 18. Februar 2025 trafen sich die Unterhändler, und danach geschah lange nichts mehr in der Stadt.

Was wurde vereinbart?

„Wir sind einen Schritt weiter“, sagte der russische Außenminister Sergej Lawrow nach dem Treffen.

Und was nun?

Russische Experten sagten, das Abkommen sei schlecht. Die Financial Times berichtete, es sei gut.

Der Weg der „Falken“ in Washington

US-Außenminister Marco Rubio erklärte, dass die Gespräche weitergehen. Ein Treffen ist für May 3, 2025 geplant.
"""


@pytest.fixture
def talks(tmp_path: Path) -> Article:
    return read(tmp_path, "talks.txt", TALKS)


def read(folder: Path, name: str, text: str) -> Article:
    (folder / name).write_text(text, "utf-8")
    return articles.read(folder / name, folder)


def stated(article: Article, text: str, speaker: str = "") -> Answer:
    """The answer that leads with the sentence of ``article`` that begins with ``text``, said by ``speaker``."""
    start = article.text.index(text)
    passage = Passage(1, article.id, 1, "", start, start + len(text), text)
    said = Attribution(speaker, 0, 1, direct=True) if speaker else None
    return Answer("?", "?", (Statement(text, cite(passage, article.title), 0, said),), ())


def asked(article: Article, language: Language, *, start: int = 0, turn: int = 0) -> list[str]:
    return [one.question for one in candidates(article, language, start=start, turn=turn)]


def test_people_dates_headings_and_title_make_german_questions(talks: Article) -> None:
    assert asked(talks, "de") == [
        "Was wurde vereinbart?",
        "Was sagte Sergej Lawrow?",
        "Was geschah am 18. Februar 2025?",
        "Worum geht es bei „Gespräche in Riad“?",
        "Was sagte Marco Rubio?",
        "Was geschah am 3. Mai 2025?",
        "Was steht im Abschnitt „Der Weg der ‚Falken‘ in Washington“?",
    ]


def test_a_german_article_makes_english_questions_but_lends_them_no_german_heading_as_such(talks: Article) -> None:
    assert asked(talks, "en") == [
        "What did Sergej Lawrow say?",
        "What happened on 18 February 2025?",
        "What is “Gespräche in Riad” about?",
        "What did Marco Rubio say?",
        "What happened on 3 May 2025?",
        "What does the section “Der Weg der ‚Falken‘ in Washington” say?",
    ]


def test_the_turn_says_which_kind_comes_first_and_the_start_from_where(talks: Article) -> None:
    assert asked(talks, "en", turn=1)[0] == "What happened on 18 February 2025?"
    assert asked(talks, "en", turn=2)[0] == "What is “Gespräche in Riad” about?"
    assert asked(talks, "en", start=talks.text.index("US-Außen"), turn=1)[0] == "What happened on 3 May 2025?"
    assert sorted(asked(talks, "de", turn=1, start=200)) == sorted(asked(talks, "de"))


LAWROW = "„Wir sind einen Schritt weiter“, sagte der russische Außenminister Sergej Lawrow nach dem Treffen."
FALCONS = "US-Außenminister Marco Rubio erklärte, dass die Gespräche weitergehen."
MEETING = "Am 18. Februar 2025 trafen sich die Unterhändler, und danach geschah lange nichts mehr in der Stadt."


@pytest.mark.parametrize(
    ("question", "text", "speaker", "kept"),
    [
        ("Was sagte Sergej Lawrow?", LAWROW, "Lawrow", True),
        ("Was sagte Sergej Lawrow?", LAWROW, "", False),
        ("Was sagte Sergej Lawrow?", FALCONS, "Marco Rubio", False),
        ("Was geschah am 18. Februar 2025?", MEETING, "", True),
        ("Was geschah am 18. Februar 2025?", FALCONS, "", False),
        ("Was wurde vereinbart?", LAWROW, "", True),
        ("Was wurde vereinbart?", MEETING, "", False),
        ("Was steht im Abschnitt „Der Weg der ‚Falken‘ in Washington“?", FALCONS, "", True),
        ("Was steht im Abschnitt „Der Weg der ‚Falken‘ in Washington“?", LAWROW, "", False),
        ("Worum geht es bei „Gespräche in Riad“?", FALCONS, "", True),
    ],
)
def test_a_question_is_suggested_only_if_its_answer_leads_with_what_it_is_about(
    talks: Article, question: str, text: str, speaker: str, kept: bool
) -> None:
    def ask(put: str) -> Answer:
        return stated(talks, text, speaker) if put == question else Answer(put, put, (), ())

    assert suggest([talks], "de", ask, answer=None, n=4) == ([question] if kept else [])


def test_a_follow_up_is_neither_what_was_asked_nor_answered_with_what_was_shown(talks: Article) -> None:
    def ask(put: str) -> Answer:
        return stated(talks, *((LAWROW, "Lawrow") if "Lawrow" in put or "vereinbart" in put else (MEETING,)))

    before = Answer("Was sagte Lawrow?", "Was sagte Lawrow?", stated(talks, LAWROW).statements, ())
    found = suggest([talks], "de", ask, answer=before, n=4)
    # What stands behind the quoted sentence comes first.
    assert found == ["Worum geht es bei „Gespräche in Riad“?", "Was geschah am 18. Februar 2025?"]


@pytest.mark.parametrize("n", [-1, 0, 1, 3])
def test_no_more_is_suggested_and_asked_than_is_wanted(talks: Article, n: int) -> None:
    put: list[str] = []

    def ask(question: str) -> Answer:
        put.append(question)
        return stated(talks, MEETING) if len(put) % 2 else Answer(question, question, (), ())

    assert len(suggest([talks] * 5, "de", ask, answer=None, n=n)) <= max(0, n)
    assert len(put) <= 3 * max(0, n)


def test_questions_are_spread_over_the_articles(tmp_path: Path) -> None:
    every = [
        read(tmp_path, f"{n}.txt", f"Titel Nummer {n}\n\nDer Rat sprach am {n}. Mai 2020 über die neue Brücke.\n")
        for n in range(1, 7)
    ]

    def ask(question: str) -> Answer:
        [article] = [one for one in every if f"Nummer {one.id[0]}“" in question or f"am {one.id[0]}." in question]
        return stated(article, f"Der Rat sprach am {article.id[0]}. Mai 2020 über die neue Brücke.")

    assert suggest(every, "de", ask, answer=None, n=4) == [
        "Was geschah am 1. Mai 2020?",
        "Was geschah am 2. Mai 2020?",
        "Worum geht es bei „Titel Nummer 3“?",
        "Was geschah am 4. Mai 2020?",
    ]


@given(
    st.dictionaries(st.text(max_size=4), st.none() | st.dates(date(2020, 1, 1), date(2020, 2, 1)), max_size=60),
)
def test_the_latest_articles_are_drawn_on_first_and_never_more_than_a_dozen(days: dict[str, date | None]) -> None:
    drawn = sources(days, None)
    assert len(drawn) == len(set(drawn)) == min(12, len(days))
    known = [days[name] for name in drawn]
    assert known == sorted(known, key=lambda day: (day is not None, day or date.min), reverse=True)
    dated = [day for day in days.values() if day is not None]
    assert [day for day in known if day is not None] == sorted(dated, reverse=True)[:12]


def test_articles_without_a_date_are_drawn_on_at_even_distances() -> None:
    names = [f"{n:03}" for n in range(120)]
    assert sources(dict.fromkeys(names), None) == names[::10]


def test_follow_ups_draw_on_the_articles_that_are_quoted_and_still_there(talks: Article) -> None:
    citation = Citation("also.txt", "", 1, 0, 1, "x")
    [statement] = stated(talks, LAWROW).statements
    answer = Answer("?", "?", (Statement(statement.text, statement.citation, 0, None, (citation,)),), ())
    day = date(2020, 1, 1)
    assert sources({"talks.txt": None, "also.txt": day, "other.txt": day}, answer) == ["talks.txt", "also.txt"]
    assert sources({"also.txt": day, "other.txt": day + timedelta(1)}, answer) == ["also.txt"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rag.Engine]:
    """The sample articles with the default model."""
    with rag.open(SEEDS, index=tmp_path_factory.mktemp("index")) as opened:
        yield opened


LANGUAGES: tuple[Language, ...] = ("de", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_articles_answer_what_is_suggested_for_them(engine: rag.Engine, language: Language) -> None:
    found = engine.suggest(language)
    assert found == engine.suggest(language)
    assert len(found) == len(set(found)) == 4
    assert all(question.endswith("?") for question in found)
    leading = [engine.ask(question).statements[0].citation.article_id for question in found]
    assert len(set(leading)) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_follow_ups_bring_up_something_new_from_what_was_quoted(engine: rag.Engine, language: Language) -> None:
    question: dict[Language, str] = {"de": "Was sagte Dmitriev?", "en": "What did Dmitriev say?"}
    answer = engine.ask(question[language])
    found = engine.suggest(language, answer, n=3)
    shown = {(one.citation.article_id, one.citation.start) for one in answer.statements}
    assert len(found) == 3
    assert question[language] not in found
    for one in found:
        cited = {(other.citation.article_id, other.citation.start) for other in engine.ask(one).statements}
        assert cited - shown


def test_an_empty_index_suggests_nothing(tmp_path: Path) -> None:
    assert rag.Engine(tmp_path, PassageStore(tmp_path / "index"), HashingEncoder()).suggest("de") == []
