"""Whatever bytes a file holds, it is refused with a sentence, or every block and passage is a slice of its text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.anyfile import check
from benchmarks.fuzz import EXAMPLES, TOKENS, Format

# How many files the fuzzer makes up of each kind in the slow run; a million takes it about an hour.
RUNS = 20_000

ROOT = Path(__file__).parents[2]
NAMES = {Format.TEXT: "any.txt", Format.MARKDOWN: "any.md", Format.HTML: "any.html"}


def files(kind: Format) -> st.SearchStrategy[bytes]:
    """Tokens of a format in any order, and examples of it with tokens in between, in one of the usual encodings."""
    tokens = st.lists(st.sampled_from(TOKENS[kind]) | st.text(max_size=9), max_size=60).map("".join)

    @st.composite
    def damaged(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(EXAMPLES[kind]))
        for _ in range(draw(st.integers(0, 4))):
            start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
            text = draw(st.sampled_from([text[:start] + draw(tokens) + text[start:], text[:start] + text[end:]]))
        return text

    def encoded(text: str, encoding: str) -> bytes:
        return text.encode(encoding, "replace")

    encodings = st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
    return st.builds(encoded, tokens | damaged(), encodings) | st.binary(max_size=300)


@settings(deadline=None)
@given(files(Format.TEXT))
def test_any_text_file_is_read_or_refused(data: bytes) -> None:
    check(NAMES[Format.TEXT], data)


@settings(deadline=None)
@given(files(Format.MARKDOWN))
@example(b'---\ntitle: "\\ud800"\nauthor: "\\0"\n---\nEin Satz.\n')
@example(b"---\ntitle: &a [*a]\nauthor: *a\ndate: 2024-13-41\n---\nEin Satz.\n")
def test_any_markdown_file_is_read_or_refused(data: bytes) -> None:
    check(NAMES[Format.MARKDOWN], data)


@settings(deadline=None)
@given(files(Format.HTML))
@example(b'<html><script type="application/ld+json">{"@type":"Article","author":"\\ud800\\u0000"}</script><p>Ein Satz.')
def test_any_page_is_read_or_refused(data: bytes) -> None:
    check(NAMES[Format.HTML], data)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Format))
def test_the_fuzzer_finds_nothing(kind: Format, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="needs the extra 'fuzz'")
    command = [sys.executable, "-m", "benchmarks.fuzz", kind, "--runs", str(RUNS), "--faults", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"Done {RUNS} runs" in done.stderr, done.stderr[-2_000:]
    assert list(tmp_path.iterdir()) == []
