"""The whole way from a folder to cited answers, with the real model over the sample articles where it matters."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import rag
from rag.encoder import HashingEncoder
from rag.folding import fold
from rag.passages import PassageStore
from rag.settings import DEFAULTS
from tests.damage import DATABASE, flip

SEEDS = Path(__file__).parents[1] / "seeds"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rag.Engine]:
    """The sample articles with the default model, indexed once for all tests."""
    with rag.open(SEEDS, index=tmp_path_factory.mktemp("index")) as opened:
        yield opened


@pytest.fixture
def small(corpus: Path, tmp_path: Path) -> rag.Engine:
    """Three short articles with the encoder that needs no model."""
    return rag.open(corpus, model="hashing", index=tmp_path / "index")


@pytest.mark.parametrize("question", ["what did Dmitriev propose?", "Was hat Dmitriev vorgeschlagen?"])
def test_a_question_in_either_language_is_answered_from_the_german_paragraph(engine: rag.Engine, question: str) -> None:
    answer = engine.ask(question)
    cited = [statement.citation for statement in answer.statements]
    assert any(
        c.article_id.startswith("000_") and "„eine bessere Zukunft für die Menschheit“" in c.quote for c in cited
    )


QUESTIONS = st.one_of(
    st.sampled_from(["Mars", "What did Trump and Putin talk about?", "Was sagt Peskow?", "Wie viele Sanktionen?"]),
    st.text(min_size=1, max_size=60).filter(lambda text: text.strip() != ""),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=QUESTIONS, k=st.integers(1, 8))
def test_every_quote_of_every_answer_is_word_for_word_in_its_file(engine: rag.Engine, question: str, k: int) -> None:
    answer = engine.ask(question, k=k)
    assert len(answer.hits) <= max(k, len({statement.hit for statement in answer.statements}))
    for citation in [s.citation for s in answer.statements] + [hit.citation for hit in answer.hits]:
        source = (SEEDS / citation.article_id).read_bytes().decode("utf-8")
        assert fold(source[citation.start : citation.end]) == citation.quote
        assert citation.paragraph >= 1
    for statement in answer.statements:
        assert statement.text == statement.citation.quote
        assert statement.text in answer.hits[statement.hit].passage.text


@pytest.mark.parametrize("question", ["How do I bake a cheesecake?", "Wie hoch ist der Mount Everest?"])
def test_an_unrelated_question_has_no_statements_but_the_nearest_passages(engine: rag.Engine, question: str) -> None:
    answer = engine.ask(question)
    assert answer.statements == ()
    assert len(answer.hits) == DEFAULTS.hits


def test_a_follow_up_is_answered_with_what_it_follows_in_mind(engine: rag.Engine) -> None:
    answer = engine.ask("What did he say about Mars?", history=["what did Dmitriev propose?"])
    assert answer.question == "What did he say about Mars?"
    assert answer.standalone == "What did Dmitriev say about Mars?"
    assert "Mars" in answer.statements[0].text


def test_without_follow_ups_the_history_is_left_out_of_account(engine: rag.Engine) -> None:
    history = ["what did Dmitriev propose?"]
    question = "What did he say about Mars?"
    assert engine.ask(question, history, follow_ups=False) == engine.ask(question)


def test_the_first_sentence_is_the_same_however_many_passages_are_asked_for(engine: rag.Engine) -> None:
    question = "what did Dmitriev propose?"
    one, five = engine.ask(question, k=1), engine.ask(question, k=5)
    assert one.statements[0].citation == five.statements[0].citation
    assert one.confidence == five.confidence


def test_the_speaker_of_a_quotation_is_named(engine: rag.Engine) -> None:
    answer = engine.ask("what did Dmitriev propose?")
    assert any(said is not None and "Dmitriev" in said.speaker for said in (s.said for s in answer.statements))


@pytest.mark.parametrize("question", ["what did Dmitriev propose?", "How do I bake a cheesecake?"])
def test_an_answer_is_refused_exactly_where_its_confidence_is_too_low(engine: rag.Engine, question: str) -> None:
    answer = engine.ask(question)
    assert 0 <= answer.confidence <= 1
    assert (answer.statements == ()) == (answer.confidence < DEFAULTS.least_confidence)


def test_two_articles_that_report_the_same_are_named_together(tmp_path: Path) -> None:
    for name, text in {
        "a.txt": "Brücke\n\nDer Bürgermeister von Köln hat am Montag die neue Rheinbrücke eröffnet.\n",
        "b.txt": "Eröffnung\n\nAm Montag eröffnete Kölns Bürgermeister die neue Brücke über den Rhein.\n",
        "c.txt": "Hafen\n\nIm Hafen von Hamburg streiken seit dem Dienstag viele der Arbeiter.\n",
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    with rag.open(tmp_path, index=tmp_path / ".index") as opened:
        first = opened.ask("Wer hat die neue Rheinbrücke in Köln eröffnet?").statements[0]
    assert {first.citation.article_id, *(also.article_id for also in first.also)} == {"a.txt", "b.txt"}


def test_hits_come_best_first_and_the_shorter_list_is_the_head_of_the_longer(engine: rag.Engine) -> None:
    five = engine.retrieve("Was will der Kreml?", k=5)
    assert [hit.score for hit in five] == sorted((hit.score for hit in five), reverse=True)
    assert engine.retrieve("Was will der Kreml?", k=2) == five[:2]


@pytest.mark.parametrize("question", ["", "  \n\t", "x" * (DEFAULTS.question_limit + 1)])
def test_an_empty_or_over_long_question_is_refused_with_a_sentence(small: rag.Engine, question: str) -> None:
    for call in (small.retrieve, small.ask):
        with pytest.raises(rag.QuestionError, match=r"^The question .*\.$"):
            call(question)


@pytest.mark.parametrize("k", [0, -1, DEFAULTS.hits_limit + 1])
def test_an_impossible_number_of_hits_is_refused(small: rag.Engine, k: int) -> None:
    with pytest.raises(rag.QuestionError, match=rf"k is {k}; it must be from 1 to"):
        small.retrieve("Brücke", k=k)


def test_an_answer_comes_only_from_articles_that_pass_and_says_which_were_asked(engine: rag.Engine) -> None:
    question = "what did Dmitriev propose?"
    first = engine.ask(question).hits[0].passage.article_id
    others = rag.Filter(articles=tuple(name for name in engine.article_ids() if name != first))
    answer = engine.ask(question, filter=others)
    assert answer.filter == others
    assert {hit.passage.article_id for hit in answer.hits} <= set(others.articles)
    assert {s.citation.article_id for s in answer.statements} <= set(others.articles)
    assert engine.ask(question, filter=rag.Filter()) == engine.ask(question)
    only = engine.ask(question, filter=rag.Filter(articles=(first,)))
    assert only.statements[0].citation.article_id == first


def test_one_article_with_one_passage_is_asked_without_fail(small: rag.Engine) -> None:
    only = rag.Filter(folders=("nested",))
    answer = small.ask("Wer traf sich in Kasan?", filter=only)
    assert [hit.passage.article_id for hit in answer.hits] == ["nested/gipfel.txt"]
    assert [hit.passage for hit in small.retrieve("Who voted?", filter=only)] == [answer.hits[0].passage]


def test_where_no_article_passes_the_answer_is_empty_and_sure_of_nothing(small: rag.Engine) -> None:
    nobody = rag.Filter(until=date(1700, 1, 1))
    answer = small.ask("Wer hat die neue Brücke eröffnet?", filter=nobody)
    assert (answer.hits, answer.statements, answer.confidence, answer.filter) == ((), (), 0.0, nobody)
    assert small.retrieve("Brücke", filter=nobody) == []


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (rag.Filter(articles=("lost.txt",)), r"articles names lost\.txt"),
        (rag.Filter(folders=("lost",)), "folders names lost"),
        (rag.Filter(since=date(2025, 1, 2), until=date(2025, 1, 1)), "since is 2025-01-02"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_with_a_sentence(
    small: rag.Engine, wanted: rag.Filter, told: str
) -> None:
    for call in (small.retrieve, small.ask):
        with pytest.raises(rag.QuestionError, match=rf"^{told}.*\.$"):
            call("Brücke", filter=wanted)


def test_articles_are_listed_with_their_dates_and_languages(small: rag.Engine, corpus: Path) -> None:
    (corpus / "harbour.txt").write_text(
        "A harbour for the north\n\nNovember 18, 2025\n\nThe council voted to dredge the old harbour.\n", "utf-8"
    )
    noon = datetime(2023, 2, 1, 12).timestamp()
    os.utime(corpus / "nested/gipfel.txt", (noon, noon))
    (corpus / "nested/gipfel.txt").rename(corpus / "nested/treffen.txt")
    small.update()
    listed = small.articles()
    assert [article.id for article in listed] == small.article_ids()
    harbour, meeting = listed[1:]
    assert (harbour.published, harbour.dated, harbour.language) == (date(2025, 11, 18), rag.Dated.TEXT, "en")
    assert (meeting.published, meeting.dated, meeting.language) == (date(2023, 2, 1), rag.Dated.FILE, "de")
    assert (meeting.folder, meeting.passages) == ("nested", 1)
    assert small.article("harbour.txt").published == harbour.published


def test_a_long_history_gives_way_to_the_question(small: rag.Engine) -> None:
    answer = small.ask("And why?", history=["x " * (DEFAULTS.question_limit // 2 - 1)])
    assert answer.standalone == "And why?"


def test_an_article_is_returned_as_it_was_indexed(small: rag.Engine, corpus: Path) -> None:
    assert small.article_ids() == ["bruecke.txt", "harbour.txt", "nested/gipfel.txt"]
    assert small.article("bruecke.txt").text == (corpus / "bruecke.txt").read_text("utf-8")
    with pytest.raises(rag.IndexStoreError, match=r"no-such\.txt"):
        small.article("no-such.txt")


def test_update_makes_a_new_file_answerable_at_once(small: rag.Engine, corpus: Path) -> None:
    assert not any("Zeppelin" in hit.passage.text for hit in small.retrieve("Zeppelin am Bodensee"))
    (corpus / "zeppelin.txt").write_text("Der Zeppelin\n\nÜber dem Bodensee flog ein Zeppelin.\n", "utf-8")
    report = small.update()
    assert (report.added, report.unchanged) == (1, 3)
    assert "Zeppelin" in small.retrieve("Zeppelin am Bodensee")[0].passage.text


def test_after_warming_up_questions_in_both_languages_find_all_they_need_in_the_index(
    small: rag.Engine, tmp_path: Path
) -> None:
    small.warm_up()
    with PassageStore(tmp_path / "index").snapshot() as snapshot:
        sha256 = snapshot.require_manifest().vectors_sha256
        names = [f"scores of unrelated questions {language} {sha256} {DEFAULTS}" for language in ("de", "en")]
        assert all(snapshot.note(name) is not None for name in names)


def test_warming_up_loads_the_model_also_where_an_earlier_start_noted_what_it_learnt(
    small: rag.Engine, corpus: Path, tmp_path: Path
) -> None:
    class Counting(HashingEncoder):
        encoded = 0

        def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
            self.encoded += len(texts)
            return super().encode_queries(texts)

    small.warm_up()
    encoder = Counting()
    rag.Engine(corpus, PassageStore(tmp_path / "index"), encoder).warm_up()
    assert encoder.encoded == 1


def test_a_closed_engine_opens_its_vectors_again_when_asked(small: rag.Engine) -> None:
    before = small.retrieve("Brücke")
    small.close()
    assert small.retrieve("Brücke") == before


def test_an_index_damaged_under_a_running_engine_is_built_anew_at_the_next_question(
    small: rag.Engine, tmp_path: Path
) -> None:
    before = [hit.citation for hit in small.retrieve("Wer eröffnete die Brücke?")]
    database = tmp_path / "index" / "index.sqlite3"
    data = database.read_bytes()
    database.write_bytes(data.replace("Bürgermeister".encode(), b"Burgermeisters"))
    assert database.read_bytes() != data
    small.close()
    assert [hit.citation for hit in small.retrieve("Wer eröffnete die Brücke?")] == before


READS: list[Callable[[rag.Engine], object]] = [
    lambda engine: engine.article("harbour.txt"),
    lambda engine: engine.article_ids(),
    lambda engine: engine.articles(),
    lambda engine: engine.check([CITED]),
    lambda engine: engine.permalink(CITED),
    lambda engine: engine.locate("p1-0000000000/harbour.txt"),
    lambda engine: engine.suggest("en"),
    lambda engine: engine.ask("Who voted for the harbour?"),
]
CITED = rag.Citation("harbour.txt", "", 1, 27, 38, "The council")


@pytest.mark.parametrize("read", READS)
def test_whatever_is_read_from_a_damaged_index_is_read_from_one_that_was_built_anew(
    small: rag.Engine, tmp_path: Path, read: Callable[[rag.Engine], object]
) -> None:
    before = read(small)
    for page in range(1, (tmp_path / "index" / DATABASE).stat().st_size // 4096):
        flip(tmp_path / "index" / DATABASE, page * 4096 + 100)
    assert read(small) == before
    assert "was damaged; it was built anew" in small.report.notices[0]


def test_many_threads_get_the_answers_one_thread_gets(small: rag.Engine) -> None:
    questions = ["Wer eröffnete die Brücke?", "Who voted for the harbour?", "Was ist BRICS+?", "Wie teuer war es?"] * 8
    alone = [small.ask(question) for question in questions]
    small.close()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(small.ask, questions))
    assert together == alone


def test_answers_stay_whole_while_new_generations_are_published(
    small: rag.Engine, corpus: Path, tmp_path: Path
) -> None:
    writer = rag.open(corpus, model="hashing", index=tmp_path / "index")
    stop = threading.Event()

    def read() -> int:
        answers = 0
        while not stop.is_set():
            for hit in small.ask("Wie viel kostete die Brücke in Köln?").hits:
                assert fold(small.article(hit.citation.article_id).text) != ""
                assert hit.passage.text == hit.citation.quote
            answers += 1
        return answers

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for number in range(15):
                text = f"Die neue Brücke\n\nIn Köln kostete die Brücke zuletzt {number} Millionen Euro.\n"
                (corpus / "bruecke.txt").write_text(text, "utf-8")
                assert writer.update().changed == 1
        finally:
            stop.set()
        assert all(reader.result() > 0 for reader in readers)
    assert "14 Millionen" in small.retrieve("Wie viel kostete die Brücke in Köln?")[0].passage.text


def test_an_engine_that_resumes_answers_from_what_was_indexed_whatever_the_files_hold_now(
    corpus: Path, tmp_path: Path
) -> None:
    store = PassageStore(tmp_path / "index")
    assert not rag.Engine(corpus, store, HashingEncoder()).resume()
    rag.Engine(corpus, store, HashingEncoder()).update()
    (corpus / "harbour.txt").unlink()
    engine = rag.Engine(corpus, store, HashingEncoder())
    assert engine.resume()
    assert engine.retrieve("the old harbour before winter", k=1)[0].passage.article_id == "harbour.txt"
    assert (engine.report.articles, engine.report.generation) == (3, 1)
    assert engine.update().removed == 1


def test_stages_make_the_same_index_as_one_update(corpus: Path, tmp_path: Path) -> None:
    staged = rag.Engine(corpus, PassageStore(tmp_path / "staged"), HashingEncoder())
    assert [staged.update(most=1).waiting for _ in range(4)] == [2, 1, 0, 0]
    whole = rag.open(corpus, model="hashing", index=tmp_path / "whole")
    for question in ("Wer hat die Brücke eröffnet?", "What did the council vote for?"):
        assert staged.ask(question) == whole.ask(question)


def test_a_corpus_that_may_be_empty_finds_nothing_when_its_last_article_has_gone(corpus: Path, tmp_path: Path) -> None:
    engine = rag.open(corpus, model="hashing", index=tmp_path / "index")
    for article_id in engine.article_ids():
        engine.remove(article_id)
    with pytest.raises(rag.CorpusError):
        engine.update()
    assert engine.retrieve("harbour") != []
    assert engine.update(allow_empty=True).articles == 0
    engine.warm_up()
    assert engine.retrieve("harbour") == []
    assert engine.ask("What did the council vote for?").hits == ()
    assert engine.article_ids() == []
    with pytest.raises(rag.CorpusError, match="holds no article"):
        rag.open(corpus, model="hashing", index=tmp_path / "index")
    engine.restore("harbour.txt")
    assert [one.id for one in engine.pending()] == ["harbour.txt"]
    assert engine.update().articles == 1
    assert engine.retrieve("harbour") != []


def test_a_damaged_index_over_a_folder_that_was_emptied_meanwhile_finds_nothing(corpus: Path, tmp_path: Path) -> None:
    engine = rag.open(corpus, model="hashing", index=tmp_path / "index")
    for article_id in engine.article_ids():
        engine.remove(article_id)
    (tmp_path / "index" / "index.sqlite3").write_bytes(b"nonsense" * 1_000)
    assert engine.retrieve("harbour") == []
