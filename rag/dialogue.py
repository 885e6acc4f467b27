"""History + message -> a question that stands alone. Owns when a message leans on earlier ones, and what it takes over.

Closed lists of words and their order decide, no model, so the same conversation always gives the same question. What
leans is made whole in the first of these ways that fits; all show the reader what was taken over:

- a name for its pronoun: "What did he say?" after "What did Dmitriev propose?" is "What did Dmitriev say?";
- a part for its like: "Und für Russland?" after "Welche Folgen hat das für die USA?", "And Lavrov?" after "What did
  Peskov say?";
- else the question it goes on from is put behind it: "And why? (What did Dmitriev propose?)".

In doubt a message stands alone: what is taken over wrongly hides the answer, what is missing can be typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag import leaningwords as lists
from rag.language import guess

# A part of a question ("And in Saudi Arabia?") has at most so many words; a longer one says enough to be searched for.
_PART_WORDS = 5
# After so many words with a meaning of their own, a pronoun is about one of them ("Which deals do experts fear when
# they ...").
_NEAR = 2

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# Capitalised words in a row; the first word of a text is always capitalised and tells nothing.
_NAME = re.compile(r"(?<!\A)(?<![\w'’-])[A-ZÄÖÜ][\w-]*(?:['’][A-Z]\w+)?(?: [A-ZÄÖÜ][\w-]*)*")
_AND = re.compile(
    r"(?i)\A\W*(?:(?:and|but|so|und|aber|also)\b[\s,]*(?:(?:what|how) about\b|was ist mit\b)?|(?:what|how) about\b)\s*"
)
# "Russian", "British": capitalised in English, but no names.
_OF_A_COUNTRY = re.compile(r"(?:ian|ish|ese|ench|German|American)\Z")
# "keinen schnellen Waffenstillstand": the ending of an adjective before a noun, unless it is that of "sagte".
_ADJECTIVE = re.compile(r"(?:[^t]e|en|er|es|em)\Z")
_IT_IS = re.compile(
    r"(?i)\b(?:is|was|isn't|wasn't) it (?:true|possible|likely|clear|known|correct|certain)\b"
    r"|\bit (?:cost|take|takes|mean|like)\b.*\bto\b"
)
# "that" and "das" where they stand for something, not where they join clauses ("true that") or are an article.
_THAT = re.compile(
    r"(?i)\bthat(?=\W*\Z)|\b(?:is|was|does|did|do|will|would|could|about|of|for|with|after|from|by|like|at) that\b"
    r"|\b(?:das|dies)(?=(?-i:\s+[a-zäöüß]+)?\W*\Z)"
)


@dataclass(frozen=True, slots=True)
class _Talk:
    """What a message may go on from: the latest question, as made whole, and the last that stood for itself."""

    latest: str = ""
    root: str = ""


def standalone(history: Sequence[str], message: str) -> str:
    """Return the question to search for: ``message``, stripped, with what it leans on where it does not stand alone.

    ``history`` holds the earlier questions, oldest first, as they were typed. A message leans on them if it says
    nothing itself ("Und warum?"), is a part of a question ("And Lavrov?"), has a pronoun for something named before
    ("What did he say about Mars?") or a definite event that it does not name ("Wie lange dauerte das Gespräch?").
    """
    talk = _Talk()
    for earlier in history:
        _, talk = _resolve(talk, earlier.strip())
    return _resolve(talk, message.strip())[0]


def _resolve(talk: _Talk, message: str) -> tuple[str, _Talk]:
    """Return ``message`` made whole, and what the next one may go on from."""
    if not message:
        return message, talk
    if not talk.root or not _leans(message):
        return message, _Talk(message, message)
    for source in (talk.latest, talk.root):
        whole = _with_name(source, message) or _with_part(source, message)
        if whole and _leans(whole):
            return _behind(whole, talk.root), _Talk(whole, talk.root)
        if whole:
            return whole, _Talk(whole, whole)
    return _behind(message, talk.root), _Talk(message if _has_content(message) else talk.latest, talk.root)


def _behind(message: str, root: str) -> str:
    return f"{message} ({root})"


def _with_name(source: str, message: str) -> str | None:
    """Put the only name of ``source`` in the place of the only "he" or "she" of ``message``."""
    names = _names(source)
    pronouns = [word for word in _WORD.finditer(message) if word[0].casefold() in lists.OF_PERSONS]
    if len(names) != 1 or len(pronouns) != 1 or names[0][0] in message:
        return None
    name, pronoun = names[0][0], pronouns[0]
    # "Who leads the talks for Trump?": he is the answer, unless the question is just "Who is Trump?".
    if _words(source)[0] in lists.WHO and " ".join(_content(source)) != name.casefold():
        return None
    return message[: pronoun.start()] + name + message[pronoun.end() :]


def _with_part(source: str, message: str) -> str | None:
    """Put the part of a question that ``message`` is in the place of the only one like it in ``source``."""
    part = _part(message)
    if not part:
        return None
    words = _WORD.findall(part)
    kind = lists.PREPOSITIONS.get(words[0].casefold())
    if kind:
        same = [word for word in _WORD.finditer(source) if lists.PREPOSITIONS.get(word[0].casefold()) == kind]
        end = _phrase_end(source, same[0].end()) if len(same) == 1 else None
        return None if end is None else source[: same[0].start()] + part[0].lower() + part[1:] + source[end:]
    names = _names(source)
    if len(names) == 1 and all(word[0].isupper() for word in words) and not _OF_A_COUNTRY.search(words[0]):
        return source[: names[0].start()] + part + source[names[0].end() :]
    return None


def _phrase_end(text: str, start: int) -> int | None:
    """Return where the words end that belong to the preposition before ``start``; None where there are none."""
    german = guess(text) == "de"
    end, capital, last = None, False, start
    for word in _WORD.finditer(text, start):
        determiner = word[0].casefold() in lists.DETERMINERS
        if text[last : word.start()].strip() or (word[0].casefold() in lists.FUNCTION and not determiner):
            break
        # "mit Putin telefoniert": in German the verb comes last.
        if end is not None and (determiner or (german and capital and word[0].islower())):
            break
        last = word.end()
        if not determiner:
            end, capital = word.end(), capital or word[0][0].isupper()
    return end


def _names(text: str) -> list[re.Match[str]]:
    """Return what is capitalised without an article or adjective before it: names, not the nouns of German."""
    names: list[re.Match[str]] = []
    for name in _NAME.finditer(text):
        before = _WORD.findall(text[: name.start()])
        if not before or before[-1].casefold() in lists.DETERMINERS or _OF_A_COUNTRY.search(name[0]):
            continue
        # The second word of a question is its verb: "Was sagen Putin und Trump?".
        adjective = (
            len(before) > 2 and _is_content(before[-1]) and before[-1].islower() and _ADJECTIVE.search(before[-1])
        )
        if not adjective and name[0].casefold() not in lists.FUNCTION | lists.EVENTS:
            names.append(name)
    return names


def _leans(message: str) -> bool:
    return not _has_content(message) or bool(_part(message)) or _points_back(message) or _means_the_event(message)


def _part(message: str) -> str:
    """Return the part of a question that ``message`` is, without "and" and "?"; "" where it is more than a part."""
    joined = _AND.match(message)
    part = message[joined.end() if joined else 0 :]
    words = _words(part)
    if not words or len(words) > _PART_WORDS or lists.ASKING & set(words):
        return ""
    asks = message.endswith("?") and (len(words) == 1 or words[0] in lists.DETERMINERS)
    return part.rstrip(" ?!.") if joined or asks or words[0] in lists.PREPOSITIONS else ""


def _points_back(message: str) -> bool:
    """Say whether a pronoun stands for something that is not in ``message`` before it."""
    found = list(_WORD.finditer(message))
    starts = {name.start() for name in _names(message)}
    for i, word in enumerate(found):
        before = [other for other in found[:i] if _is_content(other[0])]
        if len(before) > _NEAR:
            break
        # "Nennen Sie ..." speaks to the reader, "IT" and "These" are nouns, "it" in "is it true" stands for nothing.
        if (i and word[0] in ("Sie", "IT", "These")) or (word[0] == "it" and _IT_IS.search(message)):
            continue
        low, names = word[0].casefold(), sum(other.start() in starts for other in before)
        second_clause = bool(before) and "," in message[: word.start()]
        if (
            (low in lists.SUBJECTS and not names and not second_clause)
            # "How does Trump speak of him?": not of himself.
            or (low in lists.OBJECTS and names < 2)
            or (low in lists.POSSESSIVES and not any(other.start() and other[0][0].isupper() for other in before))
            # "dazu, dass ...": the comma brings what it stands for.
            or (low in lists.THEREOF and "," not in message)
        ):
            return True
    return _THAT.search(message) is not None


def _means_the_event(message: str) -> bool:
    """Say whether ``message`` asks of "the meeting" or of what "else" there is, and names nothing itself."""
    words = _words(message)
    others = [word for word in words if _is_content(word) and word not in lists.EVENTS]
    if len(others) > _NEAR or _names(message) or re.search(r"\d", message):
        return False
    if lists.ELSE & set(words) and len(others) < _NEAR:
        return True
    return any(word in lists.ARTICLES and lists.EVENTS & set(words[i + 1 : i + 3]) for i, word in enumerate(words))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _is_content(word: str) -> bool:
    return word.casefold() not in lists.NO_CONTENT


def _content(text: str) -> list[str]:
    return [word for word in _words(text) if _is_content(word)]


def _has_content(text: str) -> bool:
    return bool(_content(text))
