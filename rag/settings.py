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
    # A file with more than this is refused, too: of the worst kind it would take more than 5 seconds or 512 MB to read.
    # A long novel has two million characters. tests/faults has files of the worst kinds, as large as may be.
    text_limit: int = 4_000_000
    line_limit: int = 50_000
    tag_limit: int = 50_000
    attribute_limit: int = 200
    cell_limit: int = 2_000
    mark_limit: int = 50_000

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
    # A question is answered only if the best passage does so with at least this probability. Between the limits at
    # which 5% of the answerable dev questions of benchmarks/ are refused: 0.128 in German, 0.175 in English.
    least_confidence: float = 0.15

    # Up to so many vectors a question is compared with each as it is, which takes 1.1 milliseconds for as many; beyond
    # it with those of the lists nearest to it (rag.vectors).
    exact_vectors: int = 20_000

    # New and changed files that are in memory at once and published together, of a few kilobytes each. For each further
    # part of a large folder all its files are looked through again.
    files_at_once: int = 2_048
    # Passages encoded per step, between two progress reports and two commits of finished vectors.
    encode_batch: int = 256
    # Distinct words of passages that are gathered before they are written: more need memory, about 60 MB for this many,
    # and fewer take longer, because the lists of frequent words are written again each time.
    words_at_once: int = 2_000_000
    # Seconds a second writer waits for the first before it is refused.
    lock_timeout: float = 30.0


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the chat bears of those who ask: sizes in bytes, lengths in characters, times in seconds."""

    # A question with a long conversation is some hundred kilobytes, a program's call far less.
    body: int = 1_000_000
    # What the page sends may be a file of 20 MB in base 64, or a long conversation to export.
    page_body: int = 28_000_000
    # Bodies above ``body`` at once: each costs about five times its size while it is read.
    large_bodies: int = 2
    # Until a body is there, and for how long one waits for a place among the large ones. On 4 Mbit/s a file of 20 MB
    # takes 56 seconds.
    body_seconds: float = 60.0
    # Until the head of a request is there, and its size; both are a browser's many times over.
    head_seconds: float = 10.0
    head: int = 16_384
    # Requests at work or waiting: a page has six at most, a program that waits for an answer one. And connections, all
    # of them; a process may usually have 1,024 files open.
    requests: int = 256
    connections: int = 512
    # Questions answered at once. The model takes one text after another, so that a few keep the cores busy: of 2, 4, 8
    # and 32, none gave more answers a second than another (benchmarks/results), and each costs memory.
    questions_at_work: int = 4
    # Questions that wait for their turn; of one more it is said at once that the program is busy. At twenty
    # answers a second, which two cores give, the last one waits three seconds: nobody waits longer without asking
    # again.
    questions_waiting: int = 60
    # Of both together, those that programs may bring, so that the page is let in beside a program that asks without
    # pause. As many again wait before that; to the next Gradio says that its queue is full.
    programs: int = 32
    # Sessions of programs whose answers are kept until they are fetched. More than three times what programs may bring
    # at once, so that no answer is dropped before its program had time to fetch it.
    sessions: int = 200
    # What a page keeps may be so many questions, answers and cited places long; and no name or address of one is longer
    # than a path may be.
    turns: int = 1_000
    places: int = 10_000
    name: int = 4_096
    # Wrong passwords within so many seconds: of one address, for a reader mistypes a few times; and for one account
    # from wherever, which is 8,640 guesses a day, nothing against twelve characters.
    password_seconds: int = 300
    wrong_of_an_address: int = 10
    wrong_for_an_account: int = 30
    # For so long a password that was right need not be hashed again, which takes 64 MB and a twentieth of a second.
    login_seconds: float = 3_600.0
    # Shorter passwords are not taken.
    password: int = 12


LIMITS = Limits()
