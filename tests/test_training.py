"""The recipe keeps evaluation texts out, umlauts in, and its learning rate on its way down."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from embeddings.training.loop import learning_factor
from embeddings.training.overlap import read_development_texts, without_overlap
from embeddings.training.prepare import detokenize, join_paragraphs, select_parallel
from embeddings.training.records import Pair
from embeddings.training.tokenizer import german_normalizer
from embeddings.training.translations import learn_translations, write_translations
from rag.terms import stems
from rag.translations import Translations

TEN = "one two three four five six seven eight nine ten"


def test_a_text_that_equals_or_quotes_an_evaluation_text_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "dev.jsonl").write_text(json.dumps({"q": "Kurz?", "p": f"Before {TEN} after."}), "utf-8")
    (tmp_path / "dev.tsv").write_text("Good morning.\tGuten Morgen.\n", "utf-8")
    pairs = [
        Pair("a", "guten morgen", "same words"),
        Pair(f"He counted: {TEN}!", "b", "ten words in a row"),
        Pair(TEN.replace("five", "5"), "c", "broken run"),
        Pair("Good morning to you.", "d", "more words"),
    ]
    kept, dropped = without_overlap(pairs, read_development_texts(tmp_path))
    assert [pair.source for pair in kept] == ["broken run", "more words"]
    assert dropped == {"same words": 1, "ten words in a row": 1}


@pytest.mark.parametrize(
    ("text", "normal"), [("FÜR Große", "für große"), ("Café à la Müller", "cafe a la müller"), ("u\u0308ber", "über")]
)
def test_the_tokenizer_keeps_umlauts_and_strips_other_accents(text: str, normal: str) -> None:
    assert german_normalizer().normalize_str(text) == normal


def test_paragraphs_are_consecutive_rows_of_one_source() -> None:
    rows = [Pair(f"sentence number {n} of the text.", f"Satz Nummer {n} des Textes.", "ntrex") for n in range(40)]
    for paragraph in join_paragraphs(rows, seed=1):
        numbers = [int(word) for word in paragraph.right.split() if word.isdigit()]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert [int(word) for word in paragraph.left.split() if word.isdigit()] == numbers


def test_repeated_empty_and_unwanted_rows_are_left_out() -> None:
    rows = [Pair("A", "B", "x"), Pair("a", "b", "x"), Pair("", "C", "x"), Pair("D", "E", "php-manual")]
    assert len(select_parallel(rows, seed=1)) == 1


def test_tokenised_text_is_made_natural() -> None:
    assert detokenize("the man -lrb- born 1900 -rrb- did n't go .") == "the man (born 1900) didn't go."


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    factors = [learning_factor(step / 100, warmup=0.02) for step in range(101)]
    assert max(factors) == factors[2] == 1.0
    assert factors[2:] == sorted(factors[2:], reverse=True)
    assert factors[-1] == 0.0


LEXICON = {"dog": "Hund", "harbour": "Hafen", "winter": "Winter", "fish": "Fisch", "baker": "Bäcker", "paper": "Papier"}


def test_translations_are_learnt_from_sentences_that_never_say_which_word_is_which(tmp_path: Path) -> None:
    rng = random.Random(3)
    pairs = []
    for _ in range(400):
        chosen = rng.sample(sorted(LEXICON), 3)
        pairs.append(Pair(" ".join(chosen), " ".join(LEXICON[word] for word in rng.sample(chosen, 3)), "planted"))
    path = tmp_path / "new" / "table.gz"
    write_translations(learn_translations(pairs, seed=1), path)
    learnt = Translations(path)
    for english, german in LEXICON.items():
        [left], [right] = stems(english).english, stems(german).german
        there, back = learnt.of(left, "en"), learnt.of(right, "de")
        assert max(there, key=lambda stem: there[stem]) == right
        assert there[right] > 0.9
        assert back[left] > 0.9
    before = path.read_bytes()
    write_translations(learn_translations(pairs, seed=1), path)
    assert path.read_bytes() == before
