"""What each word of a question may look like in the corpus: its stem, translations, compounds, other spellings.

Pure. Owns which words of the vocabulary stand for a word of the question, and how surely. The vocabulary and the
translations are handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from rag import names
from rag.language import evidence
from rag.records import Language
from rag.settings import Settings
from rag.terms import Stems, german_stems, stems, words

# Letters that German puts between the parts of a compound; none at all is the most frequent.
_LINKS = ("", "s", "es", "n", "en", "ns", "e", "er")
# Those that can be there by the first letter of what follows a part, and by the last of what precedes one: mostly none.
_BY_FIRST = {letter: [link for link in _LINKS if link[:1] in ("", letter)] for letter in "ens"}
_BY_LAST = {letter: [link for link in _LINKS if link[-1:] in ("", letter)] for letter in "ensr"}
_SHORTEST_PART = 3


class Vocabulary(Protocol):
    """The words of the indexed passages."""

    def spelled(self, keys: Collection[str]) -> dict[str, list[str]]:
        """Return for each key the words that have a key (see ``keys``) which begins with it."""

    def holds(self, stems: Collection[str]) -> set[str]:
        """Return those of ``stems`` that are words of the vocabulary."""


class Translator(Protocol):
    """What ``rag.translations.Translations`` does."""

    def of(self, stem: str, language: Language) -> Mapping[str, float]:
        """Return what ``stem``, a stem of ``language``, is in the other language, with probabilities."""

    def stems(self, language: Language) -> Set[str]:
        """Return all stems of ``language`` that are known."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a question with what stands for it in passages of each language: stem to weight, 0 to 1."""

    word: str
    de: Mapping[str, float]
    en: Mapping[str, float]

    def stems(self, language: Language) -> Mapping[str, float]:
        """Return what stands for the word in passages of ``language``."""
        return self.de if language == "de" else self.en


def keys(stem: str) -> Iterator[str]:
    """Yield the keys under which a word of the vocabulary is found: its beginning, its end, its sound."""
    yield stem
    yield _ending(stem)
    for code in names.codes(stem):
        yield _sounding(code)


def terms(question: str, vocabulary: Vocabulary, translations: Translator, settings: Settings) -> tuple[Term, ...]:
    """Return the distinct content words of ``question``, in its order, with all that stands for them in the corpus."""
    found = stems(question)
    language = _language(question, found, translations)
    distinct = dict.fromkeys(zip(words(question), found.german, found.english, strict=True))
    bare = [
        Term(
            word,
            de={german: 1.0} if language == "de" else _translated(english, german, "en", translations, settings),
            en={english: 1.0} if language == "en" else _translated(german, english, "de", translations, settings),
        )
        for word, german, english in distinct
    ]
    compounds = _compounds({stem for term in bare for stem in term.de}, vocabulary, translations)
    parts = _parts({stem for term in bare for stem in term.de} if language == "de" else set(), vocabulary, translations)
    spellings = _spellings({term.word for term in bare}, vocabulary, translations)
    kinds = ((compounds, settings.compound_weight), (parts, settings.part_weight))
    return tuple(
        Term(
            term.word,
            _widened(term.de, term.word, (*kinds, (spellings, settings.spelling_weight))),
            _widened(term.en, term.word, ((spellings, settings.spelling_weight),)),
        )
        for term in bare
    )


def _language(question: str, found: Stems, translations: Translator) -> Language:
    """Return the language of ``question``; where no function word tells, that whose dictionary knows more of it."""
    german, english = evidence(question)
    if german == english:
        german = sum(map(translations.stems("de").__contains__, found.german))
        english = sum(map(translations.stems("en").__contains__, found.english))
    return "en" if english > german else "de"


def _translated(
    stem: str, unchanged: str, language: Language, translations: Translator, settings: Settings
) -> dict[str, float]:
    """Return the translations of ``stem``, the best with weight 1, and the word itself where it may be a name."""
    other: Language = "en" if language == "de" else "de"
    found = translations.of(stem, language)
    best = max(found.values(), default=1.0)
    weights = {target: settings.translation_weight * probability / best for target, probability in found.items()}
    # "war" is an English and a German word, but not the same one.
    if not found or unchanged not in translations.stems(other):
        weights[unchanged] = max(weights.get(unchanged, 0.0), settings.untranslated_weight if found else 1.0)
    return weights


def _widened(
    stems: Mapping[str, float], word: str, kinds: Sequence[tuple[Mapping[str, Collection[str]], float]]
) -> dict[str, float]:
    """Return ``stems`` with what stands for them, or for the ``word`` itself, at a share of their weight."""
    weights = dict(stems)
    for others, share in kinds:
        for stem, weight in {word: 1.0, **stems}.items():
            for other in others.get(stem, ()):
                weights[other] = max(weights.get(other, 0.0), weight * share)
    return {stem: weight for stem, weight in weights.items() if weight}


def _compounds(stems: Collection[str], vocabulary: Vocabulary, translations: Translator) -> dict[str, set[str]]:
    """Return for each German stem the words of the vocabulary that are compounds with it as first or last part."""
    long = [stem for stem in stems if len(stem) >= _SHORTEST_PART and stem.isalpha()]
    spelled = vocabulary.spelled([key for stem in long for key in (stem, _ending(stem))])
    known = translations.stems("de")
    found: dict[str, set[str]] = {stem: set() for stem in long}
    unsure: list[tuple[str, str, list[str]]] = []
    for stem in long:
        length = len(stem)
        begun = [(word, word[length:], _behind) for word in spelled.get(stem, ())]
        ended = [(word, word[:-length], _before) for word in spelled.get(_ending(stem), ())]
        for word, part, without_link in begun + ended:
            if part in known and len(part) >= _SHORTEST_PART:
                found[stem].add(word)
            elif len(part) >= _SHORTEST_PART:
                unsure.append((stem, word, without_link(part)))
    words = _words_of([rests for _, _, rests in unsure], vocabulary, known)
    for stem, word, rests in unsure:
        if not words.isdisjoint(rests):
            found[stem].add(word)
    return found


def _parts(stems: Collection[str], vocabulary: Vocabulary, translations: Translator) -> dict[str, set[str]]:
    """Return for each German stem that is a compound its parts."""
    cuts = [
        (stem, {*(heads := _before(stem[:cut])), *german_stems(heads)}, stem[cut:])
        for stem in stems
        if stem.isalpha()
        for cut in range(_SHORTEST_PART, len(stem) - _SHORTEST_PART + 1)
    ]
    every = {part for _, before, tail in cuts for part in (*before, tail)}
    known = every & translations.stems("de") | vocabulary.holds(every)
    found: dict[str, set[str]] = {}
    for stem, before, tail in cuts:
        if tail in known and before & known:
            found.setdefault(stem, set()).update({tail, *(before & known)})
    return found


def _spellings(words: Collection[str], vocabulary: Vocabulary, translations: Translator) -> dict[str, set[str]]:
    """Return for each word that is in no dictionary, so probably a name, the other spellings of it."""
    unknown = {word: names.codes(word) for word in words if not _in_dictionary(word, translations)}
    spelled = vocabulary.spelled([_sounding(code) for codes in unknown.values() for code in codes])
    return {
        word: {
            other
            for code in codes
            for other in spelled.get(_sounding(code), ())
            if other != word and names.alike(word, other) and not _in_dictionary(other, translations)
        }
        for word, codes in unknown.items()
    }


def _in_dictionary(word: str, translations: Translator) -> bool:
    found = stems(word)
    german, english = translations.stems("de"), translations.stems("en")
    return not (german.isdisjoint((*found.german, word)) and english.isdisjoint((*found.english, word)))


def _behind(part: str) -> list[str]:
    """Return what ``part``, the end of a compound, may be once its linking letters are taken off."""
    most = len(part) - _SHORTEST_PART
    links = _BY_FIRST.get(part[:1], _LINKS[:1])
    return [part[len(link) :] for link in links if len(link) <= most and part.startswith(link)]


def _before(part: str) -> list[str]:
    """Return what ``part``, the beginning of a compound, may be once its linking letters are taken off."""
    most = len(part) - _SHORTEST_PART
    links = _BY_LAST.get(part[-1:], _LINKS[:1])
    return [part[: len(part) - len(link)] for link in links if len(link) <= most and part.endswith(link)]


def _words_of(some: Collection[Sequence[str]], vocabulary: Vocabulary, dictionary: Set[str]) -> set[str]:
    """Return of each of ``some`` rests one or more that are words, or whose stems are, if there are such.

    The dictionary, which is in memory, is asked first; where it knows one of several, nothing is asked of the others.
    """
    known = {rest for rests in some for rest in rests} & dictionary
    some = [rests for rests in some if known.isdisjoint(rests)]
    unsure = list({rest for rests in some for rest in rests})
    stem_of = dict(zip(unsure, german_stems(unsure), strict=True))
    known |= {rest for rest, stem in stem_of.items() if stem in dictionary}
    unsure = list({rest for rests in some if known.isdisjoint(rests) for rest in rests})
    held = vocabulary.holds({form for rest in unsure for form in (rest, stem_of[rest])})
    return known | {rest for rest in unsure if rest in held or stem_of[rest] in held}


# What a key begins with tells the kinds apart; no word begins so.
def _ending(stem: str) -> str:
    return "<" + stem[::-1]


def _sounding(code: str) -> str:
    return f"={code}."
