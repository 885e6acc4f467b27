"""Asks for the known faults of every package of constraints.txt: ``make audit``, which needs a network.

Owns the file of exceptions. What is known of a package is pip-audit's to find out.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
EXCEPTIONS = ROOT / "audit-exceptions.toml"
# Long enough for a new version of a package to come out, short enough that nobody forgets why.
LONGEST = timedelta(days=90)
_ID = re.compile(r"(?:GHSA|CVE|PYSEC)-[\w-]+")


@dataclass(frozen=True, slots=True)
class Passed:
    """An advisory that is passed over until the end of the day ``expires``, and why."""

    id: str
    reason: str
    expires: date


def read(text: str, today: date) -> list[Passed]:
    """Return the exceptions that ``text`` lists. Raises ValueError, saying which is wrong, unless all hold today."""
    content = tomllib.loads(text)
    listed = content.pop("exception", [])
    if content or not isinstance(listed, list):
        raise ValueError(f"There is more than exceptions: {', '.join(content)}; write each as [[exception]].")
    return [_checked(one, number, today) for number, one in enumerate(listed, start=1)]


def _checked(one: object, number: int, today: date) -> Passed:
    names = {field.name for field in fields(Passed)}
    if not isinstance(one, dict) or set(one) != names:
        raise ValueError(f"Exception {number} must have {', '.join(sorted(names))}, and nothing else.")
    passed = Passed(**one)
    if not isinstance(passed.id, str) or not _ID.fullmatch(passed.id):
        raise ValueError(f"Exception {number} has the id {passed.id!r}; write that of a GHSA, CVE or PYSEC advisory.")
    if not isinstance(passed.reason, str) or len(passed.reason.split()) < 3:
        raise ValueError(f"{passed.id} has no reason; write why it does no harm here.")
    # A date and time is a date to Python.
    if type(passed.expires) is not date or passed.expires > today + LONGEST:
        raise ValueError(f"{passed.id} must expire on a day within {LONGEST.days} days from today.")
    if passed.expires < today:
        raise ValueError(f"{passed.id} has expired on {passed.expires}; update the package, or look at it anew.")
    return passed


def command(passed: list[Passed]) -> list[str]:
    """Return the command that asks. Strict: a package that nothing is known of is a fault, not a line in a table."""
    asked = ["-r", str(ROOT / "constraints.txt"), "--no-deps", "--disable-pip", "--strict", "--progress-spinner", "off"]
    return [sys.executable, "-m", "pip_audit", *asked, *(part for one in passed for part in ("--ignore-vuln", one.id))]


def main() -> int:
    """Ask, and return the exit code."""
    try:
        passed = read(EXCEPTIONS.read_text("utf-8"), date.today())
    except ValueError as error:
        sys.stderr.write(f"{EXCEPTIONS.name}: {error}\n")
        return 2
    return subprocess.run(command(passed), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
