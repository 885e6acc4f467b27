"""A module imports only from floors below its own, an outside library has one room, and nothing runs foreign code.

The imports are read from the source, those inside functions too, so that no order of loading can hide one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in [ROOT / "app.py", *sorted((ROOT / "rag").rglob("*.py"))]
}

# From the top of the house down.
FLOORS = (
    {"app"},
    {"rag.__main__"},
    {"rag.chatcommands"},
    {"rag.chat", "rag.options", "rag.terminal"},
    {"rag.chat.page"},
    {"rag.chat.desk", "rag.chat.endpoints", "rag.chat.lastresort", "rag.chat.serving"},
    {"rag.chat.guard"},
    {"rag.chat.bounds", "rag.chat.login", "rag.chat.offers", "rag.chat.policy"},
    {"rag.accounts", "rag.chat.gate", "rag.chat.wishes", "rag.evaluation.measuring", "rag.library"},
    {"rag", "rag.corpus"},
    {"rag.engine"},
    {"rag.answering"},
    {"rag.checking", "rag.indexing", "rag.intake", "rag.retrieval"},
    {"rag.changes", "rag.courtesy", "rag.encoding", "rag.making"},
    {
        "rag.articles",
        "rag.encoder",
        "rag.evaluation.feedback",
        "rag.passages",
        "rag.reranker",
        "rag.translations",
        "rag.vectors",
        "rag.watching",
    },
    {
        "rag.articletable",
        "rag.database",
        "rag.eightbit",
        "rag.memory",
        "rag.modelfiles",
        "rag.vectortable",
        "rag.wordpieces",
        "rag.wordsearch",
        "rag.wordwriting",
    },
    {
        "rag.abstention",
        "rag.answerjson",
        "rag.bm25",
        "rag.burden",
        "rag.byline",
        "rag.citing",
        "rag.dates",
        "rag.decoding",
        "rag.dialogue",
        "rag.disclosure",
        "rag.embedding",
        "rag.evaluation",
        "rag.evaluation.changes",
        "rag.evaluation.figures",
        "rag.evaluation.jsonlines",
        "rag.evaluation.metrics",
        "rag.evaluation.places",
        "rag.evaluation.questionfile",
        "rag.exporting",
        "rag.exportpage",
        "rag.filtering",
        "rag.folding",
        "rag.fusion",
        "rag.germansentences",
        "rag.germantable",
        "rag.hashing",
        "rag.language",
        "rag.layout",
        "rag.leaningwords",
        "rag.ledger",
        "rag.markup",
        "rag.matching",
        "rag.names",
        "rag.neighbours",
        "rag.noise",
        "rag.paths",
        "rag.referencing",
        "rag.permalinks",
        "rag.postings",
        "rag.rendering",
        "rag.schema",
        "rag.sentences",
        "rag.sourceview",
        "rag.speech",
        "rag.speech.attribution",
        "rag.speech.clauses",
        "rag.speech.cues",
        "rag.speech.englishcues",
        "rag.speech.germanwords",
        "rag.speech.nounphrases",
        "rag.speech.sources",
        "rag.speech.verbs",
        "rag.speech.wording",
        "rag.splitting",
        "rag.suggesting",
        "rag.terms",
        "rag.variants",
        "rag.webview",
        "rag.webwords",
        "rag.wording",
    },
    {"rag.conversations", "rag.functionwords", "rag.records", "rag.errors", "rag.settings"},
)
# Here modules of one floor may build on each other, as long as they do not go round in circles.
OPEN_FLOORS = FLOORS[-2:]

# What the chat may use of the floors below the engine: modules that only draw, and the vocabulary.
DRAWING = {
    "rag.answerjson",
    "rag.disclosure",
    "rag.exporting",
    "rag.exportpage",
    "rag.referencing",
    "rag.rendering",
    "rag.sourceview",
    "rag.webview",
    "rag.webwords",
    "rag.wording",
    *FLOORS[-1],
}

# Where each outside library lives. numpy, the common tongue of vectors, may be used on every floor.
ROOMS = {
    "apsw": {"rag.database"},
    "argon2": {"rag.accounts"},
    "charset_normalizer": {"rag.decoding"},
    "faiss": {"rag.vectors"},
    "fastapi": {"rag.chat.page"},
    "filelock": {"rag.indexing"},
    "gradio": {"rag.chat.desk", "rag.chat.endpoints", "rag.chat.lastresort", "rag.chat.page"},
    "htmldate": {"rag.markup"},
    "huggingface_hub": {"rag.modelfiles"},
    "limits": {"rag.chat.login"},
    "lxml": {"rag.markup"},
    "markdown_it": {"rag.markup"},
    "mdit_py_plugins": {"rag.markup"},
    "platformdirs": {"rag.paths"},
    "openvino": {"rag.eightbit"},
    "pydantic": {"rag.answerjson", "rag.chat.endpoints", "rag.chat.wishes"},
    "rich": {"rag.terminal"},
    "sentence_transformers": {"rag.eightbit", "rag.encoder", "rag.reranker", "rag.wordpieces"},
    "sentencex": {"rag.sentences"},
    # A second SQLite in the process, without checksums, that takes away the locks of the first.
    "sqlite3": set(),
    "starlette": {
        "rag.chat.bounds",
        "rag.chat.guard",
        "rag.chat.lastresort",
        "rag.chat.login",
        "rag.chat.offers",
        "rag.chat.page",
        "rag.chat.policy",
        "rag.chat.serving",
    },
    "Stemmer": {"rag.terms"},
    "torch": {"rag.eightbit", "rag.encoder", "rag.wordpieces"},
    "trafilatura": {"rag.markup"},
    "transformers": {"rag.modelfiles"},
    "typer": {"rag.__main__", "rag.chatcommands", "rag.options", "rag.terminal"},
    "uvicorn": {"rag.chat.serving"},
    "watchfiles": {"rag.watching"},
    "yaml": {"rag.markup"},
}
EVERYWHERE = (sys.stdlib_module_names | {"numpy", "rag"}) - ROOMS.keys()

# Modules that turn bytes into running code, and the ways round an import statement or to a shell.
FORBIDDEN_MODULES = {"builtins", "cloudpickle", "dill", "joblib", "marshal", "pickle", "runpy", "shelve"}
FORBIDDEN_FUNCTIONS = {"__import__", "compile", "eval", "exec"}
FORBIDDEN_NAMES = {
    "__import__",
    "import_module",
    "module_from_spec",
    "spec_from_file_location",
    "unsafe_load",
}
FORBIDDEN_WORDS = {"allow_pickle", "shell", "trust_remote_code", "KMP_DUPLICATE_LIB_OK"}
# What is not shipped is held to the same, but for tests that run what documents show or plant code to see it not run.
UNSHIPPED = [path for part in ("benchmarks", "embeddings", "tests") for path in sorted((ROOT / part).rglob("*.py"))]
RUNNING_CODE = {"test_endpoints.py", "test_exporting.py", "test_floors.py", "test_foreign_code.py", "test_readme.py"}


def imports(source: str) -> Iterator[str]:
    """The full names that ``source`` imports; ``from rag import paths`` gives ``rag.paths``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides which floor it reaches"
            assert all(alias.name != "*" for alias in node.names), "a star import hides what it brings"
            module = node.module or ""
            yield from (full if (full := f"{module}.{alias.name}") in SOURCES else module for alias in node.names)


def level(module: str) -> int:
    """How deep the floor of ``module`` lies; 0 is the top."""
    for depth, floor in enumerate(FLOORS):
        if module in floor:
            return depth
    raise AssertionError(f"{module} stands on no floor; give it one in tests/test_floors.py")


def inner(source: str) -> set[str]:
    """The modules of the house that ``source`` imports."""
    return {name for name in imports(source) if name in SOURCES}


def floor_faults(module: str, source: str) -> list[str]:
    """What ``source``, were it ``module``, would import from its own floor or from above."""
    own = level(module)
    return [
        f"{module} imports {other}, which does not lie below it"
        for other in sorted(inner(source))
        if level(other) < own or (level(other) == own and FLOORS[own] not in OPEN_FLOORS)
    ]


def presentation_faults(module: str, source: str) -> list[str]:
    """What ``source``, were it ``module``, would work on itself where it is the engine's to do so."""
    return [
        f"{module} imports {other}, which lies below the engine; let the engine offer what is needed of it"
        for other in sorted(inner(source) - DRAWING)
        if level(other) > level("rag.engine")
    ]


def room_faults(module: str, source: str) -> list[str]:
    """The libraries that ``source``, were it ``module``, would use outside their rooms."""
    tops = {name.split(".")[0] for name in imports(source)}
    return [
        f"{module} imports {top}, which belongs in {', '.join(sorted(ROOMS[top])) if top in ROOMS else 'no room yet'}"
        for top in sorted(tops)
        if (top in ROOMS and module not in ROOMS[top]) or (top not in ROOMS and top not in EVERYWHERE)
    ]


def danger_faults(source: str) -> list[str]:
    """What in ``source`` could run foreign code, or hides a broken OpenMP."""
    faults = [name for name in imports(source) if name.split(".")[0] in FORBIDDEN_MODULES]
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="yaml"), attr="load" | "load_all" | "full_load"):
                faults.append(f"yaml.{node.attr}")
            case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="load"), keywords=words):
                if not any(word.arg == "weights_only" and ast.unparse(word.value) == "True" for word in words):
                    faults.append("torch.load without weights_only=True")
            case ast.Attribute(value=ast.Name(id="os"), attr="popen" | "system"):
                faults.append(f"os.{node.attr}")
            case ast.ImportFrom(module="os", names=names) if {"popen", "system"} & {one.name for one in names}:
                faults.append("os.popen or os.system")
            case ast.Name(id=name) if name in FORBIDDEN_FUNCTIONS:
                faults.append(name)
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name) if name in FORBIDDEN_NAMES:
                faults.append(name)
            case ast.keyword(arg=word) | ast.Constant(value=word) if isinstance(word, str) and word in FORBIDDEN_WORDS:
                faults.append(word)
            case _:
                pass
    return faults


@pytest.mark.parametrize("module", SOURCES)
def test_a_module_imports_only_from_floors_below_its_own(module: str) -> None:
    assert floor_faults(module, SOURCES[module].read_text("utf-8")) == []


@pytest.mark.parametrize("module", [name for name in SOURCES if name == "app" or name.startswith("rag.chat")])
def test_the_chat_imports_nothing_below_the_engine_but_what_only_draws(module: str) -> None:
    assert presentation_faults(module, SOURCES[module].read_text("utf-8")) == []


@pytest.mark.parametrize("module", SOURCES)
def test_an_outside_library_is_used_in_its_own_room_only(module: str) -> None:
    assert room_faults(module, SOURCES[module].read_text("utf-8")) == []


@pytest.mark.parametrize("module", SOURCES)
def test_nothing_runs_foreign_code(module: str) -> None:
    assert danger_faults(SOURCES[module].read_text("utf-8")) == []


@pytest.mark.parametrize(
    "path",
    [path for path in UNSHIPPED if path.name not in RUNNING_CODE],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_nothing_that_is_not_shipped_runs_foreign_code_either(path: Path) -> None:
    assert danger_faults(path.read_text("utf-8")) == []


def test_every_file_that_is_shipped_beside_the_code_holds_numbers_or_text() -> None:
    shipped = [path for part in ("seeds", "embeddings/model", "embeddings/translations") for path in files(ROOT / part)]
    assert {path.suffix for path in shipped} == {".bin", ".gz", ".json", ".md", ".safetensors", ".txt", ".xml"}
    beside = {path.suffix for path in files(ROOT / "rag") if "__pycache__" not in path.parts}
    assert beside == {".css", ".html", ".js", ".json", ".py"}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_every_floor_names_only_modules_that_exist_and_each_once() -> None:
    named = sorted(module for floor in FLOORS for module in floor)
    assert named == sorted(SOURCES)


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module: inner(path.read_text("utf-8")) for module, path in SOURCES.items()}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("rag.vectors", "import rag.passages"),
        ("rag.passages", "def late() -> None:\n    from rag.encoder import load_encoder"),
        ("rag.folding", "from rag import engine"),
        ("rag.records", "from rag import open"),
        ("rag.terminal", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import rag.chat"),
    ],
)
def test_an_import_upwards_or_sideways_is_noticed(module: str, source: str) -> None:
    assert floor_faults(module, source)


@pytest.mark.parametrize(
    "source", ["from rag.evaluation import feedback", "import rag.passages", "from rag import paths"]
)
def test_a_chat_that_reaches_below_the_engine_is_noticed(source: str) -> None:
    assert presentation_faults("rag.chat.desk", source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("rag.passages", "import faiss"),
        ("rag.engine", "import apsw as database"),
        ("rag.engine", "from sentence_transformers.util import cos_sim"),
        ("rag.engine", "import requests"),
    ],
)
def test_a_library_outside_its_room_is_noticed(module: str, source: str) -> None:
    assert room_faults(module, source)


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "from importlib import import_module",
        "import importlib\nimportlib.import_module('faiss')",
        "__import__('faiss')",
        "eval('1')",
        "import yaml\nyaml.load('')",
        "SentenceTransformer('x', trust_remote_code=True)",
        "options = {'trust_remote_code': True}",
        "import torch\ntorch.load('x')",
        "import torch\ntorch.load('x', weights_only=False)",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "import os\nos.system('ls')",
        "from os import popen",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "compile('1', '', 'eval')",
        "import builtins",
        "import os\nos.environ['KMP_DUPLICATE_LIB_OK'] = 'TRUE'",
    ],
)
def test_code_that_runs_foreign_code_is_noticed(source: str) -> None:
    assert danger_faults(source)


@pytest.mark.parametrize(
    "source",
    [
        "import re\nre.compile('x')",
        "model.eval()",
        "import yaml\nyaml.safe_load('')",
        "import torch\ntorch.load('x', weights_only=True)",
    ],
)
def test_code_that_only_looks_as_if_it_did_is_not(source: str) -> None:
    assert danger_faults(source) == []


@pytest.mark.parametrize("source", ["from . import engine", "from .engine import Engine", "from rag.engine import *"])
def test_an_import_that_hides_its_origin_is_refused(source: str) -> None:
    with pytest.raises(AssertionError):
        list(imports(source))
