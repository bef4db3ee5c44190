"""`emqxctl users`: users of the dashboard."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from emqxctl.api.request import expand_path
from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in, log_in_to_confirm, login_credentials, open_login_client
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, unified_diff_of
from emqxctl.cli.prompts import prompt_secret
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._roles import (
    RoleOption,
    ScopeOption,
    change_permissions,
    format_scopes,
    list_scopes,
    role_fields,
    with_namespace,
)
from emqxctl.errors import NotFoundError, UsageError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Result, Rows, Text
from emqxctl.resource import Column, Resource
from emqxctl.verbs.existence import create_if_missing, run_deletion
from emqxctl.verbs.get import get_each
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import check_new_key
from emqxctl.verbs.update import require_changes

USERS = Resource(
    noun="user",
    path="/users",
    key="username",
    columns=(
        Column("username"),
        Column("role"),
        Column("namespace", optional=True),
        Column("backend"),
        Column("mfa", "MFA", style=color_state),
        Column("description"),
        Column("scopes", format=format_scopes, wide=True),
    ),
)
EDITABLE_FIELDS = ("description", "role", "scopes")
USER = USERS.item_path
NAMES = {"users": USER}

UserArgument = Annotated[str, typer.Argument(metavar="USER", help="Username.")]
UsersArgument = Annotated[list[str], typer.Argument(metavar="USER...", help="Usernames.")]


class Backend(StrEnum):
    """A backend of dashboard users, as the server names it."""

    local = "local"
    ldap = "ldap"
    oidc = "oidc"
    saml = "saml"


BackendOption = Annotated[Backend | None, typer.Option(help="Backend of the user.")]
DescriptionOption = Annotated[str | None, typer.Option(metavar="TEXT", help="Description.")]
NewPasswordOption = Annotated[
    str | None, typer.Option(metavar="FILE", help="File with the new password (- for stdin).")
]

app = new_group("Manage dashboard users.")
app.lazy("mfa", "Manage MFA of dashboard users (EMQX 5.9+).")
app.lazy("password", "Change the password of a user.")


add_list(
    app,
    USERS,
    summary="List dashboard users.",
    examples=("emqxctl users list --username admin",),
    login=True,
)


@app.command()
@command(
    calls="GET /users", examples=("emqxctl users get alice --username admin",), login=True, completes=NAMES
)
def get(session: Session, users: UsersArgument, backend: BackendOption = None) -> Result:
    """Show dashboard users."""
    log_in(session)
    return get_each(session, USERS, users, lambda user: find_user(session, user, backend))


def find_user(session: Session, name: str, backend: str | None) -> dict[str, Any]:
    """Return a user from the list; EMQX has no operation for one user. Raises NotFoundError."""
    for user in session.client.get_list("/users"):
        if user.get("username") == name and user.get("backend", "local") == (backend or "local"):
            return user
    message = f"{'' if backend is None else backend + ' '}user {name!r} not found"
    raise NotFoundError(message, code="USER_NOT_FOUND", hint="list users: emqxctl users list")


@app.command()
@command(
    calls="POST /users",
    examples=(
        "emqxctl users create alice --role viewer --username admin",
        "pass emqx/alice | emqxctl users create alice --new-password-file - --password-file admin.pw",
    ),
    effect=Effect.WRITE,
    login=True,
)
def create(
    session: Session,
    user: UserArgument,
    new_password_file: NewPasswordOption = None,
    role: RoleOption = None,
    scope: ScopeOption = None,
    description: DescriptionOption = None,
) -> Done:
    """Create a dashboard user.

    Without --new-password-file, the command prompts for the password.
    """
    check_new_key(user)
    credentials = login_credentials(session)
    new_password = read_new_password(session, new_password_file)
    client = open_login_client(session, *credentials)
    client.redactor.add_secrets(new_password)
    body = {
        "username": user,
        "password": new_password,
        "description": description or "",
        **role_fields(role, scope),
    }

    def send() -> Done:
        user_row = client.post_object("/users", body=body) or {"username": user}
        return Done(f"created user {user!r}", user_row, key="username")

    def exists() -> bool:
        return any(row.get("username") == user for row in client.get_list("/users"))

    return create_if_missing(session, f"user {user!r}", {"username": user}, send, exists)


def read_new_password(session: Session, file: str | None) -> str:
    """Return the new password, from a file or from two prompts without echo. Raises UsageError."""
    from emqxctl.config.credentials import read_secret_file

    if file:
        return read_secret_file(file, "the new password", "--new-password-file")
    if not session.can_prompt():
        message = "new password required"
        raise UsageError(message, hint="use --new-password-file FILE (- for stdin)")
    password = prompt_secret("New password (not shown): ")
    if not password or password != prompt_secret("Repeat the new password: "):
        message = "the passwords do not match" if password else "the password is empty"
        raise UsageError(message, hint="nothing was changed; run the command again")
    return password


@app.command()
@command(
    calls=("GET /users", f"PUT {USER}"),
    examples=("emqxctl users update alice --role administrator --username admin",),
    effect=Effect.WRITE,
    login=True,
)
def update(
    session: Session,
    user: UserArgument,
    role: RoleOption = None,
    scope: ScopeOption = None,
    description: DescriptionOption = None,
    backend: BackendOption = None,
) -> Result:
    """Update the role, scopes or description of a user.

    A user keeps its namespace; scopes that the new role cannot have are removed.
    """
    change = role_fields(role, scope)
    change |= {} if description is None else {"description": description}
    require_changes(change, hint="use --role, --scope or --description")
    client = log_in(session)
    fields = find_user(session, user, backend)
    permitted_fields, notes = change_permissions(fields, change)
    before = editable_fields(with_namespace(fields))
    after: Body = {"description": "", **editable_fields(permitted_fields)}
    if session.settings.dry_run:
        path = expand_path(USER, (user,))
        dry_run_note = f"dry run: PUT {path} was not sent"
        return Text(unified_diff_of(before, after), notes=(dry_run_note, *notes))
    user_row = client.put_object(USER, user, query={"backend": backend}, body=after) or after
    return Done(f"updated user {user!r}", user_row, key="username", notes=notes)


def editable_fields(fields: Body) -> Body:
    """Return the fields of a user that PUT takes."""
    return {name: fields[name] for name in EDITABLE_FIELDS if name in fields}


@app.command()
@command(
    calls=f"DELETE {USER}",
    examples=(
        "emqxctl users delete alice --username admin --yes",
        "emqxctl users delete bob --backend ldap --yes",
    ),
    effect=Effect.DESTROY,
    login=True,
)
def delete(session: Session, users: UsersArgument, backend: BackendOption = None) -> Result:
    """Delete dashboard users."""
    action = f"delete {USERS.describe(users)}"
    client, query = log_in_to_confirm(session, action), {"backend": backend}
    session.confirm(action)
    return run_deletion(
        session, users, "username", "deleted user", lambda user: client.delete(USER, user, query=query)
    )


@app.command()
@command(calls="GET /user_scopes", examples=("emqxctl users scopes --username admin",), login=True)
def scopes(session: Session) -> Rows:
    """List the available user scopes (EMQX 5.10.4+)."""
    return list_scopes(log_in(session).get("/user_scopes"))
