"""Rules, the settings and events of the rule engine, and tests of SQL on sample columns."""

import re
from dataclasses import replace

from emqxctl.emqx.topics import topic_matches
from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.handlers._rows import Settings
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import EarlyResponse, Json, Row, error_response
from emqxctl.sandbox.rule_engine.evaluate import EvaluationError, reads_from, run_statement
from emqxctl.sandbox.rule_engine.sql import SqlError, Statement, parse_sql
from emqxctl.sandbox.schema.refusals import refuse, refuse_request, refuse_with
from emqxctl.sandbox.schema.rules import (
    RULE_ID,
    bad_arguments,
    check_rule,
    check_settings,
    format_erlang_string,
    format_erlang_value,
)
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.integration import Rule
from emqxctl.sandbox.state.integration_metrics import rule_metrics
from emqxctl.sandbox.state.records import format_time, stable_random

FUZZY = ("from", "like_id", "like_from", "match_from", "like_description", "action", "source")
SAMPLE_CLIENT = "c"


def rule_row(cluster: Cluster, rule: Rule) -> Row:
    """Return one rule."""
    times = {"created_at": format_time(rule.created), "last_modified_at": format_time(rule.modified)}
    row = {**rule.settings(), **times, "from": rule.topics, "id": rule.id}
    return dict(sorted(row.items())) | cluster.edition_fields("rule")


RULES = Items("rules", lambda call, _id, rule: rule_row(call.cluster, rule))


def check_page(call: Call) -> Row:
    """Return page and limit, of which only the sign is checked; what is no number crashes EMQX.

    Raises EarlyResponse (400 or 500).
    """
    numbers: Row = {}
    for name, default in (("page", 1), ("limit", 100)):
        text = call.query[name]
        if text is not None and not re.fullmatch(r"[-+]?\d+", text):
            refuse("rules.crash")
        numbers[name] = default if text is None else int(text)
        if numbers[name] < 1:
            refuse("rules.bad_page")
    return numbers


def list_rules(call: Call) -> Json:
    """List the rules; EMQX counts them only without a filter, or with `enable` alone."""
    page = check_page(call)
    rules = sorted(call.cluster.integration.rules.values(), key=lambda rule: rule.id, reverse=True)
    rows = [rule_row(call.cluster, rule) for rule in rules if matches_filters(call, rule)]
    return cut_page(rows, page, counted=not any(call.query[name] for name in FUZZY))


def matches_filters(call: Call, rule: Rule) -> bool:
    """Return whether a rule passes the filters of the query."""
    query, uses = call.query, call.cluster.integration.uses
    part, pattern = query["like_from"], query["match_from"]
    return (
        query["enable"] in (None, "true" if rule.enable else "false")
        and (query["from"] is None or query["from"] in rule.topics)
        and (query["like_id"] or "") in rule.id
        and (not part or any(part in topic for topic in rule.topics))
        and (not pattern or any(topic_matches(topic, pattern) for topic in rule.topics))
        and (query["like_description"] or "") in rule.description
        and (not query["action"] or any(action in rule.actions for action in query["action"]))
        and (not query["source"] or any(source in uses("sources", rule) for source in query["source"]))
    )


def create_rule(call: Call) -> Json:
    """Create a rule; without an id it gets one."""
    fields, integration = dict(call.body), call.cluster.integration
    made_up = f"{stable_random(call.cluster.now(), len(integration.rules)):08x}"
    name = str(fields.pop("id", None) or made_up)
    if name in integration.rules:
        refuse_request("rule id already exists")
    return rule_row(call.cluster, save_rule(call.cluster, name, fields))


def update_rule(call: Call) -> Json:
    """Change what the body names and keep the rest; an unknown id makes a new rule."""
    fields = {name: value for name, value in call.body.items() if name != "id"}
    old = call.cluster.integration.rules.get(call.bindings["id"])
    if old is not None:
        fields = {**old.settings(), **fields}
    return rule_row(call.cluster, save_rule(call.cluster, call.bindings["id"], fields))


def save_rule(cluster: Cluster, name: str, fields: Row) -> Rule:
    """Check the fields of a rule and store it. Raises EarlyResponse (400)."""
    if not re.fullmatch(RULE_ID, name):
        expected = {"expected_data_type": f'<<"{RULE_ID}">>', "got": format_erlang_string(name)}
        place = {"kind": "validation_error", "path": '"rule_engine.rules"'}
        raise bad_arguments(**expected, **place, reason="invalid_map_key")
    checked, now = check_rule(name, fields), cluster.now()
    old = cluster.integration.rules.get(name)
    rule = replace(old or Rule(name, "", [], created=now, since=now), **checked, modified=now)
    cluster.integration.rules[name] = rule
    return rule


def reset_rule_metrics(call: Call) -> None:
    """Set the counters of a rule to zero."""
    rule = RULES.find(call)
    rule.since, rule.published = call.cluster.now(), {}


def show_rule_metrics(call: Call) -> Json:
    """Show what went through a rule."""
    return rule_metrics(call.cluster, RULES.find(call))


SETTINGS = Settings("rule_engine", lambda call, settings: settings | check_settings(call.body, settings))


def test_sql(call: Call) -> Json:
    """Test a statement; FOREACH returns an array."""
    event = find_event(call.body.get("context"))
    statement = parse_statement(str(call.body.get("sql", "")))
    columns = build_columns(call.cluster, event, call.body["context"])
    columns["metadata"] = {"rule_id": f"sql_tester:{stable_random(columns['timestamp']):016x}"}
    rows = evaluate_statement(statement, columns, event)
    return rows if statement.foreach is not None else rows[0]


def test_rule(call: Call) -> Json:
    """Test a rule, enabled or not; nothing is sent."""
    rule = call.cluster.integration.rules.get(call.bindings["id"])
    if rule is None:
        refuse_with(404, "RULE_NOT_FOUND", "The rule could not be found")
    event = find_event(call.body.get("context"))
    columns = build_columns(call.cluster, event, call.body["context"])
    evaluate_statement(parse_statement(rule.sql), columns, event)
    return ["ok" for _ in rule.actions]


def find_event(context: Json) -> Row:
    """Find the event of a test. Raises EarlyResponse (400)."""
    named = context.get("event_type") if isinstance(context, dict) else None
    for event in read_table("rule_events"):
        bridge = named == "bridge_mqtt" and event["event"].startswith("$bridges/")
        if bridge or named == event_type(event).replace("*", ""):
            match: Row = event
            return match
    value = "undefined" if named is None else format_erlang_value(named)
    where, reason = format_erlang_string("rule_test.context"), '<<"unknown event type">>'
    fields = f"field_name => event_type,kind => validation_error,path => {where},reason => {reason}"
    message = f"Bad Arguments: #{{{fields},value => {value}}}"
    raise EarlyResponse(error_response(400, "BAD_REQUEST", message))


def parse_statement(sql: str) -> Statement:
    """Read a statement. Raises EarlyResponse (400)."""
    try:
        return parse_sql(sql)
    except SqlError as error:
        refuse_with(400, "BAD_REQUEST", error.message)


def build_columns(cluster: Cluster, event: Row, context: Row) -> Row:
    """Build all columns of an event, those of the context first, then samples."""
    now, samples = int(cluster.now() * 1000), event["test_columns"]
    values: Row = {
        "timestamp": now,
        "node": cluster.self_node,
        "event": event_type(event).replace("_", ".", 1),
    }
    for name in event["columns"]:
        if name in samples:
            values.setdefault(name, samples[name][0])
        elif name.endswith(("_at", "_time")):
            values.setdefault(name, now)
        else:
            values.setdefault(name, read_table("rule_test_columns").get(name, "undefined"))
    if "id" in values:
        values["id"] = f"{stable_random(now, event_type(event)):032X}"
    if values.get("clientid") is not None and "clientid" not in context:
        values["clientid"] = SAMPLE_CLIENT
    return {**values, **context}


def event_type(event: Row) -> str:
    """Return the name of an event, which contexts call `event_type`."""
    return str(event["event"]).rpartition("/")[2]


def evaluate_statement(statement: Statement, columns: Row, event: Row) -> list[Row]:
    """Run a statement. Raises EarlyResponse: 412 when nothing matches, 400 when it fails."""
    topic = str(columns.get("topic", ""))
    bridge = event["event"].startswith("$bridges/") and any(
        source.startswith("$") for source in statement.topics
    )
    try:
        reads = bridge or reads_from(statement, topic, event_type(event))
        rows = run_statement(statement, columns) if reads else None
    except EvaluationError as error:
        refuse_with(400, "BAD_REQUEST", f"SQL failed: {error}")
    if rows is None:
        refuse("rules.no_match")
    return rows
