"""What the page asks of the program: every reply is an object, every failure a sentence in the page's language."""

from __future__ import annotations

import inspect
import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import webview
from rag.answerjson import answer_from_json, to_json
from rag.answerjson import citations as citations_of
from rag.chat import page
from rag.chat.desk import Desk
from rag.chat.gate import Gate
from rag.errors import CorpusError
from rag.evaluation import feedback
from rag.library import FileState, Library, Phase, State, Step
from rag.records import Answer, Filter, Standing
from rag.webview import Look, Place, answer_html
from tests.conftest import ARTICLES, awaited

QUESTION = "Wer hat die neue Brücke eröffnet?"
SECRET = "/secret/place"
MISFIT = {
    "en": "The page and the program do not fit together; reload the page.",
    "de": "Die Seite passt nicht zum Programm; die Seite neu laden.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library over one folder of three articles; indexes and own articles lie in a folder of the tests."""
    root = tmp_path_factory.mktemp("desk")
    for name, text in ARTICLES.items():
        (root / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "corpus" / name).write_text(text, "utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("rag.paths.index_folder", lambda corpus: root / "indexes" / f"{corpus.name}-0")
        patched.setattr("rag.paths.own_articles", lambda: root / "My articles")
        library = Library([root / "corpus"], model="hashing")
        library.corpora[0].wait(60)
        yield library
        library.close()


class Connected:
    """The request of a page that waits for its answer."""

    async def is_disconnected(self) -> bool:
        return False


class Page:
    """Calls the functions of a desk as the page does: by name, with one object that can be JSON."""

    def __init__(self, library: Library, **always) -> None:
        self._functions = {function.__name__: function for function in Desk(library, Gate()).functions()}
        self._always = {"corpus": library.corpora[0].key, **always}

    def __call__(self, name: str, /, **wish):
        return self.raw(name, json.loads(json.dumps({**self._always, **wish})))

    def raw(self, name: str, sent: object):
        function = self._functions[name]
        asks = inspect.iscoroutinefunction(function)
        written = awaited(function(sent, Connected())) if asks else function(sent)
        assert written.isascii(), "not everything that is no text can be sent as it is"
        return json.loads(written)

    @property
    def names(self) -> list[str]:
        return list(self._functions)


@pytest.fixture
def desk(library: Library) -> Page:
    return Page(library)


@pytest.fixture
def german(library: Library) -> Page:
    return Page(library, language="de")


@pytest.fixture
def engine(library: Library):
    return library.corpora[0].engine()


def test_a_question_is_answered_as_the_engine_does_with_the_source_of_its_first_sentence(desk, engine):
    reply = desk("ask", question=QUESTION)
    answer = engine.ask(QUESTION)

    assert answer_from_json(reply["answer"]) == answer
    assert reply["html"] == answer_html(answer, Look("en", dict.fromkeys(citations_of(answer), Standing.EXACT)))
    assert reply["source"] == desk("source", place=webview.places(answer)[0].key(), others=places(answer)[1:])["html"]
    assert reply["seconds"] > 0
    assert desk("tell", answers=[reply["answer"]]) == {"html": [reply["html"]]}
    assert "wörtlich in der Datei" in desk("ask", question=QUESTION, language="de")["html"]


def places(answer: Answer) -> list[str]:
    return [place.key() for place in webview.places(answer)]


class Recorder:
    """A library with one corpus and an engine that notes what it is asked."""

    def __init__(self) -> None:
        self.corpora = (self,)
        self.key = "one"
        self.asked: list[tuple[str, list[str], bool, Filter]] = []

    def corpus(self, key):
        return self

    def engine(self):
        return self

    def ask(self, question, history, *, follow_ups, filter):
        self.asked.append((question, list(history), follow_ups, filter))
        return Answer(question, question, (), (), filter=filter)

    def check(self, citations):
        return []

    def state(self):
        return State(Phase.READY, files=(FileState("caf\udce9.txt", Step.REFUSED, "Its name is no text."),))


def test_the_engine_is_given_the_earlier_questions_each_once_where_it_was_asked_last():
    recorder = Recorder()
    reply = Page(recorder)("ask", question="Drei?", earlier=["Eins?", "Zwei?", "Zwei?", "Eins?"], follow_ups=False)

    assert recorder.asked == [("Drei?", ["Zwei?", "Eins?"], False, Filter())]
    assert reply["source"] is None


def test_the_engine_is_given_the_limits_of_the_page():
    recorder = Recorder()
    limits = {"articles": ["a.txt"], "folders": ["x"], "since": "2024-05-03", "until": None, "language": "de"}
    Page(recorder)("ask", question="Was?", filter=limits)

    [(*_, asked)] = recorder.asked
    assert (asked.articles, asked.folders, str(asked.since), asked.until, asked.language) == (
        ("a.txt",),
        ("x",),
        "2024-05-03",
        None,
        "de",
    )


def test_the_state_and_the_articles_of_a_corpus_are_told(desk, library):
    corpus = library.corpora[0]
    assert desk("start")["corpora"][0] == {"key": corpus.key, "name": "corpus", "sample": False, "writable": True}
    state = desk("state")
    assert (state["phase"], state["answering"], state["articles"]) == ("ready", True, len(ARTICLES))
    assert {one["id"] for one in desk("articles")["articles"]} == set(ARTICLES)


def test_a_file_whose_name_is_no_text_is_told_of_like_any_other():
    assert Page(Recorder())("state")["files"][0]["id"] == "caf\udce9.txt"


def test_suggestions_are_questions_that_are_answered(desk, engine):
    for question in desk("suggest")["questions"]:
        assert engine.ask(question).statements
    following = desk("suggest", answers=[to_json(engine.ask(QUESTION))])["questions"]
    assert QUESTION not in following
    assert len(following) <= 3


def test_a_permalink_is_located_and_one_that_leads_nowhere_is_told(desk, german, engine):
    citation = engine.ask(QUESTION).statements[0].citation
    reply = desk("locate", link=engine.permalink(citation))

    assert reply["found"] == "same"
    assert citation.quote in Place.read(reply["place"]).quote
    assert f"<mark>{Place.read(reply['place']).quote}" in reply["html"]
    assert "leads to gone.txt" in desk("locate", link="p1-0123456789/gone.txt")["error"]
    assert "Der Permalink" in german("locate", link="nichts")["error"]


@pytest.mark.parametrize("form", ["plain", "markdown", "csl", "link"])
def test_a_quote_is_copied_with_a_link_below_the_address_of_the_page(desk, engine, library, form):
    [entry, *_] = engine.ask(QUESTION).statements
    sent = json.loads(to_json(engine.ask(QUESTION)))["statements"][0]["citation"]
    text = desk("copy", citation=sent, form=form, base="http://127.0.0.1:7860/")["text"]

    base = f"http://127.0.0.1:7860/#at={library.corpora[0].key}%2F"
    assert base in text
    if form == "link":
        assert text.startswith(base)
    else:
        assert entry.text in text


def test_a_conversation_is_exported_in_each_form(desk, engine):
    answer = engine.ask(QUESTION)
    turns = [{"question": QUESTION, "answer": to_json(answer), "asked": "2026-11-21T12:00:00.000Z"}]
    files = {
        form: desk("export", title="Brücke", turns=turns, form=form, base="http://127.0.0.1:7860/")
        for form in ("markdown", "html", "json")
    }

    assert [files[form]["name"].rsplit(".")[-1] for form in files] == ["md", "html", "json"]
    for file in files.values():
        assert answer.statements[0].text in file["text"]
        assert "/#at=" in file["text"]
    assert files["html"]["text"].startswith("<!doctype html>")
    german = desk("export", title="", turns=turns, form="markdown", base="", language="de")["text"]
    assert "Artikel: corpus" in german


def test_a_file_is_added_removed_and_put_back(desk, library, tmp_path):
    text = b"The lighthouse\n\nThe lighthouse on the cape was lit again on Friday.\n"
    corpus = library.corpora[0]
    reply = desk("add", name="lighthouse.txt", data=b64encode(text).decode())
    assert reply == {"article": "lighthouse.txt", "corpus": desk("start")["corpora"][0]}
    assert (corpus.folder / "lighthouse.txt").read_bytes() == text

    assert desk("remove", name="lighthouse.txt") == {}
    assert not (corpus.folder / "lighthouse.txt").exists()
    assert desk("restore", name="lighthouse.txt") == {}
    assert desk("remove", name="lighthouse.txt") == {}
    assert desk("reread") == {}


@pytest.mark.parametrize(
    ("name", "data", "english", "german_"),
    [
        ("a.txt", "no base 64!", "a.txt did not arrive whole", "a.txt kam nicht vollständig an"),
        ("a.exe", b64encode(b"MZ").decode(), "a.exe", "a.exe"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named_with_the_reason(desk, german, name, data, english, german_):
    assert english in desk("add", name=name, data=data)["error"]
    assert german_ in german("add", name=name, data=data)["error"]
    assert desk("add", name=name, data=data)["error"] != german("add", name=name, data=data)["error"]


def test_files_for_the_sample_articles_go_to_the_readers_own(desk, library, monkeypatch):
    sample = library.corpora[0]
    monkeypatch.setattr(sample, "sample", True)
    reply = desk("add", name="cape.txt", data=b64encode(b"The cape\n\nThe cape lies in the north.\n").decode())

    own = library.own()
    corpus = {"key": own.key, "name": "My articles", "sample": False, "writable": True}
    assert reply == {"article": "cape.txt", "corpus": corpus}
    assert (own.folder / "cape.txt").exists()
    assert not (sample.folder / "cape.txt").exists()
    assert "error" in desk("remove", name="harbour.txt")
    assert (sample.folder / "harbour.txt").exists()


def test_a_verdict_is_noted_with_its_reason(desk, engine, library):
    answer = to_json(engine.ask(QUESTION))
    assert desk("judge", answer=answer, up=True) == {}
    assert desk("judge", answer=answer, up=False, reason="Nein.") == {}

    entries, faults = feedback.read(feedback.feedback_file(library.corpora[0].folder))
    assert faults == []
    assert [(entry.verdict, entry.reason) for entry in entries[-2:]] == [("up", ""), ("down", "Nein.")]


def test_articles_that_are_not_open_are_told_in_the_language_of_the_page(desk, german):
    for name in desk.names:
        # The first looks at no corpus, the others first at what is to be taken away.
        if name not in ("start", "copy", "export"):
            assert desk(name, corpus="gone")["error"].startswith("These articles are not open.")
            assert german(name, corpus="gone")["error"].startswith("Diese Artikel sind nicht geöffnet.")


@pytest.mark.parametrize("sent", [None, [], "x", {}, {"corpus": 1}, {"corpus": "a", "language": "fr"}])
def test_what_no_page_sends_is_refused_in_a_sentence(desk, sent):
    for name in desk.names:
        assert desk.raw(name, sent) == {"error": MISFIT["en"]}


def test_a_page_and_a_program_of_different_versions_are_told_so(desk, german):
    for wish in ({"question": 5}, {"filter": {"since": "yesterday"}}, {"earlier": "x"}):
        assert desk("ask", **{"question": "Was?", **wish})["error"] == MISFIT["en"]
        assert german("ask", **{"question": "Was?", **wish})["error"].startswith(MISFIT["de"])
    assert desk("copy", form="plain")["error"] == MISFIT["en"]
    assert desk("export", form="pdf")["error"] == MISFIT["en"]


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("ask", {"question": ""}),
        ("ask", {"question": "x" * 100_000}),
        ("ask", {"question": "Was?", "filter": {"articles": ["gone.txt"]}}),
        ("ask", {"question": QUESTION, "others": ["no place"]}),
        ("source", {"place": "<b>"}),
        ("source", {"place": '["gone.txt", 0, 5, [], ""]'}),
        ("tell", {"answers": ["{}"]}),
        ("judge", {"answer": "[]"}),
        ("remove", {"name": "../outside.txt"}),
        ("restore", {"name": "gone.txt"}),
    ],
)
def test_what_cannot_be_done_is_a_sentence_in_either_language(desk, german, name, wish):
    english, told = desk(name, **wish)["error"], german(name, **wish)["error"]

    for sentence in (english, told):
        assert sentence.endswith(".")
        assert "\n" not in sentence
    assert english != told


# Half a character, as a page could send it, is text, too.
text = st.text(max_size=20) | st.just("Br\ud800")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
ids = st.sampled_from([*ARTICLES, "gone.txt", "../x", ""])
numbers = st.integers(-3, 200) | st.integers()
spans = st.lists(st.tuples(numbers, numbers), max_size=2).map(tuple)
keys = st.builds(Place, ids, numbers, numbers, spans, text).map(Place.key) | text
citations = st.fixed_dictionaries(
    {"article_id": ids, "title": text, "paragraph": numbers, "start": numbers, "end": numbers, "quote": text}
)
links = st.builds("p{}-{:010x}/{}".format, st.integers(0, 9), st.integers(0, 16**10 - 1), ids) | text
wishes = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("earlier", "follow_ups", "filter", "answers", "turns", "data", "up", "language"), anything),
        **dict.fromkeys(("question", "base", "title", "reason", "answer"), text),
        **{"place": keys, "others": st.lists(keys, max_size=2), "citation": citations, "link": links},
        **{"form": st.sampled_from(["plain", "markdown", "csl", "link", "html", "json", ""])},
        # No name of an article here: it would be taken out of the folder of the other tests.
        **{"name": text},
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(wish=wishes)
def test_whatever_is_sent_the_reply_is_an_object_and_no_failure_is_unexpected(desk, wish):
    for name in desk.names:
        reply = desk(name, **wish)

        assert isinstance(reply, dict)
        assert "should not have" not in str(reply.get("error")), (name, reply)
        assert "schiefgegangen" not in str(reply.get("error")), (name, reply)


def test_an_unexpected_failure_is_logged_and_not_shown(library, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError(SECRET)

    monkeypatch.setattr("rag.engine.Engine.ask", fail)
    english = Page(library)("ask", question="Was?")
    told = Page(library, language="de")("ask", question="Was?")

    assert set(english) == set(told) == {"error"}
    assert english["error"].startswith("Something went wrong")
    assert told["error"].startswith("Etwas ist schiefgegangen")
    assert "RuntimeError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("ask", {"question": "?", "others": ["[]"] * 10_001}),
        ("ask", {"question": "?", "earlier": ["?"] * 1_001}),
        ("ask", {"question": "?", "filter": {"articles": ["x"] * 6_000, "folders": ["x"] * 6_000}}),
        ("tell", {"answers": ["{}"] * 1_001}),
        ("source", {"place": "[]", "others": ["[]"] * 10_001}),
        ("locate", {"link": "p" * 5_000}),
        ("remove", {"name": "x" * 5_000}),
        ("judge", {"answer": "{}", "reason": "x" * 5_000}),
        ("state", {"corpus": "x" * 5_000}),
    ],
)
def test_what_has_no_end_is_refused_before_it_is_looked_at(desk, name, wish):
    assert desk(name, **wish) == {"error": "The page and the program do not fit together; reload the page."}


def built(library: Library) -> gr.Blocks:
    """The page; built in an event loop, for without one Gradio makes one that it never closes."""

    async def build() -> gr.Blocks:
        return page.build(library, Gate())

    return awaited(build())


def test_only_retrieve_and_ask_are_offered_to_programs(library):
    functions = built(library).fns.values()

    assert {one.api_name for one in functions if one.api_visibility != "private"} == {"retrieve", "ask"}
    assert built(library).analytics_enabled is False


def test_a_chat_over_a_folder_that_is_missing_does_not_open(tmp_path):
    with pytest.raises(CorpusError, match="There is no folder"):
        page.serve([tmp_path / "nowhere"], model="hashing")


@pytest.mark.parametrize("file", sorted(Path(page.__file__).parent.glob("static/*")), ids=lambda file: file.name)
def test_what_the_page_is_made_of_names_no_other_address(file):
    text = file.read_text("utf-8")

    for address in ("http:", "https:", "@import", "url(//", "src="):
        assert address not in text
