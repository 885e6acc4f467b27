"""The closed lists by which ``rag.dialogue`` tells that a question leans on the one before it. Data only.

German and English together, in lower case: a conversation may change its language at any turn.
"""

from __future__ import annotations

from rag.functionwords import ENGLISH, GERMAN


def _list(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION = GERMAN | ENGLISH | _list("doesn't don't didn't isn't wasn't won't can't there's what's who's")

# Words that ask, tell or go on, and say nothing of what is talked about.
EMPTY = _list(
    """
say says said tell told talk mean means meant happen happens happened explain please more many much long else next
earlier later really okay ok go continue one article
sagen sagt sagte gesagt erzähl erzähle erzählen erklär erkläre heißt bedeutet passiert passierte geschah geht ging
bitte mehr genau genauer lange viel viele denn früher später gibt wieviel wieviele
artikel worum wofür wovor wozu womit worüber woran
"""
)
NO_CONTENT = FUNCTION | EMPTY

# A message that has one of these is a question or an order, no mere part of one.
ASKING = _list(
    """
who what when where why how which whose whom is are was were do does did can could will would has have had should
tell go explain
wer was wann wo warum wieso weshalb wie welche welcher welches welchen welchem wen wem wozu womit worum wofür wovor
worüber woran worauf wieviel wieviele ist sind war waren hat hatte haben hatten kann können konnte will wollen wollte
wird werden wurde wurden gibt gab soll sollen sollte darf muss müssen erzähl erzähle erklär
"""
)
WHO = _list("who whom wer wen wem")

# Pronouns, by what they can stand for. "es" is left out: it mostly stands for nothing.
OF_PERSONS = _list("he she him er ihn ihm")
SUBJECTS = _list("he she they it er sie")
OBJECTS = _list("him them ihn ihm ihnen")
POSSESSIVES = _list(
    """
his her hers its their theirs this these those
sein seine seinen seinem seiner seines ihr ihre ihren ihrem ihrer ihres diese dieser dieses diesen diesem dies
"""
)
THEREOF = _list("dazu davon dabei darüber dafür dagegen damit daran darauf danach daraus darin deren dessen dort")
ELSE = _list("else sonst noch")

ARTICLES = _list("the der die das den dem des beim zum zur im vom am")
DETERMINERS = ARTICLES | _list(
    """
a an his her their its our this that these those which what whose
ein eine einen einem einer eines kein keine keinen keinem keiner welche welcher welches welchen welchem
sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer diese dieser dieses diesen diesem viele alle
"""
)
# Each with the form it has without an article: "in Deutschland" and "im Iran" say the same kind of thing.
PREPOSITIONS = {
    word: word
    for word in _list(
        "about for with in on at to from against by after before over "
        "über für mit zu bei nach von vor gegen aus auf an ohne um"
    )
} | {"im": "in", "ins": "in", "zum": "zu", "zur": "zu", "beim": "bei", "vom": "von", "am": "an"}

# What news is about, without saying which: with "the" before it and nothing named, it is the one just talked about.
# (Linguistics speaks of shell nouns: H.-J. Schmid, "English Abstract Nouns as Conceptual Shells", 2000.)
EVENTS = _list(
    """
other call conversation talk talks meeting summit visit deal deals agreement proposal plan plans idea attack attacks
strike strikes war conflict crisis dispute row article text statement speech decision exchange theory reaction reason
reasons consequence consequences risk risks result results problem round mood negotiations
andere anderen anderer anderes anderem gespräch gespräche treffen gipfel besuch telefonat anruf abkommen vereinbarung
vorschlag vorschläge plan pläne angriff angriffe krieg konflikt krise streit auseinandersetzung artikel text erklärung
rede entscheidung austausch theorie reaktion grund gründe folge folgen risiko risiken ergebnis ergebnisse problem runde
stimmung lage verhandlung verhandlungen beitrag beschluss
"""
)
