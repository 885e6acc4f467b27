"""The measure of who said it: what is right, what cannot be told, what is false."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.speakers import Row, alike, evaluate, false_names, heads, load, same, split_of

TEXT = (
    "Die Ministerin Anna Weber kam spät.\n\n"
    "„Das ist gut“, sagte Hans Meier. Er erklärte, dass er gehen werde. Laut der Polizei war es ruhig.\n"
)


def label(kind: str, speaker: str, quote: str) -> dict[str, object]:
    spans = [[TEXT.index(speaker), TEXT.index(speaker) + len(speaker)]] if speaker else []
    start = TEXT.index(quote)
    return {"type": kind, "speaker": speaker, "speaker_spans": spans, "quote_spans": [[start, start + len(quote)]]}


def rows(folder: Path, *quotations: dict[str, object]) -> list[Row]:
    line = {"id": "5", "text": TEXT, "quotations": quotations}
    (folder / "wikinews.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    return evaluate(load(folder, split_of("5")))


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("Bundesaußenminister Joschka Fischer (Grüne)", {"Fischer"}),
        ("Ein Sprecher der Polizei, Lars Beringer", {"Sprecher", "Beringer"}),
        ("Angaben der Berliner Polizei", {"Polizei"}),
        ("einer Meldung von Xinhua", {"Xinhua"}),
        ("die Nachrichtenagentur „Reuters“", {"Reuters"}),
        ("SPD und PDS", {"SPD", "PDS"}),
        ("Medienberichten", {"Medienberichten"}),
    ],
)
def test_the_head_of_a_phrase_is_its_name_or_noun(phrase: str, expected: set[str]) -> None:
    assert heads(phrase) == expected


def test_heads_are_alike_but_for_a_case_ending() -> None:
    assert alike("Präsident", "Präsidenten")
    assert not alike("Meier", "Meiersdorf")
    assert not alike("Weber", "Meier")
    assert same("Polizei", "Angaben der Polizei")


def test_the_split_is_fixed_and_about_half_and_half() -> None:
    splits = [split_of(str(number)) for number in range(2_000)]
    assert 900 < splits.count("test") < 1_100
    assert [split_of(name) for name in ("10022", "1", "2")] == ["test", "dev", "test"]


def test_the_labelled_speaker_is_right_and_another_is_not(tmp_path: Path) -> None:
    row, _ = rows(
        tmp_path, label("Direct", "Hans Meier", "„Das ist gut“"), label("Direct", "Anna Weber", "Das ist gut")
    )
    assert (row.n, row.shown, row.right, row.neighbour) == (2, 2, 1, 1)


def test_a_pronoun_counts_by_the_speaker_labelled_before_it(tmp_path: Path) -> None:
    _, row, _ = rows(
        tmp_path, label("Direct", "Hans Meier", "„Das ist gut“"), label("Indirect", "Er", "dass er gehen werde")
    )
    assert (row.type, row.n, row.right, row.pronouns, row.pronouns_right, row.untold) == ("Indirect", 1, 1, 1, 1, 0)


def test_a_pronoun_is_untold_where_the_name_shown_stands_between(tmp_path: Path) -> None:
    _, row, _ = rows(tmp_path, label("Direct", "Anna Weber", "spät"), label("Indirect", "Er", "dass er gehen werde"))
    assert (row.n, row.untold) == (0, 1)


def test_a_quotation_without_a_labelled_speaker_is_left_out(tmp_path: Path) -> None:
    row, _ = rows(tmp_path, label("Direct", "", "„Das ist gut“"))
    assert (row.n, row.shown) == (0, 0)


def test_a_name_for_a_sentence_without_a_label_is_false(tmp_path: Path) -> None:
    rows(tmp_path, label("Direct", "Hans Meier", "„Das ist gut“"), label("Indirect", "Er", "dass er gehen werde"))
    assert false_names(load(tmp_path, split_of("5"))) == (2, 1)
