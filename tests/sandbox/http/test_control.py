"""Stopping and starting nodes, on the cluster and over the sandbox's control path."""

import base64
import http.client
import json
from typing import Any

import pytest

from emqxctl.sandbox.state.cluster import NODES
from tests.sandbox.conftest import Caller, Clock

THIRD = NODES[2]


def control(call: Caller, method: str, path: str, key: str = "sandbox:sandbox-secret") -> tuple[int, Any]:
    """Call what lies beside the API."""
    connection = http.client.HTTPConnection("127.0.0.1", call.sandbox.port, timeout=10)
    headers = {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"} if key else {}
    connection.request(method, f"/sandbox{path}", headers=headers)
    response = connection.getresponse()
    raw = response.read()
    connection.close()
    return response.status, json.loads(raw) if raw else None


def test_a_stopped_node_takes_its_sessions_and_alarms_along(call: Caller) -> None:
    assert control(call, "PUT", f"/nodes/{THIRD}/stop")[1]["node_status"] == "stopped"
    assert call("GET", "/cluster")[1]["nodes"] == list(NODES[:2])
    assert call("GET", f"/nodes/{THIRD}")[0] == 404
    assert {row["node"] for row in call("GET", "/clients?limit=1000")[1]["data"]} == set(NODES[:2])
    assert {row["node"] for row in call("GET", "/alarms")[1]["data"]} == set(NODES[:2])
    assert call("GET", f"/clients?node={THIRD}")[1]["code"] == "NODE_DOWN"


def test_a_started_node_begins_anew_and_its_clients_come_back(call: Caller, clock: Clock) -> None:
    before = call("GET", f"/nodes/{THIRD}")[1]
    held = {name for name, one in call.cluster.clients.items() if one.node == THIRD and one.connected}
    call.cluster.counts[THIRD]["messages.publish"] = 10**9
    call.cluster.stop_node(THIRD)
    clock.now += 30
    assert control(call, "PUT", f"/nodes/{THIRD}/start")[0] == 200
    clock.now += 2
    after = call("GET", f"/nodes/{THIRD}")[1]
    assert after["uptime"] == 2_000
    assert after["live_connections"] == before["live_connections"] == after["connections"]
    back = {row["clientid"]: row for row in call("GET", f"/clients?node={THIRD}&limit=1000")[1]["data"]}
    assert set(back) == held
    assert all(row["connected_at"] == row["created_at"] for row in back.values())
    assert any(row["subscriptions_cnt"] for row in back.values())
    assert call("GET", f"/nodes/{THIRD}/metrics")[1]["messages.publish"] < 10**9
    assert THIRD in {row["node"] for row in call("GET", "/alarms")[1]["data"]}


def test_both_may_be_said_twice(call: Caller) -> None:
    for wish, state in (("stop", "stopped"), ("stop", "stopped"), ("start", "running"), ("start", "running")):
        assert control(call, "PUT", f"/nodes/{THIRD}/{wish}")[1]["node_status"] == state
    assert len(call.cluster.nodes[THIRD].outages) == 1


def test_who_connected_elsewhere_meanwhile_stays_there(call: Caller) -> None:
    name = next(key for key, one in call.cluster.clients.items() if one.node == THIRD and one.connected)
    call.cluster.stop_node(THIRD)
    call.cluster.add_client(name, node=NODES[1])
    call.cluster.start_node(THIRD)
    assert call("GET", f"/clients/{name}")[1]["node"] == NODES[1]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", f"/nodes/{NODES[0]}/stop", 400),
        ("PUT", "/nodes/nobody/stop", 404),
        ("PUT", f"/nodes/{THIRD}/burn", 404),
        ("GET", f"/nodes/{THIRD}/stop", 405),
        ("DELETE", "/nodes", 405),
        ("GET", "", 404),
    ],
)
def test_what_makes_no_sense_is_refused(call: Caller, method: str, path: str, status: int) -> None:
    assert control(call, method, path)[0] == status
    assert call.cluster.running() == list(NODES)


@pytest.mark.parametrize("key", ["", "sandbox:wrong", "made:within"])
def test_only_the_sandboxs_own_key_opens_it(call: Caller, key: str) -> None:
    made = call.cluster.access.api_keys["grafana"]
    key = f"{made.key}:{made.secret}" if key == "made:within" else key
    assert control(call, "PUT", f"/nodes/{THIRD}/stop", key)[0] == 401
    assert call.cluster.running() == list(NODES)


def test_it_is_no_part_of_the_api(call: Caller) -> None:
    assert call("GET", "/sandbox/nodes")[0] == 404
