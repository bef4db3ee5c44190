"""What changes when rules, connectors, actions, sources and bridges are worked on."""

import pytest

from tests.sandbox.conftest import Caller, Clock

HTTP = "http://10.0.0.1:8080"


def make_chain(call: Caller) -> None:
    """Make a connector, an action on it and a rule that uses that."""
    assert call("POST", "/connectors", {"type": "http", "name": "c", "url": HTTP})[0] == 201
    action = {"type": "http", "name": "a", "connector": "c", "parameters": {"path": "/x"}}
    assert call("POST", "/actions", action)[0] == 201
    rule = {"id": "r", "sql": 'SELECT * FROM "t/#" WHERE payload.x > 5', "actions": ["http:a"]}
    assert call("POST", "/rules", rule)[0] == 201


def test_a_fresh_sandbox_has_one_connector_that_is_down(call: Caller) -> None:
    states = {row["name"]: row["status"] for row in call("GET", "/connectors")[1]}
    assert states["billing-webhook"] == "disconnected"
    assert states["telemetry-store"] == "connected"
    alarms = {row["details"]["resource_id"] for row in call("GET", "/alarms")[1]["data"]}
    assert alarms == {
        "connector:http:billing-webhook",
        "action:http:forward-billing:" + "connector:http:billing-webhook",
    }
    assert call("GET", "/rules")[1]["meta"]["count"] == 6
    assert {row["id"] for row in call("GET", "/rules?enable=false")[1]["data"]} == {"debug-alerts"}


def test_what_is_in_use_is_not_deleted(call: Caller) -> None:
    make_chain(call)
    status, refusal = call("DELETE", "/connectors/http:c")
    assert (status, refusal["code"]) == (400, "BAD_REQUEST")
    assert call("DELETE", "/actions/http:a") == (
        400,
        {
            "code": "BAD_REQUEST",
            "message": "Cannot delete action while active rules are depending on it",
            "rules": ["r"],
        },
    )
    assert call("DELETE", "/actions/http:a?also_delete_dep_actions=true")[0] == 204
    assert call("GET", "/rules/r")[1]["actions"] == []
    assert call("DELETE", "/connectors/http:c")[0] == 204


def test_masked_secrets_are_kept(call: Caller) -> None:
    wish = {"type": "mqtt", "name": "m", "server": "10.0.0.2:1883", "password": "wrong"}
    assert call("POST", "/connectors", wish)[1]["status_reason"] == "Bad username or password"
    kept = {"server": "10.0.0.2:1883", "password": "******"}
    assert call("PUT", "/connectors/mqtt:m", kept)[1]["status"] == "disconnected"
    assert call("PUT", "/connectors/mqtt:m", {**kept, "password": "right"})[1]["status"] == "connected"
    assert call("GET", "/connectors/mqtt:m")[1]["password"] == "******"


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        (HTTP, (204, None)),
        ("http://10.0.0.1:9", (400, {"code": "TEST_FAILED", "message": "Connection refused"})),
        ("http://x.invalid", (400, {"code": "TEST_FAILED", "message": "Could not resolve host"})),
    ],
)
def test_a_probe_keeps_nothing(call: Caller, url: str, answer: tuple[int, object]) -> None:
    assert call("POST", "/connectors_probe", {"type": "http", "name": "p", "url": url}) == answer
    assert call("GET", "/connectors/http:p")[0] == 404


def test_an_action_fares_as_its_connector_does(call: Caller) -> None:
    make_chain(call)
    assert call("GET", "/actions/http:a")[1]["status"] == "connected"
    call("PUT", "/connectors/http:c/enable/false")
    assert call("GET", "/connectors/http:c")[1]["status"] == "stopped"
    assert call("GET", "/actions/http:a")[1]["status_reason"] == "Resource not operational"
    assert call("POST", "/connectors/http:c/start")[0] == 400
    call("PUT", "/connectors/http:c/enable/true")
    call("PUT", "/actions/http:a/enable/false")
    assert call("POST", "/actions/http:a/start")[1]["message"] == "Forbidden operation, bridge not enabled"
    call("PUT", "/actions/http:a/enable/true")
    node = call.cluster.self_node
    assert call("POST", f"/nodes/{node}/actions/http:a/start")[0] == 204


def test_what_is_published_is_counted(call: Caller) -> None:
    make_chain(call)
    for number in (1, 9):
        call("POST", "/publish", {"topic": "t/1", "payload": f'{{"x":{number}}}'})
    metrics = call("GET", "/rules/r/metrics")[1]["metrics"]
    assert (metrics["matched"], metrics["passed"], metrics["failed.no_result"]) == (2, 1, 1)
    assert (metrics["actions.success"], metrics["actions.failed"]) == (1, 0)
    assert call("GET", "/actions/http:a/metrics")[1]["metrics"]["success"] == 1
    assert call("PUT", "/rules/r/metrics/reset")[0] == 204
    assert call("GET", "/rules/r/metrics")[1]["metrics"]["matched"] == 0
    call("PUT", "/connectors/http:c", {"url": "http://10.0.0.1:9"})
    call("POST", "/publish", {"topic": "t/1", "payload": '{"x":9}'})
    assert call("GET", "/rules/r/metrics")[1]["metrics"]["actions.failed"] == 1


def test_traffic_goes_on_by_itself(call: Caller, clock: Clock) -> None:
    before = call("GET", "/rules/store-telemetry/metrics")[1]["metrics"]["matched"]
    clock.now += 10
    after = call("GET", "/rules/store-telemetry/metrics")[1]["metrics"]
    assert after["matched"] - before == 3 * 32
    assert after["matched.rate"] > 0
    down = call("GET", "/actions/http:forward-billing/metrics")[1]["metrics"]
    assert down["success"] == 0
    assert down["queuing"] > 0
    assert call("PUT", "/actions/http:forward-billing/metrics/reset")[0] == 204
    assert call("GET", "/actions/http:forward-billing/metrics")[1]["metrics"]["matched"] == 0
    assert call("GET", "/sources/mqtt:cloud-commands/metrics")[1]["metrics"]["received"] > 0


def test_a_rule_is_made_by_put_and_kept_where_nothing_is_said(call: Caller) -> None:
    assert call("PUT", "/rules/new", {"sql": 'SELECT * FROM "a", "b"', "enable": False})[0] == 200
    assert call("PUT", "/rules/new", {"description": "x"})[1]["from"] == ["a", "b"]
    assert call("GET", "/rules/new")[1]["enable"] is False
    assert call("GET", "/rules?match_from=%2B&like_id=ne")[1]["data"][0]["id"] == "new"
    assert call("GET", "/rules?limit=ten")[0] == 500
    assert call("GET", "/rules?limit=10001")[0] == 200
    assert call("DELETE", "/rules/new")[0] == 204


@pytest.mark.parametrize(
    ("sql", "payload", "answer"),
    [
        ("SELECT payload.x + 1 as y", {"x": 1}, {"y": 2}),
        ("SELECT upper(payload.s) as s, qos", {"s": "a"}, {"s": "A", "qos": 1}),
        ("SELECT payload.a.b", {"a": {"b": 3}}, {"payload": {"a": {"b": 3}}}),
        ("SELECT payload.nope as n", {}, {"n": "undefined"}),
        ("SELECT 1 as one WHERE NOT payload.x = '2' AND (qos = 1 OR qos > 5)", {"x": 1}, {"one": 1}),
        ("FOREACH payload.l AS v DO v.n as n INCASE v.n > 1", {"l": [{"n": 1}, {"n": 2}]}, [{"n": 2}]),
    ],
)
def test_sql_is_evaluated(call: Caller, sql: str, payload: object, answer: object) -> None:
    head, where, condition = sql.partition(" WHERE")
    statement = f'{head} FROM "t/#"{where}{condition}'
    context = {"event_type": "message_publish", "topic": "t/1", "payload": payload, "qos": 1}
    assert call("POST", "/rule_test", {"sql": statement, "context": context}) == (200, answer)


@pytest.mark.parametrize("sql", ["SELECT", 'SELECT * FROM "t" WHERE', 'SELECT a b FROM "t"', "SELECT ~"])
def test_broken_sql_is_refused(call: Caller, sql: str) -> None:
    status, answer = call("POST", "/rules", {"id": "r", "sql": sql})
    assert status == 400
    assert "parse_error" in answer["message"]


def test_a_bridge_is_a_connector_and_an_action(call: Caller) -> None:
    wish = {"type": "webhook", "name": "w", "url": HTTP + "/x", "method": "post"}
    assert call("POST", "/bridges", wish)[0] == 201
    assert call("GET", "/connectors/http:w")[1]["url"] == HTTP
    assert call("GET", "/actions/http:w")[1]["parameters"]["path"] == "/x"
    assert call("POST", "/bridges/webhook:w/stop")[0] == 204
    assert call("GET", "/bridges/webhook:w")[1]["status"] == "stopped"
    assert call("POST", "/bridges/webhook:w/restart")[0] == 204
    assert call("PUT", "/bridges/webhook:w", {"url": HTTP + "/y"})[1]["url"] == HTTP + "/y"
    assert call("PUT", "/bridges/webhook:w/enable/false")[0] == 204
    assert call("GET", "/actions/http:w")[1]["enable"] is False
    assert call("DELETE", "/bridges/webhook:w")[0] == 204
    assert call("GET", "/connectors/http:w")[0] == 404


def test_an_mqtt_bridge_may_read(call: Caller) -> None:
    wish = {"type": "mqtt", "name": "m", "server": "10.0.0.2:1883", "ingress": {"remote": {"topic": "up/#"}}}
    status, made = call("POST", "/bridges", wish)
    assert status == 201
    assert made["ingress"]["remote"]["topic"] == "up/#"
    assert call("GET", "/sources/mqtt:m")[0] == 200
