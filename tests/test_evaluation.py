"""`fundstelle eval`: what counts as right, what becomes of questions at fault, and what the command writes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from rag.__main__ import main
from rag.errors import EvaluationError
from rag.evaluation.changes import Changes, read_changes
from rag.evaluation.feedback import append, feedback_file, feedback_on
from rag.evaluation.figures import MEASURES, Result, compare, groups
from rag.evaluation.measuring import evaluate, measure
from rag.evaluation.places import Place, locate
from rag.evaluation.questionfile import Expected, Question
from rag.records import Article, Block, BlockKind, Passage, Progress
from rag.settings import DEFAULTS

ROOT = Path(__file__).parents[1]
OPENED = "Der Bürgermeister von Köln hat am Montag die neue Brücke eröffnet."
BRIDGE = Expected("bruecke.txt", 1)


def asked(text: str, *answers: Expected, language: str = "de") -> Question:
    return Question(text, text, language, answers)


@pytest.fixture
def engine(corpus: Path, tmp_path: Path) -> rag.Engine:
    return rag.open(corpus, model="hashing", index=tmp_path / "index")


def result(name: str = "q", **changes: object) -> Result:
    plain = Result(name, "de", "Wer?", expected=1, ranks=(1,), cited=2, cited_right=1, confidence=0.75)
    return replace(plain, **changes)


def figures(results: list[Result]) -> dict[str, float | None]:
    return {figure.name: figure.value for figure in groups(results)[0].figures}


# What counts as found


def article(*paragraphs: str) -> Article:
    text = "\n\n".join(paragraphs)
    starts = [sum(len(paragraph) + 2 for paragraph in paragraphs[:n]) for n in range(len(paragraphs))]
    blocks = [
        Block(BlockKind.PARAGRAPH, start, start + len(paragraph), number)
        for number, (start, paragraph) in enumerate(zip(starts, paragraphs, strict=True), 1)
    ]
    return Article("a.txt", "", text, tuple(blocks), "")


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (Expected("a.txt", 2), ["Der US-\nPivot  ist da."]),
        (Expected("a.txt", 3), []),
        (Expected("a.txt", text="US-Pivot ist"), ["US-\nPivot  ist"]),
        (Expected(text="ist da."), ["ist da.", "ist da."]),
        (Expected("a.txt", 1, "ist da."), ["ist da."]),
        (Expected(text="da. Der"), []),
    ],
)
def test_a_place_is_found_by_paragraph_and_by_words_as_they_are_read(expected, found):
    source = article("Er ist da.", "Der US-\nPivot  ist da.")
    assert [source.text[place.start : place.end] for place in locate(expected, source)] == found


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [(0, 500, True), (0, 150, True), (0, 149, False), (150, 500, True), (151, 500, False), (120, 130, True)],
)
def test_half_of_the_shorter_of_passage_and_place_must_be_shared(start, end, right):
    place = Place("a.txt", 100, 200)
    assert place.found_by(Passage(0, "a.txt", 1, "", start, end, "")) is right
    assert not place.found_by(Passage(0, "b.txt", 1, "", start, end, ""))


# What the engine is asked


def test_a_question_in_the_words_of_its_paragraph_is_found_first_and_cited(engine):
    (only,) = evaluate(engine, [asked(OPENED, BRIDGE)]).results
    assert (only.expected, only.ranks, only.answerable, only.refused, only.best_right) == (1, (1,), True, False, True)
    assert 1 <= only.cited_right <= only.cited


def test_the_answer_of_a_result_is_the_one_that_ask_gives(engine):
    answer = engine.ask(OPENED)
    wrong = asked(OPENED, Expected("harbour.txt", 1))
    (only,) = evaluate(engine, [wrong]).results
    assert (only.cited, only.confidence) == (len(answer.statements), answer.confidence)
    assert only.cited_right == 0
    assert only.ranks
    assert 1 not in only.ranks


def test_words_without_an_article_are_right_wherever_they_stand(engine, corpus):
    (corpus / "copy.txt").write_text(f"Noch einmal\n\n{OPENED}\n", "utf-8")
    engine.update()
    (only,) = evaluate(engine, [asked(OPENED, Expected(text=OPENED))]).results
    assert (only.expected, only.ranks) == (2, (1, 2))


def test_all_passages_of_a_long_paragraph_are_right(engine, corpus):
    sentences = [f"Im Jahr {year} wurde die Werft von Hafenbau {year} erneut erweitert." for year in range(1900, 1960)]
    (corpus / "werft.txt").write_text("Die Werft\n\n" + " ".join(sentences) + "\n", "utf-8")
    engine.update()
    (only,) = evaluate(engine, [asked("Wann wurde die Werft erweitert?", Expected("werft.txt", 1))]).results
    assert only.expected == 6
    assert only.ranks == (1, 2, 3, 4, 5, 6)
    assert figures([only])["nDCG@10"] == 1


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Expected("brucke.txt", 1), "no article brucke.txt in the corpus; did you mean bruecke.txt?"),
        (Expected("xyz", 1), "no article xyz in the corpus; write its path"),
        (Expected("bruecke.txt", 9), "no paragraph 9 in bruecke.txt"),
        (Expected("bruecke.txt", text="Kölner Dom"), "“Kölner Dom” does not stand in a paragraph of bruecke.txt"),
        (Expected("bruecke.txt", 2, OPENED), "does not stand in paragraph 2 of bruecke.txt"),
        (Expected(text="Kölner Dom"), "does not stand in a paragraph of any article"),
        (Expected("bruecke.txt", text="Die neue Brücke"), "does not stand in a paragraph"),
    ],
)
def test_a_place_that_is_not_in_the_corpus_leaves_its_question_out_and_is_named(engine, place, said):
    good, bad = asked(OPENED, BRIDGE), replace(asked("Wer?", BRIDGE, place), line=2)
    told = evaluate(engine, [bad, good])
    assert [only.id for only in told.results] == [OPENED]
    (fault,) = told.faults
    assert fault.line == 2
    assert said in fault.reason


def test_a_question_that_the_engine_refuses_to_read_is_named_too(engine):
    told = evaluate(engine, [asked("x" * (DEFAULTS.question_limit + 1))])
    assert told.results == ()
    assert "at most" in told.faults[0].reason


def test_progress_counts_the_questions(engine):
    steps: list[Progress] = []
    evaluate(engine, [asked(OPENED, BRIDGE), asked("zyx")], steps.append)
    assert [(step.stage, step.done, step.total) for step in steps] == [("asking", n, 2) for n in range(3)]


# What becomes of the results


def test_every_figure_is_the_one_worked_out_by_hand():
    results = [
        result("a", ranks=(1,), expected=1, cited=2, cited_right=1, confidence=0.9),
        result("b", ranks=(2, 4), expected=3, cited=1, cited_right=1, confidence=0.6),
        result("c", ranks=(), expected=1, cited=0, cited_right=0, confidence=0.2),
        result("d", ranks=(), expected=0, cited=3, cited_right=0, confidence=0.4),
        result("e", ranks=(), expected=0, cited=0, cited_right=0, confidence=0.1),
    ]
    assert figures(results) == pytest.approx(
        {
            "Recall@1": 1 / 3,
            "Recall@5": 2 / 3,
            "Recall@10": 2 / 3,
            "MRR@10": (1 + 1 / 2) / 3,
            "nDCG@10": (1 + (0.6309298 + 0.4306766) / 2.1309298) / 3,
            "Citation precision": 2 / 3,
            "False refusals": 1 / 3,
            "False answers": 1 / 2,
            "Mean confidence": 0.44,
            "Best passage right": 0.2,
            "Calibration error": (0.1 + 0.6 + 0.2 + 0.4 + 0.1) / 5,
        },
        abs=1e-6,
    )


def test_figures_are_told_for_all_and_by_language_and_none_where_no_question_says_anything():
    told = groups([result("a"), result("b", language="en", expected=0, ranks=())])
    assert [(group.language, group.answerable, group.unanswerable) for group in told] == [
        (None, 1, 1),
        ("de", 1, 0),
        ("en", 0, 1),
    ]
    english = {figure.name: figure for figure in told[2].figures}
    assert english["Recall@1"].value is None
    assert english["Recall@1"].interval is None
    assert english["False answers"].value == 1
    assert [(entry.questions, entry.confidence, entry.right) for entry in told[0].reliability] == [(2, 0.75, 0.5)]


results_lists = st.lists(
    st.builds(
        lambda language, expected, ranks, cited, right, confidence: Result(
            "", language, "?", max(expected, len(ranks)), tuple(sorted(ranks)), cited, min(right, cited), confidence
        ),
        st.sampled_from(["de", "en"]),
        st.integers(0, 4),
        st.sets(st.integers(1, 10), max_size=3),
        st.integers(0, 2),
        st.integers(0, 2),
        st.floats(0, 1),
    ),
    min_size=1,
    max_size=8,
)


@given(results_lists)
def test_every_figure_and_interval_is_from_0_to_1_and_no_question_counts_twice(results):
    for group in groups(results):
        for figure in group.figures:
            assert (figure.value is None) == (figure.interval is None) == (figure.questions == 0)
            assert figure.questions <= group.answerable + group.unanswerable
            if figure.value is not None and figure.interval is not None:
                assert -1e-9 <= figure.value <= 1 + 1e-9
                assert -1e-9 <= figure.interval[0] <= figure.interval[1] <= 1 + 1e-9
    told = groups(results)
    assert sum(group.answerable for group in told[1:]) == told[0].answerable
    assert sum(entry.questions for entry in told[0].reliability) == len(results)


def test_a_clear_difference_is_called_better_or_worse_and_a_small_one_noise():
    poor = [result(str(n), ranks=(2,), cited=0, cited_right=0) for n in range(20)]
    good = [result(str(n), ranks=(1,)) for n in range(20)]
    verdicts = {entry.name: entry.verdict for entry in compare(poor, good) if entry.language is None}
    assert verdicts["Recall@1"] == verdicts["MRR@10"] == "better"
    assert verdicts["Recall@5"] == verdicts["Mean confidence"] == verdicts["False answers"] == "noise"
    assert verdicts["False refusals"] == "better"
    assert verdicts["Best passage right"] == "different"
    assert {entry.name: entry.verdict for entry in compare(good, poor)}["Recall@1"] == "worse"
    assert {entry.verdict for entry in compare([*good[:19], poor[19]], good)} == {"noise"}


def test_only_questions_that_both_settings_could_be_asked_are_compared():
    told = compare([result("a"), result("b", ranks=())], [result("a")])
    assert all(entry.one == entry.other for entry in told)
    assert compare([result("a")], [result("b")]) == ()
    assert len(told) == 2 * len(MEASURES)


# Other settings


def test_settings_are_read_as_the_kind_of_value_they_have():
    assert read_changes("statements=1, lock_timeout=0,model=some/mod,el") == Changes(
        "some/mod,el", replace(DEFAULTS, statements=1, lock_timeout=0.0)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no setting"),
        ("statements", "no setting"),
        ("statements=", "no setting"),
        ("colour=1", "no setting colour; choose from model, "),
        ("statements=two", "whole number"),
        ("statements=0", "whole number"),
        ("statements=1.5", "whole number"),
        ("statements=true", "whole number"),
        ("passage_length=-1", "whole number"),
        ("lock_timeout=-1", "number from 0"),
        ("lock_timeout=NaN", "number from 0"),
        ("lock_timeout=[1]", "number from 0"),
    ],
)
def test_a_setting_that_cannot_be_is_told(text, said):
    with pytest.raises(EvaluationError, match=said):
        read_changes(text)


# The command


@pytest.fixture
def fundstelle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, corpus: Path, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[object, str, str]]:
    """Run ``fundstelle eval`` over the small corpus; gives exit code, standard output and standard error."""
    monkeypatch.setattr("rag.paths.index_folder", lambda corpus: tmp_path / "index")

    def run(*arguments: str | Path) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["eval", "--corpus", str(corpus), "--model", "hashing", *map(str, arguments)])
        return end.value.code, *capfd.readouterr()

    return run


QUESTIONS = [
    {"question": OPENED, "answers": [{"article": "bruecke.txt", "paragraph": 1}]},
    {"question": "The council voted to dredge the old harbour.", "answers": [{"text": "dredge the old harbour"}]},
    {"question": "zyx", "answers": []},
]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in QUESTIONS), "utf-8")
    return file


def test_the_command_writes_a_table_by_language_with_intervals(fundstelle, questions):
    code, out, err = fundstelle(questions)
    assert (code, err) == (0, "")
    assert re.search(r"^ +All +German +English *$", out, re.MULTILINE)
    assert re.search(r"^Answerable questions +2 +1 +1 *$", out, re.MULTILINE)
    assert re.search(
        r"^Recall@1 +1\.00 \(1\.00–1\.00\) +1\.00 \(1\.00–1\.00\) +1\.00 \(1\.00–1\.00\) *$", out, re.MULTILINE
    )
    assert "2,000 draws, seed 0" in out
    assert max(map(len, out.splitlines())) <= 120


def test_the_json_document_names_every_field_and_no_other(fundstelle, questions):
    with questions.open("a") as file:
        file.write("{}\n")
    told = json.loads(fundstelle(questions, "--json", "--compare", "statements=1")[1])

    def fields(value: object) -> set[str]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return (set(value) if isinstance(value, dict) else set()).union(*map(fields, inner))

    document = (ROOT / "docs" / "eval.md").read_text("utf-8").split("## The JSON")[1]
    rows = [line for line in document.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == fields(told)
    assert [only["ranks"][0] for only in told["results"][:2]] == [1, 1]
    assert len(told["compared"]["results"]) == 3


def test_half_a_character_in_a_name_ends_in_no_traceback(fundstelle, questions):
    with questions.open("a") as file:
        file.write(json.dumps({"id": "\ud83d", "question": "Wer?", "answers": [{"text": "\ud83d"}]}) + "\n")
    code, out, err = fundstelle(questions, "--json")
    assert (code, len(json.loads(out)["faults"])) == (1, 1)
    assert "<U+D83D>" in err


def test_bad_lines_are_named_on_standard_error_and_the_rest_is_measured(fundstelle, questions):
    with questions.open("a") as file:
        file.write('{"question": "Wer?"\n{"question": "Wer?", "answers": [{"article": "dom.txt", "paragraph": 1}]}\n')
        file.write('{"question": "Wann?", "answers": [], "check": true}\n')
    code, out, err = fundstelle(questions)
    assert code == 1
    assert "Answerable questions" in out
    json_fault, place_fault, waiting = err.splitlines()
    assert json_fault.startswith(f"{questions}, line 4: It is not JSON")
    assert place_fault.startswith(f"{questions}, line 5: There is no article dom.txt in the corpus")
    assert 'left out 1 marked "check": true' in waiting


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no question to ask"),
        ('{"question": "Wer?", "answers": [], "check": true}\n', "1 are still marked"),
        ("{\n", "Line 1: It is not JSON"),
        ('{"question": "Wer?", "answers": [{"article": "dom.txt", "paragraph": 1}]}\n', "Line 1: There is no article"),
    ],
)
def test_a_file_without_a_question_to_ask_is_an_error_in_a_sentence(fundstelle, questions, content, said):
    questions.write_text(content, "utf-8")
    code, out, err = fundstelle(questions)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_missing_file_and_options_that_do_not_fit_together_are_errors_in_a_sentence(fundstelle, questions, tmp_path):
    for arguments, said in (
        ([tmp_path / "none.jsonl"], "cannot be read"),
        ([], "Name a file of questions"),
        ([questions, "--from-feedback"], "Name a file of questions"),
        ([questions, "--compare", "colour=1"], "no setting colour"),
        (["--from-feedback"], "no feedback yet"),
    ):
        code, out, err = fundstelle(*arguments)
        assert (code, out) == (2, "")
        assert said in err
        assert err.count("\n") == 1


def test_two_settings_are_shown_side_by_side_and_the_index_in_use_stays_as_it_is(fundstelle, questions, tmp_path):
    fundstelle(questions)
    manifest = rag.open(tmp_path / "corpus", model="hashing", index=tmp_path / "index").report.generation
    code, out, err = fundstelle(questions, "--compare", "statements=1,passage_length=40")
    assert (code, err) == (0, "")
    assert re.search(r"^All +As it is +Changed +Difference +Chance +Verdict *$", out, re.MULTILINE)
    assert re.search(r"^Recall@1 +1\.00 +1\.00 +\+0\.00 +1\.000 +noise *$", out, re.MULTILINE)
    assert "Changed: statements=1,passage_length=40" in out
    after = rag.open(tmp_path / "corpus", model="hashing", index=tmp_path / "index").report
    assert (after.generation, after.notices) == (manifest, ())


def test_the_other_setting_is_really_used(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.paths.index_folder", lambda corpus: tmp_path / "index")
    one, other = measure([asked(OPENED, BRIDGE)], corpus, read_changes("question_limit=40"), model="hashing")
    assert other is not None
    assert (len(one.results), len(other.results)) == (1, 0)
    assert "at most 40" in other.faults[0].reason


def test_from_feedback_writes_questions_that_eval_takes_once_they_are_checked(fundstelle, corpus, engine, tmp_path):
    append(feedback_file(corpus), feedback_on(engine.ask(OPENED), "up", corpus))
    append(feedback_file(corpus), feedback_on(engine.ask("zyx"), "down", corpus, reason="steht in harbour"))
    code, out, err = fundstelle("--from-feedback")
    assert (code, err) == (0, "")
    up, down = map(json.loads, out.splitlines())
    assert up["answers"][0]["article"] == "bruecke.txt"
    assert (down["answers"], down["verdict"], down["reason"]) == ([], "down", "steht in harbour")
    checked = tmp_path / "checked.jsonl"
    checked.write_text(out, "utf-8")
    assert fundstelle(checked)[0] == 2
    checked.write_text(out.replace('"check": true', '"check": false'), "utf-8")
    code, out, _ = fundstelle(checked)
    assert code == 0
    assert re.search(r"^Recall@1 +1\.00", out, re.MULTILINE)


def test_nothing_from_a_file_of_questions_can_steer_the_terminal(fundstelle, questions):
    hostile = {"id": "\x1b[2J", "question": "Wer\u202e?", "answers": [{"text": "[bold]\x1b]0;x\x07"}]}
    with questions.open("a") as file:
        file.write(json.dumps(hostile) + "\n")
        file.write(json.dumps({**QUESTIONS[0], "id": "m", "language": "[red]\x1b[2J"}) + "\n")
    _, out, err = fundstelle(questions, "--compare", "statements=1")
    assert not set("\x1b\x07\u202e") & set(out + err)
    assert "[red]<U+001B>[2J" in out


def test_help_of_the_command_imports_nothing_heavy() -> None:
    heavy = {"faiss", "gradio", "numpy", "sentence_transformers", "torch", "rich"}
    code = (
        "import sys\nfrom rag.__main__ import main\n"
        "try:\n    main(['eval', '--help'])\n"
        f"except SystemExit:\n    print('heavy:', *({heavy!r} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Examples:" in done.stdout
    assert done.stdout.splitlines()[-1] == "heavy:"
