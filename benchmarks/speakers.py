"""``python -m benchmarks.speakers --dev FOLDER``: who said it, against hand-labelled quotations of German news.

FOLDER holds ``wikinews.jsonl``: one article a line with ``id``, ``text`` and ``quotations``, each with ``type``,
``speaker``, ``speaker_spans`` and ``quote_spans`` (offsets into ``text``). Owns what counts as right, and the split.

Each labelled quotation is put to ``rag.speech.attribution.attribute`` as the sentence that most of it stands in. The
name shown is **right** if it and the labelled speaker share a head: the last name of a person, the noun of a body ("Ein
Sprecher des Finanzministeriums": Sprecher). An apposition has a head of its own, and "Angaben der Polizei" has the head
of what follows "Angaben". Case endings are overlooked. A label that is only a role ("der Minister") is also matched by
a name that stands directly behind that role in the article.

A label that is a pronoun is right where the name shown has the head of the nearest labelled speaker before it that is
no pronoun. Where the name stands between that one and the pronoun, the labels cannot tell whom the pronoun means: such
a quotation is **untold** and not counted. Quotations without a labelled speaker have no right answer and are left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from rag.records import Attribution
from rag.speech.attribution import attribute
from rag.splitting import sentence_slices

Split = Literal["dev", "test"]

_ALL = "all"

_PRONOUNS = frozenset(
    """
er sie es ihm ihr ihnen ihn der die das dem den denen dieser diese dieses diesem diesen jener ich wir man
""".split()  # noqa: SIM905 - data reads better as words
)
_SOURCES = (
    r"(?:(?:An|Selbstan)gaben?|Informationen|Auskunft|Aussagen?|Berichte?n?s?|Meldung(?:en)?|Ansicht|Auffassung|Meinung|"
    r"Schätzung(?:en)?|Worten?|Einschätzung(?:en)?|Mitteilung(?:en)?|Stellungnahme|Darstellung|Erkenntnisse?n?|"
    r"Ermittlungen|Berechnung(?:en)?|Bewertung(?:en)?|Prognosen?|Vorhersagen?|Erklärung(?:en)?|Schilderung(?:en)?|"
    r"Ankündigung|Überzeugung|Bekunden|Pressemitteilung)"
)
_SOURCE_OF = re.compile(rf"^.*?\b{_SOURCES}\s+(?=(?:des|der|von|vom|eines|einer)\b|[A-ZÄÖÜ„])")
_PARTS = re.compile(r",\s+|\s+(?:und|sowie)\s+")
_WORD = re.compile(r"[^\W_]+(?:[-.’'′][^\W_]+)*")
# Words that end the core of a noun phrase: what follows belongs to it and is not its head.
_CUT = frozenset(
    """
der die das des dem den ein eine eines einer einem von vom zum zur im in am an aus bei beim für auf mit gegen über zu
""".split()  # noqa: SIM905 - data reads better as words
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """A labelled quotation; ``place`` is the sentence it stands in, ``before`` the nearest earlier speaker by name.

    ``between`` is the stretch from that speaker to the label of this one.
    """

    type: str
    speaker: str
    before: str
    between: tuple[int, int]
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article's text, its labelled quotations, and the sentences that hold none."""

    id: str
    text: str
    quotations: tuple[Quotation, ...]
    plain: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What is shown for the ``n`` quotations of a type that have a labelled speaker.

    ``shown`` counts those with a name, ``right`` those with the right one, ``neighbour`` those with the name of another
    labelled speaker of the same sentence. ``pronouns`` counts those whose label is a pronoun, ``pronouns_right`` the
    right ones among them. ``untold`` quotations are not part of ``n``. ``kind_right`` counts, of those with a name, the
    ones told rightly to be direct or reported speech.
    """

    type: str
    n: int
    shown: int
    right: int
    neighbour: int
    untold: int
    pronouns: int
    pronouns_right: int
    kind_right: int


def split_of(article_id: str) -> Split:
    """Return the split of an article: half and half by the first byte of a hash of its id, drawn before any result."""
    first = hashlib.sha256(f"fundstelle-speakers-1:{article_id}".encode()).digest()[0]
    return "test" if first % 2 else "dev"


def load(folder: Path, split: Split) -> list[Labelled]:
    """Return the articles of a split, in the file's order. Raises OSError where the file is missing."""
    lines = (folder / "wikinews.jsonl").read_text(encoding="utf-8").splitlines()
    return [_labelled(record) for record in map(json.loads, lines) if split_of(record["id"]) == split]


def _labelled(record: dict[str, Any]) -> Labelled:
    text: str = record["text"]
    places = list(_places(text))
    quotations: list[Quotation] = []
    spans = [tuple(span) for quotation in record["quotations"] for span in quotation["quote_spans"]]
    spans += [tuple(span) for quotation in record["quotations"] for span in quotation["speaker_spans"]]
    for quotation in record["quotations"]:
        start, end = max(quotation["quote_spans"], key=lambda span: span[1] - span[0])
        place = max(places, key=lambda place: min(end, place[1]) - max(start, place[0]))
        at = min((span[0] for span in quotation["speaker_spans"]), default=start)
        earlier = [
            (other["speaker_spans"][0][0], other["speaker"])
            for other in record["quotations"]
            if other["speaker_spans"]
            and other["speaker_spans"][0][0] < at
            and other["speaker"].lower() not in _PRONOUNS
        ]
        since, named = max(earlier, default=(0, ""))
        quotations.append(Quotation(quotation["type"], quotation["speaker"], named, (since, at), place))
    plain = tuple(place for place in places if not any(a < place[1] and b > place[0] for a, b in spans))
    return Labelled(record["id"], text, tuple(quotations), plain)


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Give the sentences of a text; every line is a paragraph."""
    for line in re.finditer(r"[^\n]+", text):
        for start, end in sentence_slices(line.group()):
            yield line.start() + start, line.start() + end


def heads(phrase: str) -> frozenset[str]:
    """Return the heads of a noun phrase and of its appositions, as they are written: {"Sprecher", "Beringer"}."""
    phrase = _SOURCE_OF.sub("", re.sub(r"\([^)]*\)|[„“”\"»«]", "", phrase))
    found = {head for part in _PARTS.split(phrase) if (head := _head(_WORD.findall(part)))}
    return frozenset(found or {phrase.strip()})


def _head(words: Sequence[str]) -> str:
    head = ""
    for word in words:
        if head and word.lower() in _CUT:
            break
        if (any(letter.isupper() for letter in word) and word.lower() not in _CUT) or "." in word:
            head = word
    return head


def alike(one: str, other: str) -> bool:
    """Say whether two heads are the same word but for a case ending of at most two letters."""
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    return long == short or (len(short) > 2 and long.startswith(short) and len(long) - len(short) <= 2)


def same(one: str, other: str) -> bool:
    """Say whether two noun phrases share a head."""
    return any(alike(first, second) for first in heads(one) for second in heads(other))


def is_right(shown: str, quotation: Quotation, text: str) -> bool:
    """Say whether the name shown is the labelled speaker; see the module's head for what that means."""
    label = quotation.before if _is_pronoun(quotation.speaker) else quotation.speaker
    if not label:
        return False
    return same(shown, label) or any(_stands_behind(name, role, text) for name in heads(shown) for role in heads(label))


def _stands_behind(name: str, role: str, text: str) -> bool:
    """Say whether ``name`` follows ``role``, or a compound of it, as "US-Außenminister Marco Rubio" does "Minister"."""
    between = r"(?:s|n|en|in)?(?: [A-ZÄÖÜ][\w.-]+){0,2} "
    return re.search(rf"(?i:\b[\w-]*{re.escape(role)}){between}{re.escape(name)}\b", text) is not None


def evaluate(articles: Sequence[Labelled]) -> list[Row]:
    """Ask for the speaker of every labelled quotation; a row for each type, and one for all."""
    types = sorted({quotation.type for article in articles for quotation in article.quotations})
    return [_row(kind, articles) for kind in [*types, _ALL]]


def _row(kind: str, articles: Sequence[Labelled]) -> Row:
    asked = [
        (article, quotation, attribute(article.text, *quotation.place))
        for article in articles
        for quotation in article.quotations
        if kind in (quotation.type, _ALL) and quotation.speaker
    ]
    counted = [one for one in asked if not _is_untold(*one[1:])]
    shown = [(article, quotation, said) for article, quotation, said in counted if said is not None]
    right = [quotation for article, quotation, said in shown if is_right(said.speaker, quotation, article.text)]
    return Row(
        kind,
        n=len(counted),
        shown=len(shown),
        right=len(right),
        neighbour=sum(_is_neighbour(said, quotation, article) for article, quotation, said in shown),
        untold=len(asked) - len(counted),
        pronouns=sum(_is_pronoun(quotation.speaker) for _, quotation, _ in counted),
        pronouns_right=sum(_is_pronoun(quotation.speaker) for quotation in right),
        kind_right=sum(_kind_right(said, quotation, article) for article, quotation, said in shown),
    )


def _is_pronoun(label: str) -> bool:
    return label.lower() in _PRONOUNS


def _is_untold(quotation: Quotation, said: Attribution | None) -> bool:
    """Say whether the labels cannot tell if the name shown for a pronoun is right."""
    start, end = quotation.between
    between = said is not None and start < said.start < end
    return _is_pronoun(quotation.speaker) and between and not (said and same(said.speaker, quotation.before))


def _is_neighbour(said: Attribution, quotation: Quotation, article: Labelled) -> bool:
    """Say whether the name shown is wrong, but that of another labelled speaker of the same sentence."""
    if is_right(said.speaker, quotation, article.text):
        return False
    others = (other for other in article.quotations if other.place == quotation.place and other.speaker)
    return any(is_right(said.speaker, other, article.text) for other in others)


def _kind_right(said: Attribution, quotation: Quotation, article: Labelled) -> bool:
    """Say whether any quotation labelled in the same sentence is of the kind that is shown."""
    kinds = {other.type == "Direct" for other in article.quotations if other.place == quotation.place}
    return said.direct in kinds


def false_names(articles: Sequence[Labelled]) -> tuple[int, int]:
    """Return how many sentences without a labelled quotation there are, and for how many a name is shown."""
    said = [attribute(article.text, *place) for article in articles for place in article.plain]
    return len(said), sum(one is not None for one in said)


def markdown(dev: Path, split: Split) -> str:
    """Measure, and return a Markdown table with a line on false names below."""
    articles = load(dev, split)
    headings = (
        "labelled as",
        "n",
        "right of all",
        "right of shown",
        "shown",
        "neighbour's",
        "kind",
        "pronouns",
        "untold",
    )
    lines = [f"| {' | '.join(headings)} |", "|---|" + "---|" * (len(headings) - 1)]
    for row in evaluate(articles):
        shown, n = max(1, row.shown), max(1, row.n)
        shares = (row.right / n, row.right / shown, row.shown / n, row.neighbour / shown, row.kind_right / shown)
        cells = [row.type, str(row.n), *(f"{share:.1%}" for share in shares)]
        lines.append(f"| {' | '.join(cells)} | {row.pronouns_right}/{row.pronouns} | {row.untold} |")
    plain, named = false_names(articles)
    of = f"{named:,} ({named / plain:.1%})"
    return "\n".join([*lines, "", f"Sentences without a labelled quotation: {plain:,}; a name is shown for {of}."])


def main(
    *,
    dev: Annotated[Path, typer.Option(help="Folder that holds wikinews.jsonl.")],
    split: Annotated[Split, typer.Option(help="Which articles.")] = "dev",
) -> None:
    """Measure how often the speaker shown for a quotation is the labelled one, and where a name is shown for none."""
    print(markdown(dev, split))


if __name__ == "__main__":
    typer.run(main)
