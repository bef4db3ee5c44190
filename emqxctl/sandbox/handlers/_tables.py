"""Enterprise operations that `data/enterprise.json` describes: plain lists, settings and fixed responses."""

from functools import partial

from emqxctl.sandbox.handlers._collections import ANY_BODY, serve_collection
from emqxctl.sandbox.handlers._settings import fixed_response
from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.config import check_known
from emqxctl.sandbox.schema.refusals import bad_request, refuse_with
from emqxctl.sandbox.schema.types import InvalidError
from emqxctl.sandbox.state.cluster import ENTERPRISE

NOT_SIMULATED = "The sandbox does not simulate this operation of EMQX Enterprise; nothing was done."


def show_settings(key: str, call: Call) -> Response:
    """Show settings."""
    return json_response(call.cluster.settings[key])


def update_settings(key: str, status: int, call: Call) -> Response:
    """Change the settings that the body names. Raises EarlyResponse (400)."""
    try:
        settings = check_known(call.cluster.settings[key], call.body, key, "root")
    except InvalidError as invalid:
        raise bad_request(invalid.details) from None
    call.cluster.settings[key] = settings
    return Response(204) if status == 204 else json_response(settings)


def refuse_operation(_call: Call) -> Response:
    """Respond 501 to an operation that is not simulated."""
    refuse_with(501, "NOT_SIMULATED", NOT_SIMULATED)


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
