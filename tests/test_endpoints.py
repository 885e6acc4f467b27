"""What programs get from the chat's two endpoints is what Python gets, and there is nothing else to be got."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

import rag
from rag.answerjson import answer_from_json, hit_fields, to_json
from rag.chat.endpoints import publish
from rag.chat.gate import Gate
from rag.errors import QuestionError
from rag.records import Filter

QUESTION = "Wer hat die neue Brücke eröffnet?"
SECRET = "/secret/place"
DOCUMENT = (Path(__file__).parent.parent / "docs" / "api.md").read_text("utf-8")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rag.Engine]:
    from tests.conftest import ARTICLES

    folder = tmp_path_factory.mktemp("corpus")
    for name, text in ARTICLES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    with rag.open(folder, model="hashing", index=tmp_path_factory.mktemp("index")) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(engine: rag.Engine) -> Iterator[gr.Blocks]:
    def engine_of(key: str | None) -> rag.Engine:
        if key == "broken":
            raise RuntimeError(SECRET)
        if key not in (None, "corpus-1"):
            raise QuestionError(f"There is no corpus {key}; name one that the chat shows.")
        return engine

    async def launch() -> gr.Blocks:
        with gr.Blocks(analytics_enabled=False) as page:
            publish(engine_of, Gate())
            gr.Button().click(lambda: None, api_visibility="private")
        # Where a port is taken, Gradio goes on to the next and leaves a socket open.
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        page.queue().launch(
            server_name="127.0.0.1", server_port=port, quiet=True, prevent_thread_lock=True, ssr_mode=False
        )
        return page

    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(1) as thread:
        patched.setenv("NO_PROXY", "127.0.0.1")
        # Gradio's own statistics of calls raise a warning of pandas.
        patched.setenv("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")
        # Without an event loop Gradio makes one that it never closes; Playwright may keep one running in this thread.
        opened = thread.submit(lambda: asyncio.run(launch())).result()
        yield opened
        opened.close(verbose=False)


@pytest.fixture(scope="module")
def address(page: gr.Blocks) -> str:
    return str(page.local_url)


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    opened = Client(address, verbose=False, analytics_enabled=False)
    yield opened
    opened.close()


def test_an_answer_for_a_program_is_the_one_for_python(client: Client, engine: rag.Engine) -> None:
    told = client.predict(question=QUESTION, api_name="/ask")
    expected = engine.ask(QUESTION)

    assert told == json.loads(to_json(expected))
    assert answer_from_json(json.dumps(told)) == expected
    assert told["answered"] is True


def test_hits_for_a_program_are_those_for_python(client: Client, engine: rag.Engine) -> None:
    told = client.predict(QUESTION, k=2, api_name="/retrieve")
    assert told == json.loads(json.dumps(hit_fields(engine.retrieve(QUESTION, 2))))
    assert len(told) == 2


@pytest.mark.parametrize("follow_ups", [True, False])
def test_the_conversation_counts_for_programs_as_it_does_for_python(
    client: Client, engine: rag.Engine, follow_ups: bool
) -> None:
    told = client.predict("Und warum?", [QUESTION], follow_ups=follow_ups, api_name="/ask")
    assert told["standalone"] == engine.ask("Und warum?", [QUESTION], follow_ups=follow_ups).standalone


def test_a_program_can_restrict_the_articles_as_python_can(client: Client, engine: rag.Engine) -> None:
    wishes = {"articles": ["harbour.txt"], "folders": ["nested"], "since": "1999-12-31", "language": "en"}
    limits = Filter(("harbour.txt",), ("nested",), date(1999, 12, 31), None, "en")
    asked = client.predict("harbour", **wishes, corpus="corpus-1", api_name="/ask")
    found = client.predict("harbour", **wishes, corpus="corpus-1", api_name="/retrieve")

    assert asked == json.loads(to_json(engine.ask("harbour", filter=limits)))
    assert {hit["passage"]["article_id"] for hit in found} == {"harbour.txt"}


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"question": " "}, "The question is empty. Type what you want to find in the articles."),
        ({"question": "?", "k": 0}, "k is 0; it must be from 1 to 1,000."),
        ({"question": "?", "since": "31.1.2025"}, "since is '31.1.2025'; write the day as YYYY-MM-DD."),
        ({"question": "?", "corpus": "none"}, "There is no corpus none; name one that the chat shows."),
        ({"question": 5}, "The parameter question does not fit: Input should be a valid string."),
        ({"question": "?", "k": "five"}, "The parameter k does not fit: "),
        ({"question": "?", "language": "fr"}, "The parameter language does not fit: Input should be 'de' or 'en'."),
        ({"question": "?", "articles": "a.txt"}, "The parameter articles does not fit: Input should be a valid list."),
    ],
)
@pytest.mark.parametrize("name", ["/ask", "/retrieve"])
def test_what_cannot_be_answered_is_told_in_a_sentence(client: Client, wishes, sentence, name, capfd) -> None:
    with pytest.raises(AppError) as told:
        client.predict(**wishes, api_name=name)

    assert str(told.value).startswith(sentence)
    assert "Traceback" not in capfd.readouterr().err


def test_what_should_not_happen_tells_a_program_nothing_of_this_computer_and_the_terminal_where(
    client: Client, caplog, capfd
) -> None:
    with pytest.raises(AppError) as told:
        client.predict("?", corpus="broken", api_name="/ask")
    assert str(told.value).startswith("Something went wrong")
    assert "RuntimeError" in caplog.text
    assert SECRET not in str(told.value) + caplog.text + capfd.readouterr().err


def test_programs_are_offered_these_two_endpoints_and_no_other(client: Client, page: gr.Blocks) -> None:
    told = client.view_api(return_format="dict")
    assert set(told["named_endpoints"]) == {"/retrieve", "/ask"}
    assert told["unnamed_endpoints"] == {}
    assert sorted(function.api_visibility for function in page.fns.values()) == ["private", "public", "public"]


def test_the_page_of_the_api_tells_what_goes_in_and_what_comes_out(page: gr.Blocks) -> None:
    told = page.get_api_info()["named_endpoints"]
    kinds = {one["parameter_name"]: one["python_type"]["type"] for one in told["/ask"]["parameters"]}

    assert kinds == {
        "question": "str",
        "history": "None | list[str]",
        "k": "int",
        "follow_ups": "bool",
        "articles": "None | list[str]",
        "folders": "None | list[str]",
        "since": "None | str",
        "until": "None | str",
        "language": "None | Literal['de', 'en']",
        "corpus": "None | str",
    }
    assert [one["parameter_name"] for one in told["/ask"]["parameters"] if not one["parameter_has_default"]] == [
        "question"
    ]
    assert told["/retrieve"]["description"].startswith("Return the k passages that fit the question best")
    [answer], [hits] = told["/ask"]["returns"], told["/retrieve"]["returns"]
    assert answer["python_type"]["type"].startswith("dict(question: str, standalone: str, statements: list[dict(text:")
    assert hits["python_type"]["type"].startswith("list[dict(passage: dict(id: int, article_id: str, ")


def test_the_document_names_every_parameter(page: gr.Blocks) -> None:
    told = page.get_api_info()["named_endpoints"]
    named = {one["parameter_name"] for endpoint in told.values() for one in endpoint["parameters"]}
    rows = [line.split("|")[1] for line in DOCUMENT.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", "".join(rows))) == named


def test_the_example_of_the_document_prints_what_the_document_shows(address: str) -> None:
    [(code, shown)] = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", DOCUMENT, re.DOTALL)
    assert "http://127.0.0.1:7860/" in code
    written, names = io.StringIO(), {}
    with contextlib.redirect_stdout(written):
        exec(code.replace("http://127.0.0.1:7860/", address), names)
    names["client"].close()
    assert written.getvalue() == shown
