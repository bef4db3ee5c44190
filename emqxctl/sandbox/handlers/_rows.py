"""Operations without code of their own: settings, values of the state, and fixed responses."""

from collections.abc import Callable
from dataclasses import dataclass

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._items import value_at
from emqxctl.sandbox.http.routing import Call, Handler
from emqxctl.sandbox.messages import Json, Row, json_response
from emqxctl.sandbox.schema.config import check_known
from emqxctl.sandbox.schema.refusals import bad_request, refuse, refuse_with
from emqxctl.sandbox.schema.types import InvalidError
from emqxctl.sandbox.state.nodes import per_node

Update = Callable[[Call, Row], Row]


def merge_settings(call: Call, settings: Row) -> Row:
    """Change the known settings that the body names."""
    changes = {name: value for name, value in call.body.items() if value is not None and name in settings}
    return settings | changes


def replace_settings(call: Call, settings: Row) -> Row:
    """Replace all settings; unknown fields of the body are dropped."""
    return {name: call.body.get(name, value) for name, value in settings.items()}


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


def build_handler(operation: str, row: Row) -> Handler:  # noqa: PLR0911 - one return for each kind
    """Build the handler of a row without code of its own: a value, a table, settings, a fixed response."""
    match row:
        case {"value": path}:
            return lambda call: value_at(call.cluster, path)
        case {"settings": key}:
            settings = Settings(key, update_known(key))
            return settings.show if operation.startswith("GET ") else settings.change
        case {"table": name}:
            return lambda _call: read_table(name)
        case {"error": name}:
            return lambda _call: refuse(name)
        case {"response": [int(status), str(code), message]}:
            return lambda _call: refuse_with(status, code, message)
        case {"response": [int(status), body]}:
            return lambda call: json_response(per_node(call.cluster.running(), body), status)
    return lambda _call: None
