"""`emqxctl check`: limits, verdicts, exit codes, and the output for monitoring systems."""

import re
from typing import Any

import pytest

from emqxctl.commands.check import _read
from emqxctl.commands.check._evaluate import SEVERITIES
from emqxctl.commands.check._limits import CHECKS, Level, find_worst
from emqxctl.commands.check._measures import current_time, subtract_counters
from emqxctl.diagnosis.message_counters import COUNTERS
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.faults.server import closed_port
from tests.support.recordings import find_exchange
from tests.support.replay import ReplayedRun, make_exchange, replay

STATUS = {"node_name": "emqx@a", "rel_vsn": "v5.8.9", "broker_status": "started", "app_status": "running"}
ENTERPRISE = {**STATUS, "rel_vsn": "e5.8.9"}
UP = make_exchange("GET /status", 200, STATUS)
DAY = 86_400


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses between two samples instead of waiting."""
    seconds: list[float] = []
    monkeypatch.setattr(_read, "SLEEP", seconds.append)
    return seconds


def node(name: str = "emqx@a", **fields: object) -> dict[str, object]:
    """Build a row of /nodes up."""
    defaults = {
        "memory_used": "1G",
        "memory_total": "10G",
        "load1": 0.5,
        "live_connections": 5,
        "connections": 8,
    }
    return {"node": name, "node_status": "running", **defaults, **fields}


def run_check(run: Run, name: str, *script: Any, fields: tuple[str, ...] = ()) -> dict[str, Any]:
    """Do one check against made-up answers and give its row."""
    outcome = replay(run, [UP, *script], "check", "--only", name, "-o", "json", *fields)
    assert outcome.result.code == (0 if outcome.result.json[0]["status"] in {"ok", "skipped"} else 8), (
        outcome.result.err
    )
    row: dict[str, Any] = outcome.result.json[0]
    return row


def test_the_sandbox_is_judged_as_it_is(run: Run, cluster: Sandbox) -> None:
    result = run("check", "--over", "0", "-o", "json")
    results = {row["check"]: (row["status"], row["value"]) for row in result.json}
    assert result.code == 8
    assert "critical: 10 of 14 checks ok" in result.err
    assert results["nodes"] == ("ok", 3)
    assert results["connections"] == ("ok", 21)
    assert results["connectors"] == ("critical", 1)
    assert results["alarms"] == ("warning", 2)
    assert results["rules"] == ("critical", 100)
    assert results["license"] == ("skipped", None)
    assert results["api-keys"] == ("skipped", None)
    assert sorted(results) == sorted(CHECKS)
    ranks = [SEVERITIES.index(row["status"]) for row in result.json]
    assert ranks == sorted(ranks)
    assert [row["check"] for row in result.json if row["status"] == "ok"][:2] == ["nodes", "memory"]


def test_a_table_says_what_is_wrong(run: Run, cluster: Sandbox) -> None:
    result = run("check", "--only", "nodes,connectors")
    assert [re.split(r"  +", line) for line in result.out.splitlines()] == [
        ["STATUS", "CHECK", "VALUE", "WARN", "CRIT", "DETAIL"],
        ["critical", "connectors", "1", "-", "1",
         "http:billing-webhook is disconnected: Connection refused"],
        ["ok", "nodes", "3", "-", "3", "3 of 3 running"],
    ]  # fmt: skip


def test_all_well_is_0(run: Run, cluster: Sandbox) -> None:
    result = run("check", "--only", "nodes,memory,load,listeners,sources,drops,certificates", "-o", "csv")
    assert result.code == 0, result.out


def test_only_what_is_needed_is_asked(run: Run, cluster: Sandbox) -> None:
    run("check", "--only", "memory,connections")
    assert [request.path for request in cluster.requests] == ["/api/v5/status", "/api/v5/nodes"]


def test_a_stopped_node_is_critical(run: Run, cluster: Sandbox) -> None:
    cluster.cluster.stop_node("emqx3@sandbox.local")
    row = run("check", "--only", "nodes", "-o", "json").json[0]
    assert (row["status"], row["value"], row["crit"]) == ("critical", 2, 3)
    assert row["detail"] == "emqx3@sandbox.local is stopped"


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        (("--warn", "nodes=3"), "warning"),
        (("--warn", "nodes=3", "--crit", "nodes=2"), "warning"),
        (("--crit", "nodes=3"), "critical"),
        (("--crit", "nodes=2"), "ok"),
        (("--crit", "nodes=off"), "ok"),
    ],
)
def test_limits_for_nodes_stand_in_place_of_the_default(
    run: Run, cluster: Sandbox, limits: tuple[str, ...], status: str
) -> None:
    cluster.cluster.stop_node("emqx3@sandbox.local")
    assert run("check", "--only", "nodes", "-o", "json", *limits).json[0]["status"] == status


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        ((), "ok"),
        (("--warn", "memory=10%"), "warning"),  # reached
        (("--warn", "memory=10.1"), "ok"),
        (("--crit", "memory=5%,load=1"), "critical"),
        (("--warn", "memory=1%", "--crit", "memory=2%"), "critical"),
    ],
)
def test_memory_is_that_of_the_fullest_node(run: Run, limits: tuple[str, ...], status: str) -> None:
    nodes = make_exchange("GET /nodes", 200, [node(), node("emqx@b", memory_used="512M")])
    row = run_check(run, "memory", nodes, fields=limits)
    assert (row["status"], row["value"], row["unit"]) == (status, 10, "%")
    assert row["values"] == {"emqx@a": 10, "emqx@b": 5}


def test_recorded_failures_of_rules_are_found(run: Run) -> None:
    script = find_exchange("GET /prometheus/data_integration", "JSON aggregated")
    row = run_check(run, "rules", script, fields=("--over", "0"))
    assert (row["status"], row["value"], row["detail"]) == ("critical", 97.3488, "rule failing")


def test_drops_are_a_share_of_what_was_to_be_delivered(run: Run) -> None:
    metrics = {"delivery.dropped.queue_full": 5, "messages.delivered": 995}
    row = run_check(run, "drops", make_exchange("GET /metrics", 200, metrics), fields=("--over", "0"))
    assert (row["status"], row["value"], row["detail"]) == ("warning", 0.5, "5 of 1000: queue_full 5")


@pytest.mark.parametrize("counter", [counter.name for counter in COUNTERS if counter.loss])
def test_each_counter_of_losses_counts_as_drops(run: Run, counter: str) -> None:
    metrics = {"delivery.dropped.queue_full": 0, "messages.delivered": 50, counter: 50}
    row = run_check(run, "drops", make_exchange("GET /metrics", 200, metrics), fields=("--over", "0"))
    assert (row["status"], row["value"]) == ("critical", 50)


def test_messages_that_are_not_lost_are_no_drops(run: Run) -> None:
    metrics = {
        "delivery.dropped.queue_full": 0,
        "delivery.dropped.no_local": 800,
        "messages.dropped.no_subscribers": 900,
        "messages.dropped": 900,
        "authorization.deny": 700,
        "delivery.dropped.qos0_msg": 1,
        "messages.delivered": 5000,
    }
    row = run_check(run, "drops", make_exchange("GET /metrics", 200, metrics), fields=("--over", "0"))
    assert (row["status"], row["value"]) == ("ok", 0)


@pytest.mark.parametrize(
    ("words", "pause"), [((), [5.0]), (("--over", "30s"), [30.0]), (("--over", "0"), [])]
)
def test_only_what_happens_in_the_time_counts(
    run: Run, pauses: list[float], words: tuple[str, ...], pause: list[float]
) -> None:
    before = {"delivery.dropped.queue_full": 900, "messages.delivered": 1000}
    after = {"delivery.dropped.queue_full": 900, "messages.delivered": 1100}
    script = [make_exchange("GET /metrics", 200, before), make_exchange("GET /metrics", 200, after)]
    row = run_check(run, "drops", *script, fields=words)
    expected = ("ok", "0 of 100") if pause else ("critical", "900 of 1900: queue_full 900")
    assert (row["status"], row["detail"], pauses) == (*expected, pause)


def action_metrics(**counters: float) -> Any:
    """Return the recorded metrics of one action, with other counters."""
    recorded = find_exchange("GET /prometheus/data_integration", "JSON aggregated").body["actions"]
    row = next(row for row in recorded if row["id"] == "http:post-telemetry")
    changed = {f"emqx_action_{name}": row[f"emqx_action_{name}"] + count for name, count in counters.items()}
    body = {"actions": [{**row, **changed}], "rules": []}
    return make_exchange("GET /prometheus/data_integration", 200, body)


ACTION = {"type": "http", "name": "post-telemetry", "enable": True, "status": "connected"}


@pytest.mark.parametrize(
    ("growth", "status", "detail"),
    [
        ({}, "ok", "1 of 1 working"),  # no traffic
        ({"matched": 90, "success": 90}, "ok", "1 of 1 working"),
        ({"matched": 100, "success": 99, "failed": 1}, "ok", "1 of 1 working"),
        ({"matched": 90, "failed": 90}, "critical", "loses messages: 90 failed, 0 succeeded"),
        (
            {"dropped": 20, "success": 80},
            "critical",
            "loses messages: 20 dropped, 80 succeeded",
        ),
    ],
)
def test_an_action_is_judged_by_its_movement(
    run: Run, growth: dict[str, float], status: str, detail: str
) -> None:
    script = [make_exchange("GET /actions", 200, [ACTION]), action_metrics(), action_metrics(**growth)]
    row = run_check(run, "actions", *script)
    assert row["status"] == status
    assert detail in row["detail"]


def test_an_action_without_counters_is_judged_by_its_state(run: Run) -> None:
    refused = make_exchange("GET /prometheus/data_integration", 403, {"code": "UNAUTHORIZED_ROLE"})
    row = run_check(run, "actions", make_exchange("GET /actions", 200, [ACTION]), refused)
    assert (row["status"], row["detail"]) == ("ok", "1 of 1 working")


@pytest.mark.parametrize(("failed", "status"), [(0, "ok"), (30, "critical")])
def test_a_source_is_judged_by_its_movement(run: Run, failed: int, status: str) -> None:
    recorded = find_exchange("GET /sources/{id}/metrics", "id mqtt:from-node2").body
    node_row = recorded["node_metrics"][0]
    grown = {**node_row["metrics"], "received": node_row["metrics"]["received"] + 10, "failed": failed}
    samples = [{"node_metrics": [{**node_row, "metrics": row}]} for row in (node_row["metrics"], grown)]
    source = {"type": "mqtt", "name": "from-node2", "enable": True, "status": "connected"}
    script = [make_exchange("GET /sources/mqtt%3Afrom-node2/metrics", 200, sample) for sample in samples]
    row = run_check(run, "sources", make_exchange("GET /sources", 200, [source]), *script)
    assert row["status"] == status


def test_a_node_whose_configuration_differs_is_named(run: Run, cluster: Sandbox) -> None:
    words = ("check", "--only", "configs", "-o", "json")
    result = run(*words)
    row = result.json[0]
    assert (result.code, row["status"], row["detail"]) == (0, "ok", "the same on 3 nodes")
    with cluster.cluster.lock:
        changed = {"max_packet_size": "2MB", "max_inflight": 1, "max_qos_allowed": 1, "max_mqueue_len": 9}
        cluster.cluster.nodes["emqx2@sandbox.local"].configs = {"mqtt": changed}
    result = run(*words)
    row = result.json[0]
    assert (result.code, row["status"], row["value"]) == (8, "warning", 1)
    keys = "mqtt.max_inflight, mqtt.max_mqueue_len, mqtt.max_packet_size and 1 more"
    assert row["detail"] == f"emqx2@sandbox.local: {keys}"


def test_one_running_node_has_nothing_to_compare(run: Run, cluster: Sandbox) -> None:
    for name in ("emqx2", "emqx3"):
        cluster.cluster.stop_node(f"{name}@sandbox.local")
    row = run("check", "--only", "configs", "-o", "json").json[0]
    assert (row["status"], row["detail"]) == ("ok", "only one node is running")


def test_a_configuration_that_may_not_be_read_is_unknown(run: Run) -> None:
    refused = make_exchange("GET /configs", 403, {"code": "UNAUTHORIZED_ROLE", "message": "no"})
    row = run_check(run, "configs", make_exchange("GET /nodes", 200, [node(), node("emqx@b")]), refused)
    assert row["status"] == "unknown"
    assert "UNAUTHORIZED_ROLE" in row["detail"]


def test_connections_and_sessions_are_counted_by_node(run: Run) -> None:
    rows = [node(), node("emqx@b", live_connections=7, connections=9)]
    script = [UP, make_exchange("GET /nodes", 200, rows)]
    words = ("check", "--only", "connections,sessions", "-o", "json")
    outcome = replay(run, script, *words, "--warn", "connections=12")
    results = {row["check"]: row for row in outcome.result.json}
    assert results["connections"]["values"] == {"": 12, "emqx@a": 5, "emqx@b": 7}
    assert results["sessions"]["values"] == {"": 17, "emqx@a": 8, "emqx@b": 9}
    assert (results["connections"]["status"], results["connections"]["value"]) == ("warning", 12)
    assert results["sessions"]["detail"] == "emqx@a: 8, emqx@b: 9"


def test_counters_that_began_anew_count_from_there() -> None:
    before = {"rules": [{"id": "a", "n": 10}, {"id": "b", "n": 5}], "x": 7}
    after = {"rules": [{"id": "b", "n": 6}, {"id": "a", "n": 3}, {"id": "c", "n": 2}], "x": "word"}
    assert subtract_counters(before, after) == {
        "rules": [{"id": "b", "n": 1}, {"id": "a", "n": 3}, {"id": "c", "n": 2}],
        "x": "word",
    }


def certificates(days: float) -> object:
    """Build how long a certificate is good."""
    row = {
        "emqx_cert_expiry_at": current_time() + days * DAY,
        "listener_type": "ssl",
        "listener_name": "a",
    }
    return make_exchange(
        "GET /prometheus/stats", 200, {"certs": [row, {**row, "emqx_cert_expiry_at": current_time() + 9e9}]}
    )


@pytest.mark.parametrize(("days", "status"), [(31, "ok"), (29, "warning"), (6, "critical"), (-1, "critical")])
def test_a_certificate_warns_before_it_expires(run: Run, days: float, status: str) -> None:
    row = run_check(run, "certificates", certificates(days))
    assert row["status"] == status


def test_certificates_that_are_not_told_are_fine(run: Run) -> None:
    row = run_check(run, "certificates", make_exchange("GET /prometheus/stats", 200, {"stats": {}}))
    assert (row["status"], row["detail"]) == ("ok", "not reported by this EMQX")


@pytest.mark.parametrize(
    ("license_", "expiry_status", "use"),
    [
        ({"expiry": False, "expiry_at": "2395-10-27", "max_connections": 10}, "ok", ("ok", 50)),
        ({"expiry": False, "expiry_at": "2395-10-27", "max_connections": 6}, "ok", ("warning", 83.3333)),
        ({"expiry": False, "expiry_at": "2395-10-27", "max_sessions": 8}, "ok", ("critical", 100)),
        ({"expiry": True, "expiry_at": "2020-10-27", "max_connections": 0}, "critical", ("ok", None)),
        ({"expiry": False, "expiry_at": "infinity"}, "ok", ("ok", None)),
        ({}, "unknown", ("ok", None)),
    ],
)
def test_the_license_is_checked_for_its_end_and_its_use(
    run: Run, license_: dict[str, object], expiry_status: str, use: tuple[str, Any]
) -> None:
    script = [make_exchange("GET /status", 200, ENTERPRISE), make_exchange("GET /license", 200, license_)]
    script.append(make_exchange("GET /nodes", 200, [node()]))
    rows = replay(run, script, "check", "--only", "license,license-use", "-o", "json").result.json
    results = {row["check"]: (row["status"], row["value"]) for row in rows}
    assert results["license"][0] == expiry_status
    assert results["license-use"] == use


def test_what_may_not_be_read_is_unknown_with_its_reason(run: Run) -> None:
    refused = make_exchange("GET /alarms", 403, {"code": "UNAUTHORIZED_ROLE", "message": "no"})
    script = [UP, make_exchange("GET /nodes", 200, [node()]), refused]
    result = replay(run, script, "check", "--only", "memory,alarms", "-o", "json").result
    assert result.code == 8
    assert [row["status"] for row in result.json] == ["unknown", "ok"]
    assert "role" in result.json[0]["detail"]
    assert "UNAUTHORIZED_ROLE" in result.json[0]["detail"]


def test_what_this_emqx_does_not_have_is_skipped_although_it_is_named(run: Run, cluster: Sandbox) -> None:
    result = run("check", "--only", "nodes,license", "-o", "json")
    assert (result.code, result.json[1]["status"]) == (0, "skipped")
    assert "Enterprise" in result.json[1]["detail"]
    for output in ("text", "nagios", "prometheus", "json"):
        assert run("check", "--only", "license", "--warn", "license=60d", "-o", output).code == 0
    assert run("check", "--only", "nodes", "--warn", "license=10d").code == 0


def test_api_keys_need_a_dashboard_user(run: Run, cluster: Sandbox) -> None:
    result = run("check", "--only", "api-keys", "-o", "json", "--no-input")
    assert (result.code, result.json[0]["status"]) == (8, "unknown")
    assert "LOGIN_NEEDED" in result.json[0]["detail"]


def test_without_a_dashboard_user_the_check_of_api_keys_is_skipped_and_says_so(
    run: Run, cluster: Sandbox
) -> None:
    result = run("check", "-o", "json", "--no-input")
    row = next(row for row in result.json if row["check"] == "api-keys")
    assert row["status"] == "skipped"
    assert "--username NAME" in row["detail"]
    login = ("--username", "admin")
    result = run("check", "-o", "json", *login, env={"EMQXCTL_PASSWORD": "public"})
    row = next(row for row in result.json if row["check"] == "api-keys")
    assert row["status"] != "skipped"


def test_an_api_key_that_expires_soon_is_found(run: Run) -> None:
    def make_key(days: float, **fields: object) -> dict[str, object]:
        return {
            "name": f"in-{days}",
            "expired_at": str(int(current_time() + days * DAY)),
            "enable": True,
            **fields,
        }

    keys = [
        make_key(100),
        make_key(10),
        make_key(1, enable=False),
        {"name": "ever", "expired_at": "infinity"},
    ]
    script = [UP, make_exchange("POST /login", 200, {"token": "t"}), make_exchange("GET /api_key", 200, keys)]
    words = ("check", "--only", "api-keys", "--username", "admin", "-o", "json")
    outcome = replay(run, script, *words, env={"EMQXCTL_PASSWORD": "public"})
    row = outcome.result.json[0]
    assert (outcome.result.code, row["status"], set(row["values"])) == (8, "warning", {"in-100", "in-10"})
    assert outcome.calls == ["GET /status?format=json", "POST /login", "GET /api_key"]


def nagios(run: Run, script: Any, *words: str) -> ReplayedRun:
    """Run the check as Nagios does."""
    return replay(run, script, "check", "-o", "nagios", "-q", *words)


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        ((), 0, "EMQX OK - 2 checked | 'memory emqx@a'=10%;80;90 'connections'=5 'connections emqx@a'=5\n"),
        (
            ("--warn", "connections=5"),
            1,
            (
                "EMQX WARNING - connections 5 (emqx@a: 5) | 'memory emqx@a'=10%;80;90"
                " 'connections'=5;5 'connections emqx@a'=5;5\n"
            ),
        ),
        (
            ("--warn", "connections=4", "--crit", "connections=5"),
            2,
            (
                "EMQX CRITICAL - connections 5 (emqx@a: 5) | 'memory emqx@a'=10%;80;90"
                " 'connections'=5;4;5 'connections emqx@a'=5;4;5\n"
            ),
        ),
    ],
)
def test_nagios_gets_one_line_and_its_own_exit_codes(
    run: Run, words: tuple[str, ...], code: int, line: str
) -> None:
    outcome = nagios(
        run, [UP, make_exchange("GET /nodes", 200, [node()])], "--only", "memory,connections", *words
    )
    assert (outcome.result.code, outcome.result.out, outcome.result.err) == (code, line, "")


def test_nagios_is_told_what_is_unknown(run: Run) -> None:
    outcome = nagios(run, [UP, make_exchange("GET /nodes", 200, [node(load1="?")])], "--only", "load")
    assert (outcome.result.code, outcome.result.out) == (
        3,
        "EMQX UNKNOWN - load (no node reports its load)\n",
    )


def test_no_name_breaks_the_line_of_nagios(run: Run) -> None:
    outcome = nagios(run, [UP, make_exchange("GET /nodes", 200, [node("a'b=|\n\x1b")])], "--only", "memory")
    assert outcome.result.out == "EMQX OK - 1 checked | 'memory ab_/\\n\\x1b'=10%;80;90\n"


def test_nagios_is_told_of_a_cluster_that_is_down_or_a_wrong_key(run: Run, cluster: Sandbox) -> None:
    unauthorized = run("check", "-o", "nagios", env={"EMQXCTL_API_SECRET": "wrong"})
    assert (unauthorized.code, unauthorized.err) == (3, "")
    assert re.fullmatch(r"EMQX UNKNOWN - [^\n]+ \[BAD_API_KEY_OR_SECRET\]\n", unauthorized.out)
    cluster.stop()
    unreachable = run("check", "-o", "nagios")
    assert (unreachable.code, unreachable.err) == (2, "")
    assert re.fullmatch(r"EMQX CRITICAL - [^\n]+ \[CONNECTION_REFUSED\]\n", unreachable.out)


def test_without_nagios_a_failure_is_a_failure(run: Run, cluster: Sandbox) -> None:
    assert run("check", env={"EMQXCTL_API_SECRET": "wrong"}).code == 4
    result = run("check", "-o", "json", env={"EMQXCTL_API_SECRET": "wrong"})
    assert (result.code, result.error["exit_code"]) == (4, 4)


def test_a_cluster_that_starts_is_not_judged(run: Run) -> None:
    starting = make_exchange("GET /status", 200, {**STATUS, "app_status": "not_running"})
    result = replay(run, [starting], "check").result
    assert (result.code, result.out) == (8, "")
    assert "[BOOTING]" in result.err


def test_prometheus_gets_status_values_and_limits(run: Run) -> None:
    script = [UP, make_exchange("GET /nodes", 200, [node('e"\\m')])]
    result = replay(
        run, script, "check", "-o", "prometheus", "--only", "memory", "--warn", "memory=5%"
    ).result
    assert result.code == 8
    samples = [line for line in result.out.splitlines() if not line.startswith("#")]
    assert samples == [
        "emqxctl_check_status 1",
        'emqxctl_check_result{check="memory",unit="%"} 1',
        'emqxctl_check_value{check="memory",unit="%",of="e\\"\\\\m"} 10',
        'emqxctl_check_limit{check="memory",unit="%",level="warning"} 5',
        'emqxctl_check_limit{check="memory",unit="%",level="critical"} 90',
    ]
    metrics = re.findall(r"^# TYPE (\S+) gauge$", result.out, re.MULTILINE)
    assert set(metrics) == {line.partition("{")[0].partition(" ")[0] for line in samples}


@pytest.mark.parametrize(
    "words",
    [
        ("--warn", "memory"), ("--warn", "memory=x"), ("--crit", "memry=80%"),
        ("--warn", "certificates=soon"),
        ("--warn", "alarms=5%"), ("--only", "never"), ("--skip", "never"), ("--over", "soon"), ("-o", "xml"),
        ("--warn", "="), ("--where", "a=b"),
    ],
)  # fmt: skip
def test_a_bad_limit_is_refused_before_anything_is_sent(
    run: Run, cluster: Sandbox, words: tuple[str, ...]
) -> None:
    result = run("check", *words)
    assert (result.code, result.out) == (2, ""), result.err
    assert cluster.requests == []


def test_prometheus_output_of_a_cluster_that_is_down_says_so(run: Run) -> None:
    server = ("--url", f"http://127.0.0.1:{closed_port()}", "--api-key", "k", "--retries", "0")
    result = run("check", "-o", "prometheus", "-q", *server, env={"EMQXCTL_API_SECRET": "s"})
    assert [line for line in result.out.splitlines() if not line.startswith("#")] == [
        "emqxctl_check_status 2",
        'emqxctl_check_error{code="CONNECTION_REFUSED"} 1',
    ]
    assert result.code == 11
    assert result.err.startswith("emqxctl: cannot connect to ")


def test_prometheus_output_without_a_secret_is_unknown(run: Run) -> None:
    words = ("--url", "http://127.0.0.1:1", "--api-key", "k")
    result = run("check", "-o", "prometheus", *words)
    assert "emqxctl_check_status 3\n" in result.out
    assert 'emqxctl_check_error{code="NO_SECRET"} 1\n' in result.out
    assert result.code == 3


def test_a_name_that_was_meant_is_named(run: Run, cluster: Sandbox) -> None:
    assert "did you mean 'memory'?" in run("check", "--warn", "memry=80%").err


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([], Level.OK),
        ([Level.OK, Level.UNKNOWN], Level.UNKNOWN),
        ([Level.UNKNOWN, Level.WARNING], Level.WARNING),
        ([Level.CRITICAL, Level.UNKNOWN], Level.CRITICAL),
    ],
)
def test_what_is_bad_is_graver_than_what_is_unknown(levels: list[Level], expected: Level) -> None:
    assert find_worst(levels) is expected


@pytest.mark.parametrize("form", ["yaml", "jsonl", "tsv", "md", "name", "wide", "text"])
def test_every_shared_format_works(run: Run, cluster: Sandbox, form: str) -> None:
    result = run("check", "--only", "nodes", "-o", form)
    assert (result.code, "nodes" in result.out) == (0, True)


def test_the_format_may_stand_before_the_command_or_in_the_environment(run: Run, cluster: Sandbox) -> None:
    assert run("-o", "json", "check", "--only", "nodes").json[0]["check"] == "nodes"
    result = run("check", "--only", "nodes", env={"EMQXCTL_OUTPUT": "json"})
    assert result.json[0]["check"] == "nodes"
