"""What goes on by itself in a sandbox that stays, by an injected clock."""

from collections.abc import Iterator
from typing import Any

import pytest

from emqxctl.sandbox.activity.activity import HOT
from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.cluster import NODES
from tests.sandbox.conftest import Caller, Clock

FLOWS = {"received": "received_msg_rate", "sent": "sent_msg_rate", "dropped": "dropped_msg_rate"}
FLAPPING = "sensor-001"


@pytest.fixture
def moving(clock: Clock) -> Iterator[Caller]:
    with Sandbox(clock=clock, simulate_activity=True) as sandbox:
        yield Caller(sandbox)


def clients(call: Caller) -> dict[str, Any]:
    return {row["clientid"]: row for row in call("GET", "/clients?limit=1000")[1]["data"]}


def hot(call: Caller, *, active: bool) -> list[Any]:
    rows = call("GET", f"/alarms?activated={str(active).lower()}&limit=1000")[1]["data"]
    return [row for row in rows if row["name"] == HOT]


def test_steps_and_leaps_lead_to_the_same() -> None:
    def live(step: int) -> Any:
        clock = Clock()
        cluster = Sandbox(clock=clock, simulate_activity=True).cluster
        for _ in range(0, 960, step):
            clock.now += step
            cluster.activity.advance()
        alarms = [each.row(0) for each in (*cluster.alarms, *cluster.past_alarms)]
        return {key: one.row() for key, one in cluster.clients.items()}, alarms, cluster.counts

    assert live(3) == live(960)


def test_without_movement_nothing_happens(call: Caller, clock: Clock) -> None:
    before = clients(call), call("GET", "/metrics")[1]
    clock.now += 120
    assert (clients(call), call("GET", "/metrics")[1]) == before
    assert hot(call, active=True) == []


def test_clients_come_and_go(moving: Caller, clock: Clock) -> None:
    seen: list[set[str]] = []
    for _ in range(30):
        clock.now += 10
        seen.append({name for name, row in clients(moving).items() if row["connected"]})
    assert len(set.union(*seen)) > max(map(len, seen))
    assert any(name.startswith("phone-") for names in seen for name in names)
    assert {FLAPPING in names for names in seen} == {True, False}
    assert all("historian-01" in names for names in seen)


def test_who_wants_a_session_keeps_it_while_away(moving: Caller, clock: Clock) -> None:
    states = set()
    for _ in range(40):
        clock.now += 10
        states |= {row["connected"] for name, row in clients(moving).items() if name == "gateway-lyon-05"}
    assert states == {True, False}


def test_a_hot_processor_raises_an_alarm_for_a_minute(moving: Caller, clock: Clock) -> None:
    clock.now += 50
    (alarm,) = hot(moving, active=True)
    assert alarm["duration"] == 5_000
    clock.now += 50
    loads = {row["node"]: row["load1"] for row in moving("GET", "/nodes")[1]}
    assert max(loads, key=lambda node: loads[node]) == alarm["node"]
    assert loads[alarm["node"]] > 4
    clock.now += 20
    assert hot(moving, active=True) == []
    (past,) = hot(moving, active=False)
    assert past["duration"] == 60_000
    clock.now += 3_000
    assert len(hot(moving, active=False)) == 11


def test_rates_history_and_counters_agree(moving: Caller, clock: Clock) -> None:
    clock.now = clock.now // 10 * 10 + 10
    before = moving("GET", "/metrics?aggregate=true")[1]
    clock.now += 30
    after = moving("GET", "/metrics?aggregate=true")[1]
    points = moving("GET", "/monitor?latest=60")[1]
    whole = [row for row in points if "received" in row][-3:]
    rates = moving("GET", "/monitor_current")[1]
    for flow, rate in FLOWS.items():
        assert sum(row[flow] for row in whole) == after[f"messages.{flow}"] - before[f"messages.{flow}"] > 0
        assert rates[rate] == round(whole[-1][flow] / 10)
    shown = sum(moving("GET", f"/monitor_current/nodes/{node}")[1]["live_connections"] for node in NODES)
    assert shown == rates["live_connections"] == whole[-1]["live_connections"]
    assert shown == sum(row["live_connections"] for row in moving("GET", "/nodes")[1])


def test_rates_and_connections_vary(moving: Caller, clock: Clock) -> None:
    clock.now += 600
    points = [row for row in moving("GET", "/monitor?latest=3600")[1] if "received" in row]
    for name in ("received", "sent", "connections", "live_connections"):
        assert len({row[name] for row in points}) > 2
    assert min(row["received"] for row in points) > 0


def test_counters_only_grow(moving: Caller, clock: Clock) -> None:
    before = moving("GET", "/metrics")[1]
    for _ in range(20):
        clock.now += 13
        after = moving("GET", "/metrics")[1]
        for old, new in zip(before, after, strict=True):
            assert all(new[name] >= value for name, value in old.items() if name != "node")
        before = after


def test_who_is_kicked_returns_unless_banned(moving: Caller, clock: Clock) -> None:
    before = clients(moving)["sensor-002"]
    for name in ("sensor-002", "sensor-003"):
        assert moving("DELETE", f"/clients/{name}")[0] == 204
    moving("POST", "/banned", {"as": "clientid", "who": "sensor-003"})
    assert not {"sensor-002", "sensor-003"} & set(clients(moving))
    clock.now += 20
    held = clients(moving)
    assert held["sensor-002"]["connected_at"] > before["connected_at"]
    assert held["sensor-002"]["subscriptions_cnt"] == before["subscriptions_cnt"] > 0
    assert "sensor-003" not in held


def test_the_clients_of_a_stopped_node_go_to_the_others(moving: Caller, clock: Clock) -> None:
    third = NODES[2]
    clock.now += 120
    moving("GET", "/nodes")
    own = {name for name, row in clients(moving).items() if row["node"] == third and row["connected"]}
    moving.cluster.stop_node(third)
    assert not own & set(clients(moving))
    clock.now += 30
    back = {name: row["node"] for name, row in clients(moving).items() if name in own}
    assert len(back) >= len(own) - 3
    assert set(back.values()) == set(NODES[:2])
    clock.now += 30
    moving.cluster.start_node(third)
    clock.now += 30
    metrics = {row["node"]: row for row in moving("GET", "/metrics")[1]}
    assert 0 < metrics[third]["messages.received"] < 30 * 16
    assert metrics[NODES[1]]["messages.received"] > metrics[third]["messages.received"]
    points = [row for row in moving("GET", f"/monitor/nodes/{third}?latest=300")[1] if "received" in row]
    assert [row["received"] == 0 for row in points[-9:]].count(True) == 5
    assert any(row["connections"] == 0 for row in points[-9:-3])
    assert points[0]["connections"] > 0


def test_a_trace_grows_as_things_happen(moving: Caller, clock: Clock) -> None:
    wish = {"name": "t1", "type": "clientid", "clientid": FLAPPING, "payload_encode": "hidden"}
    assert moving("POST", "/trace", wish)[0] == 200
    node = moving.cluster.clients[FLAPPING].node

    def log(name: str = "t1") -> str:
        return str(moving("GET", f"/trace/{name}/log?node={node}&bytes=100000")[1]["items"])

    assert log() == ""
    clock.now += 5
    moving("POST", "/publish", {"topic": f"cmd/{FLAPPING}", "payload": "blink", "qos": 1})
    sent = log()
    assert f"] {FLAPPING}@10.20." in sent
    assert f"PUBLISH(Q1, R0, D0, Topic=cmd/{FLAPPING}, Payload(hidden)=******)" in sent
    clock.now += 60
    grown = log()
    assert grown.startswith(sent)
    assert "emqx_connection_terminated" in grown
    assert f"CONNECT(Q0, R0, D0, ClientId={FLAPPING}, " in grown
    assert f"topic: telemetry/quito/{FLAPPING}/temp" in grown
    stamps = [line.partition(" ")[0] for line in grown.splitlines()]
    assert stamps == sorted(stamps)


def test_a_trace_of_an_address_sees_a_kick(call: Caller) -> None:
    address = clients(call)["sensor-002"]["ip_address"]
    call("POST", "/trace", {"name": "t2", "type": "ip_address", "ip_address": address, "formatter": "json"})
    node = call.cluster.clients["sensor-002"].node
    call("POST", "/clients/sensor-002/subscribe", {"topic": "x/y", "qos": 1})
    call("DELETE", "/clients/sensor-002")
    lines = call("GET", f"/trace/t2/log?node={node}&bytes=9999")[1]["items"].splitlines()
    assert len(lines) == 2
    assert '"topic":"x/y"' in lines[0]
    assert '"clientid":"sensor-002"' in lines[1]
    assert "kicked" in lines[1]


def test_counters_of_connected_clients_grow(moving: Caller, clock: Clock) -> None:
    clock.now += 1
    before = clients(moving)
    clock.now += 10
    after = clients(moving)
    stayed = [name for name in before if name.startswith("sensor-") and after.get(name, {}).get("connected")]
    grown = [after[name]["recv_msg"] - before[name]["recv_msg"] for name in stayed]
    assert min(grown) >= 2
    assert len(set(grown)) > 3
    assert all(row["recv_pkt"] >= row["recv_msg"] for row in after.values() if row["connected"])


@pytest.mark.parametrize(
    ("kind", "who"),
    [("peerhost_net", "10.20.0.0/16"), ("clientid_re", "^sensor-"), ("username_re", "^fleet-")],
)
def test_a_ban_by_range_or_pattern_keeps_clients_out(
    moving: Caller, clock: Clock, kind: str, who: str
) -> None:
    assert moving("POST", "/banned", {"as": kind, "who": who})[0] == 200
    assert moving("DELETE", "/clients/sensor-021")[0] == 204
    clock.now += 30
    assert "sensor-021" not in clients(moving)
