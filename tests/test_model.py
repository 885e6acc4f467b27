"""The shipped embedding model is what its card says: small, plain, bilingual, and loadable with nothing of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from rag import eightbit
from rag.encoder import SentenceEncoder
from rag.paths import shipped_model

GERMAN = [
    "Der Rat beschloss, den alten Hafen vor dem Winter auszubaggern.",
    "Die Ärztin riet ihm, drei Tage im Bett zu bleiben.",
    "Im vergangenen Jahr stiegen die Mieten in den Großstädten um sechs Prozent.",
]
ENGLISH = [
    "What did the council decide about the harbour?",
    "What was the doctor's advice?",
    "How much did rents go up in big cities?",
]


def test_it_loads_with_sentence_transformers_alone_and_an_english_question_finds_the_german_sentence() -> None:
    code = (
        "import json, sys\n"
        "from sentence_transformers import SentenceTransformer\n"
        "model = SentenceTransformer(sys.argv[1], device='cpu', local_files_only=True)\n"
        "questions, passages = (json.loads(text) for text in sys.argv[2:])\n"
        "near = model.similarity(model.encode_query(questions), model.encode_document(passages))\n"
        "print(json.dumps([str(next(model.parameters()).dtype), near.argmax(1).tolist(), 'rag' in sys.modules]))\n"
    )
    arguments = [str(shipped_model()), json.dumps(ENGLISH), json.dumps(GERMAN)]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["torch.float32", [0, 1, 2], False]


def test_it_takes_less_than_96_megabytes_and_holds_no_code_and_no_pickle() -> None:
    files = [path for path in shipped_model().rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 96e6
    assert {path.suffix for path in files} == {".json", ".md", ".safetensors", ".xml", ".bin"}
    # What OpenVINO reads: a graph of its own operations, and numbers.
    graph = ElementTree.parse(shipped_model() / eightbit.FILE)
    assert {layer.get("version") for layer in graph.iter("layer")} <= {f"opset{number}" for number in range(1, 17)}


@pytest.mark.parametrize("eight_bits", [True, False])
def test_numbers_of_fewer_bits_put_a_text_in_the_same_place(monkeypatch: pytest.MonkeyPatch, eight_bits: bool) -> None:
    monkeypatch.setattr(eightbit, "serves", lambda _folder: eight_bits)
    exact, fast = (SentenceEncoder(shipped_model(), fast=choice) for choice in (False, True))
    cosines = np.sum(exact.encode_passages(GERMAN + ENGLISH) * fast.encode_passages(GERMAN + ENGLISH), axis=1)
    assert cosines.min() > (0.99 if eight_bits else 0.998)


def test_umlauts_make_a_difference_and_other_accents_do_not() -> None:
    encoder = SentenceEncoder(shipped_model())
    drucken, druecken, cafe, cafe_bare = encoder.encode_passages(["drucken", "drücken", "das Café", "das Cafe"])
    assert float(drucken @ druecken) < 0.95
    assert float(cafe @ cafe_bare) > 0.999


def test_the_card_is_complete() -> None:
    card = (shipped_model() / "README.md").read_text("utf-8")
    assert "@@" not in card
    for promised in ("Apache-2.0", "all-MiniLM-L6-v2", "XQuAD", "Overlap with evaluation data", "Limits"):
        assert promised in card
