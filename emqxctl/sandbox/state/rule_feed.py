"""Published messages run through the rules: rules and actions count them; nothing is sent."""

from collections import Counter
from functools import lru_cache

from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.rule_engine.evaluate import EvaluationError, reads_from, run_statement
from emqxctl.sandbox.rule_engine.sql import Statement, parse_sql
from emqxctl.sandbox.state.integration import Integration, Rule
from emqxctl.sandbox.state.records import Message

read_once = lru_cache(maxsize=256)(parse_sql)


def run_rules(integration: Integration, message: Message) -> None:
    """Run every enabled rule that reads from the topic of a message."""
    for rule in integration.rules.values():
        if rule.enable and rule.sql:
            statement = read_once(rule.sql)
            if reads_from(statement, message.topic, "message_publish"):
                run_rule(integration, rule, statement, message_columns(message))


def message_columns(message: Message) -> Row:
    """Build the columns of a message."""
    return {
        "event": "message.publish",
        "id": message.msgid,
        "clientid": message.from_clientid,
        "username": message.from_username or None,
        "payload": message.payload.decode("utf-8", "replace"),
        "topic": message.topic,
        "qos": message.qos,
        "timestamp": int(message.published * 1000),
    }


def run_rule(integration: Integration, rule: Rule, statement: Statement, columns: Row) -> None:
    """Count what a rule makes of a message."""
    counts = Counter(rule.published)
    counts["matched"] += 1
    try:
        rows = run_statement(statement, columns)
    except EvaluationError:
        counts.update(("failed", "failed.exception"))
    else:
        counts.update(("failed", "failed.no_result") if rows is None else ("passed",))
        for _ in rows or ():
            for action in rule.actions:
                counts.update(run_action(integration, action))
    rule.published = dict(counts)


def run_action(integration: Integration, action: object) -> tuple[str, ...]:
    """Count a message for an action; return the counters of the rule that grow."""
    channel = integration.find_action(action)
    if channel is None and isinstance(action, str):
        return ("actions.total", "actions.failed", "actions.failed.unknown")
    if channel is None:
        return ("actions.total", "actions.success")
    fine = integration.channel_state(channel)[0] == "connected"
    grown = ("matched", "success") if fine else ("matched", "queuing") if channel.enabled else ()
    channel.published = dict(Counter(channel.published) + Counter(grown))
    return ("actions.total", "actions.success") if fine else ("actions.total", "actions.failed")
