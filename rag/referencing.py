"""A quote to take away: with its citation, as plain text, Markdown and CSL-JSON. Owns their form and their escaping."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

from rag.conversations import Facts
from rag.language import evidence
from rag.records import ArticleSummary, Citation, Dated, Language
from rag.rendering import words_in
from rag.wording import written_day

_OF_FILE: dict[Language, str] = {"de": "Datei vom {}", "en": "file of {}"}
_MARKS: dict[Language, str] = {"de": "„{}“", "en": "“{}”"}

# What means something to Markdown wherever it stands, or to one of its dialects: "www.", "http:", "@name", "#1".
_ACTIVE = re.compile(r"[\\`*_\[\]<>&~|$@#{}!^=]|:(?=[^\s\d])|(?<=www)\.", re.IGNORECASE)
# What means something at the beginning of a line: a list, a rule.
_FIRST = re.compile(r"\A(?:[+-]|(\d{1,9})([.)]))")
# A line end would begin a new line, white space at either end would be dropped; as a reference it is mere text.
# The numbers of other control characters may not be referred to; such a character stays what it is.
_WHITE = re.compile(r"[\t\n\r]|\A[^\S\x00-\x1f\x7f-\x9f]+|[^\S\x00-\x1f\x7f-\x9f]+\Z")
# A link may lead to a page or a file, and never runs anything.
_SCHEMES = frozenset({"", "http", "https", "file"})


@dataclass(frozen=True, slots=True)
class Reference:
    """What is said of a cited place, each part as a person reads it; "" where there is none."""

    author: str
    title: str
    day: str
    place: str
    link: str


def plain(citation: Citation, facts: Facts, language: Language = "en") -> str:
    """Return the quote in quotation marks and, below it, where it stands; in a line of its own the permalink.

    ``language`` is that of the words around the quote ("paragraph 7", "Absatz 7").
    """
    about = reference(citation, facts, language)
    lines = [in_marks(citation, facts), _sentence(about), about.link]
    return "\n".join(filter(None, lines))


def markdown(citation: Citation, facts: Facts, language: Language = "en") -> str:
    """Return the same as a block quote of Markdown; whatever the texts hold is shown as text."""
    about = reference(citation, facts, language)
    place = f"[{escaped(about.place)}](<{about.link}>)" if about.link else escaped(about.place)
    title = f"*{escaped(about.title)}*" if about.title else ""
    shown = replace(about, author=escaped(about.author), title=title, place=place)
    return f"> {escaped(in_marks(citation, facts))}\n>\n> — {_sentence(shown)}"


def csl_json(citation: Citation, facts: Facts, language: Language = "en") -> str:
    """Return the article as a list of one item of CSL-JSON 1.0.2, which reference managers read.

    ``note`` says where in the article the quote stands, ``annote`` is the quote. A date that is merely the file's is
    left out: it does not say when the article appeared.
    """
    article = facts.articles.get(citation.article_id)
    item: dict[str, Any] = {
        "id": f"{citation.article_id}#{citation.start}-{citation.end}",
        "type": "article-newspaper",
        "title": citation.title,
        "note": reference(citation, facts, language).place,
        "annote": in_marks(citation, facts),
    }
    if article is not None:
        item["language"] = article.language
        if article.author:
            item["author"] = [{"literal": article.author}]
        if article.published and article.dated is not Dated.FILE:
            day = article.published
            item["issued"] = {"date-parts": [[day.year, day.month, day.day]]}
    if link := safe_link(facts.links.get(citation, "")):
        item["URL"] = link
    return json.dumps([item], ensure_ascii=False, indent=2)


def reference(citation: Citation, facts: Facts, language: Language) -> Reference:
    """Return what ``plain`` and ``markdown`` say of a cited place, in ``language``."""
    article = facts.articles.get(citation.article_id)
    return Reference(
        author=(article.author or "") if article else "",
        title=citation.title,
        day=dated(article, language) if article else "",
        place=f"{citation.article_id}, {words_in(language).paragraph} {citation.paragraph}",
        link=safe_link(facts.links.get(citation, "")),
    )


def dated(article: ArticleSummary, language: Language) -> str:
    """Return an article's date as a person writes it, and whether it is only the file's; "" where there is none."""
    if article.published is None:
        return ""
    day = written_day(article.published, language)
    return _OF_FILE[language].format(day) if article.dated is Dated.FILE else day


def in_marks(citation: Citation, facts: Facts) -> str:
    """Return the quote in the quotation marks of its own language; those within it stay as they are."""
    return _MARKS[quote_language(citation, facts)].format(citation.quote)


def quote_language(citation: Citation, facts: Facts) -> Language:
    """Return the language of the quote, or of its article where the quote itself does not tell ("Trump: Putin")."""
    german, english = evidence(citation.quote)
    if german != english:
        return "de" if german > english else "en"
    article = facts.articles.get(citation.article_id)
    return article.language if article else "de"


def escaped(text: str) -> str:
    """Return ``text`` so that Markdown shows it, character by character, wherever in a line it stands."""
    shown = _ACTIVE.sub(lambda found: f"\\{found[0]}", text)
    shown = _FIRST.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[0]}", shown)
    return _WHITE.sub(lambda found: "".join(f"&#{ord(character)};" for character in found[0]), shown)


def safe_link(url: str) -> str:
    """Return ``url`` without a character that could end it, "" if it is none that leads to a page or a file."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return ""
    return percent_encoded(url, safe="%/:?#[]@!$&'()*+,;=~", errors="replace") if scheme in _SCHEMES else ""


def _sentence(about: Reference) -> str:
    named = f"{about.author}: {about.title}" if about.author else about.title
    return f"{'. '.join(filter(None, [named, about.day]))} ({about.place})"
