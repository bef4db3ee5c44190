"""`why` of connectors, actions, sources and rules: the true cause first, and none for what works."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.conftest import Run, RunResult
from tests.faults.certificates import Certificates, build_context, create_certificates
from tests.support.integration_cluster import NODES, IntegrationCluster
from tests.support.recordings import find_exchange

MQTT_REFUSED = (
    "Connection refused. This error indicates that your connection attempt to the MQTT server was rejected. "
    "In simpler terms, the server you tried to connect to refused your request."
)
ALERT = (
    '{{tls_alert,{{{alert},"TLS client: In state certify at ssl_handshake.erl:2113 {who}: '
    'Fatal - {name}\\n{more}"}}}}'
)
QUICK = ("--over", "1ms", "-o", "json")


def tls_alert(alert: str, *, who: str = "generated CLIENT ALERT", more: str = "") -> str:
    """Return a TLS alert as EMQX writes it."""
    name = alert.replace("_", " ").title().replace("Ca", "CA")
    return ALERT.format(alert=alert, name=name, who=who, more=f" {more}")


@pytest.fixture
def cluster() -> Iterator[IntegrationCluster]:
    """Start a cluster without objects."""
    with IntegrationCluster() as started:
        yield started


def why(run: Run, cluster: IntegrationCluster, *words: str) -> RunResult:
    """Run `why` of an object, with little time between the samples."""
    group, key, *options = words
    return run(group, "why", key, *QUICK, *options, env=cluster.env)


def write_config(home: Path, *, url: str, readonly: bool) -> None:
    """Write a configuration with the profile `a`."""
    folder = home / "config"
    folder.mkdir()
    content = (
        f'[profiles.a]\nurl = "{url}"\napi_key = "k"\napi_secret = "s"\nreadonly = {str(readonly).lower()}\n'
    )
    (folder / "config.toml").write_text(content)
    (folder / "config.toml").chmod(0o600)


def first(result: RunResult) -> tuple[str, str]:
    """Return the first cause and its certainty."""
    assert result.out, result.err
    causes = result.json["causes"]
    return (causes[0]["cause"], causes[0]["certainty"]) if causes else ("", "")


# Each reason as EMQX 5.8.9 or 6.2.2 writes it: recorded, or of its source code.
REASONS = {
    "Connection refused": "connection_refused",
    MQTT_REFUSED: "connection_refused",
    "Socket error: Connection refused": "connection_refused",
    '{start_pool_failed,<<"connector:pgsql:rec-pg">>,econnrefused}': "connection_refused",
    '{start_pool_failed,<<"c">>,#{port => 9,reason => econnrefused,type => tcp_connect,addr => {127,0,0,1},'
    'host => "127.0.0.1"}}': "connection_refused",
    '[#{reason => connection_refused,host => <<"127.0.0.1:9">>}]': "connection_refused",
    "Could not resolve host": "unknown_host",
    "{failed_to_start,nxdomain}": "unknown_host",
    "ehostunreach": "unreachable",
    "etimedout": "timeout",
    "{tcp,#Port<0.12>,<<21,3,3,0,2,2,70>>}": "tls_required",
    "Bad username or password": "bad_credentials",
    "Unauthorized client": "not_authorized",
    "Not authorized": "not_authorized",
    "{function_clause,[{odbc,connect,[#Fun<emqx_bridge_snowflake.0.1>,[]]}]}": "no_driver",
    '{unhealthy_target,<<"Unknown topic or partition: t">>}': "missing_at_target",
    tls_alert("certificate_expired"): "tls_expired",
    tls_alert("unknown_ca"): "tls_untrusted",
    tls_alert("bad_certificate", more="{bad_cert,selfsigned_peer}"): "tls_self_signed",
    tls_alert("handshake_failure", more="{bad_cert,hostname_check_failed}"): "tls_wrong_name",
    tls_alert("unexpected_message", more="{unsupported_record_type,72}"): "tls_not_spoken",
    tls_alert("protocol_version", who="received SERVER ALERT"): "tls_version",
    tls_alert("certificate_required", who="received SERVER ALERT"): "tls_client_certificate",
    tls_alert("unknown_ca", who="received SERVER ALERT"): "tls_client_certificate",
    "AWS error: SignatureDoesNotMatch: The request signature": "bad_credentials",
    '{unhealthy_target,<<"No clientids assigned to this node">>}': "no_client_id",
    '{unhealthy_target,<<"Namespace or table does not exist">>}': "missing_at_target",
    "must provide a key template if strategy is key dispatch": "not_connected",
    '{options,{cacertfile,"/etc/ca.pem",{error,enoent}}}': "tls_file",
}


@pytest.mark.parametrize(("reason", "code"), REASONS.items(), ids=range(len(REASONS)))
def test_the_reason_of_a_connector_is_the_first_cause_of_its_whole_chain(
    run: Run, cluster: IntegrationCluster, reason: str, code: str
) -> None:
    cluster.add_chain("disconnected", reason)
    cluster.probe = reason
    for group, key in (("connectors", "http:c"), ("actions", "http:a"), ("rules", "r")):
        result = why(run, cluster, group, key)
        assert (result.code, first(result)) == (8, (code, "certain")), result.out
        broken = [(link["kind"], link["id"]) for link in result.json["chain"] if link["broken"]]
        assert broken == [("connector", "http:c")]


def test_a_healthy_chain_has_no_problems_and_is_not_tested(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_chain()
    cluster.counters["actions", "http:a"] = {"matched": 5, "success": 5}, {"matched": 9, "success": 9}
    cluster.counters["rules", "r"] = {"matched": 5, "passed": 5}, {"matched": 9, "passed": 9}
    for group, key in (("connectors", "http:c"), ("actions", "http:a"), ("rules", "r")):
        result = why(run, cluster, group, key)
        assert (result.code, result.json["causes"]) == (0, []), result.out
    assert [path for method, path, _ in cluster.requests if method == "POST"] == []


def test_old_failures_idle_rules_and_waiting_messages_are_not_problems(
    run: Run, cluster: IntegrationCluster
) -> None:
    cluster.add_chain()
    old = {"matched": 50, "success": 48, "failed": 1, "dropped": 1, "dropped.expired": 1, "late_reply": 3}
    cluster.counters["actions", "http:a"] = old, old | {"matched": 51, "success": 49}
    assert why(run, cluster, "actions", "http:a").json["causes"] == []
    cluster.samples.clear()
    cluster.counters["actions", "http:a"] = {"success": 48}, {"success": 48, "matched": 1, "inflight": 1}
    cluster.add_rule("idle", ["http:a"])
    cluster.add_rule("filter", ["http:a"])
    filtered = {"matched": 7, "failed": 7, "failed.no_result": 7}
    cluster.counters["rules", "filter"] = filtered, filtered
    result = why(run, cluster, "actions", "http:a", "--no-network")
    assert (result.code, first(result)) == (0, ("waiting", "possible"))
    for rule, code in (("idle", "no_match"), ("filter", "filtered")):
        result = why(run, cluster, "rules", rule)
        assert (result.code, first(result)) == (0, (code, "possible"))


LOSSES: dict[str, tuple[dict[str, float], str]] = {
    "an HTTP server that answers 500": ({"failed": 4}, "target_error"),
    "an HTTP server that answers 503": ({"retried": 4, "queuing": 2, "inflight": 2}, "no_answer"),
    "a target that is silent": ({"queuing": 4}, "no_answer"),
    "a target that is silent, with place in flight": ({"inflight": 9}, "no_answer"),
    "a target that is silent, until messages expire": ({"dropped": 4, "dropped.expired": 4}, "no_answer"),
    "a target that is slow": ({"success": 2, "dropped": 4, "dropped.queue_full": 4}, "buffer_full"),
    "messages that expire": ({"success": 2, "dropped": 4, "dropped.expired": 4}, "buffer_expired"),
    "late answers": ({"late_reply": 2, "dropped": 2}, "late_reply"),
}


@pytest.mark.parametrize(("growth", "code"), LOSSES.values(), ids=LOSSES)
def test_a_connected_action_that_loses_messages_is_found_by_its_counters(
    run: Run, cluster: IntegrationCluster, growth: dict[str, float], code: str
) -> None:
    cluster.add_chain()
    cluster.counters["actions", "http:a"] = {"matched": 10}, {"matched": 14, **growth}
    for group, key in (("connectors", "http:c"), ("actions", "http:a"), ("rules", "r")):
        cluster.samples.clear()
        result = why(run, cluster, group, key, "--no-network")
        assert (result.code, first(result)[0]) == (8, code), result.out
        assert [link["id"] for link in result.json["chain"] if link["broken"]] == ["http:a"]
        assert "emqxctl traces tail --rule r" in [cause["next_step"] for cause in result.json["causes"]]


def test_a_connected_action_whose_target_is_gone_names_the_target(
    run: Run, cluster: IntegrationCluster
) -> None:
    cluster.add_chain()  # nothing listens on its port
    cluster.counters["actions", "http:a"] = {"matched": 10}, {"matched": 14, "failed": 4}
    assert first(why(run, cluster, "actions", "http:a")) == ("connection_refused", "likely")


def test_an_action_whose_messages_never_succeeded_is_found_without_traffic(
    run: Run, cluster: IntegrationCluster
) -> None:
    cluster.add_chain()
    failed = {"matched": 6, "failed": 6}
    cluster.counters["actions", "http:a"] = failed, failed
    result = why(run, cluster, "actions", "http:a", "--no-network")
    assert (result.code, first(result)) == (8, ("target_error", "likely"))


def test_old_failures_of_an_idle_action_and_rule_are_findings(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_chain()
    counters = {"matched": 6, "failed": 3, "success": 3}
    cluster.counters["actions", "http:a"] = counters, counters
    result = why(run, cluster, "actions", "http:a")  # nothing listens on its port, seen from here
    assert (result.code, first(result)) == (0, ("target_error", "possible"))
    assert "3 succeeded, 3 failed" in result.json["causes"][0]["evidence"]
    counters = {"matched": 6, "passed": 4, "failed": 2, "failed.exception": 2, "actions.success": 4}
    cluster.counters["rules", "r"] = counters, counters
    cluster.counters.pop(("actions", "http:a"))
    result = why(run, cluster, "rules", "r", "--no-network")
    assert (result.code, first(result)) == (0, ("sql_exception", "possible"))


def test_a_misspelt_action_is_named_with_the_one_that_is_meant(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_chain()
    cluster.add_rule("bad", ["http:aa", "http:a", {"function": "console"}])
    cluster.rows["actions"]["http:archive"] = cluster.rows["actions"]["http:a"] | {"name": "archive"}
    cluster.rows["rules"]["bad"]["actions"][0] = "http:archve"
    result = why(run, cluster, "rules", "bad")
    cause = result.json["causes"][0]
    assert (result.code, cause["cause"], cause["certainty"]) == (8, "unknown_action", "certain")
    assert cause["fix"] == "did you mean http:archive?"
    assert cause["next_step"] == (
        "emqxctl rules update bad --action http:archive --action http:a --action console"
    )
    assert [link["id"] for link in result.json["chain"] if link["broken"]] == ["http:archve"]


def test_a_missing_source_and_an_unknown_event_of_a_rule_are_found(
    run: Run, cluster: IntegrationCluster
) -> None:
    cluster.add_chain()
    cluster.add_connector("mqtt:m")
    cluster.add_channel("sources", "mqtt:plant", "m")
    cluster.add_rule("source", ["http:a"], ("$sources/mqtt:plnat",))
    cluster.add_rule("event", ["http:a"], ("$events/client_conected",))
    cluster.add_rule("events", ["http:a"], ("$events/client_connected", "$events/client/connected"))
    assert first(why(run, cluster, "rules", "source")) == ("unknown_source", "certain")
    result = why(run, cluster, "rules", "event")
    assert first(result) == ("unknown_event", "likely")
    assert "$events/client_connected" in result.json["causes"][0]["fix"]
    assert why(run, cluster, "rules", "events").code == 0


@pytest.mark.parametrize("disabled", ["connectors", "actions", "rules"])
def test_a_disabled_link_is_the_cause_and_can_be_enabled(
    run: Run, cluster: IntegrationCluster, disabled: str
) -> None:
    cluster.add_chain("disconnected" if disabled != "rules" else "connected", "Not installed")
    key = {"connectors": "http:c", "actions": "http:a", "rules": "r"}[disabled]
    if disabled == "actions":
        cluster.add_connector("http:c")
    cluster.rows[disabled][key]["enable"] = False
    result = why(run, cluster, "rules", "r")
    assert first(result) == (f"{disabled[:-1]}_disabled", "certain")
    assert result.json["causes"][0]["next_step"] == f"emqxctl {disabled} enable {key}"


def test_a_failure_on_one_node_names_the_node(run: Run, cluster: IntegrationCluster) -> None:
    nodes = {NODES[1]: ("disconnected", "Could not resolve host")}
    cluster.add_connector("http:c", nodes=nodes)
    result = why(run, cluster, "connectors", "http:c")
    assert (result.json["state"], first(result)) == ("inconsistent", ("unknown_host", "certain"))
    assert NODES[1] in result.json["causes"][0]["message"]
    assert NODES[0] not in result.json["causes"][0]["message"]


def test_a_state_that_is_out_of_date_is_told_from_a_failure(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_chain("disconnected", "Connection refused")
    result = why(run, cluster, "connectors", "http:c")
    assert first(result) == ("recovered", "certain")
    assert result.json["tests"] == [
        {"kind": "connector", "id": "http:c", "result": "works", "reason": "", "note": ""}
    ]
    cluster.add_connector("http:c", "connecting")
    assert first(why(run, cluster, "connectors", "http:c")) == ("connecting", "likely")


def test_without_a_reason_the_test_of_the_definition_gives_it(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_connector("mqtt:m", "disconnected")
    cluster.probe = "Bad username or password"
    assert first(why(run, cluster, "connectors", "mqtt:m")) == ("bad_credentials", "certain")
    (probe,) = [body for method, path, body in cluster.requests if method == "POST"]
    assert {"type", "name", "server"} <= set(probe)
    assert not {"status", "node_status", "status_reason", "actions"} & set(probe)


def test_the_test_is_omitted_on_request_for_read_only_profiles_and_for_fixed_client_ids(
    run: Run, cluster: IntegrationCluster, home: Path
) -> None:
    cluster.add_connector("mqtt:m", "disconnected", "Connection refused")
    assert why(run, cluster, "connectors", "mqtt:m", "--no-test").json["tests"] == []
    fixed = [{"node": NODES[0], "ids": ["bridge-1"]}]
    cluster.add_connector("mqtt:m", "disconnected", "Connection refused", static_clientids=fixed)
    result = why(run, cluster, "connectors", "mqtt:m")
    assert (result.json["tests"][0]["result"], first(result)[0]) == ("not run", "connection_refused")
    cluster.add_connector("mqtt:m", "disconnected", "Connection refused")
    write_config(home, url=cluster.env["EMQXCTL_URL"], readonly=True)
    result = run("-p", "a", "connectors", "why", "mqtt:m", *QUICK)
    assert (result.json["tests"][0]["result"], first(result)[0]) == ("not run", "connection_refused")
    assert [method for method, _, _ in cluster.requests if method != "GET"] == []


def test_a_healthy_connector_is_tested_on_request(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_connector("http:c", headers={"authorization": "******"})
    result = why(run, cluster, "connectors", "http:c", "--test")
    assert (result.code, result.json["tests"][0]["result"]) == (0, "works")
    assert result.json["tests"][0]["note"] == "for masked secrets EMQX uses the stored ones"


def test_an_action_that_its_connector_did_not_install_is_tested(
    run: Run, cluster: IntegrationCluster
) -> None:
    cluster.add_connector("kafka_producer:k", bootstrap_hosts="127.0.0.1:9")
    cluster.add_channel("actions", "kafka_producer:a", "k", "disconnected", "Not installed")
    cluster.probe = '{unhealthy_target,<<"Unknown topic or partition: orders">>}'
    result = why(run, cluster, "actions", "kafka_producer:a", "--no-network")
    assert first(result) == ("missing_at_target", "certain")
    assert [path for method, path, _ in cluster.requests if method == "POST"] == ["/actions_probe"]


def test_an_action_without_its_connector_names_the_close_one(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_connector("http:archive")
    cluster.add_channel("actions", "http:a", "archiv", "disconnected", "Not installed")
    result = why(run, cluster, "actions", "http:a")
    assert first(result) == ("unknown_connector", "certain")
    assert result.json["causes"][0]["fix"] == "did you mean http:archive?"


def test_an_unknown_object_is_not_found_and_the_close_one_is_named(
    run: Run, cluster: IntegrationCluster
) -> None:
    cluster.add_chain()
    cluster.add_rule("hot-sensors", ["http:a"])
    result = run("rules", "why", "hot-sensor", env=cluster.env)
    assert (result.code, "did you mean 'hot-sensors'?" in result.err) == (6, True)


def test_a_source_that_receives_nothing_works_and_says_so(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_connector("mqtt:m")
    cluster.add_channel("sources", "mqtt:s", "m")
    result = why(run, cluster, "sources", "mqtt:s", "--no-network")
    assert (result.code, first(result)) == (0, ("nothing_received", "possible"))
    cluster.samples.clear()
    cluster.counters["sources", "mqtt:s"] = {"received": 3}, {"received": 4}
    assert why(run, cluster, "sources", "mqtt:s", "--no-network").json["causes"] == []


def test_a_source_whose_broker_is_down_is_broken_at_the_connector(
    run: Run, cluster: IntegrationCluster
) -> None:
    cluster.add_connector("mqtt:m", "disconnected", MQTT_REFUSED)
    cluster.add_channel("sources", "mqtt:s", "m", "disconnected", "Resource not operational")
    cluster.add_rule("r", [{"function": "console"}], ("$bridges/mqtt:s",))
    cluster.probe = MQTT_REFUSED
    for group, key in (("sources", "mqtt:s"), ("rules", "r")):
        result = why(run, cluster, group, key)
        assert first(result) == ("connection_refused", "certain")
        words = {row["reason"] for row in result.json["nodes"] if row["kind"] == "source"}
        assert words == {"its connector does not work"}
        assert [link["id"] for link in result.json["chain"] if link["broken"]] == ["mqtt:m"]


# With one node down, EMQX answers lists and metrics with 500, or without that node.
def test_a_degraded_cluster_still_gives_the_cause(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_chain("disconnected", "Connection refused")
    cluster.probe = "Connection refused"
    failure = (500, {"code": "INTERNAL_ERROR", "message": "error, {badrpc,nodedown}, []"})
    cluster.failures = {"/actions": failure, "/rules/r/metrics": failure, "/actions/http:a/metrics": failure}
    result = why(run, cluster, "connectors", "http:c")
    assert first(result) == ("connection_refused", "certain")
    assert "actions" in result.json["unavailable"]
    cluster.failures = {"/connectors": failure, "/actions/http:a/metrics": failure, "/nodes": failure}
    result = why(run, cluster, "actions", "http:a")
    assert first(result) == ("connector_failing", "certain")
    assert {"connectors", "counters of http:a"} <= set(result.json["unavailable"])


def test_a_node_without_a_status_is_reported_and_is_no_cause(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_chain()
    for kind in ("connectors", "actions"):
        for row in cluster.rows[kind].values():
            row["node_status"] = row["node_status"][:2]
    result = why(run, cluster, "connectors", "http:c")
    assert (result.code, result.json["nodes_without_status"]) == (0, [NODES[2]])
    for kind in ("connectors", "actions"):
        for row in cluster.rows[kind].values():
            row["node_status"] = "?"
    assert why(run, cluster, "connectors", "http:c").code == 0


def test_a_stopped_node_is_unavailable_and_no_cause(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_chain()
    stopped = {"node": "emqx4@127.0.0.1", "node_status": "stopped", "role": "core"}
    running = {"node": NODES[0], "node_status": "running"}
    cluster.failures["/nodes"] = (200, [running, stopped])
    result = why(run, cluster, "connectors", "http:c", "--no-network")
    assert (result.code, "stopped" in result.json["unavailable"]["node emqx4@127.0.0.1"]) == (0, True)


def test_hostile_text_of_the_broker_is_escaped(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_chain("disconnected", "\x1b[31mevil\u202e\nsecond line")
    cluster.probe = "\x1b]0;title\x07"
    result = run("connectors", "why", "http:c", "--over", "1ms", "-o", "table", env=cluster.env)
    assert result.code == 8
    assert not set("\x1b\u202e\x07") & set(result.out)


@dataclass
class TlsServer:
    """A TLS server on this computer, or a plain one that answers with a line."""

    context: ssl.SSLContext | None
    greeting: bytes = b""
    port: int = field(init=False)

    def __post_init__(self) -> None:
        """Listen."""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        """Accept connections until the listener is closed."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            Thread(target=self.shake_hands, args=(connection,), daemon=True).start()

    def shake_hands(self, connection: socket.socket) -> None:
        """Perform the handshake and wait for the end of the connection."""
        try:
            connection.settimeout(5)
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            connection.sendall(self.greeting)
            connection.recv(1)
        except OSError:
            pass
        finally:
            connection.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Create the certificates of these tests."""
    folders: list[Path] = [tmp_path_factory.mktemp("ca"), tmp_path_factory.mktemp("other")]
    return create_certificates(*folders)


TLS_STATES: dict[str, tuple[str, str, str]] = {
    "good": ("good", tls_alert("unknown_ca"), "tls_untrusted"),
    "expired": ("expired", tls_alert("certificate_expired"), "tls_expired"),
    "not yet valid": (
        "not_yet_valid",
        tls_alert("certificate_expired"),
        "tls_expired",
    ),
    "other host": (
        "other_host",
        tls_alert("handshake_failure", more="{bad_cert,hostname_check_failed}"),
        "tls_wrong_name",
    ),
    "expired, no reason": ("expired", "", "tls_expired"),
    "other host, no reason": ("other_host", "closed", "tls_wrong_name"),
}


@pytest.mark.parametrize(("name", "reason", "code"), TLS_STATES.values(), ids=TLS_STATES)
def test_the_certificate_of_the_target_is_read_from_here(
    run: Run, cluster: IntegrationCluster, certificates: Certificates, name: str, reason: str, code: str
) -> None:
    server = TlsServer(build_context(getattr(certificates, name)))
    tls = {"enable": True, "verify": "verify_peer"}
    cluster.add_connector("mqtt:m", "disconnected", reason, server=f"127.0.0.1:{server.port}", ssl=tls)
    cluster.probe = reason or "closed"
    result = why(run, cluster, "connectors", "mqtt:m")
    assert first(result)[0] == code, result.out
    (target,) = result.json["targets"]
    steps = {step["check"]: step for step in target["steps"]}
    assert steps["tls"]["status"] == ("ok" if name == "good" else "fail") or name == "good"
    assert target["checked_from"] == "this computer"
    if name == "expired":
        assert "expired on" in steps["tls"]["result"]
    if name == "other_host":
        assert "emqx.example.com" in steps["tls"]["result"]


def test_a_target_with_tls_and_a_connector_without_is_found(
    run: Run, cluster: IntegrationCluster, certificates: Certificates
) -> None:
    server = TlsServer(build_context(certificates.good))
    address = f"127.0.0.1:{server.port}"
    cluster.add_connector("mqtt:m", "disconnected", "{tcp_closed,#Port<0.1>}", server=address)
    cluster.probe = "{tcp_closed,#Port<0.1>}"
    assert first(why(run, cluster, "connectors", "mqtt:m"))[0] == "tls_required"
    # An HTTP connector is connected all the same: only its requests fail.
    cluster.add_chain(url=f"http://{address}")
    cluster.counters["actions", "http:a"] = {"matched": 1}, {"matched": 5, "failed": 4}
    assert first(why(run, cluster, "actions", "http:a"))[0] == "tls_required"


def test_a_connector_with_tls_and_a_target_without_is_found(run: Run, cluster: IntegrationCluster) -> None:
    server = TlsServer(None, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")
    tls = {"enable": True, "verify": "verify_none"}
    cluster.add_connector("mqtt:m", "disconnected", "closed", server=f"127.0.0.1:{server.port}", ssl=tls)
    cluster.probe = "closed"
    assert first(why(run, cluster, "connectors", "mqtt:m"))[0] == "tls_not_spoken"


def test_an_expired_certificate_that_is_not_verified_is_a_warning(
    run: Run, cluster: IntegrationCluster, certificates: Certificates
) -> None:
    server = TlsServer(build_context(certificates.expired))
    tls = {"enable": True, "verify": "verify_none"}
    cluster.add_connector("mqtt:m", server=f"127.0.0.1:{server.port}", ssl=tls)
    result = why(run, cluster, "connectors", "mqtt:m")
    assert (result.code, result.json["causes"]) == (0, [])
    assert result.json["targets"][0]["steps"][-1]["status"] == "warn"


def test_a_working_connector_is_not_sick_if_this_computer_cannot_reach_its_target(
    run: Run, cluster: IntegrationCluster
) -> None:
    cluster.add_connector("http:c", url="https://inside.invalid")
    result = why(run, cluster, "connectors", "http:c")
    assert (result.code, result.json["causes"]) == (0, [])
    assert result.json["targets"][0]["steps"][0]["status"] == "fail"
    assert why(run, cluster, "connectors", "http:c", "--no-network").json["targets"] == []


def test_the_table_has_the_sections_of_the_json(run: Run, cluster: IntegrationCluster) -> None:
    cluster.add_chain("disconnected", "Connection refused")
    cluster.probe = "Connection refused"
    result = run("rules", "why", "r", "--over", "1ms", "-o", "table", env=cluster.env)
    lines = result.out.splitlines()
    assert lines[0] == "rule r is enabled: connector http:c: the target refuses connections."
    titles: list[Any] = [line for line in lines if line.isupper() and " " not in line]
    assert [*titles, "NEXT STEPS" in lines, "TEST BY EMQX" in lines] == [
        "CAUSES",
        "CHAIN",
        "NODES",
        True,
        True,
    ]


@pytest.mark.parametrize(("version", "title"), [("5.8.9", "plain"), ("6.2.2", "list")])
def test_the_recorded_objects_of_a_real_cluster_are_judged_by_their_state(
    run: Run, cluster: IntegrationCluster, version: str, title: str
) -> None:
    for kind in ("connectors", "actions", "sources"):
        for row in find_exchange(f"GET /{kind}", title, version).body:
            cluster.rows[kind][f"{row['type']}:{row['name']}"] = row
    cluster.failures["/rules"] = (200, {"data": [], "meta": {"hasnext": False}})
    verdicts = {}
    for kind in ("connectors", "actions", "sources"):
        judged = [
            (key, row) for key, row in cluster.rows[kind].items() if row["enable"] or version == "5.8.9"
        ]
        for key, row in judged:
            result = why(run, cluster, kind, key, "--no-network", "--no-test")
            verdicts[kind, key] = (row["status"], result.code, first(result))
    assert len(verdicts) > 8
    for name, (status, code, (cause, certainty)) in verdicts.items():
        expected = (0, False) if status == "connected" else (8, True)
        assert (code, certainty == "certain") == expected, (name, status, cause)
    if version == "6.2.2":
        return
    assert verdicts["actions", "http:post-dead"][2] == ("connection_refused", "certain")
    assert verdicts["connectors", "mqtt:dead-broker"][2] == ("connection_refused", "certain")
    assert verdicts["actions", "mqtt:forward-disabled"][2] == ("action_disabled", "certain")
