"""German words by what they do in a sentence, and endings by what they make of a noun. Data only, compiled by hand."""

from __future__ import annotations

HAVE = frozenset("hat haben hatte hatten habe hätte hätten".split())  # noqa: SIM905
# Forms of modal verbs and auxiliaries; beside one of them an infinitive is not the finite verb it looks like.
AUXILIARIES = frozenset(
    """
kann können könne könnte könnten muss müssen müsse musste mussten müsste müssten soll sollen solle sollte sollten will
wollen wolle wollte wollten darf dürfen dürfe dürfte dürften mag mögen möge möchte möchten wird werden werde wurde
wurden würde würden lässt lassen ließ ließen
""".split()  # noqa: SIM905
)
# Subjunctive I, the mood of reported speech: forms that are not the indicative as well.
SUBJUNCTIVE = frozenset(
    """
sei seien habe werde könne müsse solle wolle dürfe möge wisse gebe gehe komme stehe liege bleibe lasse halte finde
nehme sehe brauche mache handle handele bestehe drohe fehle reiche führe bringe zeige gelte trage bedeute erwarte
scheine glaube verfüge betrage sage spreche wirke bekomme erhalte verliere helfe gehöre beginne laufe arbeite ziehe
setze stelle biete treffe falle leide fordere bedürfe entspreche spiele verstoße verletze gefährde unterstütze
behandele lebe hoffe rechne vertraue fürchte plane prüfe leiste schaffe stimme lehne rate wachse steige sinke
existiere ergebe beruhe diene zwinge verhindere verdiene erkenne verstehe wünsche freue bemühe
""".split()  # noqa: SIM905
)
# Subjunctive II, which reported speech uses where I reads like the indicative; on its own it proves nothing.
SUBJUNCTIVE_TWO = frozenset("hätten hätte wären wäre würden würde müssten".split())  # noqa: SIM905
DETERMINERS = frozenset(
    """
der die das den dem des ein eine einen einem einer eines sein seine seinen seinem seiner seines ihr ihre ihren ihrem
ihrer ihres unser unsere kein keine dieser diese dieses diesem diesen jener jene jenes mehrere einige viele zahlreiche
alle beide beiden zwei drei vier fünf mehreren einigen vielen zahlreichen manche verschiedene weitere andere
""".split()  # noqa: SIM905
)
# What may stand between an article and its noun beside adjectives: "die beiden Sängerinnen".
QUANTIFIERS = frozenset(
    """
beide beiden zwei drei vier fünf viele vielen einigen mehreren zahlreichen anderen andere
""".split()  # noqa: SIM905 - data reads better as words
)
ARTICLES = frozenset("der die das den dem des ein eine einen einem einer eines".split())  # noqa: SIM905
NEVER_SUBJECT = frozenset("den dem des einen einem eines seinen seinem seines ihren ihrem ihres diesem diesen".split())  # noqa: SIM905
GENITIVE = frozenset("des der eines einer seiner ihrer seines ihres dieser".split())  # noqa: SIM905
SUBJECT_PRONOUNS = frozenset("er sie".split())  # noqa: SIM905
# Subjects that are nobody in particular: whoever finds one knows that no name can be given.
NOBODY = frozenset("es man wir ich ihr du niemand jemand wer was das dies alles".split())  # noqa: SIM905
PREPOSITIONS = frozenset(
    """
in im ins an am ans auf aufs aus bei beim durch für gegen gegenüber hinter mit nach neben ohne seit über unter um von
vom vor während wegen zu zum zur zwischen trotz anlässlich angesichts bis per innerhalb außerhalb entgegen laut gemäß
aufgrund dank statt binnen
""".split()  # noqa: SIM905
)
ATTRIBUTE_PREPOSITIONS = frozenset("von vom für im in am an aus bei beim zum zur auf gegen über".split())  # noqa: SIM905
SUBORDINATORS = frozenset(
    "dass daß ob weil wenn nachdem während als bevor obwohl da damit sodass indem falls wie wo wonach".split()  # noqa: SIM905
)
NAME_PARTICLES = frozenset("von van de der den del di da dos bin ibn al el zu la le".split())  # noqa: SIM905
# What stands before a person's name and says what he or she is; compounds end in it.
ROLE_ENDINGS = tuple(
    """
minister ministerin präsident präsidenten präsidentin kanzler kanzlerin sprecher sprechers sprecherin chef chefin
leiter leiters leiterin direktor direktors direktorin vorsitzende vorsitzender vorsitzenden kandidat kandidatin
senator senatorin bürgermeister bürgermeisterin beauftragte beauftragter beauftragten berater beraterin experte
experten expertin forscher forscherin politiker politikers politikerin abgeordnete abgeordneter abgeordneten anwalt
anwältin richter richterin general generals generalin offizier kommandeur trainer trainers trainerin manager managers
managerin analyst analysten analystin ökonom ökonomen ökonomin professor professorin journalist journalisten
journalistin autor autorin schriftsteller sekretär sekretärin generalsekretär botschafter botschafterin gouverneur
gouverneurin könig königin papst bischof kardinal verteidiger verteidigerin vertreter vertreters vertreterin
geschäftsführer geschäftsführerin agentur magazin zeitung fraktionschef ermittler ermittlers staatsanwalt
staatsanwältin oberst hauptmann kommissar kommissarin premier premierministerin staatschef regierungschef parteichef
nachrichtenagentur portal sender nachrichtenmagazin wissenschaftler wissenschaftlerin historiker historikerin
psychologe arzt ärztin unternehmer unternehmerin gründer gründerin verlagsleiter verhandlungsführer verhandler
chefunterhändler diplomat diplomatin spieler torhüter kapitän intendant sänger sängerin regisseur schauspieler
schauspielerin aktivist aktivistin mitglied vizepräsident oppositionsführer oppositionsführerin führer rivale
nachfolger vorgänger amtskollege amtskollegin kollege kollegin außenbeauftragte delegationsleiterin herr frau dr prof
internetdienst zeuge student präsidentschaftskandidat astronaut korrespondent korrespondentin reporter reporterin
moderator moderatorin koordinator koordinatorin beamter beamte mitarbeiter mitarbeiterin organisator gewerkschafter
veranstalter betreiber anwohner priester pilot zeugin innenminister vize
""".split()  # noqa: SIM905
)
# Ends of nouns for bodies that speak, where the same ending otherwise makes a thing of a word (-ung, -ion, -schaft).
BODY_ENDINGS = tuple(
    """
regierung verwaltung opposition organisation kommission zeitung gewerkschaft staatsanwaltschaft koalition fraktion
delegation union vereinigung stiftung behörde behörden ministerium ministeriums partei gericht gerichtshof amt amts
polizei kreml agentur verband verein rat bank institut unternehmen konzern firma presse medien haus administration
gesellschaft botschaft universität ministerien experten kritiker beobachter analysten forscher politiker demonstranten
parlament bundestag senat kongress armee militär bürger anwohner augenzeugen zeugen sprecher vertreter gruppe club
bund zentrale kirche redaktion magazin sender land stadt
""".split()  # noqa: SIM905
)
# Ends of nouns for what cannot speak.
THING_ENDINGS = (
    "ung",
    "ungen",
    "heit",
    "keit",
    "ion",
    "ionen",
    "tät",
    "ismus",
    "nis",
    "schaft",
    "frage",
    "zeit",
    "tag",
)
FEMININE_ENDINGS = (
    "ung",
    "schaft",
    "ion",
    "heit",
    "keit",
    "tät",
    "ei",
    "agentur",
    "presse",
    "in",
    "behörde",
    "gruppe",
    "firma",
)
# Times, which stand where a subject may: "Ende Januar verkündete der Bund ...".
TIMES = frozenset(
    """
januar februar märz april mai juni juli august september oktober november dezember montag dienstag mittwoch donnerstag
freitag samstag sonnabend sonntag ende anfang mitte uhr jahr jahre jahren woche wochen tag tage tagen monat monate
vormittag nachmittag abend morgen nacht montagabend stunden minuten prozent euro dollar kilometer meter milliarden
millionen grad
""".split()  # noqa: SIM905
)
# Adverbs and the like that open a sentence with a capital and are no name.
OPENERS = frozenset(
    """
aber abschließend allerdings allein also anders anfangs anschließend ansonsten auch außerdem bald bereits besonders
bisher bislang da dabei dadurch dafür dagegen daher dahinter damals damit danach daneben dann daran darauf daraufhin
daraus darin darüber darum darunter davon davor dazu demgegenüber demnach demzufolge dennoch denn derweil derzeit
deshalb deswegen doch dort ebenfalls ebenso eher einst endlich entsprechend erneut erst erstmals etwa eventuell ferner
folglich früher ganz gemeinsam genau gerade gestern gleich gleichwohl gleichzeitig heute hier hierbei hierfür hiermit
hierzu hingegen hinzu immer immerhin indes indessen insbesondere insgesamt inzwischen jedenfalls jedoch jetzt kaum
konkret kritisch künftig kurz längst laut lediglich letztlich mehr mehrfach meist mittlerweile morgen nachdem neben
nicht noch nun nur ob oder offenbar oft ohnehin parallel schließlich schon sehr seinerzeit seither selbst sicher so
sogar somit sonst später stattdessen stets trotz trotzdem überdies übrigens umgekehrt und unklar unter unterdessen
unterdes vielleicht vielmehr viel vorerst vorher währenddessen warum weder weil weiter weiterhin weiters weniger
wenngleich wiederholt wieder wie wohl wörtlich ziemlich zuerst zuletzt zugleich zudem zunächst zurzeit zusammen
zusätzlich zuvor zwar zweitens erstens drittens nein ja besorgt ähnlich enttäuscht erfreut zufrieden skeptisch
optimistisch passend betroffen weitere solche deutlich scharf offiziell unmittelbar kurz bald nachdrücklich vorgestern
neu sollte sollten
""".split()  # noqa: SIM905
)
OPENER_ENDINGS = ("erweise", "lich", "maßen", "wärts", "falls", "dings", "ierend")
