"""What is indexed and asked: real articles of the evaluation data, or made ones, and large ones made of sentences.

Owns the folders that ``benchmarks.peers.protocol`` reads. All is drawn with fixed seeds.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import questions as own
from benchmarks.peers import exact, protocol
from benchmarks.peers.ours import direction, units
from benchmarks.peers.protocol import Passage, Vectors
from rag import articles, paths
from rag.errors import ArticleError
from rag.sentences import sentences
from rag.splitting import split

# So many questions are asked, and five more before the clock runs.
QUESTIONS = 205
# One passage in so many is changed before the last run of the indexer.
CHANGED = 100
# A large corpus: articles of so many paragraphs, each of so many real sentences.
PARAGRAPHS = 10
SENTENCES = (3, 5)
# How far the vector of a large corpus' passage lies from the mean of its sentences, as a share of its length.
NOISE = 0.1

# What is read as a sentence again wherever it stands, and as no heading or item of a list.
_SENTENCE = re.compile(r"[A-ZÄÖÜ][^\n]{30,300}[a-zäöüß][.!?]")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Source:
    """An article before it is written: the name of its file, its text, and questions that it answers."""

    name: str
    text: str
    questions: tuple[str, ...] = ()


def real(data: Path) -> Iterator[Source]:
    """Yield the articles of the evaluation data in ``data``, every kind among every other.

    Wikinews articles; each paragraph of MLQA and XQuAD, and each passage of TyDi QA, is an article of its own.
    """
    dev, found = data / "dev", []
    for one in _lines(dev / "wikinews.jsonl"):
        found.append(Source(f"wikinews-{one['id']}.txt", f"{one['title']}\n\n{one['text']}\n"))
    asked: dict[tuple[str, str], list[str]] = {}
    for one in _lines(dev / "mlqa-de-de.jsonl"):
        asked.setdefault(("mlqa", one["context_de"]), []).append(one["question_de"])
    for one in _lines(dev / "xquad.jsonl"):
        asked.setdefault(("xquad-de", one["p_de"]), []).append(one["q_en"])
        asked.setdefault(("xquad-en", one["p_en"]), []).append(one["q_de"])
    tydi = data / "train" / "tydiqa-en-question-passage.tsv"
    for line in tydi.read_text("utf-8").splitlines():
        question, passage = line.split("\t")[:2]
        asked.setdefault(("tydiqa", passage), []).append(question)
    for number, ((kind, text), some) in enumerate(asked.items()):
        found.append(Source(f"{kind}-{number}.txt", f"{text}\n", tuple(some)))
    random.Random(1).shuffle(found)
    yield from found


def made() -> Iterator[Source]:
    """Yield the five articles and then, without end, copies in which one word in five is another word of theirs."""
    texts = [path.read_text("utf-8") for path in sorted(paths.sample_corpus().glob("*.txt"))]
    words = sorted({word for text in texts for word in _WORD.findall(text)})
    asked = tuple(one.question.question for one in own.load())
    copy = 0
    while True:
        draw = random.Random(copy)
        for number, text in enumerate(texts):
            yield Source(f"{copy:05}-{number}.txt", _WORD.sub(_other(words, draw), text) if copy else text, asked)
        copy += 1


def write(folder: Path, sources: Iterator[Source], wanted: int) -> list[Passage]:
    """Write articles below ``folder`` until they hold ``wanted`` passages or there are no more; return the passages.

    With them come the questions to ask.
    """
    passages: list[Passage] = []
    asked: dict[str, None] = {}
    for one in sources:
        passages += _written(folder / "articles", one)
        asked |= dict.fromkeys(question.strip() for question in one.questions)
        if len(passages) >= wanted:
            break
    chosen = random.Random(2).sample(sorted(asked), min(QUESTIONS, len(asked)))
    (folder / "questions.json").write_text(json.dumps(chosen), "utf-8")
    protocol.write_passages(folder / "passages.jsonl", passages)
    return passages


def change(folder: Path) -> list[Passage]:
    """Write a state of the corpus in ``folder`` in which some passages are changed; return those.

    Each is in another article and has its longest word turned round, so that all passages keep their places.
    """
    changed: list[Passage] = []
    passages = protocol.read_passages(folder / "passages.jsonl")
    wanted = max(1, round(len(passages) / CHANGED))
    for name in dict.fromkeys(one.key.rpartition("#")[0] for one in passages[:: max(1, CHANGED // 2)]):
        if len(changed) < wanted:
            changed += _changed(folder, name)
    protocol.write_passages(folder / "changed.jsonl", changed)
    return changed


def write_large(folder: Path, pool: Sequence[str], asked: Sequence[str], model: str, wanted: int) -> None:
    """Write a corpus of ``wanted`` or a few more passages of sentences of ``pool`` below ``folder``, with vectors.

    The vector of a passage is the mean of its sentences' vectors and a little noise.
    """
    passages = write(folder, _drawn(list(pool), tuple(asked)), wanted)
    encoded = exact.encode(model, pool, protocol.questions(folder))
    rows = dict(zip(pool, encoded.passages, strict=True))
    protocol.write_passages(folder / "sentences.jsonl", [Passage(str(i), text) for i, text in enumerate(pool)])
    np.save(folder / "sentences.npy", encoded.passages)
    np.save(folder / "asked.npy", encoded.questions)
    vectors = np.array([_mean(one.text, rows) for one in passages])
    noise = np.array([direction(one.text, vectors.shape[1]) for one in passages])
    np.save(folder / "vectors.npy", exact.unit(exact.unit(vectors) + NOISE * noise))


def sentences_of(passages: Sequence[Passage], most: int) -> list[str]:
    """Return up to ``most`` different sentences of passages, whole and neither short nor long, drawn from all."""
    found = sorted({text for one in passages for text in _sentences(one.text) if _SENTENCE.fullmatch(text)})
    return random.Random(3).sample(found, min(most, len(found)))


def _lines(path: Path) -> Iterator[dict[str, str]]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)


def _other(words: list[str], draw: random.Random) -> Callable[[re.Match[str]], str]:
    return lambda match: draw.choice(words) if draw.random() < 0.2 else match[0]


def _drawn(pool: list[str], asked: tuple[str, ...]) -> Iterator[Source]:
    draw, number = random.Random(4), 0
    while True:
        paragraphs = [" ".join(draw.sample(pool, draw.randint(*SENTENCES))) for _ in range(PARAGRAPHS)]
        text = "\n\n".join([f"Number {number}", *paragraphs])
        yield Source(f"{number // 1000:03}/{number:07}.txt", f"{text}\n", asked)
        number += 1


def _written(corpus: Path, source: Source) -> list[Passage]:
    """Write an article and return its passages; one that is none is not kept."""
    path = corpus / source.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source.text.encode())
    try:
        return units(split(articles.read(path, corpus)))
    except ArticleError:
        path.unlink()
        return []


def _changed(folder: Path, name: str) -> list[Passage]:
    """Write an article as it was and as it is changed, if that changes one passage and no other; return that one."""
    corpus = folder / "articles"
    article = articles.read(corpus / name, corpus)
    before = split(article)
    longest = max(before, key=lambda one: len(one.text))
    words = _WORD.findall(article.text[longest.start : longest.end])
    word = max(words, key=len, default="")
    cut = article.text.index(word, longest.start)
    text = article.text[:cut] + word[::-1] + article.text[cut + len(word) :]
    for state, told in (("original", article.text), ("changed", text)):
        (folder / state / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / state / name).write_bytes(told.encode())
    old, new = units(before), units(split(articles.read(folder / "changed" / name, folder / "changed")))
    different = [one for one in new if one not in old]
    if [one.key for one in old] == [one.key for one in new] and len(different) == 1:
        return different
    for state in ("original", "changed"):
        (folder / state / name).unlink()
    return []


def _mean(text: str, rows: Mapping[str, Vectors]) -> Vectors:
    found = [rows[one] for one in _sentences(text) if one in rows]
    dimension = len(next(iter(rows.values())))
    return np.mean(found, axis=0, dtype=np.float32) if found else direction(text, dimension)


def _sentences(text: str) -> list[str]:
    text = text.rpartition("\n")[2]  # without its heading
    return [text[start:end] for start, end in sentences(text)]
