"""What is installed was locked, file by file; what is known to be faulty is passed over for a reason and a time."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.security import audit

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TODAY = date(2026, 11, 21)
# Named by no hash: torch comes in several builds from several places, and brings CUDA with some of them.
UNLOCKED = re.compile(r"torch|(cuda|nvidia|triton)[\w-]*")


def pins(file: str) -> dict[tuple[str, str], Requirement]:
    """The requirements of a file by name and marker, as pip reads them."""
    text = re.sub(r" *\\\n *--hash=\S+", "", (ROOT / file).read_text("utf-8"))
    lines = [Requirement(line) for line in text.splitlines() if line and not line.startswith("#")]
    return {(canonicalize_name(one.name), str(one.marker or "")): one for one in lines}


LOCKED, PINNED = pins("requirements.lock"), pins("constraints.txt")


def wanted() -> list[Requirement]:
    return [Requirement(line) for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]]


def test_every_package_that_is_wanted_is_locked_at_a_version_that_will_do() -> None:
    missing = []
    for requirement in wanted():
        name = canonicalize_name(requirement.name)
        found = [one for (other, _), one in LOCKED.items() if other == name]
        if UNLOCKED.fullmatch(name):
            continue
        if not found or not all(requirement.specifier.contains(one.specifier.__str__()[2:]) for one in found):
            missing.append(str(requirement))
    assert missing == [], "run: make lock"


def test_the_lock_holds_the_versions_of_the_constraints_and_all_of_them_that_are_installed() -> None:
    for key, one in LOCKED.items():
        assert str(PINNED[key].specifier) == str(one.specifier), "run: make lock"
    assert not [name for name, _ in LOCKED if UNLOCKED.fullmatch(name)]


def test_every_file_that_may_be_installed_has_a_hash_and_no_place_is_named() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    entries = re.split(r"\n(?=[a-z])", "\n" + re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())[1:]
    assert len(entries) == len(LOCKED)
    for entry in entries:
        first, *others = entry.split(" \\\n")
        assert re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", first)
        assert others
        assert all(re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}", line) for line in others)
    for file in ("requirements.lock", "constraints.txt"):
        assert not re.search(r"://|--(extra-)?index|--find-links|--trusted", (ROOT / file).read_text("utf-8"))


def test_every_package_that_runs_here_is_one_of_the_lock() -> None:
    here = dict(default_environment())
    names = {name for (name, _), one in LOCKED.items() if not one.marker or one.marker.evaluate(here)}
    for requirement in wanted():
        if not requirement.marker or requirement.marker.evaluate(here):
            name = canonicalize_name(requirement.name)
            assert name in names or UNLOCKED.fullmatch(name)


def test_the_set_up_installs_the_lock_and_nothing_that_is_not_hashed_but_torch() -> None:
    setup = MAKEFILE[MAKEFILE.index("$(READY): pyproject.toml") : MAKEFILE.index("\nchat:")]
    installed = re.findall(r"pip install (.*)", setup)
    assert "--quiet --require-hashes --no-deps -r requirements.lock" in installed
    for line in installed:
        allowed = ("--require-hashes --no-deps", "--no-deps --no-build-isolation -e .", "torch==$(TORCH_VERSION)")
        assert any(part in line for part in allowed), line


def entry(**changes: object) -> str:
    fields = {"id": '"GHSA-abcd-efgh-ijkl"', "reason": '"Only its server is concerned."', "expires": "2026-12-31"}
    values = {name: value for name, value in (fields | changes).items() if value is not None}
    return "[[exception]]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


def test_an_exception_with_a_reason_and_a_day_is_passed_on() -> None:
    passed = audit.read(entry() + entry(id='"CVE-2026-1234"'), TODAY)
    assert [one.id for one in passed] == ["GHSA-abcd-efgh-ijkl", "CVE-2026-1234"]
    command = audit.command(passed)
    assert command[-4:] == ["--ignore-vuln", "GHSA-abcd-efgh-ijkl", "--ignore-vuln", "CVE-2026-1234"]
    assert "--strict" in command


@pytest.mark.parametrize("day", [TODAY, TODAY + audit.LONGEST])
def test_an_exception_holds_on_its_last_day_and_90_days_at_most(day: date) -> None:
    assert audit.read(entry(expires=day), TODAY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(expires=TODAY - timedelta(days=1)), "has expired on 2026-11-20"),
        (entry(expires=TODAY + audit.LONGEST + timedelta(days=1)), "within 90 days"),
        (entry(expires='"2026-12-31"'), "must expire on a day"),
        (entry(expires="2026-12-31T00:00:00"), "must expire on a day"),
        (entry(expires=None), "Exception 1 must have"),
        (entry(reason=None), "Exception 1 must have"),
        (entry(reason='""'), "has no reason"),
        (entry(reason="5"), "has no reason"),
        (entry(id='"everything"'), "'everything'"),
        (entry(id="5"), "has the id 5"),
        (entry(note='"x"'), "and nothing else"),
        (entry() + entry(id='""'), "Exception 2 has the id ''"),
        ("ignore = ['GHSA-abcd-efgh-ijkl']", "more than exceptions: ignore"),
        ("exception = 'GHSA-abcd-efgh-ijkl'", "write each as"),
        ("exception = ['GHSA-abcd-efgh-ijkl']", "Exception 1 must have"),
        ("exception", "Expected"),
    ],
)
def test_an_exception_that_is_not_whole_or_no_longer_holds_fails(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        audit.read(text, TODAY)


def test_the_exceptions_of_this_repository_can_be_read() -> None:
    with (ROOT / "audit-exceptions.toml").open("rb") as file:
        listed = tomllib.load(file).get("exception", [])
    days = [one["expires"] for one in listed]
    assert len(audit.read(audit.EXCEPTIONS.read_text("utf-8"), min([*days, date.today()]))) == len(listed)
