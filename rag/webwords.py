"""The words that the page has round answers and articles beyond those of ``rag.rendering``, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.records import Dated, Language, Standing


@dataclass(frozen=True, slots=True)
class WebWords:
    """What buttons and notes of the page say, in one language."""

    standing: Mapping[Standing, str]
    as_indexed: str
    dated: Mapping[Dated, str]
    copy: str
    plain: str
    link: str
    how: str
    score: str
    dense: str
    lexical: str
    coverage: str
    matches: str
    no_matches: str
    understood: str
    useful: str
    up: str
    down: str
    reason: str
    send: str
    derived: str
    minutes: str
    aside: str
    paragraph_link: str
    nothing_found: str


WEB_WORDS: Mapping[Language, WebWords] = {
    "en": WebWords(
        standing={
            Standing.EXACT: "exact in the file as it is now",
            Standing.CHANGED: "file changed since it was indexed; the quote is still in it",
            Standing.LOST: "file changed since it was indexed; the quote is no longer in it",
            Standing.GONE: "the file is gone",
        },
        as_indexed="shown as it was indexed",
        dated={
            Dated.TEXT: "date in the text",
            Dated.METADATA: "date in the page’s metadata",
            Dated.FRONT_MATTER: "date in the front matter",
            Dated.FILE: "date of the file",
        },
        copy="Copy",
        plain="Text",
        link="Link",
        how="How was this found?",
        score="Score",
        dense="Likeness of meaning (−1 to 1)",
        lexical="Words in common (BM25, from 0)",
        coverage="Share of the question’s words found here",
        matches="Words taken for the question’s",
        no_matches="No word of the question stands here; the meaning is alike.",
        understood="Searched for",
        useful="Does this answer the question?",
        up="Yes",
        down="No",
        reason="Why? (optional)",
        send="Send",
        derived="The file has no title; this one is made from its first sentence.",
        minutes="{} min read",
        aside="Set aside",
        paragraph_link="Link to paragraph {}",
        nothing_found="Nothing was found in the chosen articles.",
    ),
    "de": WebWords(
        standing={
            Standing.EXACT: "wörtlich in der Datei, wie sie jetzt ist",
            Standing.CHANGED: "Datei seit dem Einlesen geändert; das Zitat steht noch darin",
            Standing.LOST: "Datei seit dem Einlesen geändert; das Zitat steht nicht mehr darin",
            Standing.GONE: "die Datei gibt es nicht mehr",
        },
        as_indexed="gezeigt, wie sie eingelesen wurde",
        dated={
            Dated.TEXT: "Datum im Text",
            Dated.METADATA: "Datum in den Metadaten der Seite",
            Dated.FRONT_MATTER: "Datum im Kopf der Datei",
            Dated.FILE: "Datum der Datei",
        },
        copy="Kopieren",
        plain="Text",
        link="Link",
        how="Wie wurde das gefunden?",
        score="Wertung",
        dense="Nähe der Bedeutung (−1 bis 1)",
        lexical="Gemeinsame Wörter (BM25, ab 0)",
        coverage="Anteil der Wörter der Frage, die hier stehen",
        matches="Für Wörter der Frage genommen",
        no_matches="Kein Wort der Frage steht hier; die Bedeutung ist ähnlich.",
        understood="Gesucht wurde",
        useful="Beantwortet das die Frage?",
        up="Ja",
        down="Nein",
        reason="Warum? (freiwillig)",
        send="Senden",
        derived="Die Datei hat keinen Titel; dieser ist aus ihrem ersten Satz gebildet.",
        minutes="{} Min. Lesezeit",
        aside="Ausgesondert",
        paragraph_link="Link zu Absatz {}",
        nothing_found="In den gewählten Artikeln wurde nichts gefunden.",
    ),
}
