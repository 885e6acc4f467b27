"""What SQLite is told to do is written in the program, word for word; the values it is to work with come apart from it.

Read from the source: whatever is handed to ``execute`` is a text that stands there, or a constant of a module. An
integer that is formatted as one may stand in it, because a PRAGMA takes no parameters.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.test_floors import SOURCES

RUNNING = {"execute", "executemany", "executescript"}


def sql_faults(source: str) -> list[str]:
    """The statements in ``source`` that are put together from anything that is not written there."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module):
            known = dict(bindings(function))
            for node in own(function):
                match node:
                    case ast.Call(func=ast.Attribute(attr=name), args=[statement, *_]) if name in RUNNING:
                        if not written(statement, known):
                            found.append(f"line {node.lineno}: {ast.unparse(statement)}")
    return found


def own(scope: ast.AST) -> Iterator[ast.AST]:
    """All of ``scope`` but the functions within it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from own(child)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (node for default in child.args.defaults for node in ast.walk(default))


def bindings(scope: ast.AST) -> Iterator[tuple[str, list[ast.expr]]]:
    """The names that ``scope`` binds, each with all that it may be."""
    values: dict[str, list[ast.expr]] = {}
    for node in own(scope):
        match node:
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                pairs = [(target, value)]
            case ast.AugAssign(target=target, value=value):
                pairs = [(target, value)]
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                pairs = [(target, value)]
            case _:
                pairs = []
        for target, value in pairs:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    values.setdefault(name.id, []).append(value)
    yield from values.items()


def written(node: ast.expr, known: dict[str, list[ast.expr]]) -> bool:
    """Whether ``node`` is put together from nothing but what is written in the program."""
    match node:
        case ast.Constant():
            return True
        case ast.JoinedStr(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(written(part, known) for part in parts)
        case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value="d")])):
            return True
        case ast.FormattedValue(value=value, format_spec=None) | ast.Starred(value=value):
            return written(value, known)
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.Add(), right=other):
            return written(one, known) and written(other, known)
        case ast.Name(id=name) if name in known:
            others = {key: value for key, value in known.items() if key != name}
            return all(written(value, others) for value in known[name])
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper()
        case ast.Call(func=ast.Attribute(value=value, attr="items" | "values"), args=[]):
            return written(value, known)
    return False


@pytest.mark.parametrize("module", SOURCES)
def test_no_statement_is_put_together_from_what_comes_in(module: str) -> None:
    assert sql_faults(SOURCES[module].read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(c, x): c.execute(x)",
        "def f(c, x): c.execute(f'DELETE FROM {x}')",
        "def f(c, x): c.execute('DELETE FROM ' + x)",
        "def f(c, x): c.execute('DELETE FROM %s' % x)",
        "def f(c, x): c.execute('DELETE FROM {}'.format(x))",
        "def f(c, x): c.execute(' '.join(['DELETE FROM', x]))",
        "def f(c, x):\n    q = f'DELETE FROM {x}'\n    c.executemany(q, [])",
        "def f(c, x):\n    q = 'DELETE FROM '\n    q += x\n    c.execute(q)",
        "def f(c, x):\n    for q in x: c.execute(q)",
        "def f(c, x): return [c.execute(q) for q in ('a', x)]",
        "def f(c, x): c.execute((q := x))",
        "def f(c, x): return lambda: c.execute(x)",
        "def f(c, x):\n    q = 'a'\n    def g(q): c.execute(q)",
        "q = input()\nc.execute(q)",
        "def f(c, x): c.execute(f'PRAGMA user_version = {x}')",
    ],
)
def test_a_statement_that_is_put_together_is_noticed(source: str) -> None:
    assert sql_faults(source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(c, x): c.execute('DELETE FROM a WHERE b = ?', (x,))",
        "SIZE = 4\ndef f(c): c.execute(f'PRAGMA page_size = {SIZE}')",
        "def f(c, x): c.execute(f'PRAGMA user_version = {x:d}')",
        "def f(c, x):\n    q = 'a' if x else 'b'\n    c.execute(q, x)",
        "def f(c, x):\n    for _, some in rag.schema.STEPS.items():\n        for q in some if x else (): c.execute(q)",
    ],
)
def test_a_statement_that_is_written_out_is_not(source: str) -> None:
    assert sql_faults(source) == []
