"""Operations that tables describe: settings, fixed responses, and all plain lists of EMQX Enterprise."""

from collections.abc import Callable
from functools import partial

from emqxctl.sandbox.handlers._collections import ANY_BODY, serve_collection
from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Json, Response, Row, json_response
from emqxctl.sandbox.schema.config import check_known
from emqxctl.sandbox.schema.refusals import bad_request, refuse, refuse_with
from emqxctl.sandbox.schema.types import InvalidError
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE
from emqxctl.sandbox.state.nodes import per_node

Update = Callable[[Call, Row], Row]


def merge_settings(call: Call, settings: Row) -> Row:
    """Change the known settings that the body names."""
    changes = {name: value for name, value in call.body.items() if value is not None and name in settings}
    return settings | changes


def replace_settings(call: Call, settings: Row) -> Row:
    """Replace all settings; unknown fields of the body are dropped."""
    return {name: call.body[name] for name in settings}


def serve_settings(path: str, key: str, body: Body | None = None, update: Update = merge_settings) -> None:
    """Register GET and PUT of the settings that `cluster.settings` keeps under a key."""

    @route("GET", path)
    def show(call: Call) -> Json:
        return call.cluster.settings[key]

    @route("PUT", path, body=body)
    def change(call: Call) -> Json:
        settings = update(call, call.cluster.settings[key])
        call.cluster.settings[key] = settings
        return settings


def fixed_response(response: list[object]) -> Callable[[Call], Response | None]:
    """Return the handler that always responds the same: a body, or an error's code and message."""

    def respond(call: Call) -> Response | None:
        match response:
            case [int(status), str(code), message]:
                refuse_with(status, code, message)
            case [int(status), body, *_]:
                return json_response(per_node(call.cluster.running(), body), status)
        return None

    return respond


def show_settings(key: str, call: Call) -> Json:
    """Show settings."""
    return call.cluster.settings[key]


def update_settings(key: str, status: int, call: Call) -> Json:
    """Change the settings that the body names. Raises EarlyResponse (400)."""
    try:
        settings = check_known(call.cluster.settings[key], call.body, key, "root")
    except InvalidError as invalid:
        raise bad_request(invalid.details) from None
    call.cluster.settings[key] = settings
    return Response(204) if status == 204 else json_response(settings)


def refuse_operation(_call: Call) -> Response:
    """Respond 501 to an operation that is not simulated."""
    refuse("tables.not_simulated")


def credentials_of(path: str, table: Row) -> Credentials:
    """Return which credentials a path needs."""
    return Credentials.OPEN if path.startswith(tuple(table["open"])) else Credentials.ANY


def serve_tables(table: Row) -> None:
    """Register all operations of the table."""
    for name, collection in table["collections"].items():
        serve_collection(name, collection)
    for path, row in table["settings"].items():
        route("GET", path, edition=ENTERPRISE)(partial(show_settings, row["key"]))
        update = partial(update_settings, row["key"], row["status"])
        route("PUT", path, edition=ENTERPRISE, body=ANY_BODY)(update)
    for operation, response in table["responses"].items():
        method, _, path = operation.partition(" ")
        allowed = Credentials.BEARER if response[2:] == ["bearer"] else credentials_of(path, table)
        route(method, path, edition=ENTERPRISE, credentials=allowed)(fixed_response(response))
    for operation in table["not_simulated"]:
        method, _, path = operation.partition(" ")
        route(method, path, edition=ENTERPRISE, credentials=credentials_of(path, table))(refuse_operation)
