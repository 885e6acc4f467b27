"""The words of a text as lexical search compares them: normalised, without function words, stemmed in both languages.

Pure. Owns what a word is and which spellings are one word; how stems are stored and scored is the database's.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass

from Stemmer import Stemmer

# Part of the index's manifest: change it whenever the same text may give other stems.
TERMS_VERSION = "1"

# A number with its separators, or a word with the pluses that belong to it ("BRICS+", "C++"). What English puts after
# an apostrophe ("Putin's", "don't") is no word of its own. Hyphens part words: a compound is found by its parts.
_WORD = re.compile(r"(\d+(?:[.,:]\d+)+|[^\W_]+\+*)(?:'(?:s|t|d|m|re|ve|ll)\b)?")
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_SPELLINGS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "’": "'"})

# Function words, after the Snowball project's lists (https://snowballstem.org, BSD licence). The lists of the package
# stop-words were not taken: its English one has 1,333 entries, "system", "million" and "UK" among them. Left in,
# because it is a word worth searching for in the other language: "war"; and in its own: "weg".
_FUNCTION_WORDS = """
aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes anders auch auf aus bei
bin bis bist da dabei dadurch daher damit dann daran darauf darum das dass dasselbe davon dazu dein deine deinem deinen
deiner deines dem demselben den denen denn denselben der deren derer derselbe derselben des deshalb desselben dessen
dich die dies diese dieselbe dieselben diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer
eines einig einige einigem einigen einiger einiges einmal er es etwas euch euer eure eurem euren eurer eures für gegen
gewesen hab habe haben habt hast hat hatte hatten hattest hattet hätte hätten hier hin hinter ich ihm ihn ihnen ihr
ihre ihrem ihren ihrer ihres im in indem ins ist ja jede jedem jeden jeder jedes jene jenem jenen jener jenes jetzt
kann kannst kein keine keinem keinen keiner keines können könnt könnte könnten man manche manchem manchen mancher
manches mein meine meinem meinen meiner meines mich mir mit muss musst musste mussten müssen nach nachdem nein nicht
nichts noch nun nur ob oder ohne sehr seid sein seine seinem seinen seiner seines seit selbst sich sie sind so solche
solchem solchen solcher solches soll sollen sollst sollt sollte sollten sondern sonst sowie um und uns unser unsere
unserem unseren unserer unseres unter viel vom von vor wann waren warst warum was weil weiter weitere welche welchem
welchen welcher welches wem wen wenn wer werde werden werdet weshalb wessen wie wieder wieso will wir wird wirst wo
woher wohin wollen wollte wollten worden wurde wurden während würde würden zu zum zur zwar zwischen über
a about above after again against all am an and any are aren as at be because been before being below between both but
by can cannot could couldn did didn do does doesn doing don down during each few for from further had hadn has hasn
have haven having he her here hers herself him himself his how i if in into is isn it its itself just me more most must
my myself no nor not now of off on once only or other our ours ourselves out over own same shall shan she should
shouldn so some such than that the their theirs them themselves then there these they this those through to too under
until up very was wasn we were weren what when where which while who whom whose why will with won would wouldn you
your yours yourself yourselves
"""


@dataclass(frozen=True, slots=True)
class Stems:
    """The words of a text, stemmed twice: ``german[i]`` and ``english[i]`` come from the same word, in text order."""

    german: tuple[str, ...]
    english: tuple[str, ...]


def words(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, in text order, without function words.

    Umlauts are written out and accents dropped (Jäger = Jaeger, Straße = Strasse, Erdoğan = Erdogan), and whole
    numbers lose their separators (20.000 = 20,000). "BRICS+" gives "brics+" and "brics".
    """
    found: list[str] = []
    for match in _WORD.finditer(_normalised(text)):
        word = match.group(1)
        if _THOUSANDS.fullmatch(word):
            found.append(re.sub("[.,]", "", word))
        elif word not in _STOP_WORDS:
            found.append(word)
            if word.endswith("+"):
                found.append(word.rstrip("+"))
    return found


def stems(text: str) -> Stems:
    """Return the words of ``text`` as the German and the English Snowball stemmer leave them."""
    found = words(text)
    german, english = _stemmers()
    return Stems(tuple(german.stemWords(found)), tuple(english.stemWords(found)))


def _normalised(text: str) -> str:
    """Return ``text`` with the differences of spelling removed that search must not see."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SPELLINGS)
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


_STOP_WORDS = frozenset(_normalised(_FUNCTION_WORDS).split())
# A stemmer keeps state while it works, so no two threads may share one.
_LOCAL = threading.local()


def _stemmers() -> tuple[Stemmer, Stemmer]:
    """Return this thread's German and English stemmers."""
    if not hasattr(_LOCAL, "stemmers"):
        _LOCAL.stemmers = Stemmer("german"), Stemmer("english")
    pair: tuple[Stemmer, Stemmer] = _LOCAL.stemmers
    return pair
