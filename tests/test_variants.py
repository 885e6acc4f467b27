"""What stands for a word of a question in the corpus: compounds, parts, translations and other spellings of names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import indexing
from rag.encoder import HashingEncoder
from rag.passages import PassageStore
from rag.records import Language
from rag.settings import DEFAULTS
from rag.terms import german_stems
from rag.translations import Translations
from rag.variants import Term, keys, terms

TABLE: dict[Language, dict[str, dict[str, float]]] = {
    "en": {"war": {"krieg": 0.8, "kampf": 0.2}, "bridg": {"bruck": 1.0}},
    "de": {"krieg": {"war": 0.9}, "war": {"was": 1.0}, "bruck": {"bridg": 1.0}, "energi": {}, "haus": {}},
}


class Table:
    """A few translations."""

    def of(self, stem: str, language: Language) -> Mapping[str, float]:
        return TABLE[language].get(stem, {})

    def stems(self, language: Language) -> AbstractSet[str]:
        return TABLE[language].keys()


class Words:
    """A vocabulary in memory."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def spelled(self, keys_: Collection[str]) -> dict[str, list[str]]:
        return {key: [word for word in self.words if any(own.startswith(key) for own in keys(word))] for key in keys_}

    def holds(self, stems: Collection[str]) -> set[str]:
        return set(stems) & set(self.words)


def stub(question: str, *vocabulary: str) -> tuple[Term, ...]:
    return terms(question, Words(*vocabulary), Table(), DEFAULTS)


def test_a_translation_weighs_as_much_as_it_is_probable_beside_the_best() -> None:
    [term] = stub("What about the war?")
    assert term.de == {"krieg": 1.0, "kampf": pytest.approx(0.25)}
    assert term.en == {"war": 1.0}


def test_an_unknown_word_is_looked_for_as_it_stands_in_both_languages() -> None:
    [term] = stub("Who is Dmitriev?")
    assert term.de["dmitriev"] == term.en["dmitriev"] == 1.0


def test_a_compound_counts_less_than_the_word_and_only_if_its_rest_is_a_word() -> None:
    [term] = stub("Was ist mit der Brücke?", "bruckhaus", "bruckxyz", "hausbruck")
    assert term.de == {
        "bruck": 1.0,
        "bruckhaus": DEFAULTS.compound_weight,
        "hausbruck": DEFAULTS.compound_weight,
    }


# What made-up words are put together from: words of the table, links, and what is no word.
pieces = st.sampled_from(["bruck", "haus", "krieg", "energi", "xyz", "hausern", "s", "es", "n", "ens", "er", "e"])


def is_compound(word: str, part: str, known: AbstractSet[str]) -> bool:
    """Whether ``word`` is ``part`` and a known word, or one whose stem is known, with a link between them or none."""
    links = ["", "s", "es", "n", "en", "ns", "e", "er"]
    rests = [word.removeprefix(part + link) for link in links if word.startswith(part + link)]
    rests += [word.removesuffix(link + part) for link in links if word.endswith(link + part)]
    return any(len(rest) >= 3 and not known.isdisjoint([rest, *german_stems([rest])]) for rest in rests)


@given(st.lists(st.lists(pieces, min_size=1, max_size=3).map("".join), unique=True))
def test_compounds_are_those_that_trying_every_link_finds(vocabulary: list[str]) -> None:
    [term] = stub("Was ist mit der Brücke?", *vocabulary)
    known = TABLE["de"].keys() | vocabulary
    assert term.de.keys() - {"bruck"} == {word for word in vocabulary if is_compound(word, "bruck", known)}


@pytest.mark.parametrize("question", ["", "Was ist das und wo ist es?", "Who is it and what is that?", "?!"])
def test_function_words_have_no_variants(question: str) -> None:
    assert stub(question, "dasein", "wovon") == ()


@given(st.text(max_size=80))
def test_every_weight_of_every_question_is_a_share_above_nothing(question: str) -> None:
    found = stub(question, "bruckhaus", "selenskyj", "krieg", "haus", "energideal")
    assert len({term.word for term in found}) == len(found)
    for term in found:
        assert all(0 < weight <= 1 for side in (term.de, term.en) for weight in side.values())


TEXTS = [
    "Die Energiedeals und die Gasanlagen waren für den Kreml nicht das Thema.",
    "Der Gastgeber stand in der Gasse und sprach mit Lawrow über das Gas.",
    "Das war in Riad, als die Brücke und der Krieg ein Thema waren, und Selenskyj war da.",
    "BRICS+ hat 20.000 Mitglieder, und die Brücke wurde von Zelensky und Lavrov besucht.",
    "The Kremlin said that the bridge in Riyadh was the work of the engineers.",
]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> PassageStore:
    """A real index of the texts above."""
    folder: Path = tmp_path_factory.mktemp("variants")
    (folder / "corpus").mkdir()
    for number, text in enumerate(TEXTS):
        (folder / "corpus" / f"{number}.txt").write_text(f"Ein Titel\n\n{text}\n", "utf-8")
    store = PassageStore(folder / "index")
    indexing.update(folder / "corpus", store, HashingEncoder(), settings=DEFAULTS)
    return store


def found(store: PassageStore, question: str, language: Language = "de") -> dict[str, float]:
    """All that stands for any word of ``question`` in the real vocabulary, by the shipped table."""
    with store.snapshot() as snapshot:
        every = terms(question, snapshot, Translations(), DEFAULTS)
        held = snapshot.frequencies({language: {stem for term in every for stem in term.stems(language)}})[language]
    return {stem: max(term.stems(language).get(stem, 0) for term in every) for stem in held}


def test_a_word_finds_its_compounds_and_not_words_that_begin_alike(real: PassageStore) -> None:
    assert "energiedeal" in found(real, "Was ist mit der Energie?")
    gas = found(real, "Was ist mit dem Gas?")
    assert {"gas", "gasanlag"} <= gas.keys()
    assert not {"gastgeb", "gass"} & gas.keys()


def test_a_compound_finds_its_parts(real: PassageStore) -> None:
    weights = found(real, "Was ist mit den Gaslieferungen?")
    assert weights["gas"] == pytest.approx(DEFAULTS.part_weight)


@pytest.mark.parametrize(
    ("asked", "held", "language"),
    [
        ("What did Zelensky say?", "selenskyj", "de"),
        ("Was sagte Selenskyj?", "zelensky", "de"),
        ("What did Lavrov say?", "lawrow", "de"),
        ("Was sagte Lawrow?", "lavrov", "de"),
        ("What did the Kremlin say?", "kreml", "de"),
        ("Was sagte der Kreml?", "kremlin", "en"),
        ("What was said in Riyadh?", "riad", "de"),
        ("Was wurde in Riad gesagt?", "riyadh", "en"),
    ],
)
def test_a_name_finds_its_other_spelling(real: PassageStore, asked: str, held: str, language: Language) -> None:
    assert found(real, asked, language)[held] >= DEFAULTS.spelling_weight * DEFAULTS.untranslated_weight


def test_an_english_question_finds_german_words_and_none_that_only_look_alike(real: PassageStore) -> None:
    weights = found(real, "What about the bridge and the war?")
    assert weights["bruck"] == weights["krieg"] == 1.0
    assert "war" not in weights
    assert "bridg" in found(real, "Wo ist die Brücke?", "en")


def test_numbers_and_signs_that_belong_to_a_word_are_kept_whole(real: PassageStore) -> None:
    assert {"20000", "brics+"} <= found(real, "Does BRICS+ have 20,000 members?").keys()
    assert {"20000", "brics+"} <= found(real, "Hat BRICS+ 20.000 Mitglieder?").keys()
    assert "20000" not in found(real, "Does it have 20 members?")
