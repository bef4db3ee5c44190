"""The rule engine: its settings, its events, and tests of SQL on sample columns."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._settings import serve_settings
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Json, Response, Row, error_response, json_response
from emqxctl.sandbox.rule_engine.evaluate import EvaluationError, reads_from, run_statement
from emqxctl.sandbox.rule_engine.sql import SqlError, Statement, parse_sql
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.rules import check_settings, format_erlang_string, format_erlang_value
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import stable_random

ANY_BODY = Body(loose=True)
NO_MATCH = "SQL Not Match"
SAMPLE_CLIENT = "c"


serve_settings(
    "/rule_engine", "rule_engine", ANY_BODY, lambda call, settings: settings | check_settings(call.body)
)


@route("GET", "/rule_events")
def list_events(_call: Call) -> Response:
    """List the events that rules can read."""
    return json_response(read_table("rule_events"))


@route("POST", "/rule_test", body=ANY_BODY)
def test_sql(call: Call) -> Response:
    """Test a statement; FOREACH returns an array."""
    event = find_event(call.body.get("context"))
    statement = parse_statement(str(call.body.get("sql", "")))
    columns = build_columns(call.cluster, event, call.body["context"])
    columns["metadata"] = {"rule_id": f"sql_tester:{stable_random(columns['timestamp']):016x}"}
    rows = evaluate_statement(statement, columns, event)
    return json_response(rows if statement.foreach is not None else rows[0])


@route("POST", "/rules/{id}/test", body=ANY_BODY)
def test_rule(call: Call) -> Response:
    """Test a rule, enabled or not; nothing is sent."""
    rule = call.cluster.integration.rules.get(call.bindings["id"])
    if rule is None:
        return error_response(404, "RULE_NOT_FOUND", "The rule could not be found")
    event = find_event(call.body.get("context"))
    columns = build_columns(call.cluster, event, call.body["context"])
    evaluate_statement(parse_statement(rule.sql), columns, event)
    return json_response(["ok" for _ in rule.actions])


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
    values: Row = {"timestamp": now, "node": cluster.self_node, "event": event_column(event_type(event))}
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


def event_column(name: str) -> str:
    """Format an event's name as its column has it: `client.connected`."""
    return name.replace("_", ".", 1)


def evaluate_statement(statement: Statement, columns: Row, event: Row) -> list[Row]:
    """Run a statement. Raises EarlyResponse: 412 when nothing matches, 400 when it fails."""
    topic = str(columns.get("topic", ""))
    bridge = event["event"].startswith("$bridges/") and any(
        source.startswith("$") for source in statement.topics
    )
    try:
        rows = (
            run_statement(statement, columns)
            if bridge or reads_from(statement, topic, event_type(event))
            else None
        )
    except EvaluationError as error:
        refuse_with(400, "BAD_REQUEST", f"SQL failed: {error}")
    if rows is None:
        refuse_with(412, "NOT_MATCH", NO_MATCH)
    return rows
