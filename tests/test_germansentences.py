"""Every sentence that the product may say to a reader in English can be said in German, too."""

from __future__ import annotations

import ast
import inspect
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import errors
from rag.functionwords import ENGLISH, GERMAN
from rag.germansentences import PHRASES, SENTENCES, german
from rag.modelfiles import ENCODER, RERANKER

ROOT = Path(__file__).parent.parent / "rag"
# What speaks to a terminal or to programs, which are told in English.
ELSEWHERE = {
    "__main__.py",
    "accounts.py",
    "chatcommands.py",
    "endpoints.py",
    "germansentences.py",
    "germantable.py",
    "options.py",
    "serving.py",
    "terminal.py",
}
# What has words of its own, in both languages; of these modules only the errors are asked for.
IN_BOTH = {
    "chat",
    "exporting.py",
    "exportpage.py",
    "referencing.py",
    "rendering.py",
    "webview.py",
}
MODULES = [
    path
    for path in sorted(ROOT.rglob("*.py"))
    # Of what measures, only verdicts come from the page.
    if path.name == "feedback.py"
    or (path.name not in ELSEWHERE and not {"evaluation", "speech"} & set(path.relative_to(ROOT).parts))
]
RAISED = {
    name for name, thing in vars(errors).items() if inspect.isclass(thing) and issubclass(thing, errors.FundstelleError)
}


def template(node: ast.expr) -> str | None:
    """What ``node`` says, its values replaced by {}; None where it is no text written here."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.replace("{", "{{").replace("}", "}}")
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part) or "{}" for part in node.values)
    return None


def texts(node: ast.expr | None, constants: dict[str, str]) -> Iterator[str]:
    """The texts that an expression may be, whichever way its conditions go; ``constants`` are those of its module."""
    match node:
        case ast.IfExp():
            yield from (*texts(node.body, constants), *texts(node.orelse, constants))
        case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.List(elts=values):
            for value in values:
                yield from texts(value, constants)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="format")) | ast.Name(id=name):
            if name in constants:
                yield re.sub(r"\{\w+\}", "{}", constants[name])
        case ast.expr():
            found = template(node)
            if found:
                yield found


def constants_of(tree: ast.Module) -> dict[str, str]:
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def is_sentence(text: str) -> bool:
    return text.endswith((".", "!", "…")) and text.count(" ") > 1 and (text[0].isalpha() or text.startswith("{}"))


def spoken(source: str, *, sentences: bool = True) -> Iterator[str]:
    """The sentences of ``source``: what is raised, why a file is skipped, and, if asked for, what is handed on."""
    tree = ast.parse(source)
    constants = constants_of(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[message, *_]) if name in RAISED:
                yield from texts(message, constants)
            case ast.Call(func=ast.Name(id="Skipped"), args=[_, reason]):
                yield from texts(reason, constants)
            case ast.Return(value=value) | ast.Yield(value=value) | ast.Assign(value=value) if sentences:
                yield from filter(is_sentence, texts(value, {}))
            case ast.keyword(arg="reason" | "notices" | "error", value=value) if sentences:
                yield from filter(is_sentence, texts(value, {}))


def holes(text: str) -> int:
    return sum(field is not None for _, field, _, _ in string.Formatter().parse(text))


SPOKEN = {
    sentence: path.relative_to(ROOT).as_posix()
    for path in MODULES
    for sentence in spoken(path.read_text("utf-8"), sentences=not IN_BOTH & set(path.relative_to(ROOT).parts))
}


def test_every_sentence_has_its_german() -> None:
    missing = [f"{place}: {sentence}" for sentence, place in SPOKEN.items() if sentence not in SENTENCES]
    assert not missing, "not in rag/germantable.py:\n" + "\n".join(missing)


def test_every_error_is_raised_with_a_sentence_that_can_be_read_there() -> None:
    hidden = []
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[message, *_]) if name in RAISED:
                    if not list(texts(message, constants_of(tree))):
                        hidden.append(f"{path.name}, line {node.lineno}")
    assert hidden == [], "its German cannot be looked for"


def test_the_table_holds_no_sentence_that_nobody_says() -> None:
    idle = sorted(SENTENCES.keys() - SPOKEN.keys())
    assert not idle, "said nowhere:\n" + "\n".join(idle)


@pytest.mark.parametrize("english", SENTENCES)
def test_a_german_sentence_has_the_holes_of_the_english_one(english: str) -> None:
    number = holes(english)
    # Marks that no sentence holds: each must come through, once for each hole at least.
    marks = [chr(0x2460 + i) for i in range(number)]
    assert all(mark in SENTENCES[english].format(*marks) for mark in marks)
    assert holes(SENTENCES[english]) == number


@pytest.mark.parametrize("english", SENTENCES)
def test_a_sentence_with_its_values_is_said_in_german_with_the_same_values(english: str) -> None:
    values = [f"wert-{number}.txt" for number in range(holes(english))]
    assert german(english.format(*values)) == SENTENCES[english].format(*values)


@pytest.mark.parametrize(("english", "told"), [*SENTENCES.items(), *PHRASES.items()])
def test_what_is_german_is_not_english(english: str, told: str) -> None:
    words = {word.strip(".,;:()„“") for word in told.replace("{}", " ").casefold().split()}
    assert not words & (ENGLISH - GERMAN), told
    assert told != english
    assert english.endswith(".") == told.endswith(".")


@pytest.mark.parametrize("role", [ENCODER, RERANKER])
def test_what_is_said_within_a_sentence_is_german_too(role) -> None:
    told = german(f"The model m failed to encode: no room; {role.remedy}.")
    assert told.startswith("Mit dem Modell m konnte nicht gerechnet werden: no room; ")
    assert role.option in told
    assert " the " not in told
    assert german("a.txt cannot be read: Permission denied. Check its permissions.") == (
        "a.txt kann nicht gelesen werden: keine Berechtigung. Die Zugriffsrechte prüfen."
    )


def test_numbers_are_written_as_german_has_them() -> None:
    told = german("The question has 12,345 characters; at most 2,000 are read. Shorten it.")
    assert told == "Die Frage hat 12.345 Zeichen; höchstens 2.000 werden gelesen. Sie ist zu kürzen."


def test_of_two_sentences_that_fit_the_one_that_says_more_is_taken() -> None:
    assert german("it is empty.") == "die Datei ist leer."
    assert german("leer.txt is empty.") == "leer.txt ist leer."


def test_an_unknown_sentence_stays_as_it_is() -> None:
    assert german("Nobody has said this before.") == "Nobody has said this before."


@given(st.text(max_size=200))
def test_no_text_makes_it_fail(text: str) -> None:
    assert isinstance(german(text), str)
    assert german(f"{text} is empty.")


def test_a_very_long_sentence_is_not_pondered() -> None:
    sentence = "The index x cannot be opened (" * 5_000
    assert german(sentence) == sentence
