"""The chat without a browser: what a question is told, and how the page is served."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio as gr
import pytest

import rag
from rag import chat
from rag.chat import Desk, Turn
from rag.errors import CorpusError, EncoderError, FundstelleError
from rag.library import Phase, State
from rag.records import Answer
from rag.webview import answer_html


class Ready:
    """A corpus whose engine is there after so many looks, or is never to be had."""

    def __init__(self, engine: object, *, looks: int = 0) -> None:
        self._engine, self._looks = engine, 2 * looks  # whether it is there, and how far it is

    def wait(self, seconds: float) -> None:
        """No need to wait here."""

    def state(self) -> State:
        self._looks -= 1
        return State(Phase.READING, 1, 2, answering=self._looks < 0)

    def engine(self):
        if isinstance(self._engine, Exception):
            raise self._engine
        return self._engine


@pytest.fixture
def engine(corpus: Path, tmp_path: Path) -> rag.Engine:
    return rag.open(corpus, model="hashing", index=tmp_path / "index")


def page(**wishes) -> gr.Blocks:
    """The page; built in an event loop, for without one Gradio makes one that it never closes."""

    async def build() -> gr.Blocks:
        return chat.build(Ready(None), **wishes)

    # In a thread of its own: Playwright keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(build())).result()


def said(shown: tuple) -> list[str]:
    return [message["content"].value for message in shown[1]]


def test_a_question_is_told_how_far_the_index_is_and_then_what_the_engine_answers(engine):
    steps = list(Desk(Ready(engine, looks=2)).talk("Wer hat die neue Brücke eröffnet?", [], follow_ups=True))

    assert [said(step)[-1] for step in steps[:3]] == [
        '<p class="fs-note">Reading 1 of 2 articles…</p>',
        '<p class="fs-note">Reading 1 of 2 articles…</p>',
        '<p class="fs-note">Searching…</p>',
    ]
    answer = engine.ask("Wer hat die neue Brücke eröffnet?")
    assert said(steps[-1])[-1] == answer_html(answer)
    assert steps[-1][3] == [Turn(answer.question, answer_html(answer))]


def test_the_box_is_emptied_once_so_that_what_is_typed_meanwhile_stays(engine):
    boxes = [step[0] for step in Desk(Ready(engine, looks=1)).talk("Brücke?", [], follow_ups=True)]

    assert boxes[0] == ""
    assert all(box != "" for box in boxes[1:])


class Recorder:
    """An engine that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str], bool]] = []

    def ask(self, question, history, *, follow_ups):
        self.asked.append((question, list(history), follow_ups))
        return Answer(question, question, (), ())


def test_the_questions_before_are_given_to_the_engine_oldest_first():
    engine = Recorder()
    turns = [Turn("Eins?", "<p>1</p>"), Turn("Zwei?", "<p>2</p>")]
    last = list(Desk(Ready(engine)).talk("Drei?", turns, follow_ups=True))[-1]

    assert engine.asked == [("Drei?", ["Eins?", "Zwei?"], True)]
    assert [turn.question for turn in last[3]] == ["Eins?", "Zwei?", "Drei?"]


def test_a_question_that_was_asked_again_counts_once_where_it_was_asked_last():
    engine = Recorder()
    turns = [Turn(question, "") for question in ("Eins?", "Zwei?", "Zwei?", "Eins?")]
    list(Desk(Ready(engine)).talk("Drei?", turns, follow_ups=True))

    assert engine.asked[0][1] == ["Zwei?", "Eins?"]


def test_a_reader_who_switches_follow_ups_off_is_heard_by_the_engine():
    engine = Recorder()
    desk, chosen = Desk(Ready(engine)), gr.SelectData(None, {"index": 0, "value": {"text": "Drei?"}})
    for follow_ups in (True, False):
        list(desk.talk("Zwei?", [Turn("Eins?", "")], follow_ups))
        list(desk.example([Turn("Eins?", "")], follow_ups, chosen))

    assert [follow_ups for *_, follow_ups in engine.asked] == [True, True, False, False]


def test_a_question_asked_again_alone_is_a_new_turn_and_leaves_the_box_as_it_is():
    engine = Recorder()
    turns = [Turn("Eins?", ""), Turn("Und?", "")]
    steps = list(Desk(Ready(engine)).alone(turns, gr.EventData(None, {"question": "Und?"})))

    assert [follow_ups for *_, follow_ups in engine.asked] == [False]
    assert [turn.question for turn in steps[-1][3]] == ["Eins?", "Und?", "Und?"]
    assert {str(step[0]) for step in steps} == {str(gr.skip())}


@pytest.mark.parametrize("question", ["", " "])
def test_nothing_is_asked_again_for_a_button_that_holds_no_question(question):
    assert list(Desk(Ready(None)).alone([], gr.EventData(None, {"question": question}))) == []


def test_an_error_made_for_people_is_shown_as_it_is():
    error = FundstelleError("The folder <b> is empty.")

    assert said(list(Desk(Ready(error)).talk("Was?", [], follow_ups=True))[-1])[-1] == (
        '<p class="fs-error">The folder &lt;b&gt; is empty.</p>'
    )


def test_any_other_error_is_logged_and_not_shown(caplog):
    shown = said(list(Desk(Ready(RuntimeError("/secret/place"))).talk("Was?", [], follow_ups=True))[-1])[-1]

    assert "/secret" not in shown
    assert "Something went wrong" in shown
    assert "/secret/place" in caplog.text


def test_an_article_that_is_not_there_is_refused_in_a_sentence(engine):
    assert Desk(Ready(engine)).source('["gone.txt", 0, 5, []]').startswith('<p class="fs-error">')


def test_a_chat_over_a_folder_that_is_missing_does_not_open(tmp_path):
    with pytest.raises(CorpusError, match="There is no folder"):
        chat.serve([tmp_path / "nowhere"], model="hashing")


def test_a_chat_that_cannot_be_opened_ends_and_says_why(monkeypatch, corpus, capsys):
    class Page:
        closed = False

        def close(self, *, verbose):
            self.closed = True

    served = Page()
    monkeypatch.setattr(chat, "build", lambda corpus, examples: served)
    monkeypatch.setattr(chat, "_launch", lambda page, port: "http://127.0.0.1:7860/")
    with pytest.raises(EncoderError):
        chat.serve([corpus], model=str(corpus))

    assert served.closed
    assert "http://127.0.0.1:7860/" in capsys.readouterr().out


def test_a_port_in_use_is_an_error_that_names_it(monkeypatch):
    def taken(*places, **wishes):
        raise OSError("Cannot find empty port")

    closed = page(examples=())
    monkeypatch.setattr(closed, "launch", taken)
    with pytest.raises(FundstelleError, match="7860 is in use"):
        chat._launch(closed, 7860)


def test_no_handler_of_the_page_is_offered_to_programs():
    built = page(examples=("Was?",))

    assert {function.api_visibility for function in built.fns.values()} == {"private"}
    assert built.analytics_enabled is False


@pytest.mark.parametrize("name", ["chat.css", "chat.js", "head.html", "panel.html", "welcome.html"])
def test_what_the_page_is_made_of_names_no_other_address(name):
    text = (Path(chat.__file__).parent / name).read_text("utf-8")

    assert "//" not in text.replace("// ", "")
    assert "@import" not in text
