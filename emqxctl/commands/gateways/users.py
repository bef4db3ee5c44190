"""`emqxctl gateways users`: whom the built-in database of a gateway, or of a listener, knows."""

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
from emqxctl.commands.gateways.authentication import (
    OF_GATEWAY,
    OF_LISTENER,
    Gateway,
    ListenerOption,
    Place,
    place,
)
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Record, Result, Rows
from emqxctl.resource import Paging, Resource
from emqxctl.verbs import stock

USERS = Resource(
    noun="user",
    path=f"{OF_GATEWAY}/users",
    key="user_id",
    item_template=f"{OF_GATEWAY}/users/{{uid}}",
    columns=COLUMNS,
    paging=Paging.PAGES,
    row_key=("user_id",),
)
ONE = "/users/{uid}"

app = new_group("Users in the built-in database of a gateway or listener.")


def both(method: str, ending: str) -> tuple[str, str]:
    """Name an operation of gateways and the same of their listeners."""
    return f"{method} {OF_GATEWAY}{ending}", f"{method} {OF_LISTENER}{ending}"


@app.command("list")
@command(
    calls=both("GET", "/users"),
    examples=(
        "emqxctl gateways users list stomp --like-user-id plant",
        "emqxctl gateways users list stomp --listener stomp:tcp:internal",
    ),
)
def list_(
    session: Session,
    gateway: Gateway,
    listener: ListenerOption = None,
    like_user_id: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only ids that contain this text.")
    ] = None,
    is_superuser: Annotated[
        bool | None, typer.Option("--is-superuser/--no-is-superuser", help="Only superusers, or only others.")
    ] = None,
) -> Rows:
    """List users."""
    query = {"like_user_id": like_user_id, "is_superuser": is_superuser}
    if listener is not None and any(value is not None for value in query.values()):
        message = "EMQX does not filter the users of a listener"
        raise UsageError(message, hint="--where 'user_id~TEXT' filters here")
    at = place(gateway, listener)
    users = USERS._replace(path=f"{at.path}/users")
    return stock.listed(session, users, query, *at.arguments)


@app.command()
@command(calls=both("GET", ONE), examples=("emqxctl gateways users get stomp ann",))
def get(session: Session, gateway: Gateway, user: User, listener: ListenerOption = None) -> Record:
    """Show one user."""
    return Record(found(session, place(gateway, listener), user), USERS.columns, key="user_id")


def found(session: Session, at: Place, user: str) -> dict[str, Any]:
    """Read a user."""
    answer = session.client.get(at.path + ONE, *at.arguments, user)
    return answer if isinstance(answer, dict) else {}


@app.command()
@command(
    calls=both("POST", "/users"),
    examples=(
        "emqxctl gateways users create stomp ann --password-file ann.txt",
        "pwgen 20 1 | emqxctl gateways users create stomp ann --password-file - --superuser",
    ),
    effect=Effect.WRITE,
)
def create(
    session: Session,
    gateway: Gateway,
    user: User,
    listener: ListenerOption = None,
    password_file: PasswordFile = None,
    superuser: Superuser = None,
) -> Done:
    """Add a user; an existing one is refused."""
    at = place(gateway, listener)
    body = {"user_id": user, "password": password(session, password_file), "is_superuser": bool(superuser)}
    made = session.client.post(f"{at.path}/users", *at.arguments, body=body)
    shown = made if isinstance(made, dict) else {"user_id": user}
    return Done(f"created user {user!r} of {at.words}", shown, key="user_id")


@app.command()
@command(
    calls=(*both("GET", ONE), *both("PUT", ONE)),
    examples=("emqxctl gateways users update stomp ann --password-file ann.txt --superuser",),
    effect=Effect.WRITE,
)
def update(
    session: Session,
    gateway: Gateway,
    user: User,
    listener: ListenerOption = None,
    password_file: PasswordFile = None,
    superuser: Superuser = None,
) -> Done:
    """Give a user another password; EMQX wants one each time.

    Whether it is a superuser stays as it is unless said.
    """
    at = place(gateway, listener)
    before = found(session, at, user)
    keep = before.get("is_superuser") is True if superuser is None else superuser
    body = {"password": password(session, password_file), "is_superuser": keep}
    made = session.client.put(at.path + ONE, *at.arguments, user, body=body)
    shown = made if isinstance(made, dict) else {"user_id": user}
    return Done(f"updated user {user!r} of {at.words}", shown, key="user_id")


@app.command()
@command(
    calls=both("DELETE", ONE),
    examples=("emqxctl gateways users delete stomp ann ben --yes",),
    effect=Effect.DESTROY,
)
def delete(
    session: Session,
    gateway: Gateway,
    users: Users,
    listener: ListenerOption = None,
) -> Result:
    """Delete users."""
    at = place(gateway, listener)
    session.confirm(f"delete user {', '.join(map(repr, users))} of {at.words}")
    path = at.path + ONE
    return run_each(
        users, "user_id", "deleted user", lambda one: session.client.delete(path, *at.arguments, one)
    )


@app.command("import")
@command(
    calls=both("POST", "/import_users"),
    examples=(
        "emqxctl gateways users import stomp users.csv",
        "emqxctl gateways users import stomp users.json --listener stomp:tcp:internal",
    ),
    effect=Effect.WRITE,
)
def import_(
    session: Session,
    gateway: Gateway,
    file: UsersFile,
    listener: ListenerOption = None,
    name: FileName = None,
) -> Done:
    """Import users with hashed passwords from a file.

    Columns: user_id, password_hash, salt, is_superuser. Existing users are left as they are.
    """
    at = place(gateway, listener)
    answer = send_file(
        session, f"{at.path}/import_users", *at.arguments, sent=Upload("filename", file, name or "")
    ).json()
    return imported(answer, at.words)
