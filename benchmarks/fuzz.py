"""``python -m benchmarks.fuzz html``: the readers against a million files that a fuzzer makes up. Owns how it is fed.

Needs the extra "fuzz". What each file must do is said in ``benchmarks.anyfile``; an input that does not is written to a
folder, and the fuzzer says which.
"""

from __future__ import annotations

import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

SEEDS = Path(__file__).parent.parent / "seeds"
# Seconds after which an input counts as a hang, and megabytes after which it counts as a leak.
_TIMEOUT = 5
_MEMORY = 2_048
# Longer inputs reach no other code and take longer.
_LENGTH = 512

_HEAD = """<html lang="de"><head><meta charset="utf-8"><title>Der Titel</title><meta name="author" content="A. B.">
<meta property="article:published_time" content="2024-05-03"><script type="application/ld+json">{"@type": "NewsArticle",
"author": {"name": "C. D."}, "datePublished": "2024-05-03"}</script></head><body><p>Ein Satz. Noch einer.</p>"""
_BODY = """<article><h1>Der Titel</h1><p>Der erste <b>Absatz</b> hat genug Text &amp; ist kein Menü, sagte er.</p>
<blockquote><p>Ein Zitat,<br>zwei Zeilen.</p></blockquote><table><tr><td>Eins</td><td>Zwei</td></tr></table>
<ul><li>Das erste Ding.</li><li>Das zweite <ol><li>Und noch eins.</li></ol></li></ul></article>"""
_MARKDOWN = """---
title: Der Titel
author: Anna Beispiel
date: 2024-05-03
---

# Der Titel

Der *erste* Absatz mit [Verweis](http://b.invalid) und `Code`.

> Ein Zitat
- Das erste.
1. Das zweite.

| a | b |
|---|---|
| c | d |

```
Code
```
![Bild](b.png) **fett** <b>x</b> &amp; \\*
"""
_TEXT = """Der Titel

Von Anna Beispiel
18. November 2025
Lesezeit: 3 Min.

Drei Dinge:

• Das erste.
2) „Ja“, sag-
te er.
"""


class Format(StrEnum):
    """What is read."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


_NAMES = {Format.TEXT: "any.txt", Format.MARKDOWN: "any.md", Format.HTML: "any.html"}
EXAMPLES = {Format.TEXT: [_TEXT], Format.MARKDOWN: [_MARKDOWN], Format.HTML: [_HEAD, _BODY]}
_PROSE = (
    *("„", "“", "“ ", ". ", ".\n\n", "\n", "\r\n", "\f", "\u2028", "-\n", "\u00ad\n", "\u00a0", "\u202e", "• ", "1. "),
    *("Von ", "By ", "Kommentar (0)", "Newsletter", "18. November 2025", "2024-05-03", "Foto: ", "z. B. ", "Dr. ", ":"),
    *("\ufeff", "\u0301", "\U0001f600", "Ä", "ß", "und", "US-\nInvestoren", "Lesezeit: 3 Min."),
)
_MARKS = (
    *("---\n", "# ", "## ", "> ", "- ", "* ", "```\n", "    ", "|", "|---|", "[", "](", ")", "![", "**", "_", "`"),
    *("<b>", "\\", "&#0;", "&#xD800;", "&amp;", "[a]: b\n", "date: ", "title: ", "&a ", "*a", "!!binary ", "{", "? "),
    *('"\\ud800"', '"\\0"', "0x7", "1e9", "2024-13-41", "<<: ", "!!python/object:"),
)
_TAGS = (
    *(
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<b>",
        "<br>",
        "<ul>",
        "<li>",
        "<table>",
        "<tr>",
        "<td>",
        "<blockquote>",
        "<h1>",
    ),
    *("<blockquote>", "<h2>", "<article>", "<main>", "<body>", "<head>", "<title>", "<script>", "</script>", "<style>"),
    *(
        "<svg>",
        "<math>",
        "<template>",
        "<iframe>",
        "<a href=",
        "<img src=",
        "<pre>",
        "<code>",
        "<q>",
        "<time datetime=",
    ),
    *(
        "<meta charset=",
        "<meta name=",
        "content=",
        "itemprop=",
        "class=",
        "&#0;",
        "&#xD800;",
        "&amp;",
        "&lt;",
        "&#x202e;",
    ),
    *("<!DOCTYPE ", "<!ENTITY ", "<?xml ", "<![CDATA[", "]]>", "application/ld+json", "{", '"author":', '"\\ud800"'),
    *(
        "&lt;",
        "&#x202e;",
        "zlib",
        "utf-16",
        "unicode_escape",
        "iso-8859-1",
        "datePublished",
        "2024-05-03",
        "lang=",
        "<base href=",
    ),
)
TOKENS = {Format.TEXT: _PROSE, Format.MARKDOWN: _PROSE + _MARKS, Format.HTML: _PROSE + _TAGS}


def main(
    kind: Annotated[Format, typer.Argument(metavar="text|markdown|html", help="What the files are.")],
    *,
    runs: Annotated[int, typer.Option(min=0, help="How many files are read.")] = 1_000_000,
    corpus: Annotated[Path | None, typer.Option(help="Folder that keeps what reached new code.")] = None,
    faults: Annotated[Path, typer.Option(help="Folder for inputs that show a fault.")] = Path("faults"),
    again: Annotated[Path | None, typer.Option(help="Read this one input once more.")] = None,
) -> None:
    """Feed a reader with files made up by a fuzzer, and stop at the first that it does not read or refuse properly."""
    import atheris
    from trafilatura import external

    with atheris.instrument_imports(include=["rag"]):
        from benchmarks.anyfile import check

    # The last resort for a page in no known language copies the stop words of a hundred for every page, half of all
    # the time that reading takes; a few reach the same code.
    external.JT_STOPLIST = ("the", "and", "of", "der", "die", "und")  # type: ignore[assignment]  # None until it is used
    name = _NAMES[kind]

    def read(data: bytes) -> None:
        check(name, data)

    faults.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        options = [f"-timeout={_TIMEOUT}", f"-rss_limit_mb={_MEMORY}", f"-max_len={_LENGTH}"]
        options += [f"-artifact_prefix={faults}/{kind}-", f"-dict={_dictionary(kind, Path(folder))}"]
        inputs = [again] if again else [corpus or Path(folder, "found"), _examples(kind, Path(folder))]
        inputs[0].mkdir(parents=True, exist_ok=True) if not again else None
        print(f"A fault is repeated by: python -m benchmarks.fuzz {kind} --again FILE", flush=True)
        atheris.Setup([sys.argv[0], f"-runs={runs}", *options, *map(str, inputs)], read)
        atheris.Fuzz()


def _examples(kind: Format, folder: Path) -> Path:
    """Write the inputs that the fuzzer begins with."""
    place = folder / "examples"
    place.mkdir()
    texts = [*EXAMPLES[kind], *(path.read_text("utf-8")[:_LENGTH] for path in sorted(SEEDS.glob("*.txt")))]
    for number, text in enumerate(texts):
        for encoding in ("utf-8", "utf-16", "cp1252"):
            (place / f"{number}-{encoding}").write_bytes(text.encode(encoding, "replace"))
    return place


def _dictionary(kind: Format, folder: Path) -> Path:
    """Write the words that the fuzzer puts in."""
    path = folder / "words"
    lines = ("".join(f"\\x{byte:02x}" for byte in token.encode("utf-8", "replace")) for token in TOKENS[kind])
    path.write_text("".join(f'"{line}"\n' for line in lines), "utf-8")
    return path


if __name__ == "__main__":
    typer.run(main)
