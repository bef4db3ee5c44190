"""The rule engine: its settings, the events it knows, and SQL tried on made-up columns."""

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.handlers._settings import serve_settings
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Json, Row, answer_error, answer_json
from emqxctl.sandbox.rule_engine.evaluate import RunError, reads, run
from emqxctl.sandbox.rule_engine.sql import SqlError, Statement, read_sql
from emqxctl.sandbox.schema.rules import check_settings, erlang_text, erlang_value
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
def list_events(_call: Call) -> Answer:
    """List the events that rules can read."""
    return answer_json(read_table("rule_events"))


@route("POST", "/rule_test", body=ANY_BODY)
def test_sql(call: Call) -> Answer:
    """Try a statement; FOREACH answers with an array."""
    event = check_event(call.body.get("context"))
    statement = read(str(call.body.get("sql", "")))
    columns = fill(call.cluster, event, call.body["context"])
    columns["metadata"] = {"rule_id": f"sql_tester:{stable_random(columns['timestamp']):016x}"}
    made = evaluate(statement, columns, event)
    return answer_json(made if statement.each is not None else made[0])


@route("POST", "/rules/{id}/test", body=ANY_BODY)
def test_rule(call: Call) -> Answer:
    """Try a rule, enabled or not; nothing is sent anywhere."""
    rule = call.cluster.integration.rules.get(call.bindings["id"])
    if rule is None:
        return answer_error(404, "RULE_NOT_FOUND", "The rule could not be found")
    event = check_event(call.body.get("context"))
    columns = fill(call.cluster, event, call.body["context"])
    evaluate(read(rule.sql), columns, event)
    return answer_json(["ok" for _ in rule.actions])


def check_event(context: Json) -> Row:
    """Find the event of a test. Raises AnswerNow (400)."""
    named = context.get("event_type") if isinstance(context, dict) else None
    for event in read_table("rule_events"):
        bridge = named == "bridge_mqtt" and event["event"].startswith("$bridges/")
        if bridge or named == event_type(event).replace("*", ""):
            found: Row = event
            return found
    value = "undefined" if named is None else erlang_value(named)
    where, reason = erlang_text("rule_test.context"), '<<"unknown event type">>'
    fields = f"field_name => event_type,kind => validation_error,path => {where},reason => {reason}"
    message = f"Bad Arguments: #{{{fields},value => {value}}}"
    raise AnswerNow(answer_error(400, "BAD_REQUEST", message))


def read(sql: str) -> Statement:
    """Read a statement. Raises AnswerNow (400)."""
    try:
        return read_sql(sql)
    except SqlError as error:
        raise AnswerNow(answer_error(400, "BAD_REQUEST", error.message)) from None


def fill(cluster: Cluster, event: Row, context: Row) -> Row:
    """Make all columns of an event, those of the context first, then samples."""
    now, samples = int(cluster.now() * 1000), event["test_columns"]
    made: Row = {"timestamp": now, "node": cluster.self_node, "event": dotted(event_type(event))}
    for name in event["columns"]:
        if name in samples:
            made.setdefault(name, samples[name][0])
        elif name.endswith(("_at", "_time")):
            made.setdefault(name, now)
        else:
            made.setdefault(name, read_table("rule_test_columns").get(name, "undefined"))
    if "id" in made:
        made["id"] = f"{stable_random(now, event_type(event)):032X}"
    if made.get("clientid") is not None and "clientid" not in context:
        made["clientid"] = SAMPLE_CLIENT
    return {**made, **context}


def event_type(event: Row) -> str:
    """Return the name of an event, which contexts call `event_type`."""
    return str(event["event"]).rpartition("/")[2]


def dotted(name: str) -> str:
    """Write an event's name as its column has it: `client.connected`."""
    return name.replace("_", ".", 1)


def evaluate(statement: Statement, columns: Row, event: Row) -> list[Row]:
    """Run a statement. Raises AnswerNow: 412 when nothing matches, 400 when it fails."""
    topic = str(columns.get("topic", ""))
    bridge = event["event"].startswith("$bridges/") and any(one.startswith("$") for one in statement.topics)
    try:
        made = run(statement, columns) if bridge or reads(statement, topic, event_type(event)) else None
    except RunError as error:
        raise AnswerNow(answer_error(400, "BAD_REQUEST", f"SQL failed: {error}")) from None
    if made is None:
        raise AnswerNow(answer_error(412, "NOT_MATCH", NO_MATCH))
    return made
