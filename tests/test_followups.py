"""The conversations are what the benchmark says they are, and the benchmark counts right."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict

import pytest

import rag
from benchmarks.followups import DEPTH, GROUPS, WAYS, Conversation, Turn, evaluate, load, main
from rag import paths

CONVERSATIONS = load()
LATER = [turn for conversation in CONVERSATIONS for turn in conversation.turns[1:]]
SEED = "fundstelle-conversations-1"


def languages(conversation: Conversation) -> str:
    return "+".join(sorted({turn.language for turn in conversation.turns}))


def test_conversations_have_two_or_three_turns_of_which_the_first_stands_alone():
    for conversation in CONVERSATIONS:
        first, *later = conversation.turns
        assert 1 <= len(later) <= 2, conversation.id
        assert first.kind == "first", conversation.id
        assert all(turn.kind != "first" for turn in later), conversation.id


def test_only_a_turn_that_leans_has_another_question_than_the_one_typed():
    for conversation in CONVERSATIONS:
        for turn in conversation.turns:
            alone = turn.kind in ("first", "change")
            assert (turn.question == turn.standalone) == alone, (conversation.id, turn.question)


def test_every_kind_and_both_languages_and_their_mixture_are_there_in_both_splits():
    for split in ("dev", "test"):
        chosen = [conversation for conversation in CONVERSATIONS if conversation.split == split]
        assert min(Counter(languages(conversation) for conversation in chosen).values()) >= 7
        assert {languages(conversation) for conversation in chosen} == {"en", "de", "de+en"}
        kinds = Counter(turn.kind for conversation in chosen for turn in conversation.turns[1:])
        assert set(kinds) == {"pronoun", "going-on", "ellipsis", "back-reference", "change"}
        assert min(kinds.values()) >= 5


def test_there_are_enough_conversations_and_none_twice():
    assert len(CONVERSATIONS) >= 48
    assert len({conversation.id for conversation in CONVERSATIONS}) == len(CONVERSATIONS)
    assert len({conversation.turns for conversation in CONVERSATIONS}) == len(CONVERSATIONS)


def test_the_split_is_the_seeded_one_of_each_language():
    strata: dict[str, list[Conversation]] = defaultdict(list)
    for conversation in CONVERSATIONS:
        strata[languages(conversation)].append(conversation)
    for stratum in strata.values():
        drawn = sorted(stratum, key=lambda one: hashlib.sha256(f"{SEED}:{one.id}".encode()).hexdigest())
        half = len(drawn) // 2
        assert [one.split for one in drawn] == ["dev"] * half + ["test"] * (len(drawn) - half)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with rag.open(paths.sample_corpus(), model="hashing", index=tmp_path_factory.mktemp("index")) as engine:
        yield engine


def conversation(*turns: tuple[str, str]) -> Conversation:
    first, *later = (Turn(question, whole, "pronoun", "en") for question, whole in turns)
    return Conversation("c", (first, *later), "dev")


def test_a_turn_typed_as_written_by_hand_is_found_whole_and_one_about_nothing_is_not(engine):
    whole = "Marc Fogel Gefangenenaustausch Witkoff"
    same = conversation(("Was sagte Putin?", "Was sagte Putin?"), (whole, whole))
    other = conversation(("HALO Trust räumt Minen", "HALO Trust räumt Minen"), ("Storm Shadow ATACMS Raketen", whole))
    rows = {row.way: row for row in evaluate(engine, [same, other]) if row.group == "all"}
    assert (rows["no history"].n, rows["no history"].found) == (2, 1)
    assert 0.5 <= rows["no history"].overlap < 1
    # Both stand alone, so the product takes nothing over.
    assert (rows["product"].found, rows["product"].overlap) == (1, rows["no history"].overlap)


def test_what_only_the_history_tells_is_found_only_with_it(tmp_path):
    # Five animals take the first five places; the sixth is the one that was talked about.
    for animal in ("Wal", "Wolf", "Luchs", "Fuchs", "Hase"):
        (tmp_path / f"{animal}.txt").write_text(f"Vom Leben\n\nHier lebt seit jeher ein {animal}.\n", "utf-8")
    (tmp_path / "Igel.txt").write_text("Vom Fressen\n\nNachts frisst der Igel Schnecken im Garten.\n", "utf-8")
    first = "Was frisst der Igel im Garten?"
    leaning = conversation((first, first), ("Und Wal Wolf Luchs Fuchs Hase?", first))
    with rag.open(tmp_path, model="hashing", index=tmp_path / "index") as engine:
        rows = {row.way: row for row in evaluate(engine, [leaning]) if row.group == "pronoun"}
    assert [rows[way].found for way in WAYS] == [1, 0, 1]
    assert rows["product"].overlap >= 1 / DEPTH


def test_every_later_turn_is_counted_once_in_its_kind_in_its_language_and_over_all(engine):
    chosen = CONVERSATIONS[::8]
    rows = [row for row in evaluate(engine, chosen) if row.way == "product"]
    assert [row.group for row in rows] == [group for group in GROUPS if group in {row.group for row in rows}]
    later = sum(len(one.turns) - 1 for one in chosen)
    assert sum(row.n for row in rows) == 3 * later
    assert rows[-1].group == "all"
    assert rows[-1].n == later
    assert sum(row.found for row in rows) == 3 * rows[-1].found


def test_the_command_prints_a_table_with_a_row_for_each_group(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks.followups.load_split", lambda _: load()[:3])
    main(corpus=paths.sample_corpus(), model="hashing", split="test")
    table = capsys.readouterr().out.splitlines()
    later = sum(len(conversation.turns) - 1 for conversation in load()[:3])
    assert table[0] == f"| turns | n | {' | '.join(WAYS)} |"
    assert table[-1].startswith(f"| all | {later} |")


def test_a_corpus_that_cannot_be_opened_is_told_in_a_sentence(tmp_path):
    with pytest.raises(SystemExit, match="nothing"):
        main(corpus=tmp_path / "nothing", model="hashing", split="dev")
