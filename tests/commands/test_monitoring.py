"""The groups that watch: Prometheus, OpenTelemetry, telemetry, error codes, alarms."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

SETTINGS = find_exchange("GET /prometheus", "plain")
STATS = "GET /prometheus/stats"


def test_metrics_come_as_prometheus_wants_them(run: Run) -> None:
    text = find_exchange(STATS, "text")
    replayed = replay(run, [text], "prometheus", "stats")
    assert replayed.calls == ["GET /prometheus/stats"]
    assert replayed.received[0].headers["accept"] == "text/plain"
    assert replayed.result.stdout == text.response_bytes
    everywhere = find_exchange(STATS, "text unaggregated")
    mode = "all_nodes_unaggregated"
    replayed = replay(run, [everywhere], "prometheus", "stats", "--mode", mode)
    assert replayed.calls == [f"GET /prometheus/stats?mode={mode}"]
    assert replayed.result.stdout == everywhere.response_bytes


def test_metrics_come_as_json_where_that_is_asked_for(run: Run) -> None:
    replayed = replay(run, [find_exchange(STATS, "JSON")], "prometheus", "stats", "--json")
    assert replayed.received[0].headers["accept"] == "application/json"
    assert replayed.result.json["acl"]["emqx_authorization_deny"] == 0


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("auth", "auth"),
        ("data-integration", "data_integration"),
        ("schema-validation", "schema_validation"),
        ("message-transformation", "message_transformation"),
        ("namespaced", "namespaced_stats"),
        ("topic-metrics", "topic_metrics"),
    ],
)
def test_each_kind_of_metrics_has_its_path(run: Run, name: str, path: str) -> None:
    replayed = replay(run, [make_exchange(f"GET /prometheus/{path}", 200, {})], "prometheus", name)
    assert (replayed.result.code, replayed.calls) == (0, [f"GET /prometheus/{path}"])


def test_a_mode_that_is_none_is_not_sent(run: Run) -> None:
    assert replay(run, [], "prometheus", "stats", "--mode", "some").calls == []


def test_the_settings_are_sent_whole(run: Run) -> None:
    script = [SETTINGS, find_exchange("PUT /prometheus", "restore")]
    replayed = replay(run, script, "prometheus", "update", "--basic-auth", "--push-url", "http://push:9091")
    assert replayed.result.code == 0, replayed.result.err
    gateway = {**SETTINGS.body["push_gateway"], "url": "http://push:9091"}
    assert replayed.bodies == [{**SETTINGS.body, "enable_basic_auth": True, "push_gateway": gateway}]
    refused = replay(
        run,
        [SETTINGS, find_exchange("PUT /prometheus", "bad value")],
        "prometheus",
        "update",
        "--set",
        "enable_basic_auth=maybe",
        "--json",
    )
    assert refused.result.code == 7
    assert "Unable to parse boolean" in refused.result.error["message"]


def test_opentelemetry_is_read_changed_and_sent_whole(run: Run) -> None:
    before = {"exporter": {"endpoint": "http://a:4317"}, "metrics": {"enable": False, "interval": "10s"}}
    script = [
        make_exchange("GET /opentelemetry", 200, before),
        make_exchange("PUT /opentelemetry", 200, before),
    ]
    replayed = replay(run, script, "opentelemetry", "update", "--metrics", "--endpoint", "http://b:4317")
    assert replayed.result.code == 0, replayed.result.err
    metrics = {"enable": True, "interval": "10s"}
    assert replayed.bodies == [{"exporter": {"endpoint": "http://b:4317"}, "metrics": metrics}]


def test_a_masked_secret_of_opentelemetry_is_not_sent_back(run: Run) -> None:
    before = {"exporter": {"ssl_options": {"password": "******"}}}
    script = [make_exchange("GET /opentelemetry", 200, before)]
    replayed = replay(run, script, "opentelemetry", "update", "--logs")
    assert (replayed.result.code, replayed.calls) == (14, ["GET /opentelemetry"])
    assert "exporter.ssl_options.password" in replayed.result.err


def test_whom_tracing_samples_is_a_list_of_names(run: Run) -> None:
    path = "/opentelemetry/whitelist/clientid"
    replayed = replay(
        run, [make_exchange(f"GET {path}", 200, ["a", "b"])], "opentelemetry", "whitelist", "get", "clientid"
    )
    assert replayed.result.out.split()[-2:] == ["a", "b"]
    replayed = replay(
        run,
        [make_exchange(f"POST {path}", 204)],
        "opentelemetry",
        "whitelist",
        "set",
        "clientid",
        "dev-1",
        "dev-2",
    )
    assert replayed.bodies == [["dev-1", "dev-2"]]
    script = [make_exchange(f"DELETE {path}", 204)]
    assert replay(run, script, "opentelemetry", "whitelist", "clear", "clientid").result.code == 14
    assert replay(run, script, "opentelemetry", "whitelist", "clear", "clientid", "-y").calls == [
        f"DELETE {path}"
    ]
    assert replay(run, script, "opentelemetry", "whitelist", "get", "user").result.code == 2


def test_telemetry_is_switched_only_when_it_is_otherwise(run: Run) -> None:
    off = make_exchange("GET /telemetry/status", 200, {"enable": False})
    script = [off, find_exchange("PUT /telemetry/status", "on")]
    replayed = replay(run, script, "telemetry", "enable", "--json")
    assert replayed.bodies == [{"enable": True}]
    assert replayed.result.json == {"enable": True}
    replayed = replay(run, [off], "telemetry", "disable")
    assert (replayed.result.code, replayed.calls) == (0, ["GET /telemetry/status"])
    assert "already" in replayed.result.err


def test_telemetry_that_is_off_has_no_data(run: Run) -> None:
    replayed = replay(run, [find_exchange("GET /telemetry/data", "plain")], "telemetry", "data")
    assert replayed.result.code == 6
    assert "not enabled" in replayed.result.err
    replayed = replay(run, [find_exchange("GET /telemetry/data", "enabled")], "telemetry", "data", "--json")
    assert replayed.result.json["active_plugins"] == []
    assert replay(
        run, [find_exchange("GET /telemetry/status", "plain")], "telemetry", "get", "--json"
    ).result.json == {"enable": False}


def test_the_server_lists_its_error_codes(run: Run) -> None:
    replayed = replay(run, [find_exchange("GET /error_codes", "plain")], "error-codes", "list", "-o", "name")
    assert "BAD_REQUEST" in replayed.result.out.splitlines()
    script = [find_exchange("GET /error_codes/{code}", "code NOT_FOUND")]
    replayed = replay(run, script, "error-codes", "get", "NOT_FOUND")
    assert "does not exist" in replayed.result.out


def test_the_dashboard_gets_descriptions(run: Run) -> None:
    recorded = find_exchange("GET /schemas/{name}", "name hotconf")
    replayed = replay(run, [recorded], "dashboard-schemas", "get", "hotconf", "--json")
    assert replayed.result.json == recorded.body
    refused = replay(
        run, [find_exchange("GET /schemas/{name}", "name nope")], "dashboard-schemas", "get", "nope"
    )
    assert refused.result.code == 7


def test_an_alarm_is_ended_by_its_name(run: Run) -> None:
    done = find_exchange("POST /alarms/force_deactivate", "done")
    replayed = replay(run, [done], "alarms", "deactivate", "high_cpu", "--json")
    assert replayed.bodies == [{"name": "high_cpu"}]
    assert replayed.result.json == {"name": "high_cpu"}
    again = replay(
        run, [find_exchange("POST /alarms/force_deactivate", "again")], "alarms", "deactivate", "x"
    )
    assert again.result.code == 6
    assert "already deactivated" in again.result.err
