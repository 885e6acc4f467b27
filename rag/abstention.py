"""When the articles do not answer a question. Owns the questions that tell what "nothing found" looks like.

The scores of unrelated questions depend on the model and on the corpus, so no constant can be right for all of them.
Instead, questions known to be about something else are searched in the corpus itself: a question counts as answered
only if its best hit scores higher than nearly all of these do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.language import Language

# Everyday subjects far apart from each other, the same in both languages. A corpus may well be about one of them;
# that is why the threshold is a quantile and not the maximum.
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


def threshold(scores: Sequence[float], quantile: float) -> float:
    """Return the score that a share ``quantile`` (0 to 1) of unrelated questions stays below with their best hit.

    Raises ValueError for no scores.
    """
    if not scores:
        raise ValueError("no scores")
    return float(np.quantile(np.asarray(scores, dtype=np.float64), quantile))
