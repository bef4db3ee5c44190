"""The subscriptions that take long to be served: `/slow_subscriptions`."""

from emqxctl.sandbox.data import default_settings
from emqxctl.sandbox.handlers._settings import serve_settings
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Response, Row, json_response
from emqxctl.sandbox.schema.fields import fields_of
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.types import InvalidError
from emqxctl.sandbox.schema.validation import Body

INDENT = " " * 33


@route("GET", "/slow_subscriptions")
def list_slow(call: Call) -> Response:
    """List the slowest subscriptions of the running nodes, the slowest first."""
    features, running = call.cluster.features, call.cluster.running()
    rows = sorted((row for row in features.slow if row["node"] in running), key=lambda row: -row["timespan"])
    return json_response({"data": rows[: call.cluster.settings["slow_subs"]["top_k_num"]]})


@route("DELETE", "/slow_subscriptions")
def clear_slow(call: Call) -> Response:
    """Delete what was slow."""
    call.cluster.features.slow.clear()
    return Response(204)


def refuse_setting(name: str, value: Json, reason: Json) -> None:
    """Refuse one setting with an Erlang term. Raises EarlyResponse (400)."""
    said = f'#{{expected => "{reason["expected"]}"}}' if isinstance(reason, dict) else f'"{reason}"'
    lines = [
        f'Update slow subs config failed #{{kind => validation_error,\n{INDENT}path => "slow_subs.{name}"',
        f"reason => {said}",
        f'value => <<"{value}">>}}',
    ]
    refuse_request(f",\n{INDENT}".join(lines))


def check_settings(call: Call, _settings: Row) -> Row:
    """Check the settings; those not given take their defaults. Raises EarlyResponse (400)."""
    defaults = default_settings("slow_subs")
    settings = defaults | {name: value for name, value in call.body.items() if name in defaults}
    for field in fields_of("slow_subs"):
        try:
            settings[field.name] = field.check(settings[field.name], field.name)
        except InvalidError as invalid:
            refuse_setting(field.name, settings[field.name], invalid.details["reason"])
    return settings


serve_settings("/slow_subscriptions/settings", "slow_subs", Body(loose=True), check_settings)
