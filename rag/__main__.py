"""The command line: ``fundstelle index``, ``ask``, ``chat``, ``account`` and ``eval``.

Owns options and exit codes, but for the options of ``rag.chatcommands``; leaves the work to the engine, the wording of
answers to ``rag.rendering`` and the look of all else to ``rag.terminal``. Imports nothing heavy before a command needs
it, so that help is there at once.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from rag import chatcommands, terminal
from rag.disclosure import trace
from rag.errors import EvaluationError, FundstelleError
from rag.options import Corpus, InLanguage, Model, OnlyArticles, OnlyFolders, Reranker, ShowProgress, Since, Until
from rag.settings import DEFAULTS

# By name, because this module is called __main__ when it runs.
_log = logging.getLogger("rag")

_NOTHING_FOUND = 1
_LEFT_OUT = 1
_ERROR = 2


def _examples(*lines: str) -> str:
    """An epilogue that the help shows line by line (the backspace keeps lines apart) and Markdown shows as code."""
    return "\b\nExamples:\n\n\b\n" + "\n".join(f"    {line}" for line in lines)


app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - so typer calls it
    if wanted:
        from rag import __version__

        typer.echo(f"fundstelle {__version__}")
        raise typer.Exit


@app.callback(
    epilog=_examples(
        'fundstelle ask "what did Dmitriev propose?"',
        "fundstelle index ~/articles",
        'fundstelle ask "Wer verhandelt mit wem?" --corpus ~/articles',
        "fundstelle chat ~/articles",
    )
)
def fundstelle(
    *,
    debug: Annotated[
        bool, typer.Option("--debug", help="Log every step on stderr, and show where an error arose.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Ask a folder of articles, in German or English; every sentence of an answer is a quotation you can check.

    Articles are .txt, .md and .html files. They and your questions never leave this computer. The index over a folder
    is built when it is first needed, and brought up to date when a file has changed.
    """
    log = logging.StreamHandler()
    # What libraries log may hold a text or a question.
    log.addFilter(logging.Filter("rag"))
    logging.basicConfig(level=logging.DEBUG if debug else logging.ERROR, format="%(name)s: %(message)s", handlers=[log])
    if not debug and not sys.warnoptions:
        # What a library warns its programmers of is nothing to the reader of an answer.
        warnings.simplefilter("ignore")


@app.command(
    epilog=_examples(
        "fundstelle index ~/articles",
        "fundstelle index ~/articles --show-noise",
        "fundstelle index ~/articles --check",
        "fundstelle index ~/articles --model intfloat/multilingual-e5-small",
    )
)
def index(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of articles, read with its subfolders.")],
    *,
    model: Model = None,
    show_noise: Annotated[
        bool, typer.Option("--show-noise", help="Show the text that was set aside: menus, comment forms and the like.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Then read all of the index, and tell how many of the nearest a search finds."),
    ] = False,
    progress: ShowProgress = None,
) -> None:
    """Read a folder, bring its index up to date.

    Shows what was made of every file. Only new and changed passages are encoded. Files that cannot be read are named
    with the reason; the others go on.
    """
    import rag

    with terminal.Steps(wanted=progress) as steps, rag.open(folder, model=model, progress=steps) as engine:
        found = engine.inspect() if check else None
        articles = [engine.article(article_id) for article_id in engine.article_ids()]
        terminal.write_articles(articles)
        if show_noise:
            terminal.write_noise(articles)
        terminal.write_report(engine.report)
        if found is not None:
            typer.echo(f"The index is as it was written. Of the ten nearest to a passage, a search finds {found:.1%}.")


@app.command(
    epilog=_examples(
        'fundstelle ask "what did Dmitriev propose?"',
        'fundstelle ask "Was hat Dmitriev vorgeschlagen?" -k 3',
        'fundstelle ask "Wer verhandelt mit wem?" --corpus ~/articles --json',
        'fundstelle ask "Who voted?" --corpus ~/articles --folder council --since 2025-01-01 --language en',
    )
)
def ask(  # noqa: PLR0913 - one for each option
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="The question, in German or English.")],
    *,
    corpus: Corpus = None,
    hits: Annotated[
        int, typer.Option("-k", metavar="N", help="How many passages to look at and show at most.")
    ] = DEFAULTS.hits,
    article: OnlyArticles = None,
    folder: OnlyFolders = None,
    since: Since = None,
    until: Until = None,
    language: InLanguage = None,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object, as told in docs/json.md.")] = False,
    model: Model = None,
    reranker: Reranker = None,
    progress: ShowProgress = None,
) -> None:
    """Answer a question in quotations.

    The sentences that answer best, word for word, then the passages and places they stand in.

    Exit code: 0 answered, 1 the articles do not answer it (the nearest passages are shown), 2 error.
    """
    import rag
    from rag.answerjson import to_json
    from rag.rendering import plain

    only = rag.Filter(tuple(article or ()), tuple(folder or ()), since, until, language)
    with (
        terminal.Steps(wanted=progress) as steps,
        rag.open(corpus, model=model, reranker=reranker, progress=steps) as engine,
    ):
        answer = engine.ask(question, k=hits, filter=only)
        notices = () if progress is False else engine.report.notices
    for notice in notices:
        typer.echo(terminal.shown(notice), err=True)
    # Bytes, so that JSON is UTF-8 whatever the terminal speaks.
    typer.echo(to_json(answer).encode() if json else plain(answer))
    raise typer.Exit(0 if answer.statements else _NOTHING_FOUND)


app.command(
    epilog=_examples(
        "fundstelle chat",
        "fundstelle chat ~/articles ~/archive --watch",
        "fundstelle chat --port 8000",
        "fundstelle chat ~/articles --host 192.168.1.20 --allow-host notes.example.org --accounts ~/accounts",
    )
)(chatcommands.chat)
app.command(
    epilog=_examples("fundstelle account anna --file ~/accounts", "fundstelle account anna --file ~/accounts --remove")
)(chatcommands.account)


@app.command(
    "eval",
    epilog=_examples(
        "fundstelle eval questions.jsonl --corpus ~/articles",
        "fundstelle eval questions.jsonl --compare statements=1,hits=3",
        "fundstelle eval questions.jsonl --compare model=intfloat/multilingual-e5-small --json",
        "fundstelle eval --from-feedback --corpus ~/articles > to-check.jsonl",
    ),
)
def evaluate(  # noqa: PLR0913 - one for each option
    questions: Annotated[
        Path | None,
        typer.Argument(metavar="QUESTIONS", help="Questions and the places that answer them, one JSON object a line."),
    ] = None,
    *,
    corpus: Corpus = None,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=VALUE,...",
            help="Measure again with these settings changed, and tell differences from noise: model=MODEL, "
            "reranker=MODEL, or any field of rag.settings.Settings.",
        ),
    ] = None,
    from_feedback: Annotated[
        bool, typer.Option("--from-feedback", help="Write questions to check, made of the thumbs up and down.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object, as told in docs/eval.md.")] = False,
    model: Model = None,
    progress: ShowProgress = None,
) -> None:
    """Measure how well questions are answered.

    How often the right passage is found, cited or missed, and how far the confidence can be relied on: for each
    language, with 95% intervals. What a file of questions looks like is told in docs/eval.md.

    Exit code: 0 every question counts, 1 some were left out (stderr names them), 2 error.
    """
    if (questions is None) != from_feedback:
        raise EvaluationError("Name a file of questions, or write --from-feedback without one.")
    if questions is None:
        raise typer.Exit(_write_questions_to_check(corpus))
    from rag.evaluation import measuring
    from rag.evaluation.changes import read_changes
    from rag.evaluation.figures import compare as compared

    change = read_changes(compare) if compare is not None else None
    asked = measuring.read_questions(questions)
    with terminal.Steps(wanted=progress) as steps:
        one, other = measuring.measure(asked.questions, corpus, change, model=model, progress=steps)
    one = replace(one, faults=asked.faults + one.faults)
    terminal.write_faults(questions, one.faults, asked.unchecked)
    if json:
        typer.echo(measuring.to_json(one, other), nl=False)
    else:
        terminal.write_figures(one.groups)
        if other is not None:
            terminal.write_differences(compared(one.results, other.results), str(compare))
    raise typer.Exit(_LEFT_OUT if one.faults else 0)


def _write_questions_to_check(corpus: Path | None) -> int:
    """Write the questions that readers gave a thumb up or down, to be checked, and return the exit code."""
    from rag import paths
    from rag.evaluation import feedback

    file = feedback.feedback_file(corpus if corpus is not None else paths.sample_corpus())
    entries, faults = feedback.read(file)
    terminal.write_faults(file, faults)
    typer.echo(feedback.questions_to_check(entries), nl=False)
    return _LEFT_OUT if faults else 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line on ``arguments``, by default those of the process; ends in ``SystemExit``.

    An error raised on purpose is one sentence on stderr. Any other is a fault of ours: one sentence too, with the way
    to its details.
    """
    for stream in (sys.stdout, sys.stderr):
        # A letter that the terminal's encoding lacks must not cost the whole answer.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(arguments, prog_name="fundstelle")
    except FundstelleError as error:
        _end(error, terminal.shown(str(error)))
    except Exception as error:  # noqa: BLE001 - the last stop before the user
        # Not what it says, which may be an article's text.
        _end(
            error,
            f"Fundstelle failed in a way it should not ({type(error).__name__}). "
            "Please report it together with what the same command writes when it begins with `fundstelle --debug`.",
        )


def _end(error: Exception, sentence: str) -> None:
    _log.debug("This is where the error arose.\n%s", trace(error))
    typer.echo(sentence, err=True)
    sys.exit(_ERROR)


if __name__ == "__main__":
    main()
