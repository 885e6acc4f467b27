"""When the articles do not answer a question. Owns the questions that tell what "nothing found" looks like.

The scores of unrelated questions depend on the model and on the corpus, so no constant can be right for all of them.
Instead, questions known to be about something else are searched in the corpus itself, and a question's best hit is
compared with what these find. How far it stands out, and what else tells an answer from a near miss, makes a
probability by logistic regression (``python -m benchmarks.calibration`` fits it and says how good it is).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from rag.records import Hit, Language

# Fitted by benchmarks/calibration.py on its dev questions.
_INTERCEPT, _DISTANCE, _LEAD, _WEAKEST, _LACKS_NUMBER = -3.919, 0.1084, 4.382, 5.873, -2.803
# The median of ``weakest`` over these questions.
_USUAL_WEAKEST = 0.40

# Everyday subjects far apart from each other, the same in both languages. A corpus may well be about one of them;
# that is why there are thirty, of which mean and spread are taken and not the highest score.
UNRELATED: dict[Language, tuple[str, ...]] = {
    "en": (
        "How long does sourdough bread have to rise?",
        "Which tyres are best for a mountain bike?",
        "What is the boiling point of ethanol?",
        "How do I get red wine stains out of a carpet?",
        "Who composed the Brandenburg Concertos?",
        "When should tomatoes be planted out?",
        "What did the goalkeeper say after the match?",
        "How many legs does a spider have?",
        "Which vitamin is found in carrots?",
        "How is a violin tuned?",
        "What is the capital of Mongolia?",
        "Why do cats purr?",
        "How much does a kitchen renovation cost?",
        "Who painted the Night Watch?",
        "What are the symptoms of a sprained ankle?",
        "How deep is Lake Constance?",
        "Which knot is used to moor a boat?",
        "What did the mayor promise about the new swimming pool?",
        "How does a heat pump work?",
        "When were the first dinosaur fossils discovered?",
        "How do you calculate the area of a circle?",
        "Which film won the award for best costume?",
        "How often should a dog be vaccinated?",
        "What is the difference between baroque and rococo?",
        "How do bees make honey?",
        "Where can I renew my driving licence?",
        "What did the critics write about her debut novel?",
        "How long is the marathon distance?",
        "Which muscles does rowing train?",
        "How is parmesan made?",
    ),
    "de": (
        "Wie lange muss Sauerteigbrot gehen?",
        "Welche Reifen sind für ein Mountainbike am besten?",
        "Wo liegt der Siedepunkt von Ethanol?",
        "Wie bekomme ich Rotweinflecken aus dem Teppich?",
        "Wer komponierte die Brandenburgischen Konzerte?",
        "Wann sollten Tomaten ausgepflanzt werden?",
        "Was sagte der Torwart nach dem Spiel?",
        "Wie viele Beine hat eine Spinne?",
        "Welches Vitamin steckt in Karotten?",
        "Wie wird eine Geige gestimmt?",
        "Wie heißt die Hauptstadt der Mongolei?",
        "Warum schnurren Katzen?",
        "Was kostet die Renovierung einer Küche?",
        "Wer malte die Nachtwache?",
        "Woran erkennt man einen verstauchten Knöchel?",
        "Wie tief ist der Bodensee?",
        "Mit welchem Knoten macht man ein Boot fest?",
        "Was versprach die Bürgermeisterin zum neuen Schwimmbad?",
        "Wie funktioniert eine Wärmepumpe?",
        "Wann wurden die ersten Fossilien von Dinosauriern entdeckt?",
        "Wie berechnet man die Fläche eines Kreises?",
        "Welcher Film gewann den Preis für die besten Kostüme?",
        "Wie oft muss ein Hund geimpft werden?",
        "Was unterscheidet Barock und Rokoko?",
        "Wie machen Bienen Honig?",
        "Wo kann ich meinen Führerschein verlängern?",
        "Was schrieben die Kritiker über ihren ersten Roman?",
        "Wie lang ist ein Marathon?",
        "Welche Muskeln trainiert das Rudern?",
        "Wie wird Parmesan hergestellt?",
    ),
}


# Questions that ask for a number or a time, and words that are one.
_ASKS_NUMBER = re.compile(
    r"(?i)\s*(?:how (?:many|much|old|long|high|often|far|large|big)|when|(?:in|at) (?:what|which) (?:year|time|date)"
    r"|what percentage|wie ?viele?n?|wie (?:alt|lange|hoch|oft|weit|groß)|wann|seit wann|um wie viel)\b"
)
_NUMBER = re.compile(
    r"(?i)\d|\b(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig|hundert\w*|tausend\w*"
    r"|million\w*|milliarde\w*|jahrzehnt\w*|gestern|heute|morgen|(?:mon|diens|donners|frei|sams|sonn)tag\w*|mittwoch\w*"
    r"|\w+mal|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|dozens?|hundreds?|thousands?|millions?"
    r"|billions?|decades?|yesterday|today|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|once|twice)\b"
)


@dataclass(frozen=True, slots=True)
class Unrelated:
    """The scores of unrelated questions' best hits: their mean and standard deviation."""

    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the best hit of a question as its answer.

    ``distance`` is how many standard deviations its score lies above those of unrelated questions, ``lead`` how much
    higher it scores than the next hit, ``weakest`` the cosine, -1 to 1, between the passage and those word pieces of
    the question, a quarter of them, that are least like any of it. ``lacks_number`` is 1 if the question asks for a
    number or a time and the passage has none, else 0.
    """

    distance: float
    lead: float
    weakest: float
    lacks_number: float


def unrelated(scores: Sequence[float]) -> Unrelated:
    """Describe the scores of unrelated questions' best hits. Raises ValueError for no scores."""
    if not scores:
        raise ValueError("no scores")
    # In a corpus of one sentence all may score alike.
    return Unrelated(float(np.mean(scores)), max(float(np.std(scores)), 0.01))


def evidence(question: str, hits: Sequence[Hit], likeness: NDArray[np.float32], others: Unrelated) -> Evidence:
    """Weigh the first of ``hits``, which are not empty.

    ``likeness`` (t,) is that of the question's word pieces to it; without any, as with a model whose pieces mean
    nothing, this tells neither for nor against.
    """
    lowest = np.sort(likeness)[: max(1, len(likeness) // 4)]
    return Evidence(
        distance=(hits[0].score - others.mean) / others.spread,
        lead=hits[0].score - max((hit.score for hit in hits[1:]), default=0.0),
        weakest=float(lowest.mean()) if len(likeness) else _USUAL_WEAKEST,
        lacks_number=float(bool(_ASKS_NUMBER.match(question)) and not _NUMBER.search(hits[0].passage.text)),
    )


def confidence(found: Evidence) -> float:
    """Return the estimated probability, 0 to 1, that the passage answers the question."""
    logit = (
        _INTERCEPT
        + _DISTANCE * found.distance
        + _LEAD * found.lead
        + _WEAKEST * found.weakest
        + _LACKS_NUMBER * found.lacks_number
    )
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))
