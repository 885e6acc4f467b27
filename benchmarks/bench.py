"""``python -m benchmarks.bench``: Fundstelle and its peers on the same passages with the same model, in one run.

Owns what is compared, and the page that tells it.
"""

from __future__ import annotations

import os
import platform
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.peers import corpora, exact, protocol
from benchmarks.peers.child import WARMING
from benchmarks.peers.contest import ROOT, Contest, Standings, compete
from benchmarks.peers.corpora import Source
from benchmarks.peers.exact import Encoded
from benchmarks.peers.figures import OURS, table
from benchmarks.peers.protocol import K, Passage, Result, Task
from rag import paths

TITLES = {
    OURS: "Fundstelle",
    "txtai": "txtai",
    "llamaindex": "LlamaIndex",
    "haystack": "Haystack",
    "langchain": "LangChain, FAISS",
    "chroma": "Chroma",
}
# Real sentences that large corpora are made of.
POOL = 5_000

NOTES = """\
- Median of the rounds (lowest–highest), and how many times ours it is. The last column is ours as a share of the best
  peer's. Each task is a process of its own; the files it reads have been read before.
- All index the same passages under the same names and return ten. Ours reads and hashes the articles' files and divides
  them; the peers are handed the passages. Ours also keeps a vector of every sentence, the word pieces, an index of
  words, and a checksum of every page and row, and publishes all at once. Of the peers, Haystack counts words and Chroma
  indexes groups of letters; neither is asked for them here. When it starts, ours looks through the files for changes;
  the peers do not.
- Ours finds by words and vectors, looks at the best ten word piece by word piece, and cites the paragraph; all of that
  is in “search without the encoder”, too. The peers, as they are set up here, search by vectors alone and cite nothing.
- The peers run the model in float32, as they do by themselves; ours runs its copy in 8-bit numbers, by OpenVINO. The
  exact best ten are those of float32.
- Nothing changed: LlamaIndex, Haystack and LangChain find that out, by hashes; txtai and Chroma do not, and encode all
  again. One in a hundred changed: txtai and Chroma are told which; LlamaIndex' FAISS store cannot delete and is built
  anew.
- On disk: LlamaIndex, Haystack, LangChain and txtai write their whole index at the end, and each time again; LangChain
  keeps its texts as a pickle. Haystack holds all vectors in memory as lists of numbers, and as JSON on the disk.
- txtai (more than 5,000 passages) and Chroma search an approximate index; the others compare with every vector.
"""


def main(  # noqa: PLR0913 - the options of a command line
    *,
    sizes: Annotated[str, typer.Option(help="Numbers of passages, with commas between.")] = "1000",
    large: Annotated[
        int, typer.Option(help="Passages of the corpus that is searched with given vectors; 0: none.")
    ] = 0,
    rounds: Annotated[int, typer.Option(help="How often everything is done.", min=1)] = 3,
    data: Annotated[Path | None, typer.Option(help="Folder of the evaluation data; without it texts are made.")] = None,
    peers_in: Annotated[Path, typer.Option(help="Folder of the peers' environments.")] = ROOT / ".venv-peers",
    only: Annotated[str, typer.Option(help="Systems, with commas between.")] = ",".join(TITLES),
    model: Annotated[str, typer.Option(help="The model's folder.")] = str(paths.shipped_model()),
    to: Annotated[Path | None, typer.Option(help="File that the page is written to, too.")] = None,
) -> None:
    """Measure, and print a page of tables in Markdown. It takes minutes for a thousand passages, hours for many."""
    python = {
        name: Path(sys.executable) if name == OURS else peers_in / name / "bin" / "python" for name in only.split(",")
    }
    if missing := [str(place) for place in python.values() if not place.exists()]:
        raise typer.BadParameter(f"There is no {missing[0]}; make the peers' environments with: make peers")
    texts = "of the evaluation data" if data else "made of the five articles"
    page = [head("Fundstelle and its peers", "bench"), f"Texts {texts}; rounds: {rounds}."]
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        contest = Contest(python, model, Path(work), rounds)
        parts = [passages_of(contest, int(size), data) for size in sizes.split(",") if size]
        parts += [vectors_of(contest, large, data)] if large else []
    page += [part.markdown() for part in parts]
    page += ["## How to read this", NOTES]
    faults = [fault for part in parts for fault in part.standings.faults]
    if faults:
        page += ["## What failed", *(f"    {line}" for fault in faults for line in fault.splitlines())]
    told = "\n\n".join(page)
    print(told)
    if to:
        to.write_text(f"{told}\n", "utf-8")
    if faults:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: its heading, what was compared, and what came of it."""

    heading: str
    compared: str
    standings: Standings

    def markdown(self) -> str:
        """Return the part with its table and the versions of all packages, as they were found installed."""
        titles = {name: title for name, title in TITLES.items() if name in self.standings.figures}
        versions = "; ".join(
            f"{TITLES[name]}: {', '.join(f'{package} {number}' for package, number in found.items())}"
            for name, found in self.standings.versions.items()
        )
        figures = table(self.standings.figures, titles)
        return "\n\n".join([f"## {self.heading}", self.compared, figures, f"Versions. {versions}."])


def passages_of(contest: Contest, size: int, data: Path | None) -> Part:
    """Let all index, and answer from, a corpus of about ``size`` passages."""
    corpus = contest.work / f"corpus-{size}"
    corpora.write(corpus, _sources(data), size)
    changed = corpora.change(corpus)
    # What is there when questions are asked.
    passages = protocol.changed(corpus).passages
    asked = protocol.questions(corpus)
    encoded = exact.encode(contest.model, [one.text for one in passages], asked[WARMING:])
    standings = _compete(contest, corpus, ("index", "cold", "answer"), passages, encoded)
    articles = len({one.key.rpartition("#")[0] for one in passages})
    return Part(
        f"{len(passages):,} passages",
        f"{articles:,} articles, {len(changed)} passages changed, {len(asked) - WARMING} questions. The model alone, "
        f"run by sentence-transformers itself in float32, takes {encoded.seconds:.1f} s for these passages (seen once, "
        "before the first round).",
        standings,
    )


def vectors_of(contest: Contest, size: int, data: Path | None) -> Part:
    """Let all search a made corpus of about ``size`` passages, whose vectors are handed in."""
    source, corpus = contest.work / "source", contest.work / f"vectors-{size}"
    pool = corpora.sentences_of(corpora.write(source, _sources(data), POOL), POOL)
    corpora.write_large(corpus, pool, protocol.questions(source), contest.model, size)
    passages = protocol.read_passages(corpus / "passages.jsonl")
    encoded = Encoded(np.load(corpus / "vectors.npy"), np.load(corpus / "asked.npy"), 0.0)
    standings = _compete(contest, corpus, ("vectors",), passages, encoded)
    fewest, most = corpora.SENTENCES
    return Part(
        f"{len(passages):,} passages with vectors handed in",
        f"Paragraphs of {fewest} to {most} of {len(pool):,} sentences; the vector of a passage is the mean of its "
        f"sentences' and a little noise. {len(encoded.questions)} questions, their vectors handed in, too. “Index” is "
        "from passages and vectors in memory to the disk; ours reads and divides the articles here, too.",
        standings,
    )


def _compete(
    contest: Contest, corpus: Path, tasks: Sequence[Task], passages: Sequence[Passage], encoded: Encoded
) -> Standings:
    keys = [one.key for one in passages]

    def judge(result: Result) -> dict[str, float]:
        return {"overlap": exact.overlap(result.ranked, keys, encoded, K)}

    return compete(contest, corpus, tasks, judge=judge, said=_said)


def _sources(data: Path | None) -> Iterator[Source]:
    return corpora.real(data) if data else corpora.made()


def head(title: str, module: str) -> str:
    """Return what has to be known of the machine and of the run of a ``module`` of this folder."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text("utf-8").splitlines() if about.exists() else []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    command = shlex.join(["python", "-m", f"benchmarks.{module}", *sys.argv[1:]])
    return (
        f"# {title}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n\n{name}, {os.cpu_count()} cores, "
        f"{memory:.0f} GB, {platform.system()} {platform.release()}, Python {platform.python_version()}, load at the "
        f"start {os.getloadavg()[0]:.1f}\n\n    {command}"
    )


def _said(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
