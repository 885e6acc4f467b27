"""History + message -> a question that stands alone. Owns when an earlier question is still what is talked about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.functionwords import ENGLISH, GERMAN

# "And why?", "Und sonst?": a message that only goes on.
_GOING_ON = re.compile(r"(?i)\A\s*(?:and|but|so|und|aber|also)\b")
_WORD = re.compile(r"[^\W_]+")
# Words that point back to something named before. Left out are words that mostly do not: articles ("das"), and the
# subject of "es gibt" and "it is".
_POINTING_BACK = frozenset(
    _WORD.findall(
        "he him his she her hers its they them their this that these those "
        "er ihn ihm sein seine seinen seinem seiner sie ihr ihre ihren ihrem ihrer diese dieser dieses diesen diesem "
        "dazu davon dabei darüber dafür dagegen damit daran darauf danach dessen deren andere anderen anderer"
    )
)


def standalone(history: Sequence[str], message: str) -> str:
    """Return the question to search for: ``message``, with the question it goes on from before it where it needs one.

    ``history`` holds the earlier questions, oldest first. A message leans on them if it has a word that points back
    ("What did he say about Mars?"), only goes on ("Und warum?") or names nothing itself ("Why?"). What it leans on is
    the latest earlier question that stood alone, and every question since.
    """
    leaning = [message]
    for earlier in reversed(history):
        if not _leans(leaning[0]):
            break
        leaning.insert(0, earlier)
    return " ".join(part.strip() for part in leaning)


def _leans(message: str) -> bool:
    words = _WORD.findall(message)
    content = [i for i, word in enumerate(words) if word.casefold() not in GERMAN | ENGLISH]
    if not content or (_GOING_ON.match(message) is not None and len(content) <= 3):
        return True
    back = next((i for i, word in enumerate(words) if word.casefold() in _POINTING_BACK), None)
    # "What did Trump say about his call?": a name before the pronoun is what it points to.
    return back is not None and not any(words[i][0].isupper() for i in content if i < back)
