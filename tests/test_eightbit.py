"""The shipped model in 8-bit numbers: used where it can be, and near to what torch computes, however long the text."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import eightbit
from rag.encoder import SentenceEncoder
from rag.errors import EncoderError
from rag.paths import shipped_model

TEXT = "Der Rat beschloss im Winter, den alten Hafen auszubaggern, and the council paid for it twice."
WORDS = TEXT.split()


@pytest.fixture(scope="module")
def exact() -> SentenceEncoder:
    return SentenceEncoder(shipped_model())


@pytest.fixture(scope="module")
def fast() -> SentenceEncoder:
    encoder = SentenceEncoder(shipped_model(), fast=True)
    assert encoder.dimension == 384
    return encoder


def transformer(encoder: SentenceEncoder) -> str:
    assert encoder._model is not None
    return type(encoder._model[0].model).__module__


def test_openvino_computes_where_a_model_may_be_fast_and_torch_elsewhere(
    exact: SentenceEncoder, fast: SentenceEncoder
) -> None:
    assert exact.dimension == fast.dimension
    assert transformer(fast) == "rag.eightbit"
    assert transformer(exact).startswith("transformers.")


def test_it_does_not_serve_without_its_copy_without_openvino_and_on_a_processor_that_cannot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert eightbit.serves(shipped_model())
    assert not eightbit.serves(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(eightbit._openvino().Core, "get_property", lambda *_: ["FP32", "BF16"])
        assert not eightbit.serves(shipped_model())
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "openvino", None)
        assert not eightbit.serves(shipped_model())
        encoder = SentenceEncoder(shipped_model(), fast=True)
        assert encoder.dimension == 384
        assert transformer(encoder).startswith("transformers.")


def test_openvino_tells_nobody_that_it_is_used(tmp_path: Path) -> None:
    """As it comes, it makes a number for this computer in the home folder and sends it with every import."""
    code = (
        "import sys\n"
        "from rag import eightbit\n"
        "from rag.encoder import load_encoder\n"
        "load_encoder().encode_queries(['Wer?'])\n"
        "print([name for name in sys.modules if 'openvino_telemetry' in name], 'openvino' in sys.modules)\n"
    )
    # Tools that are quiet where tests run, as this one is, must be seen as users have them.
    loud = {name: value for name, value in os.environ.items() if name not in {"CI", "TF_BUILD", "JENKINS_URL"}}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
        env={**loud, "HOME": str(tmp_path)},
    )
    assert done.stdout == "[] True\n"
    assert not list(tmp_path.rglob("*"))


@settings(max_examples=40)
@given(st.integers(0, 400), st.integers(0, len(WORDS) - 1))
def test_a_text_of_any_length_is_near_to_where_torch_puts_it(
    exact: SentenceEncoder, fast: SentenceEncoder, length: int, first: int
) -> None:
    text = " ".join((WORDS[first:] + WORDS * (1 + length // len(WORDS)))[:length])
    [one], [other] = exact.embed([text], [[(0, len(text))]]), fast.embed([text], [[(0, len(text))]])
    assert one.vector @ other.vector > 0.97
    # The same pieces, in the same places.
    assert one.pieces[0].shape == other.pieces[0].shape
    if length:
        assert np.sum(one.pieces[0] * other.pieces[0], axis=1).mean() > 0.9


@settings(max_examples=30)
@given(st.lists(st.integers(1, 60), min_size=2, max_size=20))
def test_a_text_is_where_it_is_by_itself_whatever_is_beside_it(fast: SentenceEncoder, lengths: list[int]) -> None:
    texts = [" ".join((WORDS * 4)[:length]) for length in lengths]
    together = fast.encode_passages(texts)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(fast.encode_passages([text])[0], vector, atol=0.02)


def test_a_damaged_copy_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped_model(), tmp_path / "model"))
    (folder / eightbit.FILE).write_text("<net></net>", "utf-8")
    with pytest.raises(EncoderError, match=r"^The model in .* cannot be loaded: [^\n]*--model[^\n]*\.$"):
        SentenceEncoder(folder, fast=True).encode_queries(["Wer?"])
