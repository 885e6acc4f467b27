"""What the page asks of the program: every function takes one JSON object and returns one, as text.

Owns which page function needs what. Leaves answers to the engine, HTML to ``rag.webview``, files to ``rag.library``,
the shapes of what a page sends to ``rag.chat.wishes`` and what is said of errors to ``rag.disclosure``.
"""

from __future__ import annotations

import functools
import json
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from urllib.parse import urlencode

import gradio as gr

import rag
from rag import exporting, exportpage, referencing, webview
from rag.answerjson import answer_from_json, citations, conversation_to_json, to_json
from rag.chat.gate import Gate
from rag.chat.wishes import Ask, Copied, Exported, Here, Linked, Named, Opened, Told, Verdict, read
from rag.conversations import Conversation, Facts, Turn
from rag.disclosure import public, sentence
from rag.errors import BusyError, FundstelleError, QuestionError
from rag.library import Corpus, Library
from rag.records import Answer, Citation, Language
from rag.sourceview import View, source_html
from rag.webview import Look, Place

_COPIED: Mapping[str, Callable[[Citation, Facts, Language], str]] = {
    "plain": referencing.plain,
    "markdown": referencing.markdown,
    "csl": referencing.csl_json,
    "link": lambda citation, facts, _: facts.links.get(citation, ""),
}
_EXPORTED: Mapping[str, Callable[[Conversation, Facts, Language], str]] = {
    "markdown": exporting.markdown,
    "html": exportpage.html,
    "json": lambda conversation, facts, _: conversation_to_json(conversation, facts),
}
_ENDINGS = {"markdown": "md", "html": "html", "json": "json"}
_SUGGESTED, _FOLLOWING = 4, 3

Reply = dict[str, Any]


class Desk:
    """The functions of the page over a library. Each may run in several threads at once.

    Those that ask go through ``gate``; suggestions, each of which costs several questions, only where it is idle.
    """

    def __init__(self, library: Library, gate: Gate) -> None:
        self._library = library
        self._gate = gate

    def functions(self) -> list[Callable[..., object]]:
        """Return the functions the page may call, by their names; Gradio gives some of them the request, too."""
        given = (
            self.start,
            self.state,
            self.tell,
            self.source,
            self.locate,
            self.copy,
            self.export,
            self.articles,
            self.add,
            self.remove,
            self.restore,
            self.reread,
            self.judge,
        )
        asking = _asking(self.ask, self._gate), _asking(self.suggest, self._gate, spare=True)
        return [*map(_told, given), *asking]

    def start(self, sent: object) -> Reply:
        """Name the corpora."""
        read(Here, sent)
        return {"corpora": [_corpus(corpus) for corpus in self._library.corpora]}

    def state(self, sent: object) -> Reply:
        """Say how far the index of a corpus is."""
        wish = read(Here, sent)
        state = asdict(self._library.corpus(wish.corpus).state())
        state["error"] = public(state["error"], wish.language)
        for file in state["files"]:
            file["reason"] = public(file["reason"], wish.language)
        return state

    def ask(self, sent: object) -> Reply:
        """Answer a question, with the source of the first statement."""
        wish = read(Ask, sent)
        corpus = self._library.corpus(wish.corpus)
        engine = corpus.engine()
        # A question that was asked again counts once, where it was asked last.
        earlier = list(dict.fromkeys(reversed(wish.earlier)))[::-1]
        started = time.perf_counter()
        answer = engine.ask(wish.question, earlier, follow_ups=wish.follow_ups, filter=wish.filter)
        spent = time.perf_counter() - started
        own = webview.places(answer)
        others = [*own[1:], *map(Place.read, wish.others)]
        shown = _source(engine, own[0], others, wish.language) if answer.statements else None
        html = webview.answer_html(answer, _look(engine, answer, wish.language))
        return {"answer": to_json(answer), "html": html, "source": shown, "seconds": spent}

    def tell(self, sent: object) -> Reply:
        """Show answers that the page has kept, with what has become of their citations since."""
        wish = read(Told, sent)
        engine = self._library.corpus(wish.corpus).engine()
        answers = [answer_from_json(text) for text in wish.answers]
        return {"html": [webview.answer_html(answer, _look(engine, answer, wish.language)) for answer in answers]}

    def source(self, sent: object) -> Reply:
        """Show the article that a citation stands in."""
        wish = read(Opened, sent)
        engine = self._library.corpus(wish.corpus).engine()
        place = Place.read(wish.place)
        return {"html": _source(engine, place, [Place.read(key) for key in wish.others], wish.language)}

    def locate(self, sent: object) -> Reply:
        """Show the paragraph that a permalink names."""
        wish = read(Linked, sent)
        engine = self._library.corpus(wish.corpus).engine()
        located = engine.locate(wish.link)
        citation = located.citation
        place = Place(citation.article_id, citation.start, citation.end, quote=citation.quote)
        return {"html": _source(engine, place, (), wish.language), "place": place.key(), "found": located.found}

    def suggest(self, sent: object) -> Reply:
        """Offer questions: of the corpus, or going on from an answer."""
        wish = read(Told, sent)
        engine = self._library.corpus(wish.corpus).engine()
        answer = answer_from_json(wish.answers[0]) if wish.answers else None
        count = _FOLLOWING if answer else _SUGGESTED
        return {"questions": engine.suggest(wish.language, answer, count)}

    def copy(self, sent: object) -> Reply:
        """Give a quote with its citation as text, or the link to its paragraph alone."""
        wish = read(Copied, sent)
        facts = _facts(self._library.corpus(wish.corpus), [wish.citation], wish.base)
        return {"text": _COPIED[wish.form](wish.citation, facts, wish.language)}

    def export(self, sent: object) -> Reply:
        """Give the conversation as a file."""
        wish = read(Exported, sent)
        corpus = self._library.corpus(wish.corpus)
        turns = tuple(Turn(turn.question, answer_from_json(turn.answer), turn.asked) for turn in wish.turns)
        cited = [citation for turn in turns for citation in citations(turn.answer)]
        facts = _facts(corpus, cited, wish.base)
        text = _EXPORTED[wish.form](Conversation(wish.title, corpus.name, turns), facts, wish.language)
        return {"name": f"fundstelle-{date.today():%Y-%m-%d}.{_ENDINGS[wish.form]}", "text": text}

    def articles(self, sent: object) -> Reply:
        """List the articles of a corpus."""
        return {"articles": [asdict(one) for one in self._ready(read(Here, sent)).articles()]}

    def add(self, sent: object) -> Reply:
        """Add a dropped file to the corpus; to the reader's own articles where the corpus is the sample."""
        wish = read(Named, sent)
        corpus = self._library.corpus(wish.corpus)
        if not corpus.writable:
            corpus = self._library.own()
        try:
            data = b64decode(wish.data, validate=True)
        except ValueError as error:
            raise QuestionError(f"{wish.name} did not arrive whole; drop it again.") from error
        return {"article": corpus.add(wish.name, data), "corpus": _corpus(corpus)}

    def remove(self, sent: object) -> Reply:
        """Take an article out of its folder."""
        wish = read(Named, sent)
        self._library.corpus(wish.corpus).remove(wish.name)
        return {}

    def restore(self, sent: object) -> Reply:
        """Put back an article that was taken out."""
        wish = read(Named, sent)
        self._library.corpus(wish.corpus).restore(wish.name)
        return {}

    def reread(self, sent: object) -> Reply:
        """Bring the index up to date with the folder."""
        self._library.corpus(read(Here, sent).corpus).reread()
        return {}

    def judge(self, sent: object) -> Reply:
        """Note a thumb up or down where ``fundstelle eval`` reads it."""
        wish = read(Verdict, sent)
        engine = self._library.corpus(wish.corpus).engine()
        engine.judge(answer_from_json(wish.answer), "up" if wish.up else "down", reason=wish.reason)
        return {}

    def _ready(self, wish: Here) -> rag.Engine:
        return self._library.corpus(wish.corpus).engine()


def _corpus(corpus: Corpus) -> Reply:
    return {"key": corpus.key, "name": corpus.name, "sample": corpus.sample, "writable": corpus.writable}


def _told(function: Callable[[object], Reply]) -> Callable[[object], str]:
    """Make of a reply its JSON, and of an error a reply: a sentence for the reader, in the language of the page.

    In ASCII, because Gradio cannot send a file name that is no text.
    """

    @functools.wraps(function)
    def told(sent: object) -> str:
        try:
            return json.dumps(function(sent), default=date.isoformat)
        except Exception as error:  # noqa: BLE001 - told in a sentence
            return _told_error(error, sent)

    return told


def _asking(
    function: Callable[[object], Reply], gate: Gate, *, spare: bool = False
) -> Callable[[object, gr.Request], Awaitable[str]]:
    """Make of ``function`` one that waits for its turn at ``gate``, and comes to nothing where the page is gone."""
    told = _told(function)

    async def asking(sent: object, request: gr.Request) -> str:
        try:
            return await gate.through(lambda: told(sent), spare=spare, gone=request.is_disconnected) or ""
        except BusyError as error:
            return _told_error(error, sent)

    asking.__name__ = function.__name__
    return asking


def _told_error(error: Exception, sent: object) -> str:
    return json.dumps({"error": sentence(error, _language(sent))})


def _language(sent: object) -> Language:
    return "de" if isinstance(sent, dict) and sent.get("language") == "de" else "en"


def _look(engine: rag.Engine, answer: Answer, language: Language) -> Look:
    """Return how an answer is to be shown: with what has become of each citation, as its file is now."""
    cited = citations(answer)
    return Look(language, dict(zip(cited, engine.check(cited), strict=True)))


def _source(engine: rag.Engine, place: Place, others: Sequence[Place], language: Language) -> str:
    """Return the article of ``place`` as HTML, with what has become of its file."""
    article = engine.article(place.article_id)
    standing = None
    if place.quote:
        [standing] = engine.check([Citation(article.id, article.title, 1, *place.anchor, place.quote)])
    return source_html(article, View(place, tuple(others), language, standing))


def _facts(corpus: Corpus, cited: Sequence[Citation], base: str) -> Facts:
    """Return what an index knows of cited places, with addresses below ``base`` that lead to them."""
    engine = corpus.engine()
    links = {}
    for citation in dict.fromkeys(cited):
        try:
            links[citation] = f"{base}#{urlencode({'at': f'{corpus.key}/{engine.permalink(citation)}'})}"
        except FundstelleError:
            continue  # the index no longer holds it; the quote can be taken away all the same
    return Facts({one.id: one for one in engine.articles()}, links)
