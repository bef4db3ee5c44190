"""`emqxctl authentication`: how clients are authenticated."""

from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, reject_masked_secrets, without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._access_backends import parse_mongodb_filter, parse_redis_database
from emqxctl.commands.authentication._resource import (
    AUTHENTICATORS,
    IDENTITY_SETTINGS,
    STATUS_COLUMNS,
    add_default_hash,
    add_default_method,
    mechanism_and_backend,
)
from emqxctl.errors import ExitCode, ServerError, UsageError
from emqxctl.output.results import BulkResult, Done, Result
from emqxctl.text.redaction import redact_json
from emqxctl.verbs.create import body_from_options, report_created
from emqxctl.verbs.delete import delete_each
from emqxctl.verbs.existence import create_if_missing
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.metrics import add_reset_metrics
from emqxctl.verbs.order import add_move, add_order
from emqxctl.verbs.parameters import (
    BODY_PARAMETERS,
    item_parameters,
    new_parameter,
    option_parameters,
    path_values,
    set_signature,
)
from emqxctl.verbs.status import add_status
from emqxctl.verbs.switch import add_switch, switch_each, switch_operations
from emqxctl.verbs.update import (
    apply_update,
    change_from_options,
    merge_change,
    reject_other_identity,
    update_parameters,
)

DEFAULT_PROVIDER = "password_based:built_in_database"
OPENS = "no other authenticator is enabled: all clients would be accepted"
IS_OPEN = "no authenticator is enabled: all clients are accepted"


IdArgument = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="Authenticator id: MECHANISM:BACKEND or MECHANISM, such as jwt."),
]

app = new_group("Manage authenticators and their users.")
app.lazy("users", "Manage users of built-in databases.")
app.lazy("settings", "Manage authentication settings (EMQX 5.9+).")
app.lazy("node-cache", "Manage the authentication cache of nodes (EMQX 5.9+).")
add_list(
    app,
    AUTHENTICATORS,
    summary="List authenticators in the order of the chain.",
    examples=("emqxctl authentication list", "emqxctl authentication list --where enable=true -o name"),
)
add_get(app, AUTHENTICATORS, examples=("emqxctl authentication get password_based:built_in_database",))


def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
    """Create an authenticator.

    Each id can exist once; use ID, or --mechanism and --backend. The authenticator is added at the end of the
    chain; `move` changes its position. Once an authenticator exists, clients must authenticate. The built-in
    database stores passwords as sha256 hashes with the salt as suffix, unless --hash and --salt-position are
    set.
    """
    resource = AUTHENTICATORS._replace(settings=(*IDENTITY_SETTINGS, *AUTHENTICATORS.settings))
    body = body_from_options(session, resource, values)
    if values["key"] is not None:
        reject_other_identity(resource, values["key"], body)
        body |= mechanism_and_backend(values["key"])
    body = parse_mongodb_filter(without_fields(body, resource.read_only_fields))
    body = parse_redis_database(add_default_method(add_default_hash(body)))
    if not body.get("mechanism"):
        message = "authenticator id required"
        raise UsageError(message, hint="use an id such as password_based:http or jwt, or -f FILE")
    reject_masked_secrets(body, accepted=False, noun=resource.noun)

    def send() -> Done:
        response = session.client.post_object("/authentication", body=body)
        key = str(response.get("id") or join_id(body))
        done = report_created(resource, key, {"id": key, **response})
        return done._replace(notes=next_step(key))

    key = join_id(body)
    return create_if_missing(session, f"authenticator {key!r}", {"id": key}, send)


def join_id(body: Body) -> str:
    """Return the id that EMQX gives to an authenticator of this body."""
    return ":".join(str(body[field]) for field in ("mechanism", "backend") if body.get(field))


def next_step(key: str) -> tuple[str, ...]:
    """Return how to create users, if the new authenticator has a database of its own."""
    if not key.endswith(":built_in_database"):
        return ()
    provider = "" if key == DEFAULT_PROVIDER else f" --provider {key}"
    return (f"create users: emqxctl authentication users create NAME{provider}",)


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Update an authenticator.

    Secrets that EMQX masks are not changed.
    """
    (key,) = path_values(AUTHENTICATORS.item_path, values)
    change, _ = change_from_options(session, AUTHENTICATORS, values, key)
    result = apply_update(
        session,
        AUTHENTICATORS,
        [key],
        lambda before: change if values["replace_"] else merge_change(AUTHENTICATORS, before, change),
    )
    return result._replace(data=redact_json(dict(result.data))) if isinstance(result, Done) else result


def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
    """Delete authenticators.

    A built-in database is deleted with its users. If no authenticator is enabled, all clients are accepted.
    """
    (keys,) = path_values(AUTHENTICATORS.item_path, values)
    enabled_ids = fetch_enabled_if_possible(session)
    opens = bool(enabled_ids) and enabled_ids <= set(keys)
    has_users = any(key.endswith(":built_in_database") for key in keys)
    users = f" and {'its' if len(keys) == 1 else 'their'} users" if has_users else ""
    warning = f" ({OPENS})" if opens else ""
    session.confirm(f"delete {AUTHENTICATORS.describe(keys)}{users}{warning}")
    result = delete_each(session, AUTHENTICATORS, keys)
    return add_open_note(session, result) if opens else result


def disable(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
    """Disable authenticators.

    If no authenticator is enabled, all clients are accepted.
    """
    (keys,) = path_values(AUTHENTICATORS.item_path, values)
    return add_open_note(session, switch_each(session, AUTHENTICATORS, keys, enable=False))


def fetch_enabled(session: Session) -> set[str]:
    """Return the ids of the enabled authenticators."""
    rows = session.client.get_list("/authentication")
    return {str(row.get("id")) for row in rows if row.get("enable", True) is not False}


def fetch_enabled_if_possible(session: Session) -> set[str]:
    """Return the ids of the enabled authenticators; none if EMQX fails, as it does with a broken one."""
    try:
        return fetch_enabled(session)
    except ServerError as error:
        if error.exit_code is not ExitCode.SERVER:
            raise
        session.info(f"warning: cannot list authenticators: {error.message}")
        return set()


def add_open_note(session: Session, result: Result) -> Result:
    """Add to a result that all clients are now accepted, if no authenticator is enabled any more."""
    if session.settings.dry_run or not isinstance(result, Done | BulkResult) or fetch_enabled(session):
        return result
    return result._replace(notes=(*result.notes, IS_OPEN))


def send_position(session: Session, key: str, position: str) -> None:
    """Move an authenticator. EMQX's 404 for an unknown neighbor names the neighbor alone."""
    anchor = position.partition(":")[2]
    try:
        session.client.put("/authentication/{id}/position/{position}", key, position)
    except ServerError as error:
        if error.exit_code is ExitCode.NOT_FOUND and f"'{anchor}'" in error.message:
            error.message = f"authenticator {anchor!r} not found; {key!r} was not moved"
        raise


set_signature(
    create,
    [
        new_parameter("key", IdArgument, None),
        *BODY_PARAMETERS,
        *option_parameters(IDENTITY_SETTINGS),
        *option_parameters(AUTHENTICATORS.settings),
    ],
    Done,
)
set_signature(update, update_parameters(AUTHENTICATORS), Result)
set_signature(delete, item_parameters(AUTHENTICATORS, multiple=True), Result)
set_signature(disable, item_parameters(AUTHENTICATORS, multiple=True), Result)
app.command("create")(
    command(
        calls="POST /authentication",
        examples=(
            "emqxctl authentication create password_based:built_in_database --user-id-type username",
            "emqxctl authentication create --mechanism jwt --algorithm hmac-based --secret-file jwt.txt",
            "emqxctl authentication create password_based:http -f http.yaml",
        ),
        effect=Effect.WRITE,
    )(create)
)
app.command("update")(
    command(
        calls=("GET /authentication/{id}", "PUT /authentication/{id}"),
        examples=(
            "emqxctl authentication update password_based:built_in_database --hash bcrypt --dry-run",
            "emqxctl authentication update password_based:http --set request_timeout=10s",
        ),
        effect=Effect.WRITE,
    )(update)
)
app.command("delete")(
    command(
        calls=("GET /authentication", "GET /authentication/{id}", "DELETE /authentication/{id}"),
        examples=("emqxctl authentication delete password_based:http --yes",),
        effect=Effect.DESTROY,
    )(delete)
)
add_switch(app, AUTHENTICATORS, line="emqxctl authentication {} password_based:http", verbs=("enable",))
app.command("disable")(
    command(
        calls=(*switch_operations(AUTHENTICATORS), "GET /authentication"),
        examples=("emqxctl authentication disable password_based:http",),
        effect=Effect.WRITE,
    )(disable)
)
add_move(
    app,
    AUTHENTICATORS,
    calls=("PUT /authentication/{id}/position/{position}",),
    send=send_position,
    examples=(
        "emqxctl authentication move jwt front",
        "emqxctl authentication move jwt before:password_based:built_in_database",
    ),
    summary="Change the position of an authenticator in the chain.",
)
add_order(
    app,
    AUTHENTICATORS,
    operation="PUT /authentication/order",
    build_body=lambda keys: [{"id": key} for key in keys],
    examples=("emqxctl authentication order jwt password_based:built_in_database",),
    summary="Set the order of all authenticators (EMQX 5.6+).",
)
add_status(
    app, AUTHENTICATORS, columns=STATUS_COLUMNS, line="emqxctl authentication status password_based:http"
)
add_reset_metrics(
    app,
    AUTHENTICATORS,
    line="emqxctl authentication {} password_based:http",
    method="POST",
    summary="Reset authenticator metrics (EMQX 6.2+).",
)
