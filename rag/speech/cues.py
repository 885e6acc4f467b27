"""Who speaks by a German sentence's own words: „…“, sagte X; X erklärte, dass ...; wie X mitteilte; laut X.

Owns speech verbs and which of several signs counts. What neighbouring sentences tell is for ``rag.speech.attribution``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rag.speech.clauses import (
    clause_begin,
    clause_stop,
    ends_clause,
    first_subject,
    is_reported,
    opener_of,
    subject_of,
)
from rag.speech.germanwords import AUXILIARIES, HAVE, SUBJUNCTIVE, SUBORDINATORS
from rag.speech.nounphrases import Phrase, phrase_at
from rag.speech.sources import CERTAIN, PLAIN, POSSIBLE, SOURCE, WEAK, Cue, source_cue
from rag.speech.verbs import (
    ALLEGEDLY,
    BE_OF_OPINION,
    BE_QUOTED,
    DIVISIBLE,
    DOUBTFUL,
    FINITE,
    JOINED,
    LET,
    LET_KNOW,
    OPINIONS,
    PARTICIPLES,
)
from rag.speech.wording import Line

_QUOTE_VERBS = frozenset(["zitiert", "zitierte", "zitieren", "zitierten"])

_CONTENT = frozenset({"dass", "daß", "ob"})

# In the clause after a speech verb these are reported speech; elsewhere they are anybody's.
_IN_CONTENT = frozenset({"könnte", "könnten", "sollten", "dürfte", "dürften"})

_HELPING = AUXILIARIES | HAVE | BE_OF_OPINION


def cue(line: Line, is_name: Callable[[str], bool]) -> Cue | None:
    """Return the plainest sign in a German sentence of who speaks, None where there is none.

    ``is_name`` tells of a word in lower case whether it is somebody's last name: where the sign is weak, a single word
    is taken for a name only then.
    """
    found = (one for one in _cues(line) if one.strength >= SOURCE or is_sure(one.phrase, line, is_name))
    return max(found, key=lambda one: one.strength, default=None)


def is_sure(phrase: Phrase, line: Line, is_name: Callable[[str], bool]) -> bool:
    """Say whether a phrase certainly names somebody who can speak: a role, a body, a full or a known name."""
    return phrase.pronoun or phrase.animate or (phrase.person and is_name(line[phrase.shown_last - 1].low))


def _cues(line: Line) -> Iterator[Cue]:
    depth = 0
    for at, word in enumerate(line):
        depth += (word.text == "(") - (word.text == ")")
        if depth > 0 or word.quotation:
            continue
        found = _verb_cue(line, at) or source_cue(line, at)
        if found is not None:
            yield found


def _verb_cue(line: Line, at: int) -> Cue | None:
    """Read a speech verb with its subject, where ``at`` is its finite form."""
    if not line[at].text[0].islower():
        return None
    found = _verb(line, at)
    if found is None and at > 1 and line[at - 1].text == "," and line[at - 2].quotation and _says_how(line, at):
        found = at, False  # „…“, freute sich X: after what is quoted any verb says who spoke
    if found is None:
        return None
    end, weak = found
    begin = clause_begin(line, at)
    opener = opener_of(line, begin, at)
    if opener in SUBORDINATORS - {"wie", "nachdem", "während", "als"}:
        return None
    strength = _strength(line, begin, at, end)
    if opener == "wie" or (line[0].low == "wie" and ends_clause(line, at)):
        strength = CERTAIN
    elif opener in SUBORDINATORS:
        strength = min(strength, WEAK)
    if weak and strength < PLAIN:
        strength -= 1
    if weak and strength < WEAK:
        return None
    if line[at].low in BE_QUOTED and line[end].low != "zitiert":
        subject, strength = _agent(line, at, end) if strength >= PLAIN else None, SOURCE
    else:
        subject = _quoted_one(line, at, end) or subject_of(line, begin, at)
    return Cue(subject, strength) if subject is not None else None


def _says_how(line: Line, at: int) -> bool:
    """Say whether any verb will do: "„…“, freute sich X"; after what is quoted it tells who spoke."""
    return line[at].low.endswith(("te", "ten", "t", "en")) and at + 1 < len(line) and line[at + 1].low == "sich"


def _agent(line: Line, at: int, end: int) -> Phrase | None:
    """Return by whom something is said in the passive: "wurde von Reuters gemeldet"."""
    for later in range(at + 1, end):
        if line[later].low in {"von", "vom"}:
            return phrase_at(line, later + 1, end)
    return None


def _verb(line: Line, at: int) -> tuple[int, bool] | None:
    """Return the last word of the speech verb whose finite form is word ``at`` and whether it may mean much else."""
    low = line[at].low
    stop = clause_stop(line, at)
    if low in HAVE | BE_QUOTED:
        if low in HAVE and at and line[at - 1].low in PARTICIPLES:
            return at, line[at - 1].low in DOUBTFUL
        for later in range(at + 1, stop):
            if line[later].low in PARTICIPLES:
                return later, line[later].low in DOUBTFUL
            if low in HAVE and line[later].low == "gegeben" and line[later - 1].low in {"bekannt", "an", "zu"}:
                return later, False
        return None
    if low in ALLEGEDLY:
        said = (i for i in range(at + 2, stop) if line[i].text == "haben" and line[i - 1].low in PARTICIPLES)
        return next(((found, line[found - 1].low in DOUBTFUL) for found in said), None) or _finite(line, at)
    if low in LET:
        return next(((i, False) for i in range(at + 1, stop) if line[i].low in LET_KNOW), None)
    if low in BE_OF_OPINION:
        assumed = next((i for i in range(at + 1, stop) if line[i].low == "ausgegangen"), None)
        if assumed is not None:
            return assumed, True
        opinions = (i for i in range(at + 1, stop) if line[i].text in OPINIONS and line[i - 1].low == "der")
        return next(((found, False) for found in opinions), None)
    return _finite(line, at)


def _finite(line: Line, at: int) -> tuple[int, bool] | None:
    low, stop = line[at].low, clause_stop(line, at)
    if low in DIVISIBLE:
        if at and line[at - 1].low in DIVISIBLE[low]:
            return at, low in DOUBTFUL
        for later in range(at + 1, stop):
            closed = (
                later + 1 >= stop or not line[later + 1].text[0].isalnum() or line[later + 1].low in {"und", "oder"}
            )
            if line[later].low in DIVISIBLE[low] and closed:
                return later, low in DOUBTFUL
    if low in JOINED and not _is_not_finite(line, at):
        return at, False
    if low not in FINITE or _is_not_finite(line, at):
        return None
    return at, low in DOUBTFUL


def _is_not_finite(line: Line, at: int) -> bool:
    """Say whether a form that may be finite is an infinitive or a participle here, told by the verbs beside it."""
    low = line[at].low
    if not low.endswith("en") and low not in PARTICIPLES:
        return False
    if line[at - 1].low == "zu" or (at + 1 < len(line) and line[at + 1].low in _HELPING):
        return True
    return any(word.low in _HELPING or word.low in SUBJUNCTIVE for word in line[clause_begin(line, at) : at])


def _strength(line: Line, begin: int, at: int, end: int) -> int:
    """Say how plainly the clause of a speech verb says that somebody speaks."""
    if _follows_speech(line, begin, at):
        return CERTAIN
    colon = next((i for i in range(at, len(line)) if line[i].text == ":"), None)
    if colon is not None and (colon in {end + 1, len(line) - 1} or _is_speech(line[colon:])):
        return CERTAIN
    comma = next((i for i in range(end, len(line)) if line[i].text == ","), len(line))
    if _is_content(line[comma:]) or any(word.quotation for word in line[begin if ends_clause(line, at) else at :]):
        return PLAIN
    parenthetical = at == begin and at > 0 and line[at - 1].text == ","
    if any(word.low == "zu" for word in line[comma:]) or (parenthetical and phrase_at(line, at + 1, len(line))):
        return SOURCE
    return WEAK if any(word.quotation for word in line[:at]) else POSSIBLE


def _follows_speech(line: Line, begin: int, at: int) -> bool:
    """Say whether the verb comes first in its clause since what is said stands before: „…“, sagte X; ..., so sagt X."""
    if begin == 0:
        return False
    before = line[begin - 1]
    if at == begin + 1 and line[begin].text == "so":
        return True
    if at != begin:
        return False
    quoted = before.quotation or (before.text == "," and begin > 1 and line[begin - 2].quotation)
    return quoted or (before.text == "," and is_reported(line[:begin], weakly=True))


def _is_speech(line: Line) -> bool:
    """Say whether what a colon opens is a quotation or reported."""
    return line[1].quotation or is_reported(line)


def _is_content(line: Line) -> bool:
    """Say whether what a comma opens, if anything, tells what is said."""
    opened = len(line) > 1 and line[1].low in _CONTENT
    return opened or is_reported(line, weakly=True) or any(word.low in _IN_CONTENT for word in line)


def _quoted_one(line: Line, at: int, end: int) -> Phrase | None:
    """Return who is quoted by another: "zitiert die Zeitung ihn", "wird X zitiert", "zitierte Papandreou mit ..."."""
    if line[end].low not in _QUOTE_VERBS or line[at].low not in _QUOTE_VERBS:
        return None
    after = first_subject(line, at + 1, clause_stop(line, at))
    return after if after is not None and after.person else None
