"""The page's own words: both languages have all of them, and nothing is said that is not among them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rag.ledger import Phase, Step
from rag.records import Whereabouts

STATIC = Path(__file__).parent.parent / "rag" / "chat" / "static"
WORDS: dict[str, dict[str, str]] = json.loads((STATIC / "words.json").read_text("utf-8"))
SCRIPTS = "\n".join(path.read_text("utf-8") for path in sorted(STATIC.glob("*.js"))).replace("()", "")
MARKUP = (STATIC / "desk.html").read_text("utf-8")

IN_MARKUP = set(re.findall(r'data-(?:word|label|hint)="(\w+)"', MARKUP))
# say("key"), say(so() ? "one" : "another"), data: { word: "key" }, and the keys that the list of shortcuts names.
IN_SCRIPTS = {
    key
    for said in re.findall(r'\bsay\(([^`()]*)|\b(?:word|label|hint): ("\w+")|\[".*?", ("key\w+")\]', SCRIPTS)
    for key in re.findall(r'"(\w+)"', " ".join(said))
} - {"de"}  # what a language is compared with
# Keys that are put together from what the program says.
MADE = (
    {phase.value for phase in Phase if phase is not Phase.READY}
    | {f"step{step.value.capitalize()}" for step in Step}
    | {f"found_{found.value}" for found in Whereabouts}
)


def test_both_languages_have_the_same_words():
    assert WORDS.keys() == {"en", "de"}
    assert list(WORDS["en"]) == list(WORDS["de"])


@pytest.mark.parametrize("key", WORDS["en"])
def test_a_word_has_the_same_holes_in_both_languages(key):
    english, german = (sorted(re.findall(r"\{\d\}", WORDS[language][key])) for language in ("en", "de"))
    assert english == german


def test_every_word_that_is_said_exists_and_every_word_is_said():
    assert WORDS["en"].keys() == IN_MARKUP | IN_SCRIPTS | MADE


def test_no_text_stands_in_the_markup_itself():
    own = re.sub(r"<[^>]*>", " ", MARKUP).split()
    assert own == ["Fundstelle", "?", "Markdown", "HTML", "JSON"]
    assert re.findall(r'\b(?:aria-label|title|placeholder|alt)="', MARKUP) == []
