"""What changes when gateways are worked on, and what telemetry and the dashboard's forms show."""

import pytest

from tests.sandbox.conftest import Caller, Clock

COAP = {"name": "coap", "listeners": [{"type": "udp", "name": "default", "bind": "5683"}]}


def test_a_fresh_sandbox_has_three_gateways(call: Caller) -> None:
    rows = {row["name"]: row for row in call("GET", "/gateways")[1]}
    assert {name: row["status"] for name, row in rows.items()} == {
        "coap": "unloaded",
        "exproto": "unloaded",
        "lwm2m": "running",
        "mqttsn": "running",
        "stomp": "running",
    }
    clients = call("GET", "/gateways/lwm2m/clients")[1]
    assert clients["meta"]["count"] == rows["lwm2m"]["current_connections"] == 3


def test_a_gateway_is_loaded_stopped_and_started(call: Caller, clock: Clock) -> None:
    assert call("GET", "/gateways/coap/clients")[1]["message"] == "Gateway not loaded"
    assert call("PUT", "/gateways/coap", COAP)[0] == 204
    assert call("GET", "/gateways/coap/listeners")[1][0]["id"] == "coap:udp:default"
    clock.now += 60
    assert call("PUT", "/gateways/coap/enable/false")[0] == 204
    stopped = call("GET", "/gateways/coap")[1]
    assert (stopped["status"], stopped["stopped_at"] > stopped["created_at"]) == ("stopped", True)
    assert call("PUT", "/gateways/coap", {"name": "coap", "enable": True})[0] == 204
    assert call("GET", "/gateways/coap/listeners")[1][0]["status"]["running"] is True


def test_stopping_a_gateway_ends_its_connections(call: Caller) -> None:
    call("PUT", "/gateways/stomp/enable/false")
    assert call("GET", "/gateways/stomp/clients")[1]["data"] == []


@pytest.mark.parametrize("place", ["stomp", "stomp/listeners/stomp:tcp:default"])
def test_users_go_with_the_authentication(call: Caller, place: str) -> None:
    base = f"/gateways/{place}/authentication"
    call("DELETE", base)
    assert call("GET", base)[0] == 204
    assert call("GET", f"{base}/users")[0] == 404
    made = {"mechanism": "password_based", "backend": "built_in_database", "user_id_type": "username"}
    assert call("POST", base, made)[0] == 201
    assert call("POST", f"{base}/users", {"user_id": "a/b", "password": "x"})[0] == 201
    assert call("GET", f"{base}/users/a%2Fb")[1] == {"user_id": "a/b", "is_superuser": False}
    assert call("DELETE", base)[0] == 204
    call("POST", base, made)
    assert call("GET", f"{base}/users")[1]["data"] == []


def test_a_client_is_subscribed_under_its_mount_point(call: Caller) -> None:
    base = "/gateways/stomp/clients/forklift-terminal-1"
    assert call("POST", f"{base}/subscriptions", {"topic": "x/y", "qos": 1})[1]["topic"] == "stomp/x/y"
    assert [row["topic"] for row in call("GET", f"{base}/subscriptions")[1]] == ["stomp/x/y", "stomp/orders"]
    assert call("DELETE", f"{base}/subscriptions/x%2Fy")[0] == 204
    assert call("DELETE", base)[0] == 204
    assert call("GET", base)[0] == 404


def test_a_meter_answers_and_a_silent_one_does_not(call: Caller) -> None:
    for name, code in (("lwm2m-meter-01", "2.05"), ("lwm2m-silent", "6.01")):
        base = f"/gateways/lwm2m/clients/{name}"
        call("POST", f"{base}/write?path=/3/0/14&type=String&value=UTC")
        assert call("POST", f"{base}/read?path=/3/0/14")[0] == 204
        answer = call("GET", f"{base}/lookup?path=/3/0/14&action=read")[1]
        assert answer["code"] == code
    answer = call("GET", "/gateways/lwm2m/clients/lwm2m-meter-01/lookup?path=/3/0/14&action=read")[1]
    assert answer["content"] == [{"path": "/3/0/14", "value": "UTC"}]


def test_telemetry_counts_what_there_is(call: Caller) -> None:
    assert call("GET", "/telemetry/data")[0] == 404
    assert call("PUT", "/telemetry/status", {"enable": True}) == (200, {"enable": True})
    data = call("GET", "/telemetry/data")[1]
    assert data["gateway"]["stomp"]["num_clients"] == 2
    assert data["num_cluster_sessions"] == len(call.cluster.clients)
    assert call("PUT", "/telemetry/status", {"enable": True})[0] == 400


def test_settings_are_described(call: Caller) -> None:
    assert "dashboard.dashboard" in call("GET", "/schemas/hotconf")[1]["components"]["schemas"]
    assert call("GET", "/schemas/nope")[0] == 400
