"""Whatever fails while the chat is open, no reply names a place on this computer or shows a traceback.

A desk and the endpoints for programs over a real library; each kind of failure is brought about as it comes about in
life. Folders have names that no grammar of paths foresees.
"""

from __future__ import annotations

import errno
import inspect
import json
import re
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag import paths
from rag.chat import endpoints
from rag.chat.desk import Desk
from rag.chat.gate import Gate
from rag.evaluation import feedback
from rag.library import Library, Phase
from tests import damage
from tests.conftest import ARTICLES
from tests.test_desk import Connected, awaited

QUESTION = "Wer hat die neue Brücke eröffnet?"
# Where this computer keeps things; the path of the test's own folders is looked for besides.
PLACES = re.compile(r"(?<![\w.~/])/(?:root|home|tmp|private|var|usr|opt|etc|Users)/|[A-Z]:\\")
LANGUAGES = ("en", "de")


@dataclass(frozen=True, slots=True)
class Chat:
    """An open chat: its library, its folder of articles, its page's functions and the program's, by name."""

    root: Path
    corpus: Path
    library: Library
    page: dict[str, Callable[..., object]]
    programs: dict[str, Callable[..., object]]

    @property
    def index(self) -> Path:
        return paths.index_folder(self.corpus)

    def told(self, name: str, /, **wish: object) -> str:
        return called(self.page[name], {"corpus": self.library.corpora[0].key, **wish})

    def reread(self) -> None:
        """Have the folder read again, and return when that has come to an end."""
        self.told("reread")
        one = self.library.corpora[0]
        for _ in range(600):
            if one.state().phase in (Phase.READY, Phase.EMPTY, Phase.FAILED):
                return
            self.library._closing.wait(0.05)
        raise AssertionError(f"still {one.state()}")

    def everything(self) -> Iterator[str]:
        """All that the page and programs are told, whatever they ask, in both languages."""
        for language in LANGUAGES:
            for name, wishes in WISHES.items():
                for wish in wishes:
                    yield self.told(name, language=language, **wish)
        for function in self.programs.values():
            try:
                yield json.dumps(awaited(function(QUESTION)))
            except endpoints.gr.Error as error:
                yield str(error)


PLACE = json.dumps(["bruecke.txt", 0, 5, [[0, 5]], "Die n"])
CITATION = {"article_id": "bruecke.txt", "title": "x", "paragraph": 1, "start": 0, "end": 5, "quote": "Die n"}
FILE = b64encode(b"A new file\n\nIt has a sentence of its own.\n").decode()
WISHES: dict[str, list[dict[str, object]]] = {
    "start": [{}],
    "state": [{}],
    "ask": [{"question": QUESTION}, {"question": "x", "filter": {"articles": ["/etc/passwd"]}}],
    "tell": [{"answers": []}],
    "source": [{"place": PLACE}, {"place": json.dumps(["/etc/passwd", 0, 5, [], ""])}],
    "locate": [{"link": "p1-0123456789abcdef-bruecke.txt"}, {"link": "/etc/passwd"}],
    "suggest": [{}],
    "copy": [{"citation": CITATION, "form": form, "base": "http://127.0.0.1/"} for form in ("plain", "link")],
    "articles": [{}],
    "add": [{"name": "new.txt", "data": FILE}, {"name": "/etc/bad.txt", "data": "AAAA"}, {"name": "x.exe", "data": ""}],
    "remove": [{"name": "harbour.txt"}, {"name": "../../etc/passwd"}, {"name": "/etc/passwd.txt"}],
    "restore": [{"name": "harbour.txt"}, {"name": "/etc/passwd.txt"}],
    "reread": [{}],
}


@pytest.fixture
def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    root = tmp_path / "Max Müller (it's, a home)"
    corpus = root / "Meine Artikel; alle"
    for name, text in ARTICLES.items():
        (corpus / name).parent.mkdir(parents=True, exist_ok=True)
        (corpus / name).write_text(text, "utf-8")
    monkeypatch.setattr("rag.paths.index_folder", lambda corpus: root / "data, mine" / f"{corpus.name}-0")
    monkeypatch.setattr("rag.paths.own_articles", lambda: root / "My articles")
    programs: dict[str, Callable[..., object]] = {}
    monkeypatch.setattr(endpoints.gr, "api", lambda function, api_name, **_: programs.update({api_name: function}))
    library = Library([corpus], model="hashing")
    one = library.corpora[0]
    one.wait(60)
    gate = Gate()
    endpoints.publish(lambda key: (one if key is None else library.corpus(key)).engine(), gate)
    page = {function.__name__: function for function in Desk(library, gate).functions()}
    opened = Chat(root, corpus, library, page, programs)
    opened.reread()
    yield opened
    library.close()


def called(function: Callable[..., object], wish: object) -> str:
    """What a function of the page replies."""
    if inspect.iscoroutinefunction(function):
        return str(awaited(function(wish, Connected())))
    return str(function(wish))


def failing(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "/home/somebody/secret/place")


def surprised(*_: object, **__: object) -> None:
    raise ZeroDivisionError("/home/somebody/secret/place")


def take_the_place_of_the_index(chat: Chat, thing: Path) -> None:
    """Put ``thing`` where the index is, also while the library, which notes what it has learnt, makes it anew."""
    aside = 0
    while True:
        with suppress(FileNotFoundError):
            chat.index.rename(chat.root / f"aside {aside}")
        try:
            thing.rename(chat.index)
        except OSError:
            aside += 1
        else:
            return


def index_folder_is_a_file(chat: Chat, _: pytest.MonkeyPatch) -> None:
    thing = chat.root / "thing"
    thing.write_text("in the way")
    take_the_place_of_the_index(chat, thing)


def database_is_a_folder(chat: Chat, _: pytest.MonkeyPatch) -> None:
    thing = chat.root / "thing"
    (thing / "index.sqlite3" / "x").mkdir(parents=True)
    take_the_place_of_the_index(chat, thing)


def database_is_damaged_and_the_articles_are_gone(chat: Chat, _: pytest.MonkeyPatch) -> None:
    for file in chat.index.glob("index.sqlite3*"):
        file.write_bytes(b"no database" * 1_000)
    shutil.rmtree(chat.corpus)


def vectors_are_lost_and_cannot_be_written(chat: Chat, patched: pytest.MonkeyPatch) -> None:
    for file in chat.index.glob("vectors-*"):
        file.unlink()
    chat.library.corpora[0]._engine.close()
    patched.setattr("rag.vectors._write", failing)
    (chat.corpus / "later.txt").write_text("Later\n\nA sentence that came later.\n")


def index_is_of_a_newer_version(chat: Chat, _: pytest.MonkeyPatch) -> None:
    damage.edit(chat.index, "PRAGMA user_version = 999")


def folder_is_gone(chat: Chat, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(chat.corpus)


def folder_is_a_file(chat: Chat, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(chat.corpus)
    chat.corpus.write_text("in the way")


def disk_is_full(chat: Chat, patched: pytest.MonkeyPatch) -> None:
    patched.setattr("tempfile.mkdtemp", failing)
    patched.setattr("os.replace", failing)
    patched.setattr("rag.vectors._write", failing)
    (chat.corpus / "later.txt").write_text("Later\n\nA sentence that came later.\n")


def a_file_cannot_be_read(chat: Chat, patched: pytest.MonkeyPatch) -> None:
    (chat.corpus / "later.txt").write_text("Later\n\nA sentence that came later.\n")
    patched.setattr("rag.changes.split", failing)


def the_model_fails(chat: Chat, patched: pytest.MonkeyPatch) -> None:
    (chat.corpus / "later.txt").write_text("Later\n\nA sentence that came later.\n")
    patched.setattr("rag.encoder.HashingEncoder.encode_passages", surprised)
    patched.setattr("rag.encoder.HashingEncoder.encode_queries", surprised)


def everything_is_wrong(_: Chat, patched: pytest.MonkeyPatch) -> None:
    for name in ("ask", "retrieve", "article", "check", "locate", "suggest", "articles", "permalink"):
        patched.setattr(f"rag.engine.Engine.{name}", surprised)
    patched.setattr("rag.corpus.Corpus.add", failing)


# What brings a failure about, and what a reader must be told of it: a sentence that is not there proves nothing.
FAILURES: dict[Callable[[Chat, pytest.MonkeyPatch], None], str] = {
    index_folder_is_a_file: "cannot be",
    database_is_a_folder: "cannot be",
    database_is_damaged_and_the_articles_are_gone: "There is no folder Meine Artikel; alle;",
    vectors_are_lost_and_cannot_be_written: "cannot be written (No space left on device)",
    index_is_of_a_newer_version: "The index ",
    folder_is_gone: "There is no folder Meine Artikel; alle;",
    folder_is_a_file: "There is no folder Meine Artikel; alle;",
    disk_is_full: "The folder Meine Artikel; alle cannot be changed (No space left on device)",
    a_file_cannot_be_read: "No space left on device",
    the_model_fails: "Something went wrong",
    everything_is_wrong: "Something went wrong",
}


@pytest.mark.parametrize("fail", FAILURES, ids=lambda fail: fail.__name__)
def test_no_reply_names_a_place_on_this_computer(chat: Chat, monkeypatch: pytest.MonkeyPatch, fail) -> None:
    with monkeypatch.context() as patched:
        fail(chat, patched)
        first = list(chat.everything())
        chat.reread()
        replies = [*first, *chat.everything()]

    together = "\n".join(
        json.dumps(json.loads(text), ensure_ascii=False) if text[0] in "{[" else text for text in replies
    )
    assert FAILURES[fail] in together
    for secret in (str(chat.root), chat.root.name, "data, mine", "secret", str(Path.home()), "Traceback"):
        assert secret not in together
    assert not PLACES.search(together.replace("/etc/passwd.txt", ""))


def test_a_verdict_that_cannot_be_kept_is_told_without_the_place_of_its_file(chat: Chat) -> None:
    answer = json.loads(chat.told("ask", question=QUESTION))["answer"]
    feedback.feedback_file(chat.corpus).mkdir()
    for language in LANGUAGES:
        error = json.loads(chat.told("judge", answer=answer, up=True, language=language))["error"]
        assert "feedback.jsonl" in error
        assert "/" not in error


@pytest.mark.slow
def test_a_model_that_cannot_be_loaded_is_told_without_its_place(tmp_path: Path, corpus: Path) -> None:
    model = tmp_path / "Max Müller (it's, a home)" / "my model"
    shutil.copytree(paths.shipped_model(), model)
    (model / "model.safetensors").write_bytes(b"damaged")
    library = Library([corpus], model=str(model))
    try:
        one = library.corpora[0]
        one.wait(60)
        page = {function.__name__: function for function in Desk(library, Gate()).functions()}
        for language in LANGUAGES:
            for name in ("state", "ask"):
                wish = {"corpus": one.key, "question": QUESTION, "language": language}
                told = json.loads(called(page[name], wish))["error"]
                assert "my model" in told
                assert "/" not in told.replace(".de/", "")
                assert "Max" not in told
    finally:
        library.close()
