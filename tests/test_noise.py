"""Page furniture is recognised; sentences of articles are not."""

from __future__ import annotations

import pytest

from rag.noise import is_noise, opens_footer


@pytest.mark.parametrize(
    "block",
    [
        "Dark Mode Light Mode",
        "Kommentar (0)",
        "12 Kommentare",
        "Facebook Twitter WhatsApp",
        "Weiterlesen",
        "You may also like",
        "Foto: Anna Beispiel",
        "Getty Images",
        "* * *",
        "Seite 3 von 5",
        "Alle Rechte vorbehalten. Es gelten die Nutzungsbedingungen. Copyright beim Verlag.",
    ],
)
def test_page_furniture_is_noise(block: str) -> None:
    assert is_noise(block)


@pytest.mark.parametrize(
    "block",
    [
        "Der Präsident schrieb einen Kommentar auf Facebook.",
        "Das Urheberrecht wird reformiert.",
        "Der Verlag stellt seinen Newsletter ein, teilte er per E-Mail mit.",
        "Twitter verliert Nutzer",
        "Werbung für Alkohol wird verboten",
        "Dieser Artikel wurde im Parlament heftig diskutiert.",
        "Foto: Das Bild zeigt den Präsidenten bei seiner Ankunft.",
    ],
)
def test_sentences_about_such_things_are_not_noise(block: str) -> None:
    assert not is_noise(block)


def test_a_footer_is_opened_by_teasers_and_forms_only() -> None:
    assert opens_footer("Das könnte Ihnen auch gefallen")
    assert opens_footer("Add a comment Add a comment")
    assert not opens_footer("Das könnte Europa verändern")
