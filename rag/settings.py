"""Every number a maintainer may want to turn, each with the reason for its default. Owns no behaviour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Tunables of reading, retrieval and answering; lengths are in characters of folded text."""

    # A passage should be read at a glance and fit the 256 word pieces that small encoders read; German text in an
    # English vocabulary spends about one piece on three characters.
    passage_length: int = 700
    # A "sentence" without any sentence end (a table, a dump) is cut between words at this length.
    sentence_limit: int = 1_400
    # Files above this are refused by name: no article is that long, and reading one would stall the rest.
    file_limit_bytes: int = 20_000_000

    # Questions longer than this are refused: encoders read about a thousand characters, more would be ignored silently.
    question_limit: int = 2_000
    # Hits returned by default: what fits on one screen.
    hits: int = 5
    # Upper bound on k; beyond it a list is no longer read by anyone and costs memory.
    hits_limit: int = 1_000
    # Each arm hands this many candidates (or 4 k, if more) to the fusion.
    candidates: int = 50
    # Weight of one unit of BM25 against one unit of cosine. On the dev questions of benchmarks/ and with the shipped
    # model, 0.02 ranks better than either arm alone in both languages; from 0.05 on English questions lose.
    lexical_weight: float = 0.02
    # Sentences an answer leads with.
    statements: int = 2
    # A second sentence is shown only if it is worth nearly as much as the first: two cosines' usual spread.
    statement_margin: float = 0.15
    # Share of unrelated questions that must be refused; the rest is the price for not refusing real ones.
    refusal_quantile: float = 0.95

    # Passages encoded per step, between two progress reports and two commits of finished vectors.
    encode_batch: int = 256
    # Seconds a second writer waits for the first before it is refused.
    lock_timeout: float = 30.0


DEFAULTS = Settings()
