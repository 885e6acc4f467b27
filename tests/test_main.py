"""The command line: what stands on standard output and standard error, and what the exit code says."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.__main__ import main
from rag.answerjson import to_json
from rag.records import Answer, Attribution, Citation, Hit, Passage, Progress, Statement
from rag.terminal import Steps, shown

ROOT = Path(__file__).parent.parent
# Seen by a process that is started outside the checkout too.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
HEAVY = {"faiss", "gradio", "numpy", "sentence_transformers", "torch", "trafilatura"}


@dataclass(frozen=True)
class Run:
    """What a command wrote, and how it ended."""

    code: int | str | None
    out: str
    err: str


Fundstelle = Callable[..., Run]


@pytest.fixture
def fundstelle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Fundstelle:
    """Run the command line in this process, with indexes kept in the test's own folder."""
    monkeypatch.setattr("rag.paths.index_folder", lambda corpus: tmp_path / "index")

    def run(*arguments: str | Path) -> Run:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        return Run(end.value.code, *capfd.readouterr())

    return run


@pytest.fixture
def ask(fundstelle: Fundstelle, corpus: Path) -> Fundstelle:
    """Ask the small corpus with the encoder that needs no model."""
    return lambda *arguments: fundstelle("ask", "--corpus", corpus, "--model", "hashing", *arguments)


def process(*arguments: str, folder: Path = ROOT, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``python -m rag`` as a user does."""
    command = [sys.executable, "-m", "rag", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT | more, capture_output=True, check=False, timeout=120)


def one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith(".\n") and "Traceback" not in text


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom rag.__main__ import main\n"
        "try:\n    main(['ask', '--help'])\n"
        f"except SystemExit:\n    print('heavy:', *({HEAVY!r} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "QUESTION" in done.stdout
    assert done.stdout.splitlines()[-1] == "heavy:"


def test_every_command_helps_with_examples(fundstelle: Fundstelle) -> None:
    for command in ([], ["index"], ["ask"], ["chat"]):
        shown_help = fundstelle(*command, "--help")
        assert shown_help.code == 0
        assert "Examples:" in shown_help.out
        assert f"    fundstelle {' '.join(command)}" in shown_help.out


def test_no_command_at_all_shows_the_help_and_is_an_error(fundstelle: Fundstelle) -> None:
    done = fundstelle()
    assert done.code == 2
    assert "Usage: fundstelle" in done.out + done.err


def test_the_version_is_that_of_the_package(fundstelle: Fundstelle) -> None:
    from rag import __version__

    assert fundstelle("--version").out == f"fundstelle {__version__}\n"


def test_an_answer_is_written_on_standard_output_only_and_ends_with_code_0(ask: Fundstelle) -> None:
    done = ask("Wer hat die neue Brücke eröffnet?")
    assert done.code == 0
    assert "Der Bürgermeister von Köln hat am Montag die neue Brücke eröffnet." in done.out
    assert "bruecke.txt" in done.out
    assert done.err == ""


def test_a_question_that_the_articles_do_not_answer_ends_with_code_1(ask: Fundstelle) -> None:
    done = ask("How do I bake bread?")
    assert done.code == 1
    assert done.out
    assert done.err == ""


def test_json_is_one_object_whose_citations_are_found_in_the_files(ask: Fundstelle, corpus: Path) -> None:
    done = ask("Wer hat die neue Brücke eröffnet?", "--json")
    answer = json.loads(done.out)
    assert answer["answered"] is True
    assert answer["question"] == "Wer hat die neue Brücke eröffnet?"
    for item in (*answer["statements"], *answer["hits"]):
        place = item["citation"]
        source = (corpus / place["article_id"]).read_text("utf-8")
        assert source[place["start"] : place["end"]] == place["quote"]


def test_a_filter_restricts_what_is_asked_and_is_said(ask: Fundstelle) -> None:
    question = "Wer hat die neue Brücke eröffnet?"
    done = ask(question, "--article", "harbour.txt", "--folder", "nested", "--json")
    answer = json.loads(done.out)
    assert {hit["passage"]["article_id"] for hit in answer["hits"]} == {"harbour.txt", "nested/gipfel.txt"}
    assert answer["filter"]["articles"] == ["harbour.txt"]
    assert ask(question, "--language", "en", "--since", "2020-01-01").out.startswith(
        "Nur in: Artikeln ab 1. Januar 2020; englischen Artikeln."
    )


def test_a_filter_that_lets_nothing_through_ends_as_not_answered(ask: Fundstelle) -> None:
    done = ask("Wer hat die neue Brücke eröffnet?", "--until", "1999-12-31")
    assert (done.code, done.err) == (1, "")
    assert done.out == "Nur in: Artikeln bis 31. Dezember 1999.\n\nKein Artikel liegt in dieser Auswahl.\n"


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--article", "lost.txt", "articles names lost.txt"),
        ("--folder", "lost", "folders names lost"),
        ("--since", "1.2.2025", "1.2.2025 is no date; write year, month and day"),
        ("--language", "fr", "'de', 'en'"),
    ],
)
def test_a_filter_that_makes_no_sense_is_an_error_that_says_why(
    ask: Fundstelle, option: str, value: str, told: str
) -> None:
    done = ask("Brücke?", option, value)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_json_says_not_answered_where_the_exit_code_says_it(ask: Fundstelle) -> None:
    done = ask("How do I bake bread?", "--json")
    assert done.code == 1
    answer = json.loads(done.out)
    assert answer["answered"] is False
    assert answer["statements"] == []


def test_the_json_document_names_every_field_and_no_other() -> None:
    def fields(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            yield from value
            for inner in value.values():
                yield from fields(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from fields(inner)

    document = (ROOT / "docs" / "json.md").read_text("utf-8")
    tables = "".join(line.split("|")[1] for line in document.splitlines() if line.startswith("| `"))
    sentence = next(line for line in document.split("\n\n") if line.startswith("A **passage** has"))
    documented = set(re.findall(r"`(\w+)`", tables + sentence))
    citation = Citation("a.txt", "A", 1, 0, 5, "Words")
    hit = Hit(Passage(1, "a.txt", 1, "", 0, 5, "Words"), 1.0, 0.5, 2.0, 0.5, citation)
    statement = Statement("Words", citation, 0, Attribution("Lawrow", 0, 5, direct=True), (citation,))
    assert documented == set(fields(json.loads(to_json(Answer("?", "?", (statement,), (hit,), 0.9)))))


def test_k_limits_the_passages(ask: Fundstelle) -> None:
    assert len(json.loads(ask("Brücke", "--json", "-k", "1").out)["hits"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", ""], "question is empty"),
        (["ask", "Wer?", "-k", "0"], "from 1 to"),
        (["ask", "Wer?", "--corpus", "no-such-folder"], "no-such-folder"),
        (["index", "no-such-folder"], "no-such-folder"),
        (["ask", "Wer?", "--model", "./no-such-model"], "no-such-model"),
    ],
)
def test_an_error_is_one_sentence_on_standard_error_and_code_2(
    fundstelle: Fundstelle, corpus: Path, arguments: list[str], said: str
) -> None:
    if "--corpus" not in arguments and arguments[0] == "ask":
        arguments = [*arguments, "--corpus", str(corpus)]
    if "--model" not in arguments:
        arguments = [*arguments, "--model", "hashing"]
    done = fundstelle(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err
    assert one_sentence(done.err)


def test_a_mistyped_option_is_code_2_and_says_where_help_is(fundstelle: Fundstelle) -> None:
    done = fundstelle("ask", "Wer?", "--colour")
    assert done.code == 2
    assert "--colour" in done.err
    assert "fundstelle ask -h" in done.err


def test_a_fault_of_ours_is_a_sentence_too(
    fundstelle: Fundstelle, monkeypatch: pytest.MonkeyPatch, corpus: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("rag.engine.Engine.ask", broken)
    done = fundstelle("ask", "Wer?", "--corpus", corpus, "--model", "hashing")
    assert done.code == 2
    assert "(ZeroDivisionError)" in done.err
    assert "division" not in done.err
    assert "fundstelle --debug" in done.err
    assert one_sentence(done.err)


def test_debug_shows_where_an_error_arose() -> None:
    done = process("--debug", "ask", "Wer?", "--model", "./no-such-model")
    assert done.returncode == 2
    assert b"Traceback" in done.stderr
    assert b"no-such-model" in done.stderr.splitlines()[-1]


def test_progress_is_silent_off_a_terminal_unless_asked_for(ask: Fundstelle) -> None:
    assert ask("Brücke", "--quiet").err == ""
    told = ask("Brücke", "--progress", "--model", "hashing").err
    assert "\x1b" not in told


def test_progress_on_demand_writes_ten_lines_for_a_stage_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    with Steps(wanted=True) as steps:
        for done in range(10_001):
            steps(Progress("encoding", done, 10_000))
        steps(Progress("publishing", 1, 1))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 12
    assert lines[0] == "Encoding: 0 of 10000"
    assert lines[-2:] == ["Encoding: 10000 of 10000", "Publishing: 1 of 1"]


def test_a_bar_is_drawn_on_a_terminal_and_taken_away_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")

    def interrupted() -> None:
        with Steps(wanted=None) as steps:
            steps(Progress("reading", 1, 3))
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        interrupted()
    drawn = capsys.readouterr().err
    assert "Reading" in drawn
    # The cursor is shown again and the line of the bar cleared.
    assert "\x1b[?25h" in drawn
    assert drawn.rstrip("\r\n").endswith("\x1b[2K")


def test_index_shows_title_paragraphs_noise_and_what_was_skipped(fundstelle: Fundstelle, corpus: Path) -> None:
    (corpus / "picture.png").write_bytes(b"\x89PNG")
    (corpus / "empty.txt").write_text("", "utf-8")
    done = fundstelle("index", corpus, "--model", "hashing")
    assert done.code == 0
    assert re.search(r"bruecke\.txt +Die neue Brücke +2 +0", done.out)
    assert "nested/gipfel.txt" in done.out
    assert "3 articles" in done.out
    assert "3 new" in done.out
    assert re.search(r"Skipped picture\.png: .+\.", done.out)
    assert re.search(r"Skipped empty\.txt: .+\.", done.out)
    again = fundstelle("index", corpus, "--model", "hashing")
    assert "0 new, 0 changed, 3 unchanged, 0 removed; 0 passages encoded." in again.out


def test_index_shows_what_was_set_aside_when_asked(fundstelle: Fundstelle) -> None:
    plain = fundstelle("index", ROOT / "seeds", "--model", "hashing")
    assert "Deine E-Mail-Adresse" not in plain.out
    told = fundstelle("index", ROOT / "seeds", "--model", "hashing", "--show-noise")
    assert "Set aside in 003_b4349e0a2b79b14c.txt:\n" in told.out
    assert "  Deine E-Mail-Adresse wird nicht veröffentlicht." in told.out


def test_nothing_from_an_article_can_steer_the_terminal(fundstelle: Fundstelle, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "clear.txt").write_text(
        "Ein \x1b[2J Titel \u202e verkehrt\n\nDer Satz \x1b]0;Fenster\x07 über die Brücke steht hier im Text.\n",
        "utf-8",
    )
    for arguments in (["index", folder, "--show-noise"], ["ask", "Wo steht die Brücke?", "--corpus", folder]):
        done = fundstelle(*arguments, "--model", "hashing")
        assert not set("\x1b\x07\u202e") & set(done.out + done.err)


def test_text_is_shown_on_one_line_with_its_letters() -> None:
    assert shown("20\u00a0% der\n„Brücke“ 👍 \u0433") == "20 % der „Brücke“ 👍 \u0433"
    assert shown("a\x1b[2J\u202e\udcff") == "a<U+001B>[2J<U+202E><U+DCFF>"


def test_the_sample_articles_answer_outside_the_checkout_in_utf_8_whatever_the_terminal_speaks(tmp_path: Path) -> None:
    done = process("ask", "what did Dmitriev propose?", "--json", folder=tmp_path, PYTHONIOENCODING="ascii")
    answer = json.loads(done.stdout.decode("utf-8"))
    assert done.returncode == 0
    assert done.stderr == b""
    assert list(tmp_path.iterdir()) == []
    cited = [statement["citation"] for statement in answer["statements"]]
    assert any("eine bessere Zukunft für die Menschheit" in place["quote"] for place in cited)
    assert {place["article_id"] for place in cited} == {"000_dc734513eda1ed5f.txt"}


def test_a_closed_pipe_ends_without_a_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "rag", "--help"], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert done.stderr == b""


def test_an_index_that_is_checked_is_said_to_be_whole_with_how_much_is_found(fundstelle: Fundstelle) -> None:
    told = fundstelle("index", ROOT / "seeds", "--model", "hashing", "--check")
    assert told.err == ""
    assert told.out.endswith(
        "The index is as it was written. Of the ten nearest to a passage, a search finds 100.0%.\n"
    )


def test_ctrl_c_ends_the_chat_cleanly() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "rag", "chat", "--port", str(port)]
    # What ignores Ctrl-C, as a job in the background does, has children that ignore it.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as chat:
        assert chat.stdout is not None
        signal.signal(signal.SIGINT, heard)
        try:
            assert f"http://127.0.0.1:{port}" in chat.stdout.readline()
            chat.send_signal(signal.SIGINT)
            _, err = chat.communicate(timeout=60)
        finally:
            chat.kill()
    assert chat.returncode in (0, 130)
    assert err == ""


def test_the_document_of_the_command_line_is_what_its_help_says(tmp_path: Path) -> None:
    made = tmp_path / "cli.md"
    command = ["-m", "typer", "rag.__main__", "utils", "docs", "--name", "fundstelle", "--output", str(made)]
    subprocess.run([sys.executable, *command], cwd=ROOT, env=ENVIRONMENT, capture_output=True, check=True)
    assert made.read_text("utf-8") == (ROOT / "docs" / "cli.md").read_text("utf-8"), "run `make docs`"
