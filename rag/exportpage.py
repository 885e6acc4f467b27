"""A conversation to take away, as one HTML page that loads nothing and can do nothing. Owns its HTML and its look."""

from __future__ import annotations

from html import escape

from rag.conversations import Conversation, Facts, Turn
from rag.exporting import about_article, by_article, how, labels, passages, place, speaker, verdict, when
from rag.records import Answer, Citation, Language, Statement
from rag.referencing import in_marks, quote_language, safe_link
from rag.rendering import pieces, quoted, words_in
from rag.webview import inert

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# HTML has no place for these, not even as numbers.
_NO_TEXT = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {0x09, 0x0A}, "\ufffd")

_STYLE = """
:root { color-scheme: light dark; --ground: #fffdf9; --ink: #22262a; --quiet: #5c6369; --line: #d9d3c6;
  --accent: #0e5e63; --mark: #ffdf7e; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #1c2023; --ink: #e7e3da; --quiet: #a4acaf; --line: #3a4145; --accent: #86cdc7; --mark: #6b571a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 "Source Sans Pro", sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; }
h2 { margin: 2.5rem 0 0.25rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 1.25rem; }
h3 { margin: 1.5rem 0 0.5rem; font-size: 1rem; }
a { color: var(--accent); }
mark { background: var(--mark); color: inherit; }
figure { margin: 1rem 0; }
blockquote { margin: 0; padding-left: 1rem; border-left: 3px solid var(--accent); white-space: pre-wrap; }
figcaption, .note { margin: 0.25rem 0 0; color: var(--quiet); font-size: 0.9rem; }
figcaption { padding-left: calc(1rem + 3px); }
figcaption p { margin: 0; }
.statement blockquote { font-size: 1.1rem; }
@media print {
  @page { margin: 20mm 18mm; }
  :root { color-scheme: light; --ground: #fff; --ink: #000; --quiet: #444; --line: #999; --accent: #000; --mark: #eee; }
  html { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  mark { background: none; text-decoration: underline; }
  figure, li { break-inside: avoid; }
  h1, h2, h3 { break-after: avoid; }
}
"""


def html(conversation: Conversation, facts: Facts, language: Language = "en") -> str:
    """Return ``conversation`` as a page of HTML in one file: every question and answer, all citations, the articles.

    ``language`` is that of the words around questions and quotes. The page loads nothing, runs nothing, is light or
    dark as the reader's system is, and can be printed.
    """
    title = _text(conversation.title)
    corpus = _text(labels(language).articles_of.format(conversation.corpus))
    turns = "\n".join(_turn(number, turn, facts, language) for number, turn in enumerate(conversation.turns, start=1))
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="{_POLICY}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>{_plain(conversation.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<header><h1 dir="auto">{title}</h1><p class="note">{corpus}</p></header>
{turns}
{_articles(conversation, facts, language)}</main>
</body>
</html>
"""


def _turn(number: int, turn: Turn, facts: Facts, language: Language) -> str:
    answer, words = turn.answer, words_in(language)
    notes = [when(turn.asked, language), *how(answer, language)]
    parts = [f'<h2 dir="auto">{number}. {_text(turn.question)}</h2>']
    parts += [f'<p class="note" dir="auto">{_text(note)}</p>' for note in notes]
    parts += [_statement(entry, facts, language) for entry in answer.statements]
    parts.append(f"<p>{_text(verdict(answer, words))}</p>")
    shown = [_passage(answer, number, facts, language) for number, _ in passages(answer)]
    if shown:
        parts.append(f"<h3>{words.stands if answer.statements else words.nearest}</h3>")
    return "<section>\n" + "\n".join(parts + shown) + "\n</section>"


def _statement(entry: Statement, facts: Facts, language: Language) -> str:
    words, citation = words_in(language), entry.citation
    lines = [f"— {_linked(citation, facts, language)}"]
    if entry.said:
        lines.append(_text(speaker(entry.said, words)))
    lines += [f"{words.also}: {_linked(other, facts, language)}" for other in entry.also]
    quote = f"{_text(in_marks(citation, facts))} [{entry.hit + 1}]"
    return _figure("statement", quote, lines, quote_language(citation, facts))


def _passage(answer: Answer, number: int, facts: Facts, language: Language) -> str:
    citation = answer.hits[number - 1].citation
    painted = (
        f"<mark>{_text(run)}</mark>" if level else _text(run) for level, run in pieces(*quoted(answer, number - 1))
    )
    return _figure(
        "passage",
        "".join(painted),
        [f"[{number}] {_linked(citation, facts, language)}"],
        quote_language(citation, facts),
    )


def _figure(kind: str, quote: str, lines: list[str], language: Language) -> str:
    caption = "".join(f"<p>{line}</p>" for line in lines)
    quoted_text = f'<blockquote lang="{language}" dir="auto">{quote}</blockquote>'
    return f'<figure class="{kind}">{quoted_text}<figcaption>{caption}</figcaption></figure>'


def _linked(citation: Citation, facts: Facts, language: Language) -> str:
    shown = f"<bdi>{_text(citation.title)}</bdi> (<bdi>{_text(place(citation, language))}</bdi>)"
    link = safe_link(facts.links.get(citation, ""))
    return f'<a href="{escape(link)}" rel="noreferrer">{shown}</a>' if link else shown


def _articles(conversation: Conversation, facts: Facts, language: Language) -> str:
    items = []
    for citations in by_article(conversation):
        author, day, where = about_article(citations, facts, language)
        title = f"<bdi><cite>{_text(citations[0].title)}</cite></bdi>"
        named = f"<bdi>{_text(author)}</bdi>: {title}" if author else title
        items.append(f"<li>{'. '.join(filter(None, [named, day, f'<bdi>{_text(where)}</bdi>']))}</li>")
    if not items:
        return ""
    heading = f"<h2>{words_in(language).cited}</h2>"
    note = f'<p class="note">{labels(language).counted}</p>'
    return f"<section>\n{heading}\n<ul>\n{chr(10).join(items)}\n</ul>\n{note}\n</section>\n"


def _text(text: str) -> str:
    return inert(text.translate(_NO_TEXT))


def _plain(text: str) -> str:
    """Text where no element may stand."""
    return escape(text.translate(_NO_TEXT))
