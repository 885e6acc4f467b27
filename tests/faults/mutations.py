"""A small index, the ways in which a failing disk changes its files, and what a new reader then makes of it.

Not a test: what tests/faults/test_mutations.py does some hundred times, and in the long run ten thousand times, in a
process of its own, so that a crash or an endless loop is seen for what it is.
"""

from __future__ import annotations

import logging
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

import rag
from rag import abstention
from rag.encoder import HashingEncoder
from rag.passages import PassageStore
from rag.records import Hit
from rag.settings import DEFAULTS
from rag.translations import Translations
from tests.damage import DATABASE, PAGE, edit, rows

WORDS = [
    *("Hafen", "Rat", "Brücke", "Handel", "Winter", "Norden", "Stadt", "Vertrag", "Minister", "Bericht", "Lawrow"),
    *("council", "harbour", "bridge", "trade", "winter", "people", "north", "report", "energy", "Gaslieferungen"),
]
QUESTIONS = [
    "Was sagte der Rat über die Brücke?",
    "Who spoke about trade in the harbour?",
    "Gas im Norden und Energie",
    "What did Lavrov say about the report 7?",
]
# What takes time and reads nothing of the index is left out, or kept from one reader to the next.
QUICK = replace(DEFAULTS, piece_weight=0.0)
TRANSLATIONS = Translations()
# Of the refusals so many are followed by what the program does then: all of it is the same.
HEALED = 0.05


def write_corpus(corpus: Path, edition: int) -> None:
    """Write the articles of an edition. From one to the next some stay, some change, one goes and one comes."""
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    for n in range(edition, 8 + edition):
        draw = random.Random(n if n % 3 else n + 1_000 * edition)
        paragraphs = [
            " ".join(f"{draw.choice(WORDS)}{draw.choice(['', '', '', ',', f' {n}'])}" for _ in range(40)) + "."
            for _ in range(5)
        ]
        # A heading and a word so long that their rows are continued on further pages.
        heading = "lang " * 900 if n == 5 else str(n)
        paragraphs[0] += f" Der Rat nennt es {'Donaudampfschifffahrt' * 60 if n == 6 else 'Ende'}."
        text = "\n\n".join([f"# Titel {n}", f"## Bericht {heading}", *paragraphs])
        (corpus / f"{n:02}.md").write_text(text, "utf-8")


class RefusedError(Exception):
    """What is stored was found damaged."""


class RefusingStore(PassageStore):
    """Ends the work where another store would be built anew."""

    def discard(self) -> None:
        raise RefusedError


def reader(folder: Path, *, files_first: bool, heals: bool = True) -> rag.Engine:
    """Open the index in ``folder`` as the program does: after a look at the files of the corpus, or without one."""
    store = (PassageStore if heals else RefusingStore)(folder / "index")
    engine = rag.Engine(folder / "corpus", store, HashingEncoder(), settings=QUICK)
    engine._tools = replace(engine._tools, translations=TRANSLATIONS)
    if files_first or not engine.resume():
        engine.update()
    return engine


class Served:
    """What an engine gives: the same as another if nothing but the last digits of its scores differs.

    These depend on where in memory numpy finds its vectors.
    """

    def __init__(self, things: list[Any], hits: list[Hit], numbers: list[float]) -> None:
        """Keep ``things`` and the ``hits`` apart from their scores and from other ``numbers``."""
        scores = [(hit.score, hit.dense, hit.lexical, hit.coverage) for hit in hits]
        self._numbers = [*np.ravel(scores).tolist(), *numbers]
        # Without the numbers of passages, too: a rebuilt index counts anew.
        bare = [
            replace(hit, passage=replace(hit.passage, id=0), score=0, dense=0, lexical=0, coverage=0) for hit in hits
        ]
        self._things = [*things, *bare]

    def __eq__(self, other: object) -> bool:
        """Compare the things exactly and the scores nearly."""
        if not isinstance(other, Served):
            return NotImplemented
        return self._things == other._things and self._numbers == pytest.approx(other._numbers, abs=1e-5)

    __hash__ = None  # type: ignore[assignment]


def served(engine: rag.Engine) -> Served:
    """Everything that is listed, read, found, answered and linked to."""
    hits = [hit for question in QUESTIONS for hit in engine.retrieve(question, 6)]
    answer = engine.ask(QUESTIONS[0])
    links = [engine.permalink(hit.citation) for hit in hits[:3]]
    texts = [engine.article(name) for name in engine.article_ids()]
    things = [engine.articles(), texts, links, answer.statements]
    return Served(things, [*hits, *answer.hits], [answer.confidence])


class Patient:
    """An index in two generations that is damaged, read and made whole again."""

    def __init__(self, folder: Path) -> None:
        """Build it in ``folder``."""
        self.folder = folder
        self.index = folder / "index"
        self.outcomes: Counter[tuple[str, str]] = Counter()
        write_corpus(folder / "corpus", 1)
        self.before = served(reader(folder, files_first=True))
        self.earlier = (self.index / DATABASE).read_bytes()
        write_corpus(folder / "corpus", 2)
        self.after = served(reader(folder, files_first=True))
        self.files = {path.name: path.read_bytes() for path in self.index.iterdir()}
        self.vectors = next(name for name in self.files if name.startswith("vectors-"))

    def restore(self) -> None:
        """Make the index whole."""
        for path in self.index.iterdir():
            path.unlink()
        for name, data in self.files.items():
            (self.index / name).write_bytes(data)

    def examine(self, draw: random.Random, name: str, *, old_will_do: bool = False) -> None:
        """Read the index, in which something was changed by the mutation ``name``, as a new reader does.

        It must serve what it served when it was whole, or be refused; built anew it serves that, too. With
        ``old_will_do`` a reader that does not look at the files may find the generation before, whole.
        """
        files_first, heals = draw.random() < 0.3, draw.random() < HEALED
        try:
            engine = reader(self.folder, files_first=files_first, heals=heals)
            found = served(engine)
        except RefusedError:
            self.outcomes[name, "refused"] += 1
            return
        if found != self.after:
            assert old_will_do, f"{name}: the index serves what is not in the articles"
            assert not files_first, f"{name}: what is older than the files is taken for what they say"
            assert found == self.before, f"{name}: the index serves a mixture of two generations"
        self.outcomes[name, "built anew" if engine.report.notices else "served"] += 1


def flip_in_head(draw: random.Random, data: bytes) -> bytes:
    return _flipped(data, draw.randrange(100), draw)


def flip(draw: random.Random, data: bytes) -> bytes:
    return _flipped(data, draw.randrange(len(data)), draw)


def flip_in_tail(draw: random.Random, data: bytes) -> bytes:
    return _flipped(data, len(data) - 1 - draw.randrange(100), draw)


def _flipped(data: bytes, position: int, draw: random.Random) -> bytes:
    return data[:position] + bytes([data[position] ^ 1 << draw.randrange(8)]) + data[position + 1 :]


def shorten(draw: random.Random, data: bytes) -> bytes:
    return data[: draw.randrange(len(data))]


def shorten_by_pages(draw: random.Random, data: bytes) -> bytes:
    return data[: PAGE * draw.randrange(len(data) // PAGE + 1)]


def lengthen(draw: random.Random, data: bytes) -> bytes:
    size = draw.choice([1, 8, 512, PAGE, 3 * PAGE, draw.randrange(1, 9_999)])
    return data + (draw.randbytes(size) if draw.random() < 0.5 else bytes(size))


def zero(draw: random.Random, data: bytes) -> bytes:
    size = draw.choice([1, 8, 64, 512, PAGE, PAGE, PAGE])
    return _replaced(data, draw.randrange(len(data)) // size * size, bytes(size))


def overwrite(draw: random.Random, data: bytes) -> bytes:
    return _replaced(data, draw.randrange(len(data)), draw.randbytes(draw.choice([1, 2, 4, 16, 512])))


def swap_pages(draw: random.Random, data: bytes) -> bytes:
    """Two blocks change places; in the database each keeps its right checksum."""
    one, other = _pages(draw, data)
    return _replaced(_replaced(data, one, data[other : other + PAGE]), other, data[one : one + PAGE])


def copy_page(draw: random.Random, data: bytes) -> bytes:
    """A block is written in the place of another."""
    one, other = _pages(draw, data)
    return _replaced(data, one, data[other : other + PAGE])


def _pages(draw: random.Random, data: bytes) -> list[int]:
    return [PAGE * draw.randrange(len(data) // PAGE) for _ in range(2)]


def _replaced(data: bytes, start: int, piece: bytes) -> bytes:
    return data[:start] + piece[: len(data) - start] + data[start + len(piece) :]


BYTES = (
    flip_in_head,
    flip,
    flip_in_tail,
    shorten,
    shorten_by_pages,
    lengthen,
    zero,
    overwrite,
    swap_pages,
    copy_page,
)


def change_faiss(patient: Patient, draw: random.Random) -> None:
    """Change the file of vectors."""
    mutation = draw.choice(BYTES)
    (patient.index / patient.vectors).write_bytes(mutation(draw, patient.files[patient.vectors]))
    patient.examine(draw, mutation.__name__)


def change_database(patient: Patient, draw: random.Random) -> None:
    """Change the database, or leave some of its pages what they were before the last generation was written."""
    whole = patient.files[DATABASE]
    mutation = draw.choice((*BYTES, lose_writes))
    changed = lose_writes(draw, whole, patient.earlier) if mutation is lose_writes else mutation(draw, whole)
    (patient.index / DATABASE).write_bytes(changed)
    patient.examine(draw, mutation.__name__, old_will_do=mutation is lose_writes)


def lose_writes(draw: random.Random, data: bytes, earlier: bytes = b"") -> bytes:
    """Some pages are as they were ``earlier``."""
    share = draw.choice([0.02, 0.1, 0.3, 0.7, 0.95])
    for start in range(0, min(len(data), len(earlier)), PAGE):
        if draw.random() < share:
            data = _replaced(data, start, earlier[start : start + PAGE])
    return data


def change_manifest(patient: Patient, draw: random.Random) -> None:
    """Change the page that the manifest or a note is on, or a value in it, by way of SQLite: its checksum is right."""
    tables = dict(rows(patient.index, "SELECT name, rootpage FROM sqlite_schema"))
    table = draw.choice(["manifest", "manifest", "notes"])
    if draw.random() < 0.5:
        mutation = draw.choice((flip_in_head, flip, flip_in_tail, zero, overwrite))
        start = PAGE * (tables[table] - 1)
        page = mutation(draw, patient.files[DATABASE][start : start + PAGE])
        (patient.index / DATABASE).write_bytes(_replaced(patient.files[DATABASE], start, page))
        patient.examine(draw, mutation.__name__)
        return
    columns = [row[1] for row in rows(patient.index, f"PRAGMA table_info({table})")]
    column, number = draw.choice(columns), draw.randrange(1_000)
    value = draw.choice([str(number), f"'{number}'", f"x'{number:04}'", f"substr({column}, 2)", f"{column} || 'x'"])
    edit(patient.index, f"UPDATE {table} SET {column} = {value} WHERE rowid = 1")
    patient.examine(draw, "edit")


CHANGES = {"faiss": change_faiss, "database": change_database, "manifest": change_manifest}


@contextmanager
def guarded_faiss() -> Iterator[None]:
    """Let faiss parse nothing but what it has written itself."""
    written: set[bytes] = set()
    parse, serialize = faiss.deserialize_index, faiss.serialize_index

    def noted(index: Any) -> Any:
        data = serialize(index)
        written.add(data.tobytes())
        return data

    def checked(data: Any) -> Any:
        assert data.tobytes() in written, "faiss was given changed bytes"
        return parse(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faiss, "serialize_index", noted)
        patch.setattr(faiss, "deserialize_index", checked)
        yield


@contextmanager
def few_questions() -> Iterator[None]:
    """Learn from two unrelated questions what they score: a new index asks them all."""
    with pytest.MonkeyPatch.context() as patch:
        for language, questions in abstention.UNRELATED.items():
            patch.setitem(abstention.UNRELATED, language, questions[:2])
        yield


def run(folder: Path, kind: str, seeds: Sequence[int]) -> Counter[tuple[str, str]]:
    """Damage an index in ``folder`` once for each of ``seeds`` and count what came of it."""
    with few_questions(), guarded_faiss():
        patient = Patient(folder)
        for seed in seeds:
            patient.restore()
            try:
                CHANGES[kind](patient, random.Random(f"{kind} {seed}"))
            except Exception as error:
                raise AssertionError(f"mutation {seed} of {kind}") from error
            if seed % 500 == 0:
                sys.stderr.write(f"{kind} {seed}\n")
    return patient.outcomes


if __name__ == "__main__":
    logging.disable()
    place, wanted, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for (name, outcome), times in sorted(run(place, wanted, range(count)).items()):
        sys.stdout.write(f"{times}\t{name}\t{outcome}\n")
