"""Who said it: the right name, verbatim, or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.articles import read
from rag.folding import fold
from rag.records import Attribution, BlockKind
from rag.speech.attribution import attribute
from rag.speech.verbs import DIVISIBLE, DOUBTFUL, FINITE, JOINED, PARTICIPLES
from rag.splitting import sentence_slices

SEEDS = Path(__file__).parent.parent / "seeds"


def said(text: str, sentence: str | None = None) -> tuple[str, bool] | None:
    """The speaker of ``sentence`` in ``text``, by default of its last sentence, and whether it is a direct quote."""
    start, end = (text.index(sentence), text.index(sentence) + len(sentence)) if sentence else sentence_slices(text)[-1]
    found = attribute(text, start, end)
    return (found.speaker, found.direct) if found else None


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("„Das ist eine große Tragödie“, sagte Gillard am Montag.", "Gillard"),
        ("“Wir sind zuversichtlich”, erklärte der finnische Präsident Alexander Stubb.", "Alexander Stubb"),
        ('"Das geht zu weit", kritisierte die Fraktionsvorsitzende Anna Weber.', "Anna Weber"),
        ("»Wir haben verloren«, räumte Trainerin Ines Kurz ein.", "Ines Kurz"),
        ("Kremlsprecher Dmitri Peskow äußerte im Fernsehen: „Das deckt sich mit unserer Sichtweise.“", "Dmitri Peskow"),
        ("Der Leiter des Instituts, Klaus Brandt, warnte: „Die Zeit drängt.“", "Klaus Brandt"),
        ("Ein Sprecher des Finanzministeriums sagte: „Wir schaffen das.“", "Sprecher des Finanzministeriums"),
        ("„A ist wahr. B auch ‚im Kern‘“, so Ursula Castrup, die Leiterin der Fachstelle.", "Ursula Castrup"),
        ("Die Ministerin sprach von einem „klaren Fehler“.", "Ministerin"),
        ("Von der Leyen betonte: „Wir handeln.“", "Von der Leyen"),
    ],
)
def test_a_direct_quotation_has_its_speaker(sentence: str, speaker: str) -> None:
    assert said(sentence) == (speaker, True)


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("Die Polizei gab an, dass niemand verletzt wurde.", "Polizei"),
        ("Laut CNN laufen die Vorbereitungen bereits.", "CNN"),
        ("Nach Angaben der Polizei kamen zwei Menschen ums Leben.", "Polizei"),
        ("Medienberichten zufolge wurde er verhaftet.", "Medienberichten"),
        ("Einer Meldung von Xinhua zufolge hat der Unterricht begonnen.", "Xinhua"),
        ("Wie das Innenministerium mitteilte, sind drei Züge ausgefallen.", "Innenministerium"),
        ("Der Präsident sei, so Gamkrelids, selbst schuld daran.", "Gamkrelids"),
        ("Es drohe ein Rüstungswettlauf, hatte Obama in Moskau gesagt.", "Obama"),
        ("Der Umsatz wird steigen, teilte das Unternehmen mit.", "Unternehmen"),
        ("Zudem forderte Felipe Calderón, das Gesetz zu ändern.", "Felipe Calderón"),
        ("Celebi, die viele Frauen vertritt, erklärte, das Gericht habe versagt.", "Celebi"),
        ("NPR besteht darauf, sagte ein Sprecher von Greenpeace, dass alles neu sei.", "Sprecher von Greenpeace"),
        ("Dmitriev hat gefordert, dass Russland „eine bessere Zukunft“ schafft und sich öffnet.", "Dmitriev"),
        ("Der Vorsitzende Johannes Winkel sagte der „Welt“, der Staat müsse sparen.", "Johannes Winkel"),
        ("Wie die „Süddeutsche Zeitung“ berichtet, fallen 3000 Stellen weg.", "„Süddeutsche Zeitung“"),
        ("Aus Sicht von Außenministerin Annalena Baerbock ist das falsch.", "Annalena Baerbock"),
        ("Der Zeitung sagte Filep Karma, er werde im Gefängnis festgehalten.", "Filep Karma"),
    ],
)
def test_reported_speech_has_its_speaker(sentence: str, speaker: str) -> None:
    assert said(sentence) == (speaker, False)


@pytest.mark.parametrize(
    ("sentence", "speaker", "direct"),
    [
        ("“It is over,” said Kremlin spokesman Dmitry Peskov.", "Dmitry Peskov", True),
        ("“It is over,” the US envoy, Steve Witkoff, said on Monday.", "Steve Witkoff", True),
        ("Kirill Dmitriev, the Kremlin's negotiator, told CNN that the talks would go on.", "Kirill Dmitriev", False),
        ("According to the Financial Times, investors are looking at the pipeline.", "Financial Times", False),
        ("A spokesman for the Kremlin said there was no deal.", "spokesman for the Kremlin", False),
    ],
)
def test_english_is_read_as_well(sentence: str, speaker: str, direct: bool) -> None:
    assert said(sentence) == (speaker, direct)


@pytest.mark.parametrize(
    "sentence",
    [
        "Ein rascher Waffenstillstand liegt derzeit nicht im Interesse Moskaus.",
        "Trump könnte einen Deal anstreben, der auch Sanktionen behandelt.",
        "Mit einer „Triple-Tap“-Strategie setzten ukrainische Streitkräfte Raketen ein.",
        "Es wurde sehr laut in dem großen Saal.",
        "Die Wirtschaft hat 20.000 Sanktionen (laut dem Minister Alexander Pankin) überwunden.",
        "Nach zwei Wochen kehrte Merkel nach Berlin zurück.",
        "Man sagte, dass es regnen werde.",
        "Er sagte, dass es regnen werde.",
        "Die beiden Staatschefs haben sich in Genf getroffen.",
        "The war has lasted three years and the front has hardly moved.",
        "They said the war would end.",
    ],
)
def test_the_articles_own_words_and_unknown_speakers_get_no_name(sentence: str) -> None:
    assert said(sentence) is None


def test_a_pronoun_is_resolved_to_the_name_before() -> None:
    text = "Anna Weber führt die Partei seit Mai. Sie forderte, dass die Steuern gesenkt werden."
    assert said(text) == ("Anna Weber", False)
    found = attribute(text, *sentence_slices(text)[-1])
    assert found is not None
    assert (found.start, found.end) == (0, len("Anna Weber"))


def test_a_pronoun_that_does_not_fit_the_role_before_stays_without_a_name() -> None:
    assert said("Die Ministerin Anna Weber kam nach Bonn. Er sagte, dass die Steuern sinken.") is None


def test_reported_speech_that_goes_on_has_the_speaker_of_the_sentence_before() -> None:
    text = "Hans Meier erklärte, er habe nichts gewusst. Die Akten seien verschwunden. Das werde er beweisen."
    assert said(text) == ("Hans Meier", False)


def test_what_follows_in_the_indicative_does_not_belong_to_the_speaker() -> None:
    assert said("Hans Meier erklärte, er habe nichts gewusst. Die Akten sind verschwunden.") is None


def test_each_sentence_of_a_quotation_has_the_speaker_named_beside_it() -> None:
    text = "Der Trainer Jo Kern sagte: „Wir waren müde.“ „Morgen wird es besser.“"
    assert said(text, "„Morgen wird es besser.“") == ("Jo Kern", True)


def test_a_quotation_after_a_colon_and_a_blank_line_has_the_speaker_before_it() -> None:
    text = "In einem Beitrag teilte Donald Trump mit:\n\n„Wir haben lange gesprochen. Es war gut.“"
    assert said(text, "„Wir haben lange gesprochen. Es war gut.“") == ("Donald Trump", True)


def test_a_name_across_wrapped_lines_is_shown_folded_and_located_in_the_text() -> None:
    text = "„Das war\nalles“, sagte der Sprecher Kirill\nDmitriev nach der Sitzung."
    found = attribute(text, 0, len(text))
    assert found is not None
    assert found.speaker == "Kirill Dmitriev"
    assert text[found.start : found.end] == "Kirill\nDmitriev"


def test_of_two_names_side_by_side_the_first_speaks() -> None:
    text = "Donald Trump und Wladimir Putin trafen sich. In Genf lobte Trump Putin und sagte, dass alles gut werde."
    assert said(text) == ("Trump", False)


def test_who_stands_before_a_plural_verb_speaks_not_its_object() -> None:
    text = "Einige Moslems haben Premierminister Tony Blair geschrieben, dass vieles geändert werden müsse."
    assert said(text) == ("Einige Moslems", False)


@pytest.mark.parametrize(
    ("article", "sentence", "expected"),
    [
        ("000_dc734513eda1ed5f.txt", "erwartet man nun", None),
        ("000_dc734513eda1ed5f.txt", "kommentierte Dmitriev", ("Dmitriev", True)),
        ("001_1a521e34ec6b286b.txt", "niemals geweigert", ("Sergej Lawrow", True)),
        ("003_b4349e0a2b79b14c.txt", "fügte hinzu", ("Trump", False)),
        ("003_b4349e0a2b79b14c.txt", "Gefangenenaustausch", ("Steve Witkoff", False)),
        ("004_4d9e4ac50f9794c6.txt", "zusammenbrechen könnte", ("Kyrylo Budanow", False)),
        ("004_4d9e4ac50f9794c6.txt", "wenig Mitspracherecht", None),
    ],
)
def test_the_sample_articles_name_their_speakers(
    article: str, sentence: str, expected: tuple[str, bool] | None
) -> None:
    text = read(SEEDS / article, SEEDS).text
    slices = (
        (block.start + start, block.start + end)
        for block in read(SEEDS / article, SEEDS).blocks
        if block.kind is BlockKind.PARAGRAPH
        for start, end in sentence_slices(text[block.start : block.end])
    )
    start, end = next(place for place in slices if sentence in fold(text[slice(*place)]))
    found = attribute(text, start, end)
    assert (found and (found.speaker, found.direct)) == expected


# Pieces that make quotations, names, clauses and rubbish when thrown together.
PIECES = st.lists(
    st.sampled_from(
        [
            "„",
            "“",
            "”",
            '"',
            "»",
            "«",
            "(",
            ")",
            ",",
            ".",
            ":",
            ";",
            "–",
            "sagte",
            "erklärte",
            "teilte",
            "mit",
            "hat",
            "gesagt",
            "dass",
            "sei",
            "habe",
            "laut",
            "nach",
            "Angaben",
            "zufolge",
            "so",
            "wie",
            "er\n",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "sie",
            "Trump",
            "Angela",
            "Merkel",
            "der",
            "die",
            "des",
            "Minister",
            "Polizei",
            "Leiterin",
            "von",
            "und",
            "in",
            "Berlin",
            "said",
            "according",
            "to",
            "the",
            "told",
            "he\n",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "\n",
            "\n\n",
            "-",
            "Dr.",
            "18.",
            "•",
            "heißt",
            "es",
            "wird",
            "zitiert",
        ]
    ),
    max_size=60,
).map(" ".join)


def assert_verbatim(found: Attribution | None, text: str) -> None:
    if found is not None:
        assert found.speaker == fold(text[found.start : found.end])
        assert found.speaker.strip() == found.speaker != ""


@given(text=PIECES | st.text(max_size=300), data=st.data())
def test_any_name_shown_is_a_slice_of_any_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert_verbatim(attribute(text, start, end), text)


@given(text=PIECES, pages=st.integers(0, 40))
def test_what_stands_far_away_changes_nothing(text: str, pages: int) -> None:
    near = "Es regnete den ganzen Tag.\n\n" * 120
    far = "Die Kanzlerin Rita Süß sagte: „Alles gut.“\n\n" * pages
    alone, among = (attribute(body, len(body) - len(text), len(body)) for body in (near + text, far + near + text))
    assert (alone is None) == (among is None)
    if alone is not None and among is not None:
        assert (among.speaker, among.start - len(far), among.direct) == (alone.speaker, alone.start, alone.direct)


@pytest.mark.parametrize("piece", ["„", '"', "sagte ", "X, der ", "sei, ", "Aa ", "(", "a. ", "A.", "laut der ", "\n "])
def test_a_hostile_text_is_answered(piece: str) -> None:
    text = piece * 50_000
    assert_verbatim(attribute(text, len(text) // 2, len(text)), text)


@pytest.mark.parametrize(("start", "end"), [(3, 3), (5, 2), (-1, 4), (0, 99)])
def test_a_place_that_is_none_gets_no_name(start: int, end: int) -> None:
    assert attribute("„Ja“, sagte Kern.", start, end) is None


@pytest.mark.parametrize(
    ("forms", "form"),
    [
        (FINITE, "forderte"),
        (FINITE, "kritisieren"),
        (FINITE, "bezeichnete"),
        (FINITE, "beschweren"),
        (PARTICIPLES, "gesagt"),
        (PARTICIPLES, "erklärt"),
        (PARTICIPLES, "kommentiert"),
        (PARTICIPLES, "hinzugefügt"),
        (JOINED, "mitteilte"),
        (DOUBTFUL, "schreibt"),
    ],
)
def test_speech_verbs_are_inflected(forms: frozenset[str], form: str) -> None:
    assert form in forms


def test_a_divisible_verb_knows_its_particles() -> None:
    assert DIVISIBLE["gab"] >= {"an", "bekannt", "zu"}
    assert "teilte" not in FINITE
