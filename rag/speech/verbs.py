"""The words by which German says who speaks. Data and its inflection only; compiled by hand.

Speech verbs are listed by stem and inflected here, for a list of every form would hide what is missing. "forms" are
lower-cased finite forms as they stand in a text; a divisible verb ("teilte ... mit") counts only with its particle.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Regular verbs by their stem: sag-t, sag-te, ge-sag-t. A "?" marks what means much else besides: it counts only where
# what is said follows, or stands in quotation marks.
_WEAK = """
?analysier antwort appellier argumentier attestier beantrag bedauer befürcht befürwort begründ begrüß behaupt bejah
beklag bekräftig bekund ?bemerk bemängel bericht beruhig beschuldig beschwer bestätig beteuer beton bezeichn bezweifel
bilanzier ?dank dementier ?droh entgegn ergänz erhoff ?erinner erklär erläuter ?erwart erwider erzähl ?feier folger
forder frag ?garantier ?glaub ?hoff ?informier insistier jubel kalkulier klag kommentier konstatier konter kritisier
lob mahn mein meld monier mutmaß ?offenbar orakel plädier pranger prognostizier prophezei protestier präzisier
?reagier ?rechn rechtfertig referier resümier rüg sag scherz schilder schimpf ?schätz ?signalisier skandier spekulier
spott tadel ?träum twitter ulk unterstell urteil verdeutlich verklag verkünd verlang verlaut verlautbar vermeld vermut
vernein versicher ?verteidig ?verurteil ?veröffentlich warn wetter ?widerleg ?wünsch würdig zitier äußer
""".split()  # noqa: SIM905 - data reads better as words
# Irregular verbs: every finite form, a stroke, the participle.
_STRONG = """
?spricht sprechen sprach sprachen | gesprochen
widerspricht widersprechen widersprach widersprachen | widersprochen
verspricht versprechen versprach versprachen | versprochen
?schreibt schreiben schrieb schrieben | geschrieben
?beschreibt beschreiben beschrieb beschrieben | beschrieben
?nennt nennen nannte nannten | genannt
bekennt bekennen bekannte bekannten | bekannt
?denkt denken dachte dachten | gedacht
rät raten riet rieten | geraten
?ruft rufen rief riefen | gerufen
bestreitet bestreiten bestritt bestritten | bestritten
verweist verweisen verwies verwiesen | verwiesen
?beweist beweisen bewies bewiesen | bewiesen
empfiehlt empfehlen empfahl empfahlen | empfohlen
unterstreicht unterstreichen unterstrich unterstrichen | unterstrichen
?beschließt beschließen beschloss beschlossen | beschlossen
?entscheidet entscheiden entschied entschieden | entschieden
schwört schwören schwor schworen | geschworen
verlangt verlangen verlangte verlangten | verlangt
?bittet bitten bat baten | gebeten
?schließt schließen schloss schlossen | geschlossen
?sieht sehen sah sahen | gesehen
?hält halten hielt hielten | gehalten
?verbietet verbieten verbot verboten | verboten
?erhebt erheben erhob erhoben | erhoben
?vertritt vertreten vertrat vertraten | vertreten
""".strip().splitlines()
# Divisible verbs: finite forms, a stroke, particles, a stroke, the participle without its particle.
_DIVISIBLE = """
teilt teilen teilte teilten | mit | geteilt
gibt geben gab gaben | an bekannt zu | gegeben
kündigt kündigen kündigte kündigten | an | gekündigt
fügt fügen fügte fügten | hinzu an | gefügt
räumt räumen räumte räumten | ein | geräumt
stellt stellen stellte stellten | fest klar heraus | gestellt
hebt heben hob hoben | hervor | gehoben
weist weisen wies wiesen | hin zurück | gewiesen
?führt führen führte führten | aus an | geführt
sagt sagen sagte sagten | zu aus voraus ab | gesagt
wirft werfen warf warfen | vor ein | geworfen
schlägt schlagen schlug schlugen | vor | geschlagen
fordert fordern forderte forderten | auf ein | gefordert
?ruft rufen rief riefen | auf | gerufen
?geht gehen ging gingen | aus | gegangen
?nimmt nehmen nahm nahmen | an | genommen
lehnt lehnen lehnte lehnten | ab | gelehnt
streitet streiten stritt stritten | ab | gestritten
prangert prangern prangerte prangerten | an | geprangert
gesteht gestehen gestand gestanden | ein zu | gestanden
deutet deuten deutete deuteten | an hin | gedeutet
?macht machen machte machten | deutlich klar geltend verantwortlich | gemacht
merkt merken merkte merkten | an | gemerkt
?spricht sprechen sprach sprachen | aus an zu | gesprochen
mahnt mahnen mahnte mahnten | an | gemahnt
?schätzt schätzen schätzte schätzten | ein | geschätzt
?setzt setzen setzte setzten | hinzu | gesetzt
?stimmt stimmen stimmte stimmten | zu | gestimmt
rät raten riet rieten | ab | geraten
klagt klagen klagte klagten | an | geklagt
?strebt streben strebte strebten | an | gestrebt
?legt legen legte legten | dar nahe fest | gelegt
sichert sichern sicherte sicherten | zu | gesichert
streicht streichen strich strichen | heraus | gestrichen
tritt treten trat traten | entgegen | getreten
?schließt schließen schloss schlossen | aus | geschlossen
?ruft rufen rief riefen | aus | gerufen
bringt bringen brachte brachten | vor | gebracht
wendet wenden wandte wandten | ein | gewandt
""".strip().splitlines()


def _weak(stem: str) -> list[str]:
    """Return the finite forms of a regular verb and, last, its participle."""
    base = stem + "e" * (stem[-1] in "td" or stem.endswith(("chn", "gn", "dn")))
    infinitive = stem + ("n" if stem.endswith(("er", "el")) and not stem.endswith(("ier", "schwer")) else "en")
    untouched = stem.startswith(("be", "er", "ent", "ver", "wider", "unter", "über", "ge")) or stem.endswith("ier")
    return [base + "t", base + "te", base + "ten", infinitive, ("" if untouched else "ge") + base + "t"]


@dataclass(frozen=True, slots=True)
class _Forms:
    """The forms of all verbs, lower-cased: see the names below."""

    finite: set[str] = field(default_factory=set)
    participles: set[str] = field(default_factory=set)
    divisible: dict[str, frozenset[str]] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)


def _inflect() -> _Forms:
    every = _Forms()
    for entry in [*_WEAK, *_STRONG, *_DIVISIBLE]:
        text = entry.removeprefix("?")
        parts = [part.split() for part in text.split(" | ")]
        finite, particles = (_weak(text) if len(parts) == 1 else parts[0]), (parts[1] if len(parts) == 3 else [])
        participles = [finite.pop()] if len(parts) == 1 else parts[-1]
        if particles:
            participles = [particle + participle for particle in particles for participle in participles]
            every.joined.update(particle + form for particle in particles for form in finite)
            for form in finite:
                every.divisible[form] = every.divisible.get(form, frozenset()) | frozenset(particles)
        else:
            every.finite.update(finite)
        every.participles.update(participles)
        if entry != text:
            every.doubtful.update(finite, participles)
    return every


_FORMS = _inflect()
# Finite forms; participles; finite forms of divisible verbs -> their particles; divisible verbs at the end of a clause
# ("mitteilte"); forms that mean much else besides.
FINITE, PARTICIPLES = frozenset(_FORMS.finite), frozenset(_FORMS.participles)
DIVISIBLE, JOINED, DOUBTFUL = _FORMS.divisible, frozenset(_FORMS.joined), frozenset(_FORMS.doubtful)

BE_QUOTED = frozenset("wird werden wurde wurden".split())  # noqa: SIM905
BE_OF_OPINION = frozenset("ist sind war waren".split())  # noqa: SIM905
OPINIONS = frozenset("Meinung Ansicht Auffassung Überzeugung Gewissheit".split())  # noqa: SIM905
# "nach Angaben der Polizei", "unter Berufung auf ...": nouns that say a source follows.
SOURCE_NOUNS = frozenset(
    """
Angabe Angaben Ansicht Auffassung Aussage Aussagen Auskunft Bekunden Bericht Berichten Berichte Berichts Darstellung
Einschätzung Erkenntnissen Informationen Information Meinung Meldung Meldungen Mitteilung Schätzung Schätzungen
Überzeugung Worten Wort Einschätzungen Darstellungen Mitteilungen Ermittlungen Pressemitteilung Stellungnahme
Schilderung Lesart Berechnungen Prognose Prognosen Befürchtungen Version Fazit
Vorwurf Vorwürfe Bewertung Vorhersage Bekundungen Verlautbarung Berechnung Annahmen Annahme Erkenntnis
""".split()  # noqa: SIM905
)
# Compounds that are a source themselves: "nach Polizeiangaben", "Medienberichten zufolge".
SOURCE_ENDINGS = (
    "angaben",
    "berichten",
    "informationen",
    "aussagen",
    "meldungen",
    "meinung",
    "schätzungen",
    "kreisen",
    "erkenntnissen",
)
# "ließ ein Sprecher verlauten", "soll X gesagt haben".
LET = frozenset("lässt lassen ließ ließen".split())  # noqa: SIM905
LET_KNOW = frozenset("verlauten mitteilen verbreiten wissen erklären ausrichten verkünden durchblicken".split())  # noqa: SIM905
ALLEGEDLY = frozenset("soll sollen will wollen".split())  # noqa: SIM905
