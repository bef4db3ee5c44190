"""`emqxctl api-keys`: keys of the REST API, which only a dashboard user may list and change."""

from collections.abc import Callable
from typing import Annotated

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.dashboard_login import log_in, log_in_to_confirm
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, without_fields
from emqxctl.cli.input.files import new_secret_file
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
from emqxctl.commands.api_keys._expiry import NEVER, ExpiresOption, LifetimeOption, select_expiry
from emqxctl.errors import EmqxctlError, UsageError
from emqxctl.output.formatters import color_state, format_relative_time
from emqxctl.output.results import Done, Record, Result, Rows, Text
from emqxctl.resource import Column, Resource
from emqxctl.verbs.existence import can_read, create_if_missing, run_deletion
from emqxctl.verbs.get import get_each
from emqxctl.verbs.list import add_list
from emqxctl.verbs.update import apply_update, require_changes

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
        Column("namespace", optional=True),
        Column("desc", "DESCRIPTION"),
        Column("scopes", format=format_scopes, wide=True),
        Column("created_at", "CREATED", format=format_relative_time, wide=True),
    ),
    read_only_fields=("name", "api_key", "api_secret", "created_at", "expired"),
)
KEY = KEYS.item_path
UPDATE_OPERATIONS = (f"GET {KEY}", f"PUT {KEY}")


NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="API key name.")]
NamesArgument = Annotated[list[str], typer.Argument(metavar="NAME...", help="API key names.")]
DescriptionOption = Annotated[str | None, typer.Option(metavar="TEXT", help="Description.")]
SecretFileOption = Annotated[
    str | None, typer.Option(metavar="FILE", help="New file to write the secret to (mode 0600).")
]

app = new_group("Manage API keys as a dashboard user.")


add_list(
    app,
    KEYS,
    summary="List API keys without their secrets.",
    examples=("emqxctl api-keys list --username admin", "emqxctl api-keys list --where expired=true -o name"),
    login=True,
)


@app.command()
@command(calls=f"GET {KEY}", examples=("emqxctl api-keys get ci --username admin",), login=True)
def get(session: Session, names: NamesArgument) -> Result:
    """Show API keys without their secrets."""
    client = log_in(session)
    return get_each(session, KEYS, names, lambda name: client.get_object(KEY, name))


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
    name: NameArgument,
    secret_file: SecretFileOption = None,
    show_secret: Annotated[bool, typer.Option("--show-secret", help="Print the secret.")] = False,
    for_: LifetimeOption = None,
    expires: ExpiresOption = None,
    role: RoleOption = None,
    scope: ScopeOption = None,
    description: DescriptionOption = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="Create the key disabled.")] = False,
) -> Result:
    """Create an API key.

    The server returns the secret only once: use --secret-file to store it or --show-secret to print it.
    """
    if bool(secret_file) == show_secret:
        message = "destination of the secret required: the server returns it only once"
        hint = "use --secret-file FILE or --show-secret"
        raise UsageError(message, code="SECRET_WHERE", hint=hint)
    body = {
        "name": name,
        "desc": description or "",
        "enable": not disabled,
        "expired_at": select_expiry(for_, expires) or NEVER,
        **role_fields(role, scope),
    }
    return create_if_missing(
        session,
        f"API key {name!r}",
        {"name": name},
        lambda: create_and_store(session, body, secret_file),
        lambda: can_read(session, KEY, name),
    )


def create_and_store(session: Session, body: Body, secret_file: str | None) -> Result:
    """Create an API key; its secret is written to a file, or is in the result."""
    if not secret_file:
        return report_with_secret(create_key(session, body))
    with new_secret_file(secret_file, "--secret-file") as write:
        api_key = create_key(session, body)
        store_secret(api_key, write)
    return report_stored(session, api_key, secret_file)


def create_key(session: Session, body: Body) -> Body:
    """Create an API key and return it as the server does; only its name in a dry run."""
    client = log_in(session)
    try:
        return client.post_object("/api_key", body=body) or {"name": body["name"]}
    except EmqxctlError as error:
        if error.details.get("unknown"):
            error.hint = (
                f"check whether it exists: emqxctl api-keys get {body['name']}; if so, delete it: "
                "its secret is lost"
            )
        raise


def store_secret(api_key: Body, write: Callable[[str], None]) -> None:
    """Write the secret of a new API key to its file. Raises EmqxctlError if this fails."""
    secret, name = api_key.get("api_secret"), api_key.get("name")
    if not isinstance(secret, str):
        return
    try:
        write(secret)
    except OSError as error:
        message = f"API key {name!r} was created, but its secret could not be written: {error.strerror}"
        hint = f"the secret is lost: delete the key and create it again: emqxctl api-keys delete {name}"
        raise EmqxctlError(message, code="CANNOT_WRITE", hint=hint) from error


def report_with_secret(api_key: Body) -> Record:
    """Return the result of a creation with the secret."""
    columns = (Column("name"), Column("api_key", "API KEY"), Column("api_secret", "API SECRET"))
    return Record(api_key, columns, key="name", notes=("the secret is not shown again",))


def report_stored(session: Session, api_key: Body, secret_file: str) -> Done:
    """Return the result of a creation whose secret is in a file, and how a profile uses it."""
    name, key, url = api_key.get("name"), api_key.get("api_key"), session.client.connection.url
    fields_without_secret = without_fields(api_key, ("api_secret",))
    has_secret = "api_secret" in api_key
    place = f"its secret is in {secret_file}" if has_secret else "the server returned no secret"
    return Done(
        f"created API key {name!r}; {place}",
        {**fields_without_secret, "secret_file": secret_file},
        key="name",
        notes=(
            f"create a profile: emqxctl keys add {name} --url {url} --api-key {key} \\",
            f"    --secret-file {secret_file}",
        ),
    )


@app.command()
@command(
    calls=UPDATE_OPERATIONS,
    examples=(
        "emqxctl api-keys update ci --for 90d --username admin",
        "emqxctl api-keys update ci --expires never --description 'the pipeline'",
    ),
    effect=Effect.WRITE,
    login=True,
)
def update(
    session: Session,
    name: NameArgument,
    for_: LifetimeOption = None,
    expires: ExpiresOption = None,
    role: RoleOption = None,
    scope: ScopeOption = None,
    description: DescriptionOption = None,
) -> Result:
    """Update an API key.

    A key keeps its role, expiry, scopes and namespace; scopes that a new role cannot have are removed.
    """
    fields = {"desc": description, "expired_at": select_expiry(for_, expires), **role_fields(role, scope)}
    change = {field: value for field, value in fields.items() if value is not None}
    require_changes(change, hint="use --for, --expires, --role, --scope or --description")
    log_in(session)
    notes: tuple[str, ...] = ()

    def apply(before: Body) -> Body:
        nonlocal notes
        after, notes = change_permissions(before, change)
        return after

    result = apply_update(session, KEYS._replace(before_update=with_namespace), [name], apply)
    return result._replace(notes=(*result.notes, *notes)) if isinstance(result, Done | Text) else result


def switch_keys(session: Session, names: list[str], *, enable: bool) -> Result:
    """Enable or disable API keys; each is sent whole, as EMQX resets the fields that are missing."""
    client = log_in(session)

    def switch_one(name: str) -> None:
        before = without_fields(client.get_object(KEY, name), KEYS.read_only_fields)
        client.put(KEY, name, body={**with_namespace(before), "enable": enable})

    return run_each(names, "name", f"{'enabled' if enable else 'disabled'} API key", switch_one)


@app.command()
@command(
    calls=UPDATE_OPERATIONS,
    examples=("emqxctl api-keys enable ci --username admin",),
    effect=Effect.WRITE,
    login=True,
)
def enable(session: Session, names: NamesArgument) -> Result:
    """Enable API keys."""
    return switch_keys(session, names, enable=True)


@app.command()
@command(
    calls=UPDATE_OPERATIONS,
    examples=("emqxctl api-keys disable ci --username admin",),
    effect=Effect.WRITE,
    login=True,
)
def disable(session: Session, names: NamesArgument) -> Result:
    """Disable API keys.

    EMQX answers requests with a disabled key as if the key were unknown.
    """
    return switch_keys(session, names, enable=False)


@app.command()
@command(
    calls=f"DELETE {KEY}",
    examples=("emqxctl api-keys delete ci --username admin --yes",),
    effect=Effect.DESTROY,
    login=True,
)
def delete(session: Session, names: NamesArgument) -> Result:
    """Delete API keys."""
    action = f"delete {KEYS.describe(names)}"
    client = log_in_to_confirm(session, action)
    session.confirm(action)
    return run_deletion(session, names, "name", "deleted API key", lambda name: client.delete(KEY, name))


@app.command()
@command(calls="GET /api_key_scopes", examples=("emqxctl api-keys scopes --username admin",), login=True)
def scopes(session: Session) -> Rows:
    """List the available API key scopes (EMQX 5.10.4+)."""
    return list_scopes(log_in(session).get("/api_key_scopes"))
