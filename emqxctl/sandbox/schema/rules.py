"""The checks of rules and of the rule engine's settings, whose errors EMQX prints as Erlang terms."""

import re

from emqxctl.sandbox.data import default_settings
from emqxctl.sandbox.messages import EarlyResponse, Json, Row, error_response
from emqxctl.sandbox.rule_engine.sql import SqlError, parse_sql
from emqxctl.sandbox.schema.types import (
    DURATION,
    RESOURCE_NAME,
    InvalidError,
    bad_resource_name,
    check_boolean,
)

RULE_ID = "^[A-Za-z0-9]+[A-Za-z0-9-_]*$"
FIELDS = ("actions", "description", "enable", "metadata", "name", "sql")
UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def format_erlang_string(value: str) -> str:
    """Format text as Erlang prints a string."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def format_erlang_binary(value: str) -> str:
    """Format text as Erlang prints a binary."""
    return f"<<{format_erlang_string(value)}>>" if value else "<<>>"


def bad_arguments(**terms: str) -> EarlyResponse:
    """Build the error for a rule; the terms are formatted already."""
    listed = ",".join(f"{name} => {terms[name]}" for name in sorted(terms))
    return EarlyResponse(error_response(400, "BAD_REQUEST", f"Bad Arguments: #{{{listed}}}"))


def invalid_rule(path: str, reason: str, **more: str) -> EarlyResponse:
    """Build the usual error for one value."""
    return bad_arguments(kind="validation_error", path=format_erlang_string(path), reason=reason, **more)


def check_field_names(body: Row, names: tuple[str, ...], path: str) -> None:
    """Refuse unknown fields. Raises EarlyResponse (400)."""
    unknown, unmatched = sorted(set(body) - set(names)), sorted(set(names) - set(body))
    if unknown:
        rest = format_erlang_string(join_first_two(unmatched)) if unmatched else "none"
        raise invalid_rule(
            path, "unknown_fields", unknown=format_erlang_string(join_first_two(unknown)), unmatched=rest
        )


def join_first_two(names: list[str]) -> str:
    """Return the name of the first two."""
    return ",".join(names[:2]) + (",..." if len(names) > 2 else "")


def check_rule(name: str, fields: Row) -> Row:
    """Check the fields of a rule and make them its attributes. Raises EarlyResponse (400)."""
    path = f"rule_engine.rules.{name}"
    check_field_names({**fields, "metadata": None}, FIELDS, path)
    if fields.get("sql") is None:
        where = f"{path}.sql"
        raise invalid_rule(where, "required_field")
    actions = fields.get("actions", [])
    if not isinstance(actions, list):
        got = "string" if isinstance(actions, str) else "map"
        where = format_erlang_string(f"{path}.actions")
        raise bad_arguments(expected_data_type="array", got=got, kind="validation_error", path=where)
    enable = check_flag(fields.get("enable", True), f"{path}.enable")
    return {
        "sql": fields["sql"],
        "topics": check_sql(str(fields["sql"]), f"{path}.sql"),
        "actions": [check_action(action, f"{path}.actions.{at}") for at, action in enumerate(actions, 1)],
        "enable": enable,
        "name": str(fields.get("name") or ""),
        "description": str(fields.get("description") or ""),
    }


def check_flag(value: Json, path: str) -> bool:
    """Return a boolean. Raises EarlyResponse (400)."""
    try:
        return check_boolean(value, path)
    except InvalidError as invalid:
        reason = format_erlang_string(str(invalid.details["reason"]))
        raise invalid_rule(path, reason, value=format_erlang_value(value)) from None


def check_sql(sql: str, path: str) -> list[str]:
    """Parse the statement; return the topics that it reads from. Raises EarlyResponse (400)."""
    if not sql.strip():
        raise invalid_rule(path, "{parse_error,invalid_string}", value=format_erlang_binary(sql))
    try:
        return parse_sql(sql).topics
    except SqlError as error:
        tokens = ",".join(token.to_erlang() for token in error.tokens)
        reason = f"{{parse_error,{{{format_erlang_string(error.message)},[{tokens}]}}}}"
        raise invalid_rule(path, reason, value=format_erlang_binary(sql)) from None


def check_action(action: Json, path: str) -> Json:
    """Check one action: the id of one, which need not exist, or a built-in function.

    Raises EarlyResponse (400).
    """
    if isinstance(action, str):
        kind, *names = action.split(":")
        reason = f"should be of pattern {{type}}:{{name}}, but got: {action}" if len(names) != 1 else ""
        if not reason and not re.fullmatch(RESOURCE_NAME, names[0]):
            reason = bad_resource_name(names[0])["reason"]
        if reason or not kind:
            raise bad_arguments(kind="validation_error", reason=format_erlang_binary(reason))
        return action
    function = action.get("function") if isinstance(action, dict) else None
    if function == "console":
        return {"function": "console"}
    if function != "republish":
        raise bad_arguments(kind="validation_error", reason="action_function_not_supported")
    arguments = action.get("args") or {}
    if "topic" not in arguments:
        kind = format_erlang_string("rule_engine:builtin_action_republish")
        where = f"{path}.args.topic"
        raise invalid_rule(where, "required_field", matched_type=kind)
    return {"function": "republish", "args": default_settings("republish") | arguments}


def format_erlang_value(value: Json) -> str:
    """Format a JSON value as an Erlang term."""
    if isinstance(value, str):
        return format_erlang_binary(value)
    return str(value).lower()


def check_settings(body: Row, settings: Row) -> Row:
    """Check the rule engine's settings; return those that the body names. Raises EarlyResponse (400)."""
    check_field_names(body, (*settings, "jq_implementation_module", "rules"), "rule_engine")
    checked: Row = {**body}
    if "ignore_sys_message" in body:
        path = "rule_engine.ignore_sys_message"
        checked["ignore_sys_message"] = check_flag(body["ignore_sys_message"], path)
    if "jq_function_default_timeout" in body:
        checked["jq_function_default_timeout"] = check_milliseconds(body["jq_function_default_timeout"])
    return checked


def check_milliseconds(value: Json) -> int:
    """Return a duration. Raises EarlyResponse (400)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not re.fullmatch(DURATION, value):
        path, reason = "rule_engine.jq_function_default_timeout", format_erlang_string("Not a valid duration")
        raise invalid_rule(path, reason, value=format_erlang_value(value))
    parts = re.findall(r"([\d.]+)(ms|d|h|m|s)", value)
    return int(sum(float(number) * UNITS[unit] for number, unit in parts))
