"""The wheel carries what it needs, and works installed outside the checkout; what is imported is declared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.test_floors import ROOMS, SOURCES, imports

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def normal(requirement: str) -> str:
    """The name of a distribution in the form that all spellings share (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~ ;\[]", requirement)[0]).lower()


DECLARED = {
    normal(requirement) for requirement in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["fast"]]
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without fetching anything."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return next(folder.glob("fundstelle-*.whl"))


def test_the_wheel_carries_the_package_the_sample_articles_and_the_licence_and_no_more(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"rag/{path.name}" for path in SOURCES.values() if path.parent.name == "rag"} <= set(names)
    assert {f"rag/seeds/{path.name}" for path in (ROOT / "seeds").iterdir()} <= set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert any(name.endswith("/licenses/NOTICE") for name in names)
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"rag"}


def test_the_wheel_answers_outside_the_checkout_and_keeps_its_index_in_the_users_data_folder(
    wheel: Path, tmp_path: Path
) -> None:
    installed, home, elsewhere = (tmp_path / name for name in ("installed", "home", "elsewhere"))
    zipfile.ZipFile(wheel).extractall(installed)
    home.mkdir()
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "rag", "ask", "Was hat Dmitriev vorgeschlagen?"],
        cwd=elsewhere,
        env=os.environ | {"PYTHONPATH": str(installed), "HOME": str(home), "XDG_DATA_HOME": str(home / "data")},
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    assert done.returncode == 0
    assert "eine bessere Zukunft für die Menschheit" in " ".join(done.stdout.decode().split())
    assert [path.name for path in home.rglob("index.sqlite3")]
    assert not list(elsewhere.iterdir())
    assert not list(installed.rglob("index.sqlite3"))


def test_every_library_that_is_imported_is_declared() -> None:
    owners = packages_distributions()
    tops = {name.split(".")[0] for path in SOURCES.values() for name in imports(path.read_text("utf-8"))}
    used = {normal(owner) for top in tops - sys.stdlib_module_names - {"rag"} for owner in owners[top]}
    assert used <= DECLARED


def test_every_dependency_is_explained_and_pinned() -> None:
    explained = {normal(line.split("|")[1].split()[0]) for line in table_rows("docs/dependencies.md")}
    pins = {normal(line) for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line}
    tested = {normal(requirement) for requirement in PROJECT["optional-dependencies"]["test"]}
    assert explained >= DECLARED
    assert pins >= DECLARED | tested


def test_the_place_of_every_dependency_is_the_one_the_document_names() -> None:
    owners = packages_distributions()
    told = {
        normal(row.split("|")[1].split()[0]): {
            f"rag.{name.replace('/', '.')}" for name in re.findall(r"rag/([\w/]+)\.py", row)
        }
        for row in table_rows("docs/dependencies.md")
    }
    for top, rooms in ROOMS.items():
        for owner in owners.get(top, ()):
            assert told[normal(owner)] == rooms


def table_rows(document: str) -> list[str]:
    lines = (ROOT / document).read_text("utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith("| Library")]
