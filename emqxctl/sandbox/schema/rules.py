"""The checks of rules and of the rule engine's settings, whose refusals EMQX prints as Erlang terms."""

import re

from emqxctl.sandbox.messages import AnswerNow, Json, Row, answer_error
from emqxctl.sandbox.rule_engine.sql import SqlError, read_sql
from emqxctl.sandbox.schema.integration import BAD_NAME, NAME
from emqxctl.sandbox.schema.types import DURATION, InvalidError, check_boolean

RULE_ID = "^[A-Za-z0-9]+[A-Za-z0-9-_]*$"
FIELDS = ("actions", "description", "enable", "metadata", "name", "sql")
SETTINGS = ("ignore_sys_message", "jq_function_default_timeout", "jq_implementation_module")
ARGUMENTS = {
    "direct_dispatch": False,
    "mqtt_properties": {},
    "payload": "${payload}",
    "qos": "${qos}",
    "retain": "${retain}",
    "user_properties": "${user_properties}",
}
UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def erlang_text(value: str) -> str:
    """Write text as Erlang prints a string."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def erlang_binary(value: str) -> str:
    """Write text as Erlang prints a binary."""
    return f"<<{erlang_text(value)}>>" if value else "<<>>"


def bad_arguments(**terms: str) -> AnswerNow:
    """Make the refusal of a rule; the terms are written already."""
    listed = ",".join(f"{name} => {terms[name]}" for name in sorted(terms))
    return AnswerNow(answer_error(400, "BAD_REQUEST", f"Bad Arguments: #{{{listed}}}"))


def refuse(path: str, reason: str, **more: str) -> AnswerNow:
    """Make the usual refusal of one value."""
    return bad_arguments(kind="validation_error", path=erlang_text(path), reason=reason, **more)


def check_known(body: Row, names: tuple[str, ...], path: str) -> None:
    """Refuse unknown fields. Raises AnswerNow (400)."""
    unknown, unmatched = sorted(set(body) - set(names)), sorted(set(names) - set(body))
    if unknown:
        rest = erlang_text(abridged(unmatched)) if unmatched else "none"
        raise refuse(path, "unknown_fields", unknown=erlang_text(abridged(unknown)), unmatched=rest)


def abridged(names: list[str]) -> str:
    """Name the first two."""
    return ",".join(names[:2]) + (",..." if len(names) > 2 else "")


def check_rule(name: str, wish: Row) -> Row:
    """Check the fields of a rule and make them its attributes. Raises AnswerNow (400)."""
    path = f"rule_engine.rules.{name}"
    check_known({**wish, "metadata": None}, FIELDS, path)
    if wish.get("sql") is None:
        where = f"{path}.sql"
        raise refuse(where, "required_field")
    actions = wish.get("actions", [])
    if not isinstance(actions, list):
        got = "string" if isinstance(actions, str) else "map"
        where = erlang_text(f"{path}.actions")
        raise bad_arguments(expected_data_type="array", got=got, kind="validation_error", path=where)
    try:
        enable = check_boolean(wish.get("enable", True), "enable")
    except InvalidError as invalid:
        reason, where = erlang_text(str(invalid.details["reason"])), f"{path}.enable"
        raise refuse(where, reason, value=erlang_value(wish["enable"])) from None
    return {
        "sql": wish["sql"],
        "topics": check_sql(str(wish["sql"]), f"{path}.sql"),
        "actions": [check_action(each, f"{path}.actions.{at}") for at, each in enumerate(actions, 1)],
        "enable": enable,
        "name": str(wish.get("name") or ""),
        "description": str(wish.get("description") or ""),
    }


def check_sql(sql: str, path: str) -> list[str]:
    """Read the statement; gives the topics that it reads from. Raises AnswerNow (400)."""
    if not sql.strip():
        raise refuse(path, "{parse_error,invalid_string}", value=erlang_binary(sql))
    try:
        return read_sql(sql).topics
    except SqlError as error:
        tokens = ",".join(token.written() for token in error.tokens)
        reason = f"{{parse_error,{{{erlang_text(error.message)},[{tokens}]}}}}"
        raise refuse(path, reason, value=erlang_binary(sql)) from None


def check_action(action: Json, path: str) -> Json:
    """Check one action: the id of one, which need not exist, or a built-in function.

    Raises AnswerNow (400).
    """
    if isinstance(action, str):
        kind, *names = action.split(":")
        reason = f"should be of pattern {{type}}:{{name}}, but got: {action}" if len(names) != 1 else ""
        if not reason and not re.fullmatch(NAME, names[0]):
            reason = BAD_NAME + names[0]
        if reason or not kind:
            raise bad_arguments(kind="validation_error", reason=erlang_binary(reason))
        return action
    function = action.get("function") if isinstance(action, dict) else None
    if function == "console":
        return {"function": "console"}
    if function != "republish":
        raise bad_arguments(kind="validation_error", reason="action_function_not_supported")
    given = action.get("args") or {}
    if "topic" not in given:
        kind = erlang_text("rule_engine:builtin_action_republish")
        where = f"{path}.args.topic"
        raise refuse(where, "required_field", matched_type=kind)
    return {"function": "republish", "args": {**ARGUMENTS, **given}}


def erlang_value(value: Json) -> str:
    """Write a JSON value as an Erlang term."""
    if isinstance(value, str):
        return erlang_binary(value)
    return str(value).lower()


def check_settings(body: Row) -> Row:
    """Check the rule engine's settings; gives those that the body names. Raises AnswerNow (400)."""
    check_known(body, (*SETTINGS, "rules"), "rule_engine")
    checked: Row = {}
    if "ignore_sys_message" in body:
        try:
            checked["ignore_sys_message"] = check_boolean(body["ignore_sys_message"], "")
        except InvalidError as invalid:
            reason, value = str(invalid.details["reason"]), erlang_value(body["ignore_sys_message"])
            where = "rule_engine.ignore_sys_message"
            raise refuse(where, erlang_text(reason), value=value) from None
    if "jq_function_default_timeout" in body:
        checked["jq_function_default_timeout"] = milliseconds(body["jq_function_default_timeout"])
    return checked


def milliseconds(value: Json) -> int:
    """Take a duration. Raises AnswerNow (400)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not re.fullmatch(DURATION, value):
        path = "rule_engine.jq_function_default_timeout"
        raise refuse(path, erlang_text("Not a valid duration"), value=erlang_value(value))
    parts = re.findall(r"([\d.]+)(ms|d|h|m|s)", value)
    return int(sum(float(number) * UNITS[unit] for number, unit in parts))
