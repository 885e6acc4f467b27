"""Every error the product raises on purpose. Owns the tree; each message names the thing, the cause and the remedy.

FundstelleError
├── CorpusError      the folder of articles is missing, unreadable or holds nothing to index
├── ArticleError     one file cannot be read as an article (the others go on)
├── EncoderError     the embedding model cannot be had or does not do what an encoder must
├── IndexStoreError  the stored index is damaged, cannot be written or does not fit the model
│   ├── IndexBusyError     another process is bringing the same index up to date
│   └── IndexDamagedError  what is stored cannot be trusted; it can be built anew from the articles
│       └── IndexOutdatedError  it was made by an earlier version of this program, and is built anew likewise
├── QuestionError    the question is empty, too long or asks for an impossible number of hits; a permalink leads nowhere
├── BusyError        so many questions are asked at once that no other is taken
├── EvaluationError  a file of questions or of readers' verdicts cannot be used, or a setting to compare is none
└── AccessError      who may reach the chat is not said well enough, or the file that says it cannot be used
"""

from __future__ import annotations


class FundstelleError(Exception):
    """Base of all errors raised on purpose; ``str(error)`` is a full sentence fit for a user."""


class CorpusError(FundstelleError):
    """The folder of articles is missing, unreadable or holds nothing to index."""


class ArticleError(FundstelleError):
    """One file cannot be read as an article."""


class EncoderError(FundstelleError):
    """The embedding model cannot be had or does not do what an encoder must."""


class InstallationError(FundstelleError):
    """A file that comes with the program is missing or damaged."""


class IndexStoreError(FundstelleError):
    """The stored index is damaged, cannot be written or does not fit the model."""


class IndexBusyError(IndexStoreError):
    """Another process is bringing the same index up to date."""


class IndexDamagedError(IndexStoreError):
    """What is stored cannot be trusted; it can be built anew from the articles."""


class IndexOutdatedError(IndexDamagedError):
    """What is stored was made by an earlier version of this program; it can be built anew from the articles."""


class QuestionError(FundstelleError, ValueError):
    """The question is empty, too long or asks for an impossible number of hits; a permalink leads nowhere."""


class BusyError(FundstelleError):
    """So many questions are asked at once that no other is taken."""


class EvaluationError(FundstelleError):
    """A file of questions or of readers' verdicts cannot be used, or a setting to compare is none."""


class AccessError(FundstelleError):
    """Who may reach the chat is not said well enough, or the file that says it cannot be used."""
