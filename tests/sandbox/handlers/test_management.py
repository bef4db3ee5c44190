"""What changes when listeners, configuration, Prometheus and the cluster's members are worked on."""

import http.client

from emqxctl.emqx.hocon import parse_hocon
from emqxctl.emqx.hocon_format import format_hocon
from emqxctl.sandbox.state.cluster import NODES
from tests.sandbox.conftest import Caller, Clock


def send(
    call: Caller, method: str, path: str, body: str | None = None, accept: str = "*/*"
) -> tuple[int, str]:
    """Send text, and give the answer as text."""
    connection = http.client.HTTPConnection("127.0.0.1", call.sandbox.port, timeout=10)
    headers = {"Accept": accept, "Authorization": "Basic c2FuZGJveDpzYW5kYm94LXNlY3JldA=="}
    connection.request(
        method, f"/api/v5{path}", body, headers | ({"Content-Type": "text/plain"} if body else {})
    )
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def test_the_four_default_listeners_run(call: Caller) -> None:
    rows = call("GET", "/listeners")[1]
    assert [row["id"] for row in rows] == ["ssl:default", "tcp:default", "ws:default", "wss:default"]
    assert all(row["status"]["running"] is True for row in rows)
    assert sum(row["status"]["current_connections"] for row in rows) == sum(
        client.connected for client in call.cluster.clients.values()
    )


def test_a_listener_is_created_changed_stopped_and_deleted(call: Caller) -> None:
    assert (
        call("POST", "/listeners", {"type": "tcp", "name": "x", "bind": "0.0.0.0:1999"})[1]["running"] is True
    )
    refusal = call("POST", "/listeners", {"type": "tcp", "name": "y", "bind": "1999"})
    assert refusal[0] == 400
    assert "eaddrinuse" in refusal[1]["message"]
    change = {"id": "tcp:x", "type": "tcp", "bind": "0.0.0.0:1998", "max_connections": 10}
    assert call("PUT", "/listeners/tcp:x", change)[1]["max_connections"] == 10
    assert call("PUT", "/listeners/tcp:default", change)[0] == 400
    assert call("POST", "/listeners/tcp:x/stop")[0] == 200
    assert call("GET", "/listeners/tcp:x")[1]["enable"] is False
    assert call("POST", "/listeners/tcp:x/start")[0] == 200
    assert call("GET", "/listeners/tcp:x")[1]["running"] is True
    assert call("DELETE", "/listeners/tcp:x")[0] == 204


def test_stopping_a_listener_disconnects_its_clients(call: Caller) -> None:
    call.cluster.add_client("here", clean_start=True)
    call.cluster.add_client("there", clean_start=False)
    call("POST", "/listeners/tcp:default/restart")
    assert call("GET", "/clients/here")[0] == 200
    call("POST", "/listeners/tcp:default/stop")
    assert call("GET", "/clients/here")[0] == 404
    assert call("GET", "/clients/there")[1]["connected"] is False


def test_a_root_is_changed_and_reset(call: Caller) -> None:
    change = {**call("GET", "/configs/alarm")[1], "size_limit": 7}
    assert call("PUT", "/configs/alarm", change)[1]["size_limit"] == 7
    assert "size_limit = 7" in send(call, "GET", "/configs?key=alarm")[1]
    assert call("POST", "/configs_reset/alarm?conf_path=size_limit")[0] == 200
    assert call("GET", "/configs/alarm")[1]["size_limit"] == 1000
    zone = call("GET", "/configs/global_zone")[1]
    zone["mqtt"]["max_inflight"] = 8
    assert call("PUT", "/configs/global_zone", zone)[1]["mqtt"]["max_inflight"] == 8
    bad = call("PUT", "/configs/global_zone", {"mqtt": {"max_qos_allowed": 9}})
    assert bad[0] == 400
    assert call("PUT", "/configs/global_zone", {"colour": {}})[0] == 400


def test_a_load_merges_or_replaces_all_or_nothing(call: Caller) -> None:
    alarm = "alarm.size_limit = 5\n# a note\nlog { console { level = debug, enable = true } }"
    assert send(call, "PUT", "/configs", alarm) == (200, "")
    assert call("GET", "/configs/alarm")[1]["size_limit"] == 5
    assert call("GET", "/configs/log")[1]["console"]["level"] == "debug"
    assert send(call, "PUT", "/configs?mode=replace", "alarm { validity_period = 1h }")[0] == 200
    assert call("GET", "/configs/alarm")[1]["size_limit"] == 1000
    status, text = send(
        call, "PUT", "/configs", "alarm.size_limit = 6\nsysmon.vm.process_check_interval = soon"
    )
    assert (status, "Not a valid duration" in text) == (400, True)
    assert call("GET", "/configs/alarm")[1]["size_limit"] == 1000
    assert send(call, "PUT", "/configs", "alarm {")[0] == 400
    assert send(call, "PUT", "/configs", "listeners {}")[0] == 501
    assert send(call, "GET", "/configs", accept="image/png")[0] == 400
    assert send(call, "GET", "/configs?key=nope")[0] == 404


def test_the_whole_configuration_is_read_back(call: Caller) -> None:
    status, text = send(call, "GET", f"/configs?node={NODES[1]}")
    assert status == 200
    roots = parse_hocon(text)
    assert format_hocon(roots) == text
    assert roots["node"]["name"] == NODES[1]
    assert roots["connectors"]["mqtt"]["cloud-broker"]["password"] == "not-a-real-password"
    assert roots["rule_engine"]["rules"]["connections"]["sql"].startswith("SELECT clientid, reason\nFROM\n  ")


def test_prometheus_counts_what_the_api_shows(call: Caller) -> None:
    text = send(call, "GET", "/prometheus/stats?mode=all_nodes_unaggregated")[1]
    assert f'emqx_live_connections_count{{node="{NODES[0]}"}} 7' in text
    rules = call("GET", "/prometheus/data_integration")[1]
    assert rules["data_integration_overview"]["emqx_rules_count"] == 6
    states = {row["id"]: row["emqx_connector_status"] for row in rules["connectors"]}
    assert states["http:billing-webhook"] == 0
    assert states["mqtt:cloud-broker"] == 1
    assert call("PUT", "/prometheus", {"enable_basic_auth": True})[1]["enable_basic_auth"] is True
    assert call("GET", "/prometheus/stats")[0] == 200


def test_a_node_leaves_and_comes_back(call: Caller, clock: Clock) -> None:
    third = NODES[2]
    assert call("DELETE", f"/cluster/{third}/force_leave")[0] == 204
    assert call("GET", "/cluster")[1]["nodes"] == list(NODES[:2])
    assert call("DELETE", f"/cluster/{third}/force_leave")[1]["message"] == "node_not_in_cluster"
    assert call("PUT", f"/cluster/{third}/invite_async")[0] == 200
    assert call("GET", "/cluster/invitation")[1]["in_progress"][0]["node"] == third
    clock.now += 2
    assert call("GET", "/cluster/invitation")[1]["succeed"][0]["node"] == third
    assert call("GET", "/cluster")[1]["nodes"] == list(NODES)
    assert call("GET", f"/nodes/{third}")[1]["connections"] == 0
    assert call("PUT", f"/cluster/{third}/invite", {})[0] == 400
    call("PUT", "/cluster/emqx9@far.away/invite_async")
    clock.now += 2
    assert call("GET", "/cluster/invitation")[1]["failed"][0]["reason"] == "{error,{badrpc,nodedown}}"
