"""``python -m tests.faults.hostile``: files made to stall a reader, each read in a process with little time and memory.

Every file is as large as the limits of ``rag.settings`` let through, or just above, and of one of the worst kinds.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

from rag import articles
from rag.errors import ArticleError
from rag.settings import DEFAULTS
from rag.splitting import split

# What one file may take.
SECONDS = 5
MEGABYTES = 512

SIZE = DEFAULTS.text_limit - 1_000
LINES = DEFAULTS.line_limit - 10
TAGS = DEFAULTS.tag_limit - 20
MARKS = DEFAULTS.mark_limit - 20
SENTENCE = "Der Rat hat am Montag die neue Brücke eröffnet, sagte der Bürgermeister von Köln. "
PARAGRAPH = f"<p>{SENTENCE * 5}</p>"


def size(pattern: str) -> str:
    return pattern * (SIZE // len(pattern.encode()))


def lines(pattern: str) -> str:
    return pattern * (LINES // len(pattern.splitlines()))


def marks(pattern: str, number: int) -> str:
    """``pattern``, in which there are ``number`` marks of Markdown, as often as may be."""
    return pattern * (MARKS // number)


def page(inside: str) -> str:
    return f"<html><head><title>T</title></head><body><article>{PARAGRAPH}{inside}{PARAGRAPH}</article></body></html>"


def head(inside: str) -> str:
    return f"<html><head>{inside}</head><body>{PARAGRAPH}</body></html>"


def numbered(pattern: str, number: int) -> str:
    """``pattern`` so often, every time with another number: what is repeated the extractor leaves out."""
    return "".join(pattern % i for i in range(number))


def linked(data: str) -> str:
    return page(f'<script type="application/ld+json">{data}</script>')


def front(lines: str) -> str:
    return f"---\n{lines}\n---\nEin Satz.\n"


def laughs() -> str:
    """A billion laughs in YAML, and more."""
    rows = (f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in count(1))
    return "\n".join(["a0: &a0 [lol]", *islice(rows, 90), "title: *a90", "author: *a90", "date: *a90"])


def merges() -> str:
    rows = (f"a{i}: &a{i} {{<<: [{','.join([f'*a{i - 1}'] * 9)}]}}" for i in count(1))
    return "\n".join(["a0: &a0 {k: lol}", *islice(rows, 90), "title: *a90"])


def entities() -> str:
    bomb = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a0 "lol">{bomb}]>{page("&a11;")}'


Make = Callable[[], str | bytes]
# Read whole, or refused: then what is said. A few that take long, as the default run has time for none.
WORST: dict[str, tuple[Make, str]] = {
    "a line of the limit.txt": (lambda: size(SENTENCE), ""),
    "one word of the limit.txt": (lambda: size("a"), ""),
    "a b.txt": (lambda: size("a "), ""),
    "a sentence without end.txt": (lambda: size("wort und "), ""),
    "quotes.txt": (lambda: size("„a. B "), ""),
    "other quotes.txt": (lambda: size("»a. B "), ""),
    "quotes that never close.txt": (lambda: size("„a "), ""),
    "nothing but quotes.txt": (lambda: size('"'), "no article text"),
    "digits.txt": (lambda: size("1"), ""),
    "list markers.txt": (lambda: size("1. "), ""),
    "a combining mark.txt": (lambda: "a" + size("\u0301"), ""),
    "tiny sentences.txt": (lambda: size("A. B! C? "), ""),
    "ten million empty lines.txt": (lambda: "Ein Satz.\n" + "\n" * 10_000_000, "10,000,010 characters"),
    "empty lines.txt": (lambda: "Ein Satz.\n" + size("\r\n"), ""),
    "white space.txt": (lambda: "Ein" + size(" ") + "Satz.", ""),
    "a million paragraphs.txt": (lambda: "a\n\n" * 1_000_000, "1,000,000 lines"),
    "paragraphs.txt": (lambda: lines("a\n\n"), ""),
    "run on.txt": (lambda: lines("wort eins zwei drei vier fünf sechs sieben acht neun,\n\n"), ""),
    "run on, shortly.txt": (lambda: lines("wort,\n\n"), ""),
    "a list.txt": (
        lambda: "Titel\n\nEin Satz. Es gibt:\n\n" + lines("• Der Rat hat am Montag die Brücke eröffnet.\n\n"),
        "",
    ),
    "headings.txt": (lambda: lines("Eine Überschrift\n\n") + "\n\nEin Satz ist hier, und noch einer.\n", ""),
    "bylines.txt": (lambda: lines("Von Anna Beispiel\n\n"), ""),
    "furniture.txt": (lambda: lines("seite 1111111 kommentare seite 1111111 kommentare x\n\n"), ""),
    "small print.txt": (lambda: lines("copyright newsletter jederzeit vorbehalten mail\n\n"), ""),
    "divided words.txt": (lambda: lines("eins zwei drei vier fünf sechs sieben acht neun-\n"), ""),
    "noise of twenty megabytes.txt": (lambda: bytes(range(128, 256)) * 150_000, "cannot be decoded"),
    "windows.txt": (lambda: size(SENTENCE).encode("cp1252"), ""),
    "without a mark.txt": (lambda: (SENTENCE * (SIZE // 100)).encode("utf-16-le"), ""),
    "paragraphs.md": (lambda: size(SENTENCE * 6 + "\n\n"), ""),
    "a list.md": (lambda: lines("- a\n"), ""),
    "deep lists.md": (lambda: "".join("  " * min(i, 16) + "- a\n" for i in range(LINES)), ""),
    "lists too deep.md": (lambda: "".join("  " * i + "- a\n" for i in range(1_900)), "cannot be parsed"),
    "quotes.md": (lambda: "> " * 18 + "a\n" + lines("a b c d e f g h\n")[:-20], ""),
    "quotes too deep.md": (lambda: "> " * 40_000 + "a", "cannot be parsed"),
    "brackets.md": (lambda: "Ein Satz. " + marks("[", 1), ""),
    "pictures.md": (lambda: "Ein Satz. " + marks("![", 2), ""),
    "links.md": (lambda: marks("[a](", 2), ""),
    "emphasis.md": (lambda: marks("*a**b_c__d", 6), ""),
    "code.md": (lambda: marks("`a", 1), ""),
    "a hundred thousand stars.md": (lambda: "*a " * 100_000, "100,000 marks"),
    "a table.md": (lambda: "|a|b|\n|-|-|\n" + marks("c|d\n", 1), ""),
    "a wide table.md": (lambda: "|a" * 20_000 + "|\n" + "|-" * 20_000 + "|\n" + "c\n" * 9_000, ""),
    "references.md": (lambda: numbered("[a%d]: b\n", MARKS // 2) + "\nEin Satz.\n", ""),
    "front matter.md": (lambda: front("a: b\n" * 40_000), ""),
    "front matter, nested.md": (lambda: front("a: " + "[" * 40_000), ""),
    "a billion laughs.md": (lambda: front(laughs()), ""),
    "merges.md": (lambda: front(merges()), ""),
    "paragraphs.html": (lambda: page(numbered(f"<p>%d {SENTENCE}</p>", TAGS // 2)), ""),
    "a paragraph.html": (lambda: page(f"<p>{SENTENCE * (SIZE // 100)}</p>"), ""),
    "unclosed.html": (lambda: page(numbered("<p>a%d", TAGS)), ""),
    "items.html": (lambda: page("<ul>" + numbered("<li>a%d", TAGS - 2)), ""),
    "a wide table.html": (lambda: page("<table><tr>" + "<td>a" * 40_000), "40,000 cells in one row"),
    "classes.html": (lambda: page(numbered("<div class='sidebar comment share'>a%d</div>", TAGS // 2)), ""),
    "classes, fewer.html": (lambda: page(numbered("<div class='sidebar comment share'>a%d</div>", 4_900)), ""),
    "cells.html": (lambda: page("<table>" + numbered("<tr><td>a%d", TAGS // 2 - 2)), ""),
    "a hundred thousand deep.html": (lambda: page("<div>" * 100_000), "100,014 tags"),
    **{
        f"{tag} too deep.html": (lambda tag=tag: page(f"<{tag}>" * (TAGS // 4) + "Tief."), "cannot be parsed")
        for tag in ("div", "blockquote", "b", "table><tr><td")
    },
    "deep.html": (lambda: page(("<div>" * 200 + "a" + "</div>" * 200) * (TAGS // 400)), ""),
    "deep tables.html": (lambda: page("<table><tr><td>" * 60 + SENTENCE * 30_000), ""),
    "deep quotes.html": (lambda: page("<blockquote>" * 200 + SENTENCE * 30_000), ""),
    "an attribute.html": (lambda: page('<p class="' + size("a ")[:-1000] + '">a'), ""),
    "attributes.html": (lambda: page(("<p " + numbered("a%d=b ", 190) + ">x</p>") * 2_000), ""),
    "attributes without end.html": (lambda: page("<p " + numbered("a%d ", 400_000) + ">x</p>"), "400,000 attributes"),
    "an open comment.html": (lambda: page("<!--" + size("a-")[:-1000]), ""),
    "entities.html": (entities, ""),
    "ampersands.html": (lambda: page(size("&amp;")[:-1000]), ""),
    "linked data.html": (lambda: linked("[" * 1_000_000), ""),
    "authors.html": (lambda: linked('{"@type":"NewsArticle","author":"' + size("a,")[:-1000] + '"}'), ""),
    "persons.html": (lambda: linked('{"@type":"Person","name":"a' * 100_000), ""),
    "a title.html": (lambda: head("<title>" + size("a - | ")[:-1000] + "</title>"), ""),
    "metadata.html": (lambda: head("<meta property='article:published_time' content='2024-05-03'>" * (TAGS - 20)), ""),
    "a date.html": (lambda: head("<link rel=canonical href='http://a.b/" + size("2024/05/03/")[:-1000] + "'>"), ""),
    "a picture.html": (lambda: page('<img src="data:image/png;base64,' + "QUJD" * 4_500_000 + '">'), ""),
}


def run() -> Iterator[dict[str, object]]:
    """Read every file of ``WORST`` in a process of its own and say what came of it."""
    for kind in ("txt", "md", "html"):  # what is loaded when it is first needed is not a file's fault
        for encoding in ("utf-8", "cp1252"):
            refusal(f"any.{kind}", page("").encode(encoding))
    for name, (make, _) in WORST.items():
        data = make()
        data = data.encode() if isinstance(data, str) else data
        there, here = os.pipe()
        if not os.fork():
            os.write(here, json.dumps(_read(name, data)).encode())
            os._exit(0)
        os.close(here)
        with os.fdopen(there, "rb") as answer:
            said = answer.read()
        _, status = os.wait()
        yield (
            json.loads(said)
            if said
            else {"name": name, "said": f"killed by signal {os.waitstatus_to_exitcode(status)}"}
        )


def _read(name: str, data: bytes) -> dict[str, object]:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEGABYTES * 1_000_000,) * 2)
    start = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(start + SECONDS) + 1,) * 2)
    said = refusal(name, data)
    return {"name": name, "said": said, "seconds": round(time.process_time() - start, 1)}


def refusal(name: str, data: bytes) -> str:
    """Read a file and divide it; return why it is refused, "" where it is read."""
    try:
        split(articles.parse(articles.File(name, data, "0" * 64, 0.0)))
    except ArticleError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    for result in run():
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()
