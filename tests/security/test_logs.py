"""What is logged holds no word of an article and none of a question, however much is logged and whatever fails.

Real processes with ``--debug``; words that occur nowhere else give away where a text went.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LOUD = Path(__file__).with_name("loud.py")
TITLE, TEXT, ASKED = "Quagmirella", "zyxoptera", "wumbologist"
ARTICLE = f"{TITLE} of the harbour\n\nThe council voted to dredge the {TEXT} harbour before winter, said {TEXT}.\n"
PAGE = (
    f"<html><head><title>{TITLE}</title></head><body><article><p>The {TEXT} bridge was opened in Cologne on Monday.</p>"
)
FRONT = f"---\ntitle: [{TITLE}\ndate: {TEXT}\n---\n\n# {TITLE}\n\nThe {TEXT} summit was held in Kazan in October.\n"
QUESTION = f"Who voted to dredge the {ASKED} harbour?"


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    return {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home), "NO_PROXY": "127.0.0.1", "COLUMNS": "200"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "a.txt").write_text(ARTICLE, "utf-8")
    (folder / "b.html").write_text(PAGE, "utf-8")
    (folder / "c.md").write_text(FRONT, "utf-8")
    (folder / "d.txt").write_bytes(f"{TITLE} {TEXT}".encode() + b"\xff\x00\xfe")
    (folder / "e.html").write_bytes(b"\xff\xfe" + PAGE.encode())
    return folder


def assert_silent(log: str) -> None:
    for word in (TITLE, TEXT, ASKED):
        assert word.lower() not in log.lower(), log[max(0, log.lower().index(word.lower()) - 2_000) :][:3_000]


def test_no_command_writes_a_word_of_an_article_or_a_question_to_stderr(folder, surroundings) -> None:
    done = subprocess.run(
        [sys.executable, str(LOUD), str(folder), QUESTION],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert TEXT in done.stdout, "the answers themselves quote the article"
    assert done.stderr.count("ended with 2") >= 10, "the failures did not fail"
    assert "Traceback of RuntimeError" in done.stderr
    assert "Traceback of ValueError" in done.stderr
    assert_silent(done.stderr)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat in a process of its own, asked as the page and programs ask it."""

    address: str
    key: str
    component: int

    def post(self, path: str, body: object) -> str:
        """What is answered, whether well or not."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def page(self, name: str, /, **wish: object) -> str:
        data = {"corpus": self.key, **wish}
        return self.post("/gradio_api/component_server/", self.call(name, data))

    def call(self, name: str, data: object, **other: object) -> dict[str, object]:
        return {"session_hash": "s", "component_id": self.component, "fn_name": name, "data": data, **other}

    def program(self, name: str, *values: object) -> str:
        told = self.post(f"/gradio_api/call/{name}", {"data": values})
        event = re.search(r'"event_id":"(\w+)"', told)
        if not event:
            return told
        with urllib.request.urlopen(f"{self.address}/gradio_api/call/{name}/{event[1]}", timeout=30) as response:
            return response.read().decode()


@pytest.fixture(scope="module")
def chat(folder, surroundings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Chat, Path]]:
    log = tmp_path_factory.mktemp("log") / "stderr"
    command = [sys.executable, "-m", "rag", "--debug", "chat", str(folder), "--model", "hashing", "--watch"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, stderr=stream, text=True
        )
        try:
            address = re.search(r"http://[\d.:]+", process.stdout.readline()).group()
            with urllib.request.urlopen(f"{address}/config", timeout=30) as response:
                components = json.load(response)["components"]
            opened = Chat(address, "", next(one["id"] for one in components if one["type"] == "html"))
            [corpus] = json.loads(json.loads(opened.page("start")))["corpora"]
            opened = Chat(address, corpus["key"], opened.component)
            for _ in range(300):
                if json.loads(json.loads(opened.page("state")))["phase"] == "ready":
                    break
                time.sleep(0.1)
            yield opened, log
        finally:
            process.terminate()
            process.communicate(timeout=30)


def test_an_open_chat_writes_no_word_of_an_article_or_a_question_whatever_is_sent(chat) -> None:
    chat, log = chat
    answered = json.loads(json.loads(chat.page("ask", question=QUESTION)))
    assert TEXT in answered["answer"]
    assert TEXT in chat.program("ask", QUESTION, None, 5, True, None, None, None, None, None, None)
    answer = answered["answer"]
    for name in ("tell", "suggest"):
        chat.page(name, answers=[answer])
    for broken in (answer[:-200], answer.replace('"start"', '"begin"'), answer.replace(TEXT, f"{TEXT} {TEXT}")):
        for name in ("tell", "suggest"):
            chat.page(name, answers=[broken])
        chat.page("judge", answer=broken)
    turn = {"question": QUESTION, "answer": answer[:-200], "asked": "2026-01-01T00:00:00"}
    chat.page("export", title=QUESTION, turns=[turn], form="html", base="")
    chat.page("copy", citation={"quote": TEXT}, form="plain", base="")
    chat.page("source", place=json.dumps(["a.txt", 0, 10**9, [[QUESTION]], TEXT]))
    chat.page("locate", link=QUESTION)
    chat.page("add", name=f"{TITLE}.pdf", data=TEXT)
    for wish in (
        QUESTION,
        [QUESTION],
        {"question": {"question": QUESTION}},
        {"corpus": QUESTION, "question": QUESTION},
    ):
        chat.post("/gradio_api/component_server/", chat.call("ask", wish))
    chat.post("/gradio_api/component_server/", chat.call("ask", QUESTION, component_id=10**6))
    chat.post("/gradio_api/component_server/", {"data": {"question": QUESTION}})
    chat.post("/gradio_api/component_server/", b"{" + QUESTION.encode())
    for values in ((QUESTION,), (), (QUESTION, QUESTION), ([QUESTION],), (QUESTION,) * 20, ({"path": f"/{ASKED}"},)):
        for name in ("ask", "retrieve", ASKED):
            chat.program(name, *values)
        for path in ("/gradio_api/run/ask", "/gradio_api/api/ask", "/gradio_api/queue/join", f"/gradio_api/{ASKED}"):
            chat.post(path, {"data": values, "fn_index": 0, "session_hash": "t", "question": QUESTION})
    assert_silent(log.read_text("utf-8", "replace"))


def test_what_a_library_logs_is_left_out_with_debug_as_well(surroundings) -> None:
    code = (
        "import logging\n"
        "from rag.__main__ import main\n"
        "try:\n"
        "    main(['--debug', 'index', 'nowhere'])\n"
        "except SystemExit:\n"
        f"    logging.getLogger('library').error('{QUESTION}')\n"
        "    logging.getLogger('rag.engine').debug('one of ours')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=True, timeout=300
    )
    assert "one of ours" in done.stderr
    assert_silent(done.stderr)
