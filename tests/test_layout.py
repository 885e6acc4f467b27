"""Plain text is read the way a person reads the page it was copied from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.folding import fold
from rag.layout import analyse
from rag.records import BlockKind

SEEDS = Path(__file__).parents[1] / "seeds"


def read(text: str, kind: BlockKind) -> list[str]:
    return [fold(text[block.start : block.end]) for block in analyse(text).blocks if block.kind is kind]


def seed(beginning: str) -> str:
    [path] = SEEDS.glob(f"{beginning}*")
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("beginning", "title", "derived", "author", "minutes", "headings", "paragraphs", "noise"),
    [
        ("000_", "Trump und Zelensky betonen den US-Kurswechsel zu Russland", False, None, None, 10, 12, 0),
        (
            "001_",
            "Russland sei bereit, die Beziehungen zu den Vereinigten Staaten zu normalisieren …",
            True,
            None,
            None,
            0,
            3,
            1,
        ),
        (
            "002_",
            "Putins kalkulierte Annäherung an Trump signalisiert einen globalen Machtwechsel "
            "inmitten des Ukraine-Konflikts",
            False,
            "Thomas Schmidt",
            4,
            15,
            19,
            5,
        ),
        (
            "003_",
            "Nach Putin-Telefonat: Trump kündigt sofortige Verhandlungen zur Beendigung des Ukraine-Kriegs an",
            False,
            None,
            None,
            5,
            12,
            9,
        ),
        ("004_", "Trump-Putin-Gespräch: Der erste Schritt und die Dilemmata des Kremls", False, None, None, 0, 9, 0),
    ],
)
def test_each_sample_article_is_read_as_checked_by_eye(
    beginning: str,
    title: str,
    derived: bool,
    author: str | None,
    minutes: int | None,
    headings: int,
    paragraphs: int,
    noise: int,
) -> None:
    layout = analyse(seed(beginning))
    kinds = [block.kind for block in layout.blocks]
    assert (layout.title, layout.title_derived) == (title, derived)
    assert (layout.author, layout.reading_minutes) == (author, minutes)
    assert kinds.count(BlockKind.HEADING) == headings
    assert kinds.count(BlockKind.PARAGRAPH) == paragraphs
    assert kinds.count(BlockKind.NOISE) == noise


def test_menu_comment_form_newsletter_and_copyright_are_set_aside() -> None:
    noise = read(seed("003_"), BlockKind.NOISE)
    assert noise[0] == "Dark Mode Light Mode"
    assert "jorono (CC0), Pixabay" in noise
    assert "Schreibe einen Kommentar" in noise
    assert "Insolvenzantrag der XWOOD Handels GmbH mangels Masse abgewiesen" in noise
    noise = read(seed("002_"), BlockKind.NOISE)
    assert any(block.startswith("Dieser Artikel wurde von unserem Benutzer gemäß den Regeln") for block in noise)
    assert any(block.startswith("Erhalten Sie das Neueste aus dem Unternehmensgeschäft") for block in noise)
    assert read(seed("001_"), BlockKind.NOISE) == ["Kommentar (0)"]


def test_a_page_break_in_mid_sentence_is_healed() -> None:
    paragraphs = read(seed("000_"), BlockKind.PARAGRAPH)
    assert paragraphs[0].endswith("die geopolitischen Implikationen und mögliche Wirtschaftsallianzen.")
    assert "den Wiederaufbau der russischen Nord Stream 2-Gaspipeline nach Europa einzubeziehen" in paragraphs[5]
    assert "dass es Bestrebungen gibt, US-Investoren in den Wiederaufbau" in paragraphs[5]


def test_a_heading_over_two_lines_on_top_of_its_paragraph_is_told_apart() -> None:
    text = seed("000_")
    assert "Moskau reagiert auf die Auseinandersetzung" in read(text, BlockKind.HEADING)
    assert read(text, BlockKind.PARAGRAPH)[2].startswith("Egal, ob diese Situation bewusst herbeigeführt wurde")


def test_list_items_and_a_quotation_set_apart_stay_with_their_introduction() -> None:
    paragraphs = read(seed("003_"), BlockKind.PARAGRAPH)
    assert paragraphs[2].startswith("In einem Beitrag auf Truth Social teilte Trump mit: „Wir haben über die Ukraine")
    [listed] = [p for p in paragraphs if "Pete Hegseth" in p]
    assert listed.startswith("Trump hatte in den letzten Wochen")
    assert listed.endswith("US-Unterstützung verhandelt wird.")


def test_a_date_at_the_start_of_a_wrapped_line_opens_no_list() -> None:
    text = (
        "Der Kreml hat sich gestern zu der Frage geäußert, wie es nach dem\n"
        "20. Januar weitergehen soll, und eine baldige Antwort in Aussicht\n"
        "gestellt. Mehr war aus den beteiligten Kreisen nicht zu erfahren.\n"
    )
    assert read(text, BlockKind.PARAGRAPH) == [fold(text)]


def test_a_newsletter_box_in_the_middle_does_not_swallow_what_follows() -> None:
    text = (
        "Ein Titel für diesen Artikel\n\nDer erste Absatz sagt etwas.\n\nAbonnieren Sie unseren Newsletter\n\n"
        "Zwischenüberschrift ohne Punkt\n\nDer zweite Absatz sagt noch etwas.\n"
    )
    assert read(text, BlockKind.NOISE) == ["Abonnieren Sie unseren Newsletter"]
    assert read(text, BlockKind.HEADING) == ["Zwischenüberschrift ohne Punkt"]


def test_a_heading_with_nothing_under_it_is_kept_as_a_paragraph() -> None:
    text = "Der Titel des Ganzen\n\nEin Absatz mit einem Satz.\n\nWas am Ende allein steht\n"
    assert read(text, BlockKind.PARAGRAPH) == ["Ein Absatz mit einem Satz.", "Was am Ende allein steht"]


@pytest.mark.parametrize("line", ["Von Anna Beispiel", "By Anna Beispiel", "Autorin: Anna Beispiel"])
def test_the_author_is_read_from_a_byline(line: str) -> None:
    layout = analyse(f"Der Titel des Artikels\n\n{line}\n\nLesezeit: 3 Min.\n\nDer erste Absatz sagt etwas.\n")
    assert (layout.author, layout.reading_minutes) == ("Anna Beispiel", 3)


@pytest.mark.parametrize(
    "text",
    [
        "Der Titel des Artikels\n\n18. November 2025\n\nDer erste Absatz sagt etwas.\n",
        "18. November 2025\n\nDer Titel des Artikels\n\nDer erste Absatz sagt etwas.\n",
        "Der Titel des Artikels\nStand: 18. November 2025, 14:30 Uhr\n\nDer erste Absatz sagt\netwas.\n",
        "Der Titel des Artikels\n\nEin Absatz, der führt.\n\n18. November 2025\n\nEin Absatz, der folgt.\n",
    ],
)
def test_a_line_with_the_date_is_a_byline_and_neither_title_nor_list_item_nor_heading(text: str) -> None:
    layout = analyse(text)
    assert (layout.title, layout.published) == ("Der Titel des Artikels", date(2025, 11, 18))
    [line] = read(text, BlockKind.BYLINE)
    assert "18. November 2025" in line
    assert not any("18. November" in paragraph for paragraph in read(text, BlockKind.PARAGRAPH))


@pytest.mark.parametrize("beginning", ["000_", "001_", "002_", "003_", "004_"])
def test_no_sample_article_has_a_date_of_its_own(beginning: str) -> None:
    assert analyse(seed(beginning)).published is None


page_text = st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("aB. ?:-•\n\n1„“")), max_size=400)


@given(page_text)
def test_blocks_are_in_order_and_leave_only_white_space_between_them(text: str) -> None:
    position = 0
    for block in analyse(text).blocks:
        assert position <= block.start < block.end <= len(text)
        assert not text[position : block.start].strip()
        position = block.end
    assert not text[position:].strip()


@given(page_text)
def test_paragraphs_are_numbered_from_one_without_a_gap(text: str) -> None:
    numbers = [block.paragraph for block in analyse(text).blocks if block.kind is BlockKind.PARAGRAPH]
    assert numbers == list(range(1, len(numbers) + 1))
