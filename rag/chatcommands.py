"""The commands of whoever opens the chat: ``fundstelle chat`` and ``fundstelle account``. Owns their options.

Their names and examples are given in ``rag.__main__``, with those of the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag import terminal
from rag.errors import AccessError
from rag.options import Model, Reranker, ShowProgress


def chat(  # noqa: PLR0913 - one for each option
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FOLDER",
            help="Folders of articles, to be switched between. Without any: five sample articles, and what was added.",
        ),
    ] = None,
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Read a folder again by itself when one of its files changes.")
    ] = False,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="The address of this computer to be reached at. Any but one of 127.0.0.1's kind lets others reach the "
            "chat, and needs --accounts and --allow-host (docs/serving.md).",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", min=1, max=65535, help="The port. Without it: 7860, or the next that is free."),
    ] = None,
    accounts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Ask everybody for name and password; `fundstelle account` makes such a file.",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A name or address under which others reach the page. Give it again for another."
        ),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate to encrypt with (PEM); needs --key.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate's key (PEM), without a passphrase.")
    ] = None,
    model: Model = None,
    reranker: Reranker = None,
    progress: ShowProgress = None,
) -> None:
    """Open the chat in the browser.

    Its address is printed. Only this computer can reach it, unless you say otherwise; Ctrl-C ends it.
    """
    from rag.chat import Door, serve

    door = Door(host, port, tuple(allow_host or ()), accounts, certificate, key)
    with terminal.Steps(wanted=progress) as steps:
        serve(folders or (), door=door, model=model, reranker=reranker, watch=watch, progress=steps)


def account(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose account; letters, figures and . @ + - _")],
    *,
    file: Annotated[Path, typer.Option("--file", metavar="FILE", help="The file of accounts; made if it is missing.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take the account out instead.")] = False,
) -> None:
    """Let somebody into the chat.

    Makes an account for a chat that others can reach, or gives it a new password. The password is asked for twice and
    not shown; the file holds only a hash of it. A chat that is open takes notice at once.
    """
    from rag import accounts

    password = None if remove else typer.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    known = accounts.write(file, name, password)
    if remove and not known:
        raise AccessError(f"{name} has no account in {file}; look for the name there.")
    typer.echo(f"{name} {'is out' if remove else 'has a new password' if known else 'may come in'}.")
