"""What `mutmut run` found: how many changes to the modules of storage and citation the tests notice, module by module.

    python -m benchmarks.mutants

Fails under 90%. Left out of the count, and listed with --equivalent, is a change that no test can notice because SQL
and the names of encodings mean the same in small and in capital letters.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import Counter
from pathlib import Path

FOLDER = Path("mutants/rag")
LEAST = 0.9
# Where letters mean the same in either case: a query without a quoted value, and the name of an encoding.
_SQL = re.compile(r"(SELECT|INSERT|DELETE|UPDATE|PRAGMA|BEGIN|COMMIT|ATTACH|AND \+)\b[^'\"]*", re.IGNORECASE)
_ENCODING = re.compile(r"utf-8", re.IGNORECASE)
# Exit codes of mutmut: nothing noticed, no test runs the line, not tried.
SURVIVED, UNTESTED, UNTRIED = {0}, {5, 33}, {None}


class _Lowered(ast.NodeTransformer):
    """Writes queries and names of encodings in small letters."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, str) and (_SQL.fullmatch(node.value.strip()) or _ENCODING.fullmatch(node.value)):
            node.value = node.value.lower()
        return node


def functions(source: str) -> dict[str, str]:
    """The body of every function of a mutated module, by name, as it reads with queries in small letters."""
    tree = ast.parse(source)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.dump(ast.Module(_Lowered().visit(node).body, [])) for node in found}


def main() -> int:
    """Print the table; 1 where a module is under the least, 0 otherwise."""
    shown, failed = "--equivalent" in sys.argv, False
    for path in sorted(FOLDER.glob("*.py.meta")):
        codes: dict[str, int | None] = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        bodies = functions(path.with_suffix("").read_text("utf-8"))
        count: Counter[str] = Counter()
        for mutant, code in codes.items():
            name = mutant.rsplit(".", 1)[1]
            original = name.rsplit("__mutmut_", 1)[0] + "__mutmut_orig"
            if code in SURVIVED and bodies.get(name) == bodies.get(original):
                count["equivalent"] += 1
                if shown:
                    print(mutant)
            elif code in SURVIVED | UNTESTED:
                count["survived"] += 1
            else:
                count["untried" if code in UNTRIED else "killed"] += 1
        if not codes:
            continue
        tried = count["killed"] + count["survived"]
        share = count["killed"] / tried if tried else 0.0
        failed |= share < LEAST or count["untried"] > 0
        rest = ", ".join(f"{count[what]} {what}" for what in ("survived", "equivalent", "untried") if count[what])
        print(f"{path.name.split('.')[0]:14} {count['killed']:4} of {tried:4} killed  {share:6.1%}  {rest}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
