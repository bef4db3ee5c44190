"""Operations that tables describe: settings, fixed responses, and all plain lists of EMQX Enterprise."""

from collections.abc import Callable
from dataclasses import dataclass

from emqxctl.sandbox.handlers._collections import ANY_BODY, serve_collection
from emqxctl.sandbox.http.routing import Call, Credentials, Handler, route
from emqxctl.sandbox.messages import Json, Response, Row, json_response
from emqxctl.sandbox.schema.config import check_known
from emqxctl.sandbox.schema.refusals import bad_request, refuse, refuse_with
from emqxctl.sandbox.schema.types import InvalidError
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


@dataclass(frozen=True)
class Settings:
    """The settings that `cluster.settings` keeps under a key, and how a body changes them."""

    key: str
    update: Update = merge_settings

    def show(self, call: Call) -> Json:
        """Show the settings."""
        return call.cluster.settings[self.key]

    def change(self, call: Call) -> Json:
        """Change the settings. Raises EarlyResponse (400)."""
        settings = call.cluster.settings[self.key] = self.update(call, call.cluster.settings[self.key])
        return settings


def update_known(key: str) -> Update:
    """Return what changes the settings that a body names, after checking them by their defaults."""

    def update(call: Call, settings: Row) -> Row:
        try:
            return check_known(settings, call.body, key, "root")
        except InvalidError as invalid:
            raise bad_request(invalid.details) from None

    return update


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


def without_body(handler: Handler) -> Handler:
    """Return a handler that does the same and responds 204."""
    return lambda call: (handler(call), None)[1]


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
        settings = Settings(row["key"], update_known(row["key"]))
        route("GET", path, edition=ENTERPRISE)(settings.show)
        answer = settings.change if row["status"] == 200 else without_body(settings.change)
        route("PUT", path, edition=ENTERPRISE, body=ANY_BODY)(answer)
    for operation, response in table["responses"].items():
        method, _, path = operation.partition(" ")
        allowed = Credentials.BEARER if response[2:] == ["bearer"] else credentials_of(path, table)
        route(method, path, edition=ENTERPRISE, credentials=allowed)(fixed_response(response))
    for operation in table["not_simulated"]:
        method, _, path = operation.partition(" ")
        route(method, path, edition=ENTERPRISE, credentials=credentials_of(path, table))(refuse_operation)
