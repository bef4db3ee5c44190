"""Settings that are one object: shown as they are, and changed by a body that is checked first."""

from collections.abc import Callable

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_json
from emqxctl.sandbox.schema.validation import Body

Update = Callable[[Call, Row], Row]


def merge(call: Call, settings: Row) -> Row:
    """Change the known settings that the body names."""
    given = {name: value for name, value in call.body.items() if value is not None and name in settings}
    return settings | given


def replace_all(call: Call, settings: Row) -> Row:
    """Replace all settings; unknown fields of the body are dropped."""
    return {name: call.body[name] for name in settings}


def serve_settings(path: str, key: str, body: Body | None = None, update: Update = merge) -> None:
    """Register GET and PUT of the settings that `cluster.settings` keeps under a key."""

    @route("GET", path)
    def show(call: Call) -> Answer:
        return answer_json(call.cluster.settings[key])

    @route("PUT", path, body=body)
    def change(call: Call) -> Answer:
        settings = update(call, call.cluster.settings[key])
        call.cluster.settings[key] = settings
        return answer_json(settings)
