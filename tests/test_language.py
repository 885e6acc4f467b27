"""The language of a question is guessed from its function words."""

from __future__ import annotations

import pytest

from rag import abstention
from rag.language import guess
from rag.records import Language


@pytest.mark.parametrize("language", ["de", "en"])
def test_everyday_questions_are_told_apart(language: Language) -> None:
    assert [q for q in abstention.UNRELATED[language] if guess(q) != language] == []


@pytest.mark.parametrize("text", ["", "Mars", "20.000", "Dmitriev Mars?"])
def test_without_any_function_word_german_is_assumed(text: str) -> None:
    assert guess(text) == "de"
