"""What is published fed to the rules: each counts, and so do its actions. Nothing is sent anywhere."""

from collections import Counter
from functools import lru_cache

from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.rule_engine.evaluate import RunError, reads, run
from emqxctl.sandbox.rule_engine.sql import Statement, read_sql
from emqxctl.sandbox.state.integration import Integration, Rule
from emqxctl.sandbox.state.records import Message

read_once = lru_cache(maxsize=256)(read_sql)


def run_rules(held: Integration, message: Message) -> None:
    """Let every enabled rule that reads from the topic see a message."""
    for rule in held.rules.values():
        if rule.enable and rule.sql:
            statement = read_once(rule.sql)
            if reads(statement, message.topic, "message_publish"):
                feed_rule(held, rule, statement, columns_of(message))


def columns_of(message: Message) -> Row:
    """Make the columns of a message."""
    return {
        "event": "message.publish",
        "id": message.msgid,
        "clientid": message.from_clientid,
        "username": message.from_username or None,
        "payload": message.payload.decode("utf-8", "replace"),
        "topic": message.topic,
        "qos": message.qos,
        "timestamp": int(message.at * 1000),
    }


def feed_rule(held: Integration, rule: Rule, statement: Statement, columns: Row) -> None:
    """Count what a rule makes of a message."""
    counts = Counter(rule.seen)
    counts["matched"] += 1
    try:
        made = run(statement, columns)
    except RunError:
        counts.update(("failed", "failed.exception"))
    else:
        counts.update(("failed", "failed.no_result") if made is None else ("passed",))
        for _ in made or ():
            for action in rule.actions:
                counts.update(feed_action(held, action))
    rule.seen = dict(counts)


def feed_action(held: Integration, action: object) -> tuple[str, ...]:
    """Count what an action makes of a message; gives the counters of the rule that grow."""
    channel = held.named_action(action)
    if channel is None and isinstance(action, str):
        return ("actions.total", "actions.failed", "actions.failed.unknown")
    if channel is None:
        return ("actions.total", "actions.success")
    fine = held.channel_state(channel)[0] == "connected"
    grown = ("matched", "success") if fine else ("matched", "queuing") if channel.enabled else ()
    channel.seen = dict(Counter(channel.seen) + Counter(grown))
    return ("actions.total", "actions.success") if fine else ("actions.total", "actions.failed")
