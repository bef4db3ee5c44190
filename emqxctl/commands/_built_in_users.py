"""The verbs of users in built-in databases: of an authenticator, of a gateway, or of a gateway's listener."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Annotated, Any, NamedTuple

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.files import read_secret
from emqxctl.cli.prompts import prompt_secret
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import Done, Result, Row, Rows
from emqxctl.resource import Column, Resource
from emqxctl.verbs.existence import can_read, create_if_missing, run_deletion
from emqxctl.verbs.get import get_each
from emqxctl.verbs.list import list_rows
from emqxctl.verbs.parameters import (
    check_new_key,
    new_parameter,
    option_parameters,
    option_values,
    set_signature,
)

COLUMNS = (
    Column("user_id", "USER"),
    Column("namespace", optional=True),
    Column("is_superuser", "SUPERUSER"),
)
IMPORT_COUNTS = ("total", "success", "override", "skipped", "failed")

UserArgument = Annotated[str, typer.Argument(metavar="USER", help="User id.")]
UsersArgument = Annotated[list[str], typer.Argument(metavar="USER...", help="User ids.")]
PasswordFileOption = Annotated[
    str | None,
    typer.Option(
        "--password-file", metavar="FILE", help="File with the password on its first line (- for stdin)."
    ),
]
SuperuserOption = Annotated[
    bool | None,
    typer.Option("--superuser/--no-superuser", help="Set whether the user bypasses authorization."),
]
UsersFileArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="File with users: .csv or .json (- for stdin).")
]
FileNameOption = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="File name. Required for stdin.")
]


class Database(NamedTuple):
    """A database that a command line selects: the path above its users, its arguments, and its label."""

    path: str
    arguments: tuple[str, ...]
    label: str


class UserCommands(NamedTuple):
    """What the verbs of one group need.

    `paths` are those of all databases that the group has, for `calls`; `users` describes the list; `user_key`
    is a user's placeholder. `arguments` and `options` select the database, which `select` returns.
    `translate` turns the server's errors into better ones; `line` is an example's beginning, `{}` the verb.
    """

    paths: Sequence[str]
    users: Resource
    user_key: str
    arguments: Sequence[inspect.Parameter]
    options: Sequence[inspect.Parameter]
    select: Callable[[Mapping[str, Any]], Database]
    line: str
    translate: Callable[[], AbstractContextManager[None]] = nullcontext

    @property
    def user_path(self) -> str:
        """The path of one user below its database."""
        return f"/users/{{{self.user_key}}}"

    def operations(self, method: str, ending: str) -> list[str]:
        """Return an operation on each of the group's databases."""
        return [f"{method} {path}{ending}" for path in self.paths]


def add_user_verbs(app: Group, commands: UserCommands) -> None:
    """Add `list`, `get`, `create`, `update` and `delete`."""
    add_user_list(app, commands)
    add_user_get(app, commands)
    add_user_create(app, commands)
    add_user_update(app, commands)
    add_user_delete(app, commands)


def add_user_list(app: Group, commands: UserCommands) -> None:
    """Add `list`."""

    def list_(session: Session, **values: Any) -> Rows:  # noqa: ANN401  # what the filters declare
        """List users."""
        database = commands.select(values)
        query = option_values(commands.users.filters, values)
        if query and database.path != commands.paths[0]:
            message = "EMQX does not filter the users of a listener"
            raise UsageError(message, hint="filter them with --where, such as 'user_id~TEXT'")
        users = commands.users._replace(path=f"{database.path}/users")
        rows = list_rows(session, users, query, *database.arguments)
        return rows._replace(rows=translate_rows(rows.rows, commands))

    filters = option_parameters(commands.users.filters)
    set_signature(list_, [*commands.arguments, *commands.options, *filters], Rows)
    line = commands.line.format("list").rstrip()
    examples = (f"{line} --like-user-id plant", f"{line} --is-superuser -o name")
    app.command("list")(command(calls=commands.operations("GET", "/users"), examples=examples)(list_))


def translate_rows(rows: Iterable[Row], commands: UserCommands) -> Iterator[Row]:
    """Yield rows; they are fetched, and fail, only when they are printed."""
    with commands.translate():
        yield from rows


def add_user_get(app: Group, commands: UserCommands) -> None:
    """Add `get`."""

    def get(session: Session, **values: Any) -> Result:  # noqa: ANN401  # as the parameters below
        """Show users."""
        database = commands.select(values)
        return get_each(
            session,
            commands.users,
            values["users"],
            lambda user: fetch_user(session, commands, database, user),
        )

    parameters = [*commands.arguments, new_parameter("users", UsersArgument), *commands.options]
    set_signature(get, parameters, Result)
    calls = commands.operations("GET", commands.user_path)
    app.command("get")(command(calls=calls, examples=(commands.line.format("get") + "ann",))(get))


def fetch_user(session: Session, commands: UserCommands, database: Database, user: str) -> dict[str, Any]:
    """Return a user as the server has it."""
    with commands.translate():
        return session.client.get_object(database.path + commands.user_path, *database.arguments, user)


def write_parameters(commands: UserCommands) -> list[inspect.Parameter]:
    """Return the parameters of `create` and `update`."""
    return [
        *commands.arguments,
        new_parameter("user", UserArgument),
        *commands.options,
        new_parameter("password_file", PasswordFileOption, None),
        new_parameter("superuser", SuperuserOption, None),
    ]


def add_user_create(app: Group, commands: UserCommands) -> None:
    """Add `create`."""

    def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # as the parameters below
        """Create a user."""
        return create_user(session, commands, values)

    set_signature(create, write_parameters(commands), Done)
    line = commands.line.format("create")
    examples = (
        f"{line}ann --password-file ann.txt",
        f"pwgen 20 1 | {line}ann --password-file - --superuser",
    )
    calls = commands.operations("POST", "/users")
    app.command("create")(command(calls=calls, examples=examples, effect=Effect.WRITE)(create))


def create_user(session: Session, commands: UserCommands, values: dict[str, Any]) -> Done:
    """Create the user that the parameters of `create` describe."""
    database, user = commands.select(values), check_new_key(values["user"])
    body = {
        "user_id": user,
        "password": read_password(session, values["password_file"]),
        "is_superuser": bool(values["superuser"]),
    }

    def send() -> Done:
        with commands.translate():
            response = session.client.post_object(f"{database.path}/users", *database.arguments, body=body)
        # SCRAM returns an id of its own instead of the user's.
        row = {**response, "user_id": user}
        return Done(f"created user {user!r} of {database.label}", row, key="user_id")

    path, fields = database.path + commands.user_path, {"user_id": user}
    subject = f"user {user!r} of {database.label}"
    exists = partial(can_read, session, path, *database.arguments, user)
    return create_if_missing(session, subject, fields, send, exists)


def add_user_update(app: Group, commands: UserCommands) -> None:
    """Add `update`."""

    def update(session: Session, **values: Any) -> Done:  # noqa: ANN401  # as the parameters below
        """Update the password of a user.

        EMQX requires a password for every update. Without --superuser or --no-superuser, the user remains
        what it was.
        """
        return update_user(session, commands, values)

    set_signature(update, write_parameters(commands), Done)
    examples = (commands.line.format("update") + "ann --password-file ann.txt --superuser",)
    calls = [
        *commands.operations("GET", commands.user_path),
        *commands.operations("PUT", commands.user_path),
    ]
    app.command("update")(command(calls=calls, examples=examples, effect=Effect.WRITE)(update))


def update_user(session: Session, commands: UserCommands, values: dict[str, Any]) -> Done:
    """Update a user with the password and the flag that the parameters of `update` name."""
    database, user, is_superuser = commands.select(values), values["user"], values["superuser"]
    before = fetch_user(session, commands, database, user)
    if is_superuser is None:
        is_superuser = before.get("is_superuser") is True
    body = {
        "password": read_password(session, values["password_file"]),
        "is_superuser": is_superuser,
    }
    path = database.path + commands.user_path
    response = session.client.put_object(path, *database.arguments, user, body=body)
    row = {**response, "user_id": user}
    return Done(f"updated user {user!r} of {database.label}", row, key="user_id")


def add_user_delete(app: Group, commands: UserCommands) -> None:
    """Add `delete`."""

    def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # as the parameters below
        """Delete users."""
        database, users = commands.select(values), values["users"]
        session.confirm(f"delete {commands.users.describe(users)} of {database.label}")
        path = database.path + commands.user_path

        def delete_one(user: str) -> None:
            session.client.delete(path, *database.arguments, user)

        with commands.translate():
            return run_deletion(session, users, "user_id", "deleted user", delete_one)

    parameters = [*commands.arguments, new_parameter("users", UsersArgument), *commands.options]
    set_signature(delete, parameters, Result)
    calls = commands.operations("DELETE", commands.user_path)
    examples = (commands.line.format("delete") + "ann ben --yes",)
    app.command("delete")(command(calls=calls, examples=examples, effect=Effect.DESTROY)(delete))


def read_password(session: Session, file: str | None) -> str:
    """Return the first line of a file, or the answer to a prompt without echo. Raises UsageError."""
    if file is not None:
        password = read_secret(file, "--password-file")
    else:
        password = prompt_secret("Password of the user (not shown): ") if session.can_prompt() else ""
    if not password:
        message = "password required"
        raise UsageError(message, hint="use --password-file FILE, with the password on its first line")
    session.client.redactor.add_secrets(password)
    return password


def report_import(response: object, label: str) -> Done:
    """Return the result of an import, with EMQX's counts (5.8.2 and later)."""
    counts: dict[str, Any] = response if isinstance(response, dict) else {}
    text = ", ".join(f"{counts[field]} {field}" for field in IMPORT_COUNTS if field in counts)
    message = f"imported users of {label}" + (f": {text}" if text else "")
    return Done(message, counts, exit_code=ExitCode.PARTIAL if counts.get("failed") else ExitCode.OK)
