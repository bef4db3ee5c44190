"""`emqxctl api-keys`: the keys of the REST API, which only a dashboard user may see and change."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body
from emqxctl.cli.input.files import new_secret_file
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._roles import Role, Scope, listing, role_and_scopes, scope_rows, with_namespace
from emqxctl.errors import EmqxctlError, UsageError
from emqxctl.output.formatters import color_state, format_relative_time
from emqxctl.output.results import Done, Record, Result, Rows
from emqxctl.resource import Column, Resource
from emqxctl.text.units import parse_duration, parse_time
from emqxctl.verbs.edits import updated
from emqxctl.verbs.stock import listed

KEYS = Resource(
    noun="API key",
    path="/api_key",
    key="name",
    columns=(
        Column("name"),
        Column("api_key", "API KEY"),
        Column("enable", "ENABLED", style=color_state),
        Column("expired_at", "EXPIRES", format=format_relative_time),
        Column("role"),
        Column("desc", "DESCRIPTION"),
        Column("namespace", wide=True),
        Column("scopes", format=listing, wide=True),
        Column("created_at", "CREATED", format=format_relative_time, wide=True),
    ),
    read_only_fields=("name", "api_key", "api_secret", "created_at", "expired"),
)
ITEM = KEYS.item_path
CALLS = (f"GET {ITEM}", f"PUT {ITEM}")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The API key's name.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="The names of the API keys.")]
Description = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")]
Length = Annotated[str | None, typer.Option("--for", metavar="TIME", help="How long it works: 12h, 90d.")]
Expires = Annotated[
    str | None, typer.Option(metavar="TIME", help="Until when it works (RFC 3339), or never.")
]
SecretFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="The new file to write the secret to (0600).")
]

app = new_group("API keys, as a dashboard user: create, expire, delete.")


@app.command("list")
@command(
    calls="GET /api_key",
    examples=("emqxctl api-keys list --username admin", "emqxctl api-keys list --where expired=true -o name"),
    login=True,
)
def list_(session: Session) -> Rows:
    """List the API keys; secrets are never shown."""
    log_in(session)
    return listed(session, KEYS, {})


@app.command()
@command(calls=f"GET {ITEM}", examples=("emqxctl api-keys get ci --username admin",), login=True)
def get(session: Session, name: Name) -> Record:
    """Show one API key, without its secret."""
    found = log_in(session).get(ITEM, name)
    return Record(found if isinstance(found, dict) else {}, KEYS.columns, key="name")


@app.command()
@command(
    calls="POST /api_key",
    examples=(
        "emqxctl api-keys create ci --for 90d --secret-file ci.secret --username admin",
        "emqxctl api-keys create watch --role viewer --expires never --show-secret -o json",
    ),
    effect=Effect.WRITE,
    login=True,
)
def create(
    session: Session,
    name: Name,
    secret_file: SecretFile = None,
    show_secret: Annotated[bool, typer.Option("--show-secret", help="Show the secret, once.")] = False,
    for_: Length = None,
    expires: Expires = None,
    role: Role = None,
    scope: Scope = None,
    description: Description = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="Not to be used yet.")] = False,
) -> Result:
    """Create an API key; its secret is given this once.

    The server never tells the secret again, so say first where it is to go: --secret-file or --show-secret.
    """
    if bool(secret_file) == show_secret:
        message = "where is the secret to go? The server gives it only once"
        raise UsageError(message, code="SECRET_WHERE", hint="give --secret-file FILE or --show-secret")
    body = {
        "name": name,
        "desc": description or "",
        "enable": not disabled,
        "expired_at": ending(for_, expires) or "infinity",
        **role_and_scopes(role, scope),
    }
    if not secret_file:
        return shown(made(session, body))
    with new_secret_file(secret_file, "--secret-file") as write:
        found = made(session, body)
        keep(found, write, name)
    return kept(session, found, secret_file)


def made(session: Session, body: Body) -> Body:
    """Create a key and give what the server says of it; nothing in a dry run."""
    api = log_in(session)
    try:
        found = api.post("/api_key", body=body)
    except EmqxctlError as error:
        if error.details.get("unknown"):
            error.hint = f"emqxctl api-keys get {body['name']}: if it is there, delete it; its secret is lost"
        raise
    return found if isinstance(found, dict) else {"name": body["name"]}


def keep(found: Body, write: Any, name: str) -> None:  # noqa: ANN401  # a function
    """Write the secret to its file. Raises EmqxctlError when the disk takes it not: it is lost then."""
    if isinstance(secret := found.get("api_secret"), str):
        try:
            write(secret)
        except OSError as error:
            message = f"API key {name!r} was created, but its secret could not be written: {error.strerror}"
            hint = f"the secret is lost: emqxctl api-keys delete {name}, then create it again"
            raise EmqxctlError(message, code="CANNOT_WRITE", hint=hint) from error


def shown(found: Body) -> Record:
    """Give a new key with its secret."""
    columns = (Column("name"), Column("api_key", "API KEY"), Column("api_secret", "API SECRET"))
    return Record(found, columns, key="name", notes=("the secret is not shown again",))


def kept(session: Session, found: Body, secret_file: str) -> Done:
    """Tell of a new key whose secret is in a file, and how a profile uses it."""
    name, key = found.get("name"), found.get("api_key")
    told = {field: value for field, value in found.items() if field != "api_secret"}
    note = f"to use it: emqxctl keys add {name} --url {session.client.connection.url} --api-key {key} \\"
    where = f"its secret is in {secret_file}" if "api_secret" in found else "the server gave no secret"
    return Done(
        f"created API key {name!r}; {where}",
        {**told, "secret_file": secret_file},
        key="name",
        notes=(note, f"    --secret-file {secret_file}"),
    )


@app.command()
@command(
    calls=CALLS,
    examples=(
        "emqxctl api-keys update ci --for 90d --username admin",
        "emqxctl api-keys update ci --expires never --description 'the pipeline'",
    ),
    effect=Effect.WRITE,
    login=True,
)
def update(
    session: Session,
    name: Name,
    for_: Length = None,
    expires: Expires = None,
    role: Role = None,
    scope: Scope = None,
    description: Description = None,
) -> Result:
    """Change an API key; what is not named stays as it is."""
    change = {"desc": description, "expired_at": ending(for_, expires), **role_and_scopes(role, scope)}
    change = {field: value for field, value in change.items() if value is not None}
    if not change:
        message = "nothing to change was given"
        raise UsageError(message, hint="--for, --expires, --role, --scope or --description")
    log_in(session)
    return updated(session, KEYS, (name,), lambda now: {**with_namespace(now), **change})


def ending(length: str | None, until: str | None) -> str | None:
    """Give when a key ends as RFC 3339, `infinity` for never, None where neither is said."""
    if length and until:
        message = "--for and --expires say the same thing"
        raise UsageError(message, hint="give one of them")
    if until in {"never", "infinity"}:
        return "infinity"
    now = datetime.now(UTC)
    try:
        if length:
            end = now + timedelta(seconds=parse_duration(length))
        elif until:
            end = parse_time(until)
        else:
            return None
    except (ValueError, OverflowError) as error:
        message = f"{'--for' if length else '--expires'}: {error}"
        raise UsageError(message) from error
    if end <= now:
        message = f"--expires {until}: that is past" if until else f"--for {length}: that is no time at all"
        raise UsageError(message, hint="to stop a key at once: emqxctl api-keys disable NAME")
    return end.isoformat(timespec="seconds")


def switched(session: Session, names: list[str], *, on: bool) -> Result:
    """Enable or disable keys. All of each is sent, as EMQX takes what is left out for its default."""
    api = log_in(session)

    def switch(name: str) -> None:
        found = api.get(ITEM, name)
        before = found if isinstance(found, dict) else {}
        whole = {field: value for field, value in before.items() if field not in KEYS.read_only_fields}
        api.put(ITEM, name, body={**with_namespace(whole), "enable": on})

    return run_each(names, "name", f"{'enabled' if on else 'disabled'} API key", switch)


@app.command()
@command(
    calls=CALLS,
    examples=("emqxctl api-keys enable ci --username admin",),
    effect=Effect.WRITE,
    login=True,
)
def enable(session: Session, names: Names) -> Result:
    """Enable API keys."""
    return switched(session, names, on=True)


@app.command()
@command(
    calls=CALLS,
    examples=("emqxctl api-keys disable ci --username admin",),
    effect=Effect.WRITE,
    login=True,
)
def disable(session: Session, names: Names) -> Result:
    """Disable API keys; to their users they look unknown."""
    return switched(session, names, on=False)


@app.command()
@command(
    calls=f"DELETE {ITEM}",
    examples=("emqxctl api-keys delete ci --username admin --yes",),
    effect=Effect.DESTROY,
    login=True,
)
def delete(session: Session, names: Names) -> Result:
    """Delete API keys."""
    session.confirm(f"delete API key {', '.join(map(repr, names))}")
    api = log_in(session)
    return run_each(names, "name", "deleted API key", lambda name: api.delete(ITEM, name))


@app.command()
@command(calls="GET /api_key_scopes", examples=("emqxctl api-keys scopes --username admin",), login=True)
def scopes(session: Session) -> Rows:
    """List the scopes that an API key can have (EMQX 5.10.4+)."""
    return scope_rows(log_in(session).get("/api_key_scopes"))
