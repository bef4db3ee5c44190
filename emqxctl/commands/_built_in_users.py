"""Users in a built-in database, whoever asks it: EMQX itself, a gateway, or one of its listeners."""

from typing import Annotated, Any

import typer

from emqxctl.cli.input.files import read_secret
from emqxctl.cli.prompts import can_prompt, prompt_secret
from emqxctl.cli.session import Session
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import Done
from emqxctl.resource import Column

COLUMNS = (Column("user_id", "USER"), Column("is_superuser", "SUPERUSER"))
COUNTS = ("total", "success", "override", "skipped", "failed")

User = Annotated[str, typer.Argument(metavar="USER", help="The user's id.")]
Users = Annotated[list[str], typer.Argument(metavar="USER...", help="The users' ids.")]
PasswordFile = Annotated[
    str | None,
    typer.Option("--password-file", metavar="FILE", help="The file with the password; - for stdin."),
]
Superuser = Annotated[
    bool | None, typer.Option("--superuser/--no-superuser", help="Whether authorization is skipped.")
]
UsersFile = Annotated[str, typer.Argument(metavar="FILE", help="A .csv or .json file; - for stdin.")]
FileName = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="The file's name, if from stdin.")
]


def password(session: Session, file: str | None) -> str:
    """Give the password: the first line of a file, or asked for without echo. Raises UsageError."""
    if file is not None:
        text = read_secret(file, "--password-file")
    else:
        text = prompt_secret("The user's password (not shown): ") if can_prompt(session) else ""
    if not text:
        message = "the user's password is needed"
        raise UsageError(message, hint="--password-file FILE (- for stdin), the password on its first line")
    session.client.redactor.add_secrets(text)
    return text


def imported(answer: object, owner: str) -> Done:
    """Say what came of an import; EMQX counts from 5.8.2 on."""
    told: dict[str, Any] = answer if isinstance(answer, dict) else {}
    counts = ", ".join(f"{told[word]} {word}" for word in COUNTS if word in told)
    words = f"imported users of {owner}" + (f": {counts}" if counts else "")
    return Done(words, told, exit_code=ExitCode.PARTIAL if told.get("failed") else ExitCode.OK)
