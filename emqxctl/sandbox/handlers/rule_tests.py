"""The rule engine: its settings, the events it knows, and SQL tried on made-up columns."""

from emqxctl.sandbox.data.rule_events import EVENTS, Event
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Json, Row, answer_error, answer_json
from emqxctl.sandbox.rule_engine.evaluate import RunError, reads, run
from emqxctl.sandbox.rule_engine.sql import SqlError, Statement, read_sql
from emqxctl.sandbox.schema.rules import check_settings, erlang_text, erlang_value
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import draw

ANY_BODY = Body(loose=True)
NO_MATCH = "SQL Not Match"
# What EMQX puts into the columns that a test leaves out.
PROPERTIES = {
    "Receive-Maximum": 32,
    "Session-Expiry-Interval": 7200,
    "User-Property": {"foo": "bar"},
    "User-Property-Pairs": [{"key": "foo"}, {"value": "bar"}],
}
USER_PROPERTIES = {name: value for name, value in PROPERTIES.items() if name.startswith("User")}
COLUMNS: Row = {
    "clean_start": True,
    "client_attrs": {"test": "example"},
    "conn_props": PROPERTIES,
    "disconn_props": USER_PROPERTIES,
    "expiry_interval": 3600,
    "flags": {"dup": False, "retain": False},
    "is_bridge": False,
    "keepalive": 60,
    "mountpoint": "undefined",
    "peerhost": "127.0.0.1",
    "peername": "127.0.0.1:12345",
    "proto_name": "MQTT",
    "proto_ver": 5,
    "pub_props": USER_PROPERTIES,
    "puback_props": USER_PROPERTIES,
    "sockname": "0.0.0.0:1883",
    "sub_props": USER_PROPERTIES,
    "unsub_props": USER_PROPERTIES,
}
SAMPLE_CLIENT = "c"


@route("GET", "/rule_engine")
def get_settings(call: Call) -> Answer:
    """Show the settings."""
    return answer_json(call.cluster.integration.engine)


@route("PUT", "/rule_engine", body=ANY_BODY)
def update_settings(call: Call) -> Answer:
    """Change the settings that the body names."""
    call.cluster.integration.engine |= check_settings(call.body)
    return answer_json(call.cluster.integration.engine)


@route("GET", "/rule_events")
def list_events(_call: Call) -> Answer:
    """List the events that rules can read."""
    return answer_json([event.row() for event in EVENTS])


@route("POST", "/rule_test", body=ANY_BODY)
def test_sql(call: Call) -> Answer:
    """Try a statement; FOREACH answers with an array."""
    event = check_event(call.body.get("context"))
    statement = read(str(call.body.get("sql", "")))
    columns = fill(call.cluster, event, call.body["context"])
    columns["metadata"] = {"rule_id": f"sql_tester:{draw(columns['timestamp']):016x}"}
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


def check_event(context: Json) -> Event:
    """Find the event of a test. Raises AnswerNow (400)."""
    named = context.get("event_type") if isinstance(context, dict) else None
    for event in EVENTS:
        if named == event.name.replace("*", "") or (named == "bridge_mqtt" and event.topic[1:8] == "bridges"):
            return event
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


def fill(cluster: Cluster, event: Event, context: Row) -> Row:
    """Make all columns of an event, those of the context first, then samples."""
    now = int(cluster.now() * 1000)
    made: Row = {"timestamp": now, "node": cluster.self_node, "event": dotted(event.name)}
    for name in event.columns.split():
        if name in event.samples:
            made.setdefault(name, event.samples[name][0])
        elif name.endswith(("_at", "_time")):
            made.setdefault(name, now)
        else:
            made.setdefault(name, COLUMNS.get(name, "undefined"))
    if "id" in made:
        made["id"] = f"{draw(now, event.name):032X}"
    if made.get("clientid") is not None and "clientid" not in context:
        made["clientid"] = SAMPLE_CLIENT
    return {**made, **context}


def dotted(name: str) -> str:
    """Write an event's name as its column has it: `client.connected`."""
    return name.replace("_", ".", 1)


def evaluate(statement: Statement, columns: Row, event: Event) -> list[Row]:
    """Run a statement. Raises AnswerNow: 412 when nothing matches, 400 when it fails."""
    topic = str(columns.get("topic", ""))
    bridge = event.topic.startswith("$bridges/") and any(one.startswith("$") for one in statement.topics)
    try:
        made = run(statement, columns) if bridge or reads(statement, topic, event.name) else None
    except RunError as error:
        raise AnswerNow(answer_error(400, "BAD_REQUEST", f"SQL failed: {error}")) from None
    if made is None:
        raise AnswerNow(answer_error(412, "NOT_MATCH", NO_MATCH))
    return made
