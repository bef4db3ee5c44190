"""The subscriptions that take long to be served: `/slow_subscriptions`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Json, answer_json
from emqxctl.sandbox.schema.integration import duration
from emqxctl.sandbox.schema.refusals import refuse_request
from emqxctl.sandbox.schema.validation import Body, Check, InvalidError, boolean, one_of, whole
from emqxctl.sandbox.state.features import SLOW

INDENT = " " * 33
CHECKS: dict[str, Check] = {
    "enable": boolean,
    "expire_interval": duration,
    "stats_type": one_of("whole", "internal", "response"),
    "threshold": duration,
    "top_k_num": whole("pos_integer()", 1),
}


@route("GET", "/slow_subscriptions")
def list_slow(call: Call) -> Answer:
    """List the slowest subscriptions of the running nodes, the slowest first."""
    held, running = call.cluster.features, call.cluster.running()
    rows = sorted((row for row in held.slow if row["node"] in running), key=lambda row: -row["timespan"])
    return answer_json({"data": rows[: held.slow_settings["top_k_num"]]})


@route("DELETE", "/slow_subscriptions")
def clear(call: Call) -> Answer:
    """Forget what was slow."""
    call.cluster.features.slow.clear()
    return Answer(204)


@route("GET", "/slow_subscriptions/settings")
def show_settings(call: Call) -> Answer:
    """Show the settings."""
    return answer_json(call.cluster.features.slow_settings)


def refuse_setting(name: str, value: Json, reason: Json) -> None:
    """Refuse one setting in the words of Erlang. Raises AnswerNow (400)."""
    said = f'#{{expected => "{reason["expected"]}"}}' if isinstance(reason, dict) else f'"{reason}"'
    lines = [
        f'Update slow subs config failed #{{kind => validation_error,\n{INDENT}path => "slow_subs.{name}"',
        f"reason => {said}",
        f'value => <<"{value}">>}}',
    ]
    refuse_request(f",\n{INDENT}".join(lines))


@route("PUT", "/slow_subscriptions/settings", body=Body(loose=True))
def change_settings(call: Call) -> Answer:
    """Change the settings; those not given take their defaults."""
    settings = SLOW | {name: value for name, value in call.body.items() if name in SLOW}
    for name, check in CHECKS.items():
        try:
            settings[name] = check(settings[name], name)
        except InvalidError as invalid:
            refuse_setting(name, settings[name], invalid.details["reason"])
    call.cluster.features.slow_settings = settings
    return answer_json(settings)
