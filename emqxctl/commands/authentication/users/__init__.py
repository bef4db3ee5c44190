"""`emqxctl authentication users`: whom the built-in databases know."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import Upload, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._built_in_users import (
    COLUMNS,
    FileName,
    PasswordFile,
    Superuser,
    User,
    Users,
    UsersFile,
    imported,
    password,
)
from emqxctl.commands._data_integration_list import refuse_unknown
from emqxctl.commands.authentication.users.load import Provider, add_load
from emqxctl.errors import EmqxctlError, ExitCode, NotFoundError, ServerError, UsageError
from emqxctl.output.results import Done, Record, Result, Row, Rows
from emqxctl.resource import Filter, Paging, Resource, ValueType
from emqxctl.verbs import stock
from emqxctl.verbs.parameters import chosen, keyword, options, set_signature

DEFAULT = "password_based:built_in_database"
ABSENT = "User error: not_found: authenticator: "
NO_DATABASE = "not supported in this authentication type"
ONE = "/authentication/{id}/users/{user_id}"
USERS = Resource(
    noun="user",
    path="/authentication/{id}/users",
    key="user_id",
    columns=COLUMNS,
    paging=Paging.PAGES,
    row_key=("user_id",),
    filters=(
        Filter("like_user_id", "Only ids that contain this text."),
        Filter("is_superuser", "Only superusers, or only others.", ValueType.BOOLEAN),
        Filter("ns", "Only those of this namespace (EMQX 6+)."),
    ),
)


class Passwords(StrEnum):
    """What an imported file holds: passwords, or their hashes and salts."""

    plain = "plain"
    hash = "hash"


app = new_group("Users in the built-in database.")


@contextmanager
def absence() -> Iterator[None]:
    """Turn what EMQX says of users of no authenticator (400, an Erlang term) into that it is not found."""
    try:
        yield
    except ServerError as error:
        _, absent, provider = error.message.partition(ABSENT)
        if not absent:
            raise
        message = f"authenticator {provider!r} not found, and so none of its users"
        raise NotFoundError(message, code=error.code, hint=error.hint, details=error.details) from error


def list_(session: Session, **values: Any) -> Rows:  # noqa: ANN401  # what the filters declare
    """List users."""
    query = chosen(USERS.filters, values)
    refuse_unknown(session, query)
    listed = stock.listed(session, USERS, query, values["provider"])
    return listed._replace(rows=told(listed.rows))


def told(rows: Iterable[Row]) -> Iterator[Row]:
    """Give rows; they are fetched when they are shown."""
    with absence():
        yield from rows


set_signature(list_, [keyword("provider", Provider, DEFAULT), *options(USERS.filters)], Rows)
app.command("list")(
    command(
        calls=f"GET {USERS.path}",
        examples=(
            "emqxctl authentication users list --like-user-id plant",
            "emqxctl authentication users list --provider scram:built_in_database -o name",
        ),
    )(list_)
)


@app.command()
@command(calls=f"GET {ONE}", examples=("emqxctl authentication users get ann",))
def get(session: Session, user: User, provider: Provider = DEFAULT) -> Record:
    """Show one user."""
    return Record(found(session, provider, user), COLUMNS, key="user_id")


def found(session: Session, provider: str, user: str) -> dict[str, Any]:
    """Read a user."""
    with absence():
        answer = session.client.get(ONE, provider, user)
    return answer if isinstance(answer, dict) else {}


@app.command()
@command(
    calls=f"POST {USERS.path}",
    examples=(
        "emqxctl authentication users create ann --password-file ann.txt",
        "pwgen 20 1 | emqxctl authentication users create ann --password-file - --superuser",
    ),
    effect=Effect.WRITE,
)
def create(
    session: Session,
    user: User,
    provider: Provider = DEFAULT,
    password_file: PasswordFile = None,
    superuser: Superuser = None,
) -> Done:
    """Add a user; an existing one is refused."""
    body = {"user_id": user, "password": password(session, password_file), "is_superuser": bool(superuser)}
    with absence():
        made = session.client.post(USERS.path, provider, body=body)
    # SCRAM answers its own id for the user's.
    shown = {**(made if isinstance(made, dict) else {}), "user_id": user}
    return Done(f"created user {user!r}", shown, key="user_id")


@app.command()
@command(
    calls=(f"GET {ONE}", f"PUT {ONE}"),
    examples=("emqxctl authentication users update ann --password-file ann.txt --superuser",),
    effect=Effect.WRITE,
)
def update(
    session: Session,
    user: User,
    provider: Provider = DEFAULT,
    password_file: PasswordFile = None,
    superuser: Superuser = None,
) -> Done:
    """Give a user another password; EMQX wants one each time.

    Whether it is a superuser stays as it is unless said.
    """
    before = found(session, provider, user)
    keep = before.get("is_superuser") is True if superuser is None else superuser
    body = {"password": password(session, password_file), "is_superuser": keep}
    made = session.client.put(ONE, provider, user, body=body)
    shown = {**(made if isinstance(made, dict) else {}), "user_id": user}
    return Done(f"updated user {user!r}", shown, key="user_id")


@app.command()
@command(
    calls=f"DELETE {ONE}",
    examples=("emqxctl authentication users delete ann ben --yes",),
    effect=Effect.DESTROY,
)
def delete(session: Session, users: Users, provider: Provider = DEFAULT) -> Result:
    """Delete users."""
    session.confirm(f"delete user {', '.join(map(repr, users))} of {provider}")
    with absence():
        return run_each(
            users, "user_id", "deleted user", lambda one: session.client.delete(ONE, provider, one)
        )


add_load(app, USERS, ONE, DEFAULT)


@app.command("import")
@command(
    calls="POST /authentication/{id}/import_users",
    examples=(
        "emqxctl authentication users import users.csv",
        "emqxctl authentication users import hashed.json --type hash",
        "gpg -d users.csv.gpg | emqxctl authentication users import - --name users.csv",
    ),
    effect=Effect.WRITE,
)
def import_(
    session: Session,
    file: UsersFile,
    provider: Provider = DEFAULT,
    type_: Annotated[Passwords, typer.Option("--type", help="What the file holds.")] = Passwords.plain,
    name: FileName = None,
) -> Done:
    """Import users from a file; existing ones are changed.

    Columns of plain: user_id, password, is_superuser; of hash: user_id, password_hash, salt, is_superuser.
    A file with a bad row is refused as a whole. EMQX before 5.5 takes hash only.
    """
    called = name or ("" if file == "-" else file)
    if called and not called.endswith((".csv", ".json")):
        message = f"{called!r} is neither .csv nor .json, by which EMQX tells what it is"
        raise UsageError(message, hint="rename the file, or say --name users.csv")
    sent = Upload("filename", file, name or "")
    path = "/authentication/{id}/import_users"
    try:
        answer = send_file(session, path, provider, sent=sent, query={"type": type_.value})
    except ServerError as error:
        raise advised(error, type_) from error
    return imported(answer.json(), provider)


def advised(error: EmqxctlError, kind: Passwords) -> EmqxctlError:
    """Say which fields a refused file should have, or which --type would fit those it has."""
    if error.exit_code is not ExitCode.REFUSED or NO_DATABASE in error.message:
        return error
    error.hint = "the columns are told by: emqxctl authentication users import --help"
    if f"{kind.value}_import_requires" in error.message:
        other = Passwords.hash if kind is Passwords.plain else Passwords.plain
        error.hint = f"its fields are none of --type {kind.value}; perhaps it is --type {other.value}"
    return error
