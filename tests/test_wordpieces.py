"""A passage that the real model reads once: its sentences and word pieces are those of that reading."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import projected
from rag.encoder import SentenceEncoder, load_encoder
from rag.errors import EncoderError
from rag.paths import shipped_model

HEADING = "Der Hafen\n"
SENTENCES = [
    "Der Rat beschloss am 18. November, den Hafen auszubauen.",
    "Die Kosten trägt das Land.",
    "Fischer und Lotsen klagen dagegen.",
]
TEXT = HEADING + " ".join(SENTENCES)
SPANS = [(TEXT.index(one), TEXT.index(one) + len(one)) for one in SENTENCES]


@pytest.fixture(scope="module")
def exact() -> SentenceEncoder:
    """The default model in float32, so that what is computed twice may be compared."""
    return SentenceEncoder(shipped_model())


def reference(encoder: SentenceEncoder, text: str, prompt: str = "") -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The last layer's rows for a text alone, and where each stands, by transformers itself."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = str(encoder._folder)
    tokens = AutoTokenizer.from_pretrained(folder)(
        prompt + text, return_tensors="pt", return_offsets_mapping=True, truncation=True, max_length=256
    )
    places = [(int(start) - len(prompt), int(end) - len(prompt)) for start, end in tokens.pop("offset_mapping")[0]]
    with torch.inference_mode():
        rows = AutoModel.from_pretrained(folder, dtype=torch.float32)(**tokens).last_hidden_state[0].numpy()
    return rows, places


def dense(encoder: SentenceEncoder, mean: np.ndarray) -> np.ndarray:
    """What the model's last layer makes of a mean, at length 1."""
    from safetensors.numpy import load_file

    vector = load_file(encoder._folder / "2_Dense/model.safetensors")["linear.weight"].astype(np.float32) @ mean
    return vector / np.linalg.norm(vector)


def test_the_vector_of_a_passage_is_what_it_is_without_its_sentences(exact: SentenceEncoder) -> None:
    texts = [TEXT, "x", TEXT * 3]
    found = exact.embed(texts, [SPANS, [(0, 1)], []])
    np.testing.assert_allclose([one.vector for one in found], exact.encode_passages(texts), atol=1e-5)
    assert [len(one.sentences) for one in found] == [3, 1, 0]


def test_a_sentence_is_the_mean_of_its_pieces_less_half_of_all(exact: SentenceEncoder) -> None:
    # Beside a longer text, so that there is padding to be left out.
    [found, _] = exact.embed([TEXT, TEXT * 4], [SPANS, []])
    rows, places = reference(exact, TEXT)
    for (start, end), vector, pieces in zip(SPANS, found.sentences, found.pieces, strict=True):
        own = np.array([start <= begin < stop <= end for begin, stop in places])
        assert own.sum() >= 5
        np.testing.assert_allclose(vector, dense(exact, rows[own].mean(axis=0) - rows.mean(axis=0) / 2), atol=1e-4)
        np.testing.assert_allclose(pieces, projected(rows[own]), atol=1e-4)
    # The heading is in no sentence, nor are the marks at both ends.
    outside = sum(end > start and end <= len(HEADING) for start, end in places)
    assert sum(map(len, found.pieces)) == len(places) - outside - 2


def test_a_sentence_that_is_cut_off_has_the_passage_for_a_vector_and_no_pieces(exact: SentenceEncoder) -> None:
    long = TEXT + " " + "Und noch ein Wort. " * 200 + "Das Ende."
    spans = [*SPANS, (len(long) - 9, len(long))]
    [found] = exact.embed([long], [spans])
    np.testing.assert_allclose(found.sentences[-1], found.vector, atol=1e-5)
    assert [len(some) > 0 for some in found.pieces] == [True, True, True, False]
    assert np.abs(found.sentences[:-1] @ found.vector).max() < 0.999


def test_no_passages_are_none(exact: SentenceEncoder) -> None:
    assert exact.embed([], []) == []


def copy_with(folder: Path, file: str, **changes: object) -> Path:
    shutil.copytree(shipped_model(), folder)
    place = folder / file
    place.write_text(json.dumps(json.loads(place.read_text("utf-8")) | changes), "utf-8")
    return folder


def test_a_prompt_is_read_with_the_text_and_is_no_part_of_it(tmp_path: Path, exact: SentenceEncoder) -> None:
    prompts = {"query": "ask: ", "document": "read this: "}
    prompted = SentenceEncoder(copy_with(tmp_path / "p", "config_sentence_transformers.json", prompts=prompts))
    [found] = prompted.embed([TEXT], [SPANS])
    rows, places = reference(prompted, TEXT, "read this: ")
    for (start, end), pieces in zip(SPANS, found.pieces, strict=True):
        own = np.array([start <= begin < stop <= end for begin, stop in places])
        np.testing.assert_allclose(pieces, projected(rows[own]), atol=1e-4)
    rows, places = reference(prompted, "Wer klagt?", "ask: ")
    own = np.array([0 <= begin < stop for begin, stop in places])
    np.testing.assert_allclose(prompted.query_pieces("Wer klagt?"), projected(rows[own]), atol=1e-4)
    assert len(prompted.query_pieces("Wer klagt?")) == len(exact.query_pieces("Wer klagt?"))


def test_a_model_that_does_not_average_reads_sentences_one_by_one_and_has_no_pieces(tmp_path: Path) -> None:
    first = SentenceEncoder(copy_with(tmp_path / "cls", "1_Pooling/config.json", pooling_mode="cls"))
    [found] = first.embed([TEXT], [SPANS])
    np.testing.assert_allclose(found.vector, first.encode_passages([TEXT])[0], atol=1e-5)
    np.testing.assert_allclose(found.sentences, first.encode_passages(SENTENCES), atol=1e-5)
    assert [some.shape for some in found.pieces] == [(0, 64)] * 3
    assert first.query_pieces("Wer klagt?").shape == (0, 64)


def test_sentences_of_one_passage_are_told_apart_by_the_default_model() -> None:
    encoder = load_encoder()
    [found] = encoder.embed([TEXT], [SPANS])
    cosines = found.sentences @ encoder.encode_queries(["Who sues against the port?"])[0]
    assert cosines.argmax() == 2


def test_a_model_that_fails_is_an_encoder_error(exact: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = SentenceEncoder(shipped_model(), name="odd")
    encoder.encode_queries(["x"])
    monkeypatch.setattr(encoder._model, "max_seq_length", "many")
    with pytest.raises(EncoderError, match="The model odd failed to encode"):
        encoder.embed([TEXT], [SPANS])


def test_another_way_of_embedding_is_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    before = SentenceEncoder(shipped_model()).fingerprint
    monkeypatch.setattr("rag.encoder.EMBEDDING_VERSION", "another")
    assert SentenceEncoder(shipped_model()).fingerprint != before
