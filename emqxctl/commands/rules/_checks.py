"""Warnings about the actions of a rule, and errors of its SQL and actions in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from emqxctl.cli.session import Session
from emqxctl.diagnosis.health import dict_rows, get_resource_id
from emqxctl.diagnosis.integration_facts import find_close_name, list_rule_links
from emqxctl.emqx.rule_sql import find_sql_mistake
from emqxctl.errors import EmqxctlError, ExitCode

BUILT_IN_FUNCTIONS = ("console", "republish")
UNKNOWN_FUNCTION = "action_function_not_supported"
SQL_ERRORS = ("syntax error before", "illegal characters", "parse_error")
SHELL_HINT = "in a shell, put the SQL in single quotes: --sql 'SELECT * FROM \"sensors/#\"'"


def list_missing_actions(session: Session, rule: Mapping[str, Any]) -> list[str]:
    """Return a warning for each action of a rule that does not exist: EMQX accepts the rule all the same.

    Nothing if the actions cannot be read.
    """
    keys = [key for kind, key in list_rule_links({"actions": rule.get("actions")}) if kind == "actions"]
    existing = list_action_ids(session) if keys else None
    if existing is None:
        return []
    return [describe_missing(key, existing) for key in dict.fromkeys(keys) if key not in existing]


def list_action_ids(session: Session) -> list[str] | None:
    """Return the ids of all actions; None if they cannot be read."""
    try:
        rows = session.client.get("/actions")
    except EmqxctlError:
        return None
    return [get_resource_id(row) for row in dict_rows(rows)]


def describe_missing(key: str, existing: Sequence[str]) -> str:
    """Return the warning about one action, with the one that may be meant."""
    close = find_close_name(key, existing)
    step = f"did you mean {close}?" if close else f"create it: emqxctl actions create {key}"
    return f"warning: action {key!r} does not exist, so the rule cannot run it; {step}"


def explain_rule_error(session: Session, error: EmqxctlError, rule: Mapping[str, Any]) -> EmqxctlError:
    """Return an error with what is wrong with the SQL or an action of the rule that EMQX refused."""
    if error.exit_code is not ExitCode.REJECTED:
        return error
    if UNKNOWN_FUNCTION in error.message:
        return explain_unknown_function(session, error, rule.get("actions"))
    return explain_sql_error(error, rule.get("sql"))


def explain_sql_error(error: EmqxctlError, sql: object) -> EmqxctlError:
    """Return an error with what is wrong with the syntax of a statement, and how it should be."""
    if not any(text in error.message for text in SQL_ERRORS):
        return error
    mistake = find_sql_mistake(str(sql or ""))
    summary = error.message.partition(": ")[0]
    if mistake is None:
        word = (
            error.message.partition("syntax error before:")[2].partition(":")[0].partition(" (got")[0].strip()
        )
        position = f"before {word}" if word else "at its end"
        error.message = f"{summary}: syntax error in the SQL {position}"
        error.hint = f"test it until it works: emqxctl rules test --sql\n{SHELL_HINT}"
        return error
    error.message = f"{summary}: {mistake.message}"
    if mistake.correction:
        error.hint = f"did you mean: {mistake.correction}\n{SHELL_HINT}"
    return error


def explain_unknown_function(session: Session, error: EmqxctlError, actions: object) -> EmqxctlError:
    """Return an error with the action that is neither TYPE:NAME nor a function, and the one meant."""
    names = [
        str(action["function"])
        for action in (actions if isinstance(actions, list) else [])
        if isinstance(action, dict) and "function" in action and action["function"] not in BUILT_IN_FUNCTIONS
    ]
    if not names:
        return error
    summary = error.message.partition(": ")[0]
    error.message = f"{summary}: action {names[0]!r} is not TYPE:NAME, console or republish"
    existing = list_action_ids(session) or []
    close_actions = [key for key in existing if key.partition(":")[2] == names[0]]
    close_actions = close_actions or list(filter(None, [find_close_name(names[0], BUILT_IN_FUNCTIONS)]))
    if close_actions:
        error.hint = f"did you mean --action {close_actions[0]}?\nlist actions: emqxctl actions list"
    return error
