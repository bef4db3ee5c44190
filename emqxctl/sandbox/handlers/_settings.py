"""Settings that are one object, and responses that never change."""

from collections.abc import Callable

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, error_response, json_response
from emqxctl.sandbox.schema.validation import Body
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
    def show(call: Call) -> Response:
        return json_response(call.cluster.settings[key])

    @route("PUT", path, body=body)
    def change(call: Call) -> Response:
        settings = update(call, call.cluster.settings[key])
        call.cluster.settings[key] = settings
        return json_response(settings)


def fixed_response(response: list[object]) -> Callable[[Call], Response]:
    """Return the handler that always responds the same: a body, or an error's code and message."""

    def respond(call: Call) -> Response:
        match response:
            case [int(status), str(code), message]:
                return error_response(status, code, message)
            case [int(status), body, *_]:
                return json_response(per_node(call.cluster.running(), body), status)
        return Response(204)

    return respond
