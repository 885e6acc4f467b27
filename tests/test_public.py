"""What ``import rag`` offers is what it promises, and costs nothing before it is used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import rag
import rag.errors
import rag.records


def test_every_promised_name_is_there_and_documented() -> None:
    for name in rag.__all__:
        thing = getattr(rag, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), name


def test_all_records_and_errors_are_public() -> None:
    for module in (rag.records, rag.errors):
        defined = {name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__}
        assert {name for name in defined if not name.startswith("_")} <= set(rag.__all__)


def test_every_deliberate_error_is_a_fundstelle_error() -> None:
    errors = [thing for thing in vars(rag.errors).values() if inspect.isclass(thing)]
    assert all(issubclass(error, rag.FundstelleError) for error in errors)


def test_importing_rag_loads_nothing_heavy() -> None:
    code = "import sys, rag; print(sorted({'torch', 'faiss', 'gradio', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
