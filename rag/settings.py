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
    # Weight of one unit of BM25 against one unit of cosine. Fitted on XQuAD, where it is within 0.002 of the best
    # nDCG@10 for each pair of languages (benchmarks/README.md).
    lexical_weight: float = 0.03
    # Share of a passage's best sentence in the dense score, the rest being the passage's own. Fitted as the above.
    sentence_share: float = 0.5
    # The best so many passages are compared with the question word piece by word piece, and what that gives is added
    # with this weight. 20 or 30 found nothing more than 10 on the dev questions, weights from 0.75 to 1.5 nearly the
    # same.
    rerank_depth: int = 10
    piece_weight: float = 1.0
    # What stands for a word of the question counts as a share of the word itself (see rag.variants): its translations,
    # the best of them fully; its own spelling in a text of the other language ("Trump", "Deal"); a compound with it
    # ("Energiedeals" for "Energie"); a part of it ("Gas" for "Gaslieferungen"); a name's other spelling ("Lawrow").
    # Compounds and parts were fitted on XQuAD, where 0.3 to 0.8 and 0.3 to 0.5 change nDCG@10 by less than 0.005.
    translation_weight: float = 1.0
    untranslated_weight: float = 0.5
    compound_weight: float = 0.5
    part_weight: float = 0.3
    spelling_weight: float = 0.8
    # Best passages whose sentences may lead an answer, however many passages are asked for.
    statement_pool: int = 6
    # Sentences an answer leads with, at most, and how many of them from one article: more is no longer a short answer.
    statements: int = 3
    statements_of_one_article: int = 2
    # A further sentence is shown only if it is worth nearly as much as the first: two cosines' usual spread.
    statement_margin: float = 0.15
    # What likeness to a sentence already quoted costs another, as a share of their cosine.
    redundancy: float = 0.3
    # Cosine from which two sentences say the same. Seen in the sample articles: 0.70 two reports of one statement,
    # below 0.68 mostly the same subject.
    same: float = 0.7
    # A question is answered only if the best passage does so with at least this probability. Near the limit at which
    # 5% of the answerable dev questions of benchmarks/ are refused: 0.126 in German, 0.181 in English.
    least_confidence: float = 0.13

    # Passages encoded per step, between two progress reports and two commits of finished vectors.
    encode_batch: int = 256
    # Seconds a second writer waits for the first before it is refused.
    lock_timeout: float = 30.0


DEFAULTS = Settings()
