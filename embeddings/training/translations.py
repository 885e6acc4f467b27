"""Owns the table of translations that the product searches with: stems of one language to stems of the other."""

from __future__ import annotations

import gzip
import logging
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from embeddings.training.lexicon import LexiconSettings, learn_probabilities
from embeddings.training.records import Pair
from rag.terms import stems

_log = logging.getLogger(__name__)

# Manuals and project news say "leader" and mean a project's; of each a sample is enough.
SAMPLED_SOURCES = {"debian-webwml": 15_000, "ms-business-central": 3_000, "gnome-user-docs": 2_000}
# A pair is kept if it is at least this probable in one direction and not absurd in the other. Chosen on XQuAD among
# 0.02 to 0.05 and 0.01 to 0.03; the differences were below 0.004 of nDCG@10.
PROBABLE, NOT_ABSURD = 0.03, 0.01


def learn_translations(pairs: Sequence[Pair], seed: int) -> Iterator[tuple[str, str, float, float]]:
    """Yield (English stem, German stem, P(German | English), P(English | German)), sorted, by IBM model 1."""
    chosen = _sampled(pairs, seed)
    texts = [(stems(_headword(pair)).english, stems(pair.right).german) for pair in chosen]
    learnt = learn_probabilities(texts, LexiconSettings(max_words=30))
    kept = (np.maximum(learnt.forward, learnt.reverse) > PROBABLE) & (
        np.minimum(learnt.forward, learnt.reverse) > NOT_ABSURD
    )
    _log.info("translations: %d of %d pairs kept", kept.sum(), len(kept))
    rows = [
        (learnt.english_words[learnt.english[i]], learnt.german_words[learnt.german[i]], i)
        for i in np.flatnonzero(kept).tolist()
    ]
    for english, german, i in sorted(rows):
        yield english, german, float(learnt.forward[i]), float(learnt.reverse[i])


def write_translations(rows: Iterator[tuple[str, str, float, float]], path: Path) -> None:
    """Write ``rows`` as compressed tab-separated text, probabilities in thousandths; equal rows give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{left}\t{right}\t{forward * 1000:.0f}\t{back * 1000:.0f}\n" for left, right, forward, back in rows)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def _sampled(pairs: Sequence[Pair], seed: int) -> list[Pair]:
    shuffled = [pair for pair in pairs if not pair.source.endswith("-paragraph")]
    random.Random(seed).shuffle(shuffled)
    taken: dict[str, int] = {}
    chosen = []
    for pair in shuffled:
        taken[pair.source] = taken.get(pair.source, 0) + 1
        if taken[pair.source] <= SAMPLED_SOURCES.get(pair.source, len(shuffled)):
            chosen.append(pair)
    return chosen


def _headword(pair: Pair) -> str:
    # "word: its definition"; the definition's words are not translations of the headword.
    return pair.left.split(":")[0] if pair.source == "wiktionary-glossed" else pair.left
