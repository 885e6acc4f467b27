"""The words shown as matched stand in question and passage just so, and are the surest ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import rag
from rag.matching import matches
from rag.records import Language, Match
from rag.terms import stems, words, written
from rag.variants import Term

LANGUAGES: tuple[Language | None, ...] = ("de", "en", None)
PASSAGE = "Der Außenminister Lawrow sprach in Riad über Energiedeals, und Lawrows Energie war groß für das Land."


def matched(question: str, passage: str, terms: Sequence[Term], language: Language | None = None) -> tuple[Match, ...]:
    [found] = matches(question, [(passage, language)], terms)
    return found


def term(word: str, de: Mapping[str, float], en: Mapping[str, float] | None = None) -> Term:
    return Term(word, de, en or {})


def test_a_word_is_matched_by_what_stands_for_it_as_it_is_written() -> None:
    terms = [
        term("lavrov", {"lavrov": 0.5, "lawrow": 0.4}),
        term("energy", {"energideal": 0.5, "energi": 1.0}),
        term("riyadh", {"riad": 0.8}),
        term("peace", {"fried": 1.0}),
    ]
    assert matched("What energy did Lavrov's people get at Riyadh for peace?", PASSAGE, terms) == (
        Match("Lavrov", "Lawrow"),
        Match("energy", "Energie"),
        Match("Riyadh", "Riad"),
    )


def test_of_two_words_that_stand_equally_surely_for_one_the_first_in_the_passage_is_shown() -> None:
    text = "Die Brücken und die Häfen, die Brücke und der Hafen."
    assert matched("Bau?", text, [term("bau", {"haf": 0.5, "bruck": 0.5})]) == (Match("Bau", "Brücken"),)


def test_a_word_with_two_forms_is_matched_once() -> None:
    terms = [term("brics+", {"brics+": 1.0}), term("brics", {"brics": 1.0})]
    assert matched("Was ist BRICS+?", "BRICS+ ist es, und nur das.", terms) == (Match("BRICS+", "BRICS+"),)


def test_an_english_passage_is_matched_by_english_stems() -> None:
    terms = [term("bruecke", {"bruck": 1.0}, {"bridg": 1.0})]
    assert matched("Wo ist die Brücke?", "It was one of the bridges.", terms) == (Match("Brücke", "bridges"),)


def test_passages_of_both_languages_are_each_matched_in_their_own_whether_it_is_told_or_not() -> None:
    terms = [term("bruecke", {"bruck": 1.0}, {"bridg": 1.0})]
    texts = "Es war eine der Brücken.", "It was one of the bridges.", "bridges"
    found = [(Match("Brücke", "Brücken"),), (Match("Brücke", "bridges"),)]
    assert matches("Wo ist die Brücke?", list(zip(texts, LANGUAGES, strict=True)), terms) == [*found, ()]
    assert matches("Wo ist die Brücke?", [(text, None) for text in texts], terms) == [*found, ()]


TEXT = st.text(st.sampled_from("aäßÄeE\u0308tsTS'’+12.,: -\n\u00ad½ﬁ") | st.characters(), max_size=60)


@given(question=TEXT, passage=TEXT, weights=st.lists(st.sampled_from([0.3, 0.5, 1.0]), min_size=1))
@example(question="Straße", passage="STRASSE", weights=[1.0])
def test_every_match_stands_word_for_word_in_question_and_passage(
    question: str, passage: str, weights: list[float]
) -> None:
    here = stems(passage)
    standing = {stem: weights[n % len(weights)] for n, stem in enumerate(dict.fromkeys([*here.german, *here.english]))}
    asked = dict.fromkeys(words(question))
    found = matched(question, passage, [Term(word, standing, standing) for word in asked])
    assert all(match.asked in question and match.found in passage for match in found)
    assert len({match.asked for match in found}) == len(found) <= len(asked)


PLAIN = st.text(st.sampled_from("abtsAÄäöüßE'’+123.,: -\n("), max_size=60)


@given(PLAIN)
def test_the_words_of_the_stretches_of_a_text_are_the_words_of_the_text(text: str) -> None:
    assert [word for _, word in written(text)] == words(text)
    assert all(stretch in text for stretch, _ in written(text))


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("Putin's Straße, 20.000 BRICS+", ["Putin", "Straße", "20.000", "BRICS+", "BRICS+"]),
        ("Mu\u0308ller und Erdoğan’s", ["Mu\u0308ller", "Erdoğan"]),
    ],
)
def test_a_stretch_is_the_word_as_it_is_written(text: str, stretches: list[str]) -> None:
    assert [stretch for stretch, _ in written(text)] == stretches


@pytest.mark.parametrize("question", ["Wer hat die neue Brücke eröffnet?", "Who opened the new bridge?", "the"])
def test_every_hit_says_which_of_its_words_were_matched(corpus: Path, tmp_path: Path, question: str) -> None:
    with rag.open(corpus, model="hashing", index=tmp_path / "index") as engine:
        hits = [*engine.retrieve(question), *engine.ask(question).hits]
    for hit in hits:
        # The words of the heading, which is not quoted, count for the coverage too.
        assert bool(hit.matches) <= (hit.coverage > 0)
        assert all(match.asked in question and match.found in hit.passage.text for match in hit.matches)
    [bridge, *_] = [hit for hit in hits if "Bürgermeister" in hit.passage.text]
    assert [(match.asked, match.found) for match in bridge.matches] == {
        "Wer hat die neue Brücke eröffnet?": [("neue", "neue"), ("Brücke", "Brücke"), ("eröffnet", "eröffnet")],
        "Who opened the new bridge?": [("opened", "eröffnet"), ("new", "neue"), ("bridge", "Brücke")],
        "the": [],
    }[question]
