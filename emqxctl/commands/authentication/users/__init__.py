"""`emqxctl authentication users`: users in the built-in databases of authenticators."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import Upload, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._built_in_users import (
    COLUMNS,
    Database,
    FileNameOption,
    UserCommands,
    UsersFileArgument,
    add_user_verbs,
    report_import,
)
from emqxctl.errors import EmqxctlError, ExitCode, NotFoundError, ServerError, UsageError
from emqxctl.output.results import Done
from emqxctl.resource import Filter, Paging, Resource, ValueType
from emqxctl.verbs.parameters import new_parameter

AUTHENTICATOR = "/authentication/{id}"
DEFAULT_PROVIDER = "password_based:built_in_database"
NOT_FOUND_PREFIX = "User error: not_found: authenticator: "
NO_DATABASE = "not supported in this authentication type"
USERS = Resource(
    noun="user",
    path=f"{AUTHENTICATOR}/users",
    key="user_id",
    columns=COLUMNS,
    paging=Paging.PAGES,
    row_key=("user_id",),
    filters=(
        Filter("like_user_id", "Filter by part of the user id."),
        Filter("is_superuser", "Filter by superuser.", ValueType.BOOLEAN),
    ),
)
ProviderOption = Annotated[
    str,
    typer.Option(
        "--provider", metavar="ID", help=f"Authenticator of the users. Default: {DEFAULT_PROVIDER}."
    ),
]


class PasswordFormat(StrEnum):
    """How passwords are written in an imported file: as they are, or as hashes and salts."""

    plain = "plain"
    hash = "hash"


@contextmanager
def translate_not_found() -> Iterator[None]:
    """Turn EMQX's answer for an unknown authenticator (400, an Erlang term) into NotFoundError."""
    try:
        yield
    except ServerError as error:
        _, prefix, provider = error.message.partition(NOT_FOUND_PREFIX)
        if not prefix:
            raise
        message = f"authenticator {provider!r} not found"
        raise NotFoundError(message, code=error.code, hint=error.hint, details=error.details) from error


app = new_group("Manage users of built-in databases.")
add_user_verbs(
    app,
    UserCommands(
        paths=(AUTHENTICATOR,),
        users=USERS,
        user_key="user_id",
        arguments=(),
        options=(new_parameter("provider", ProviderOption, DEFAULT_PROVIDER),),
        select=lambda values: Database(AUTHENTICATOR, (values["provider"],), values["provider"]),
        line="emqxctl authentication users {} ",
        translate=translate_not_found,
    ),
)
app.lazy("load", "Create users from a file and report on each.")


@app.command("import")
@command(
    calls=f"POST {AUTHENTICATOR}/import_users",
    examples=(
        "emqxctl authentication users import users.csv",
        "emqxctl authentication users import hashed.json --type hash --yes",
        "gpg -d users.csv.gpg | emqxctl authentication users import - --name users.csv --yes",
    ),
    effect=Effect.DESTROY,
)
def import_(
    session: Session,
    file: UsersFileArgument,
    provider: ProviderOption = DEFAULT_PROVIDER,
    type_: Annotated[
        PasswordFormat,
        typer.Option("--type", metavar="FORMAT", help="Password format: plain or hash. Default: plain."),
    ] = PasswordFormat.plain,
    name: FileNameOption = None,
) -> Done:
    """Import users from a file, replacing existing ones.

    Columns for plain: user_id, password, is_superuser; for hash: user_id, password_hash, salt, is_superuser.
    A file with an invalid row is rejected as a whole. EMQX before 5.5 supports only hash. Existing users get
    the password and superuser flag of the file; `load` skips them.
    """
    filename = name or ("" if file == "-" else file)
    if filename and not filename.endswith((".csv", ".json")):
        message = f"{filename!r} is neither .csv nor .json: EMQX goes by the file extension"
        raise UsageError(message, hint="rename the file, or use --name users.csv")
    question = f"import users from {file!r} into {provider!r}, replacing existing ones"
    upload = Upload("filename", file, name or "")
    path = f"{AUTHENTICATOR}/import_users"
    try:
        response = send_file(
            session, path, provider, source=upload, query={"type": type_.value}, question=question
        )
    except ServerError as error:
        raise with_import_hint(error, type_) from error
    return report_import(response.json(), provider)


def with_import_hint(error: EmqxctlError, format_: PasswordFormat) -> EmqxctlError:
    """Add to the error of a rejected file which columns it must have, or which --type fits its columns."""
    if error.exit_code is not ExitCode.REJECTED or NO_DATABASE in error.message:
        return error
    error.hint = "see the required columns: emqxctl authentication users import --help"
    if f"{format_.value}_import_requires" in error.message:
        other = PasswordFormat.hash if format_ is PasswordFormat.plain else PasswordFormat.plain
        error.hint = f"the columns do not match --type {format_.value}; try --type {other.value}"
    return error
