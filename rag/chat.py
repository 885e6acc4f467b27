"""The browser chat: a page around ``Engine.ask``. Owns the page and its address; nothing is decided about answers here.

The look is in ``chat.css``, what moves in ``chat.js``, what an answer says in ``rag.rendering`` and ``rag.webview``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import gradio as gr

from rag import webview
from rag.chatguard import middleware
from rag.errors import FundstelleError
from rag.library import Corpus, Library, Phase
from rag.records import ProgressCallback
from rag.settings import DEFAULTS

_HOST = "127.0.0.1"
_POLL = 0.25  # seconds between two looks at how far the index is
_UNEXPECTED = "Something went wrong that should not have. The terminal shows what; please report it."
_TITLE = "Fundstelle"
# Questions that the sample articles answer; another folder has no examples, as nobody knows what it holds.
EXAMPLES = (
    "What did Dmitriev propose?",
    "Wer wurde beim Gefangenenaustausch freigelassen?",
    "Where did Rubio and Lavrov meet?",
    "Wovor warnte Budanow?",
)

_FOLLOW_UPS = "Follow-ups: my earlier questions count, too"
# What a handler gives to the page, in this order: the box, the conversation, the source, the turns so far.
_Shown = tuple[object, list[gr.MessageDict], object, object]

_log = logging.getLogger(__name__)


def serve(  # noqa: PLR0913 - one for each option of the command line
    folders: Sequence[Path] = (),
    *,
    model: str | None = None,
    reranker: str | None = None,
    port: int | None = None,
    watch: bool = False,
    progress: ProgressCallback | None = None,
) -> None:
    """Open the chat over ``folders`` (none: the sample articles) on this machine, print its address, block till Ctrl-C.

    ``port`` None means 7860 or the next free one. The indexes are brought up to date meanwhile, telling ``progress``;
    with ``watch`` also whenever a file changes. Raises FundstelleError if the port is taken, a folder is missing or the
    first one cannot be opened: a chat that can answer nothing ends.
    """
    library = Library(folders, model=model, reranker=reranker, progress=progress, watch=watch)
    page = None
    try:
        corpus = library.corpora[0]
        page = build(corpus, examples=EXAMPLES if corpus.sample else ())
        address = _launch(page, port)
        sys.stdout.write(f"The chat is open at {address} (stop it with Ctrl-C)\n")
        sys.stdout.flush()
        while not _settled(corpus):
            corpus.wait(1)
        corpus.engine()
        threading.Event().wait()
    except KeyboardInterrupt:
        _log.debug("Stopped with Ctrl-C")
    finally:
        library.close()
        if page is not None:
            page.close(verbose=False)


def _settled(corpus: Corpus) -> bool:
    """Say whether the corpus can be asked, or cannot be opened."""
    state = corpus.state()
    return state.answering or state.phase is Phase.FAILED


def _how_far(corpus: Corpus) -> str:
    """Say in a sentence how far the corpus is."""
    state = corpus.state()
    if not state.total:
        return "Getting ready…"
    unit = "articles" if state.phase is Phase.READING else "passages"
    return f"{state.phase.capitalize()} {state.done:,} of {state.total:,} {unit}…"


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of the conversation, as it was typed, and what was said to it, as HTML."""

    question: str
    said: str


class Desk:
    """What the page asks of the engine; every text it gives to the page is HTML from ``rag.webview``."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    # Gradio gives a handler its inputs in their order, so a yes or no cannot be asked for by name.
    def talk(self, question: str, turns: list[Turn], follow_ups: bool) -> Iterator[_Shown]:  # noqa: FBT001
        """Say how far the index is until it is there, then answer; with the questions before if ``follow_ups``."""
        if not question.strip():
            return
        box: object = ""  # emptied once; what is typed meanwhile stays
        while True:
            done = _settled(self._corpus)
            waiting = Turn(question, _note("Searching…" if done else _how_far(self._corpus)))
            yield box, _messages([*turns, waiting]), gr.skip(), gr.skip()
            box = gr.skip()
            if done:
                break
            self._corpus.wait(_POLL)
        # A question that was asked again counts once, where it was asked last.
        earlier = list(dict.fromkeys(turn.question for turn in reversed(turns)))[::-1]
        said, source = self._answer(question, earlier, follow_ups=follow_ups)
        turns = [*turns, Turn(question, said)]
        yield box, _messages(turns), source, turns

    def example(self, turns: list[Turn], follow_ups: bool, chosen: gr.SelectData) -> Iterator[_Shown]:  # noqa: FBT001
        """Answer the example that was clicked."""
        yield from self.talk(chosen.value["text"], turns, follow_ups)

    def alone(self, turns: list[Turn], again: gr.EventData) -> Iterator[_Shown]:
        """Answer a question again without those before it; what stands in the box stays there."""
        for _, *rest in self.talk(str(again.question), turns, follow_ups=False):
            yield gr.skip(), *rest

    def source(self, key: str) -> str:
        """Give the article that a citation stands in."""
        try:
            place = webview.Place.read(key)
            return webview.source_html(self._corpus.engine().article(place.article_id), place)
        except Exception as error:  # noqa: BLE001 - told in a sentence
            return _failure(error)

    async def status(self) -> AsyncIterator[str]:
        """Say how far the index is until it is there, then what it holds."""
        while not _settled(self._corpus):
            yield _note(_how_far(self._corpus))
            await asyncio.sleep(_POLL)
        try:
            report = self._corpus.engine().report
        except Exception as error:  # noqa: BLE001 - told in a sentence
            yield _failure(error)
        else:
            held = f"{_counted(report.articles, 'article')} · {_counted(report.passages, 'passage')}"
            yield _note(f"{held} · {_counted(len(report.skipped), 'file')} skipped" if report.skipped else held)

    def _answer(self, question: str, earlier: list[str], *, follow_ups: bool) -> tuple[str, object]:
        try:
            engine = self._corpus.engine()
            answer = engine.ask(question, earlier, follow_ups=follow_ups)
            place = webview.first_place(answer)
            source = webview.source_html(engine.article(place.article_id), place) if place else _resource("panel.html")
            return webview.answer_html(answer), source
        except Exception as error:  # noqa: BLE001 - told in a sentence
            return _failure(error), gr.skip()


def build(corpus: Corpus, *, examples: tuple[str, ...]) -> gr.Blocks:
    """Return the page: the conversation, and beside it the article that the last opened citation stands in."""
    desk = Desk(corpus)
    page = gr.Blocks(title=_TITLE, analytics_enabled=False, fill_width=True, fill_height=True)
    with page:
        turns = gr.State([])
        with gr.Row(elem_id="fs-head"):
            _html(_resource("head.html"))
            status = _html("", elem_id="fs-status")
        with gr.Row(elem_id="fs-desk"):
            with gr.Column(elem_id="fs-talk", scale=11, min_width=300):
                chatbot = _chatbot(examples)
                box = _box()
                follow_ups = gr.Checkbox(value=True, label=_FOLLOW_UPS, container=False, elem_id="fs-follow-ups")
            with gr.Column(elem_id="fs-evidence", scale=9, min_width=300):
                panel = _panel(desk)
        shown, context = [box, chatbot, panel, turns], [turns, follow_ups]
        page.load(desk.status, outputs=status, concurrency_limit=None, show_progress="hidden", api_visibility="private")
        box.submit(desk.talk, [box, *context], shown, show_progress="hidden", api_visibility="private")
        chatbot.example_select(desk.example, context, shown, show_progress="hidden", api_visibility="private")
        panel.submit(desk.alone, turns, shown, show_progress="hidden", api_visibility="private")
        chatbot.clear(lambda: (_resource("panel.html"), []), outputs=[panel, turns], api_visibility="private")
    # Each waiting question holds a worker thread, so their number is bounded; encoding itself uses all cores.
    page.queue(max_size=64, default_concurrency_limit=4)
    return page


def _messages(turns: list[Turn]) -> list[gr.MessageDict]:
    # Components, not text: Gradio would read text as HTML, even with Markdown switched off.
    messages: list[gr.MessageDict] = []
    for turn in turns:
        question = f'<p class="fs-question" dir="auto">{webview.inert(turn.question)}</p>'
        messages.append({"role": "user", "content": _html(question)})
        messages.append({"role": "assistant", "content": _html(turn.said)})
    return messages


def _chatbot(examples: tuple[str, ...]) -> gr.Chatbot:
    return gr.Chatbot(
        label="Conversation",
        show_label=False,
        container=False,
        height="100%",
        scale=1,
        elem_id="fs-chatbot",
        autoscroll=False,
        buttons=[],
        feedback_options=None,
        latex_delimiters=[],
        placeholder=_resource("welcome.html"),
        examples=[{"text": example} for example in examples],
    )


def _box() -> gr.Textbox:
    return gr.Textbox(
        label="Question",
        show_label=False,
        placeholder="Ask a question, in English or German",
        elem_id="fs-box",
        submit_btn=True,
        autofocus=True,
        max_lines=6,
        max_length=DEFAULTS.question_limit,
    )


def _panel(desk: Desk) -> gr.HTML:
    def source(key: str) -> str:  # Gradio marks the function it publishes, which a method does not let it do
        return desk.source(key)

    return gr.HTML(
        _resource("panel.html"),
        elem_id="fs-panel",
        apply_default_css=False,
        js_on_load=_resource("chat.js"),
        server_functions=[source],
    )


def _html(value: str, *, elem_id: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, js_on_load=None)


def _note(sentence: str) -> str:
    return f'<p class="fs-note">{webview.inert(sentence)}</p>'


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _failure(error: Exception) -> str:
    if not isinstance(error, FundstelleError):
        _log.error("The chat failed to answer", exc_info=error)
    sentence = str(error) if isinstance(error, FundstelleError) else _UNEXPECTED
    return f'<p class="fs-error">{webview.inert(sentence)}</p>'


def _resource(name: str) -> str:
    return files("rag").joinpath(name).read_text(encoding="utf-8")


def _launch(page: gr.Blocks, port: int | None) -> str:
    # Gradio asks its own address once whether it is up, and would ask a proxy for it.
    os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), _HOST)))
    try:
        _, address, _ = page.launch(
            server_name=_HOST,
            server_port=port,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            show_error=False,
            run_history=False,
            footer_links=[],
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            max_file_size=1,
            state_session_capacity=200,
            app_kwargs={
                "middleware": middleware(_HOST),
                "docs_url": None,
                "redoc_url": None,
                "openapi_url": None,
            },
            theme=_theme(),
            css=_resource("chat.css"),
        )
    except OSError as error:
        taken = f"Port {port} is" if port else "The ports from 7860 on are"
        raise FundstelleError(f"{taken} in use. Choose another one with --port.") from error
    return str(address)


def _theme() -> gr.themes.Base:
    # Comes with Gradio in these weights; the files of other weights there hold but a few letters.
    sans = [gr.themes.LocalFont("Source Sans Pro", weights=(400, 700)), gr.themes.Font("sans-serif")]
    return gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=sans, font_mono=[gr.themes.Font("monospace")])
