"""Owns the student's tokenizer: the teacher's WordPieces followed by German ones."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.normalizers import Normalizer

_log = logging.getLogger(__name__)

CONTINUATION = "##"
# Umlauts are hidden in private-use characters while other accents are stripped, as the teacher
# strips them: "café" stays the teacher's "cafe", "für" does not become "fur".
_UMLAUTS = {"ä": "\ue000", "ö": "\ue001", "ü": "\ue002"}


def german_normalizer() -> Normalizer:
    """Lower-case, strip accents except umlauts; ß has no decomposition and stays."""
    hide = [normalizers.Replace(umlaut, hidden) for umlaut, hidden in _UMLAUTS.items()]
    restore = [normalizers.Replace(hidden, umlaut) for umlaut, hidden in _UMLAUTS.items()]
    clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=True)
    strip = [normalizers.NFD(), normalizers.StripAccents()]
    return normalizers.Sequence([clean, normalizers.NFC(), *hide, *strip, *restore])


def learn_german_pieces(texts: Sequence[str], known: set[str], count: int) -> list[str]:
    """Return the `count` most used pieces of a German WordPiece model that are not known yet."""
    learner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    learner.normalizer = german_normalizer()
    learner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    learner.train_from_iterator(
        texts,
        trainers.WordPieceTrainer(
            vocab_size=2 * count,
            special_tokens=["[UNK]"],
            limit_alphabet=120,
            continuing_subword_prefix=CONTINUATION,
            show_progress=False,
        ),
    )
    use: Counter[str] = Counter()
    for encoding in learner.encode_batch(list(texts)):
        use.update(encoding.tokens)
    fresh = [piece for piece, _ in use.most_common() if piece not in known and piece != "[UNK]"]
    _log.info("%d pieces learnt, %d of them new", len(use), len(fresh))
    return fresh[:count]


def build_tokenizer(teacher: Path, german: Sequence[str], count: int, out: Path) -> Path:
    """Write the student's tokenizer.json; numbers below 30,522 mean what the teacher's mean."""
    source = json.loads((teacher / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary: dict[str, int] = dict(source["model"]["vocab"])
    umlauts = [prefix + letter for letter in (*_UMLAUTS, "ß") for prefix in ("", CONTINUATION)]
    pieces = [piece for piece in umlauts if piece not in vocabulary]
    pieces += learn_german_pieces(german, set(vocabulary) | set(pieces), count - len(pieces))
    for piece in pieces:
        vocabulary[piece] = len(vocabulary)
    student = Tokenizer.from_str(json.dumps(source))
    student.model = models.WordPiece(
        vocabulary,
        unk_token="[UNK]",
        max_input_chars_per_word=100,
        continuing_subword_prefix=CONTINUATION,
    )
    student.normalizer = german_normalizer()
    student.decoder = decoders.WordPiece(prefix=CONTINUATION)
    student.no_padding()
    student.no_truncation()
    out.mkdir(parents=True, exist_ok=True)
    student.save(str(out / "tokenizer.json"))
    _log.info("vocabulary: %d pieces", student.get_vocab_size())
    return out / "tokenizer.json"
