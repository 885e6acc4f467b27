"""README and docs/python.md are run: they show what their commands and their Python write; links lead somewhere.

``python -m tests.test_readme`` runs it and writes the outputs anew.
"""

from __future__ import annotations

import functools
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
# Documents whose blocks are run.
RUN = (README, ROOT / "docs" / "python.md")
DOCUMENTS = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))

# A console block shows a command and then its output; a Python block is followed by a block with what it prints.
CONSOLE = re.compile(r"(?<=```console\n)\$ fundstelle (?P<arguments>.*)\n(?P<output>(?:.*\n)*?)(?=```\n)")
PYTHON = re.compile(r"```python\n(?P<code>(?:.*\n)*?)```\n\n```text\n(?P<output>(?:.*\n)*?)(?=```\n)")


# Runs blocks of Python in one process, each by itself, and writes what each has printed as a list: the model is loaded
# once for all of them.
RUNNER = """
import contextlib, io, json, sys
printed = []
for code in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as written:
        exec(code, {"__name__": "__main__"})
    printed.append(written.getvalue())
json.dump(printed, sys.stdout)
"""


def run(*arguments: str, given: str = "") -> str:
    """What Python with these arguments writes on standard output, in the checkout."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, input=given, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.stdout


@functools.cache
def printed() -> dict[str, str]:
    """What each block of Python in the documents prints."""
    codes = [found["code"] for path in RUN for found in PYTHON.finditer(path.read_text("utf-8"))]
    return dict(zip(codes, json.loads(run("-c", RUNNER, given=json.dumps(codes))), strict=True))


def anew(found: re.Match[str]) -> str:
    """The block that was ``found``, with its output made anew."""
    asked = found.re is CONSOLE
    output = run("-m", "rag", *shlex.split(found["arguments"])) if asked else printed()[found["code"]]
    start, end = (position - found.start() for position in found.span("output"))
    return found[0][:start] + output + found[0][end:]


BLOCKS = [found for path in RUN for pattern in (CONSOLE, PYTHON) for found in pattern.finditer(path.read_text("utf-8"))]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda found: found[0].splitlines()[0])
def test_a_block_writes_what_its_document_shows(block: re.Match[str]) -> None:
    assert block[0] == anew(block), "run `make docs`"


def test_every_console_and_python_block_is_run() -> None:
    texts = [path.read_text("utf-8") for path in RUN]
    assert sum(len(re.findall(r"^```(?:console|python)$", text, re.MULTILINE)) for text in texts) == len(BLOCKS) > 0


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", *(f"docs/{name}.md" for name in DOCUMENTS)])
def test_every_link_to_a_file_leads_somewhere(document: str) -> None:
    path = ROOT / document
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert [target for target in targets if "://" not in target and not (path.parent / target).exists()] == []


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for document in (README, ROOT / "CONTRIBUTING.md"):
        assert set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE)) <= targets


if __name__ == "__main__":
    for path in RUN:
        renewed = path.read_text("utf-8")
        for kind in (CONSOLE, PYTHON):
            renewed = kind.sub(anew, renewed)
        path.write_text(renewed, "utf-8")
