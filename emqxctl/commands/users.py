"""`emqxctl users`: who may log in to the dashboard."""

from typing import Annotated, Any

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in, login_credentials, open_login_client
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, unified_diff_of
from emqxctl.cli.prompts import prompt_secret
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._roles import Role, Scope, listing, role_and_scopes, scope_rows, with_namespace
from emqxctl.errors import NotFoundError, UsageError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Record, Result, Rows, Text
from emqxctl.resource import Column, Resource
from emqxctl.verbs.list import list_rows

USERS = Resource(
    noun="user",
    path="/users",
    key="username",
    columns=(
        Column("username"),
        Column("role"),
        Column("backend"),
        Column("mfa", "MFA", style=color_state),
        Column("description"),
        Column("namespace", wide=True),
        Column("scopes", format=listing, wide=True),
    ),
)
TAKEN = ("description", "role", "scopes")
ITEM = USERS.item_path
MFA = "/users/{username}/mfa"
PASSWORD = "/users/{username}/change_pwd"  # noqa: S105  # a path

User = Annotated[str, typer.Argument(metavar="USER", help="The user's name.")]
Users = Annotated[list[str], typer.Argument(metavar="USER...", help="The users' names.")]
Backend = Annotated[
    str | None, typer.Option(metavar="NAME", help="Where the user comes from: local, ldap, oidc, saml.")
]
Description = Annotated[str | None, typer.Option(metavar="TEXT", help="Who that is.")]
NewPassword = Annotated[
    str | None, typer.Option(metavar="FILE", help="The file with the new password; - for stdin.")
]

app = new_group("Dashboard users: roles, passwords, second factors.")
mfa = new_group("The second factor of a user (EMQX 5.9+).")
app.add_typer(mfa, name="mfa")


@app.command("list")
@command(calls="GET /users", examples=("emqxctl users list --username admin",), login=True)
def list_(session: Session) -> Rows:
    """List the dashboard users."""
    log_in(session)
    return list_rows(session, USERS, {})


@app.command()
@command(calls="GET /users", examples=("emqxctl users get alice --username admin",), login=True)
def get(session: Session, user: User, backend: Backend = None) -> Record:
    """Show one dashboard user."""
    log_in(session)
    return Record(find(session, user, backend), USERS.columns, key="username")


def find(session: Session, user: str, backend: str | None) -> dict[str, Any]:
    """Find a user in the list, as EMQX has no other way. Raises NotFoundError."""
    wanted = backend or "local"
    for one in page_rows(session.client.get("/users")):
        if one.get("username") == user and one.get("backend", "local") == wanted:
            return one
    message = f"there is no {'' if backend is None else backend + ' '}user {user!r}"
    raise NotFoundError(message, code="USER_NOT_FOUND", hint="emqxctl users list")


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
    user: User,
    new_password_file: NewPassword = None,
    role: Role = None,
    scope: Scope = None,
    description: Description = None,
) -> Done:
    """Create a dashboard user; the password is asked for."""
    known = login_credentials(session)
    word = new_password(session, new_password_file)
    api = open_login_client(session, *known)
    api.redactor.literals.append(word)
    body = {
        "username": user,
        "password": word,
        "description": description or "",
        **role_and_scopes(role, scope),
    }
    found = api.post("/users", body=body)
    return Done(
        f"created user {user!r}", found if isinstance(found, dict) else {"username": user}, key="username"
    )


def new_password(session: Session, file: str | None) -> str:
    """Give the new password: of a file, or asked for twice without echo. Raises UsageError."""
    from emqxctl.config.credentials import read_secret_file

    if file:
        return read_secret_file(file, "the new password", "--new-password-file")
    if not session.can_prompt():
        message = "the new password is needed"
        raise UsageError(message, hint="--new-password-file FILE (- for stdin)")
    word = prompt_secret("New password (not shown): ")
    if not word or word != prompt_secret("The same again: "):
        message = "the two passwords differ" if word else "an empty password is none"
        raise UsageError(message, hint="nothing was changed")
    return word


@app.command()
@command(
    calls=("GET /users", f"PUT {ITEM}"),
    examples=("emqxctl users update alice --role administrator --username admin",),
    effect=Effect.WRITE,
    login=True,
)
def update(
    session: Session,
    user: User,
    role: Role = None,
    scope: Scope = None,
    description: Description = None,
    backend: Backend = None,
) -> Result:
    """Change a user's role, scopes or description."""
    change = role_and_scopes(role, scope)
    change |= {} if description is None else {"description": description}
    if not change:
        message = "nothing to change was given"
        raise UsageError(message, hint="--role, --scope or --description")
    api = log_in(session)
    found = with_namespace(find(session, user, backend))
    before: Body = {name: found[name] for name in TAKEN if name in found}
    after: Body = {"description": "", **before, **change}
    if session.settings.dry_run:
        return Text(unified_diff_of(before, after), notes=(f"dry run: PUT {ITEM} was not sent",))
    made = api.put(ITEM, user, query={"backend": backend}, body=after)
    return Done(f"updated user {user!r}", made if isinstance(made, dict) else after, key="username")


@app.command()
@command(
    calls=f"DELETE {ITEM}",
    examples=(
        "emqxctl users delete alice --username admin --yes",
        "emqxctl users delete bob --backend ldap --yes",
    ),
    effect=Effect.DESTROY,
    login=True,
)
def delete(session: Session, users: Users, backend: Backend = None) -> Result:
    """Delete dashboard users."""
    session.confirm(f"delete user {', '.join(map(repr, users))}")
    api, query = log_in(session), {"backend": backend}
    return run_each(users, "username", "deleted user", lambda user: api.delete(ITEM, user, query=query))


@app.command()
@command(
    calls=f"POST {PASSWORD}",
    examples=(
        "emqxctl users password admin",
        "emqxctl users password alice --old-password-file old.pw --new-password-file new.pw",
    ),
    effect=Effect.WRITE,
    login=True,
)
def password(
    session: Session,
    user: User,
    new_password_file: NewPassword = None,
    old_password_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="USER's old password, where another one logs in.")
    ] = None,
) -> Done:
    """Change a user's password, which ends that user's sessions.

    The user logs in with the old one, unless --username names somebody else.
    """
    name, word = login_credentials(session, user)
    old = word if name == user else old_password(session, old_password_file)
    new = new_password(session, new_password_file)
    api = open_login_client(session, name, word)
    api.redactor.literals += [old, new]
    api.post(PASSWORD, user, body={"old_pwd": old, "new_pwd": new})
    return Done(f"changed the password of {user!r}", {"username": user}, key="username")


def old_password(session: Session, file: str | None) -> str:
    """Give the old password of somebody else, which EMQX wants even of an administrator."""
    from emqxctl.config.credentials import read_secret_file

    if file:
        return read_secret_file(file, "the old password", "--old-password-file")
    found = prompt_secret("The user's old password (not shown): ") if session.can_prompt() else ""
    if not found:
        message = "the user's old password is needed, of an administrator too"
        raise UsageError(
            message,
            hint="--old-password-file FILE; if it is lost, on a node: emqx ctl admins passwd USER NEW",
        )
    return found


@mfa.command("enable")
@command(
    calls=f"POST {MFA}",
    examples=("emqxctl users mfa enable alice --username admin",),
    effect=Effect.WRITE,
    login=True,
)
def enable_mfa(
    session: Session,
    user: User,
    mechanism: Annotated[str, typer.Option(metavar="NAME", help="How: totp.")] = "totp",
    backend: Backend = None,
) -> Done:
    """Want a second factor of a user, set up at the next login."""
    log_in(session).post(MFA, user, query={"backend": backend}, body={"mechanism": mechanism})
    found = {"username": user, "mfa": mechanism}
    return Done(f"user {user!r} sets up {mechanism} at the next login", found, key="username")


@mfa.command("disable")
@command(
    calls=f"DELETE {MFA}",
    examples=("emqxctl users mfa disable alice --username admin --yes",),
    effect=Effect.DESTROY,
    login=True,
)
def disable_mfa(session: Session, user: User, backend: Backend = None) -> Done:
    """Let a user log in without a second factor."""
    session.confirm(f"disable the second factor of user {user!r}")
    log_in(session).delete(MFA, user, query={"backend": backend})
    found = {"username": user, "mfa": "disabled"}
    return Done(f"user {user!r} needs no second factor", found, key="username")


@app.command()
@command(calls="GET /user_scopes", examples=("emqxctl users scopes --username admin",), login=True)
def scopes(session: Session) -> Rows:
    """List the scopes that a user can have (EMQX 5.10.4+)."""
    return scope_rows(log_in(session).get("/user_scopes"))
