"""The groups that watch: Prometheus, OpenTelemetry, telemetry, error codes, alarms."""

import pytest

from tests.conftest import Run
from tests.support.recorded import exchange
from tests.support.replay import made, talk

SETTINGS = exchange("GET /prometheus", "plain")
STATS = "GET /prometheus/stats"


def test_metrics_come_as_prometheus_wants_them(run: Run) -> None:
    text = exchange(STATS, "text")
    told = talk(run, [text], "prometheus", "stats")
    assert told.calls == ["GET /prometheus/stats"]
    assert told.received[0].headers["accept"] == "text/plain"
    assert told.ran.stdout == text.answer
    everywhere = exchange(STATS, "text unaggregated")
    mode = "all_nodes_unaggregated"
    told = talk(run, [everywhere], "prometheus", "stats", "--mode", mode)
    assert told.calls == [f"GET /prometheus/stats?mode={mode}"]
    assert told.ran.stdout == everywhere.answer


def test_metrics_come_as_json_where_that_is_asked_for(run: Run) -> None:
    told = talk(run, [exchange(STATS, "JSON")], "prometheus", "stats", "--json")
    assert told.received[0].headers["accept"] == "application/json"
    assert told.ran.json["acl"]["emqx_authorization_deny"] == 0


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
    told = talk(run, [made(f"GET /prometheus/{path}", 200, {})], "prometheus", name)
    assert (told.ran.code, told.calls) == (0, [f"GET /prometheus/{path}"])


def test_a_mode_that_is_none_is_not_sent(run: Run) -> None:
    assert talk(run, [], "prometheus", "stats", "--mode", "some").calls == []


def test_the_settings_are_sent_whole(run: Run) -> None:
    script = [SETTINGS, exchange("PUT /prometheus", "restore")]
    told = talk(run, script, "prometheus", "update", "--basic-auth", "--push-url", "http://push:9091")
    assert told.ran.code == 0, told.ran.err
    gateway = {**SETTINGS.body["push_gateway"], "url": "http://push:9091"}
    assert told.bodies == [{**SETTINGS.body, "enable_basic_auth": True, "push_gateway": gateway}]
    bad = talk(
        run,
        [SETTINGS, exchange("PUT /prometheus", "bad value")],
        "prometheus",
        "update",
        "--set",
        "enable_basic_auth=maybe",
        "--json",
    )
    assert bad.ran.code == 7
    assert "Unable to parse boolean" in bad.ran.error["message"]


def test_opentelemetry_is_read_changed_and_sent_whole(run: Run) -> None:
    before = {"exporter": {"endpoint": "http://a:4317"}, "metrics": {"enable": False, "interval": "10s"}}
    script = [made("GET /opentelemetry", 200, before), made("PUT /opentelemetry", 200, before)]
    told = talk(run, script, "opentelemetry", "update", "--metrics", "--endpoint", "http://b:4317")
    assert told.ran.code == 0, told.ran.err
    metrics = {"enable": True, "interval": "10s"}
    assert told.bodies == [{"exporter": {"endpoint": "http://b:4317"}, "metrics": metrics}]


def test_a_masked_secret_of_opentelemetry_is_not_sent_back(run: Run) -> None:
    before = {"exporter": {"ssl_options": {"password": "******"}}}
    script = [made("GET /opentelemetry", 200, before)]
    told = talk(run, script, "opentelemetry", "update", "--logs")
    assert (told.ran.code, told.calls) == (14, ["GET /opentelemetry"])
    assert "exporter.ssl_options.password" in told.ran.err


def test_whom_tracing_samples_is_a_list_of_names(run: Run) -> None:
    path = "/opentelemetry/whitelist/clientid"
    told = talk(run, [made(f"GET {path}", 200, ["a", "b"])], "opentelemetry", "whitelist", "get", "clientid")
    assert told.ran.out.split()[-2:] == ["a", "b"]
    told = talk(
        run, [made(f"POST {path}", 204)], "opentelemetry", "whitelist", "set", "clientid", "dev-1", "dev-2"
    )
    assert told.bodies == [["dev-1", "dev-2"]]
    script = [made(f"DELETE {path}", 204)]
    assert talk(run, script, "opentelemetry", "whitelist", "clear", "clientid").ran.code == 14
    assert talk(run, script, "opentelemetry", "whitelist", "clear", "clientid", "-y").calls == [
        f"DELETE {path}"
    ]
    assert talk(run, script, "opentelemetry", "whitelist", "get", "user").ran.code == 2


def test_telemetry_is_switched_only_when_it_is_otherwise(run: Run) -> None:
    off = made("GET /telemetry/status", 200, {"enable": False})
    script = [off, exchange("PUT /telemetry/status", "on")]
    told = talk(run, script, "telemetry", "enable", "--json")
    assert told.bodies == [{"enable": True}]
    assert told.ran.json == {"enable": True}
    told = talk(run, [off], "telemetry", "disable")
    assert (told.ran.code, told.calls) == (0, ["GET /telemetry/status"])
    assert "already" in told.ran.err


def test_telemetry_that_is_off_has_no_data(run: Run) -> None:
    told = talk(run, [exchange("GET /telemetry/data", "plain")], "telemetry", "data")
    assert told.ran.code == 6
    assert "not enabled" in told.ran.err
    told = talk(run, [exchange("GET /telemetry/data", "enabled")], "telemetry", "data", "--json")
    assert told.ran.json["active_plugins"] == []
    assert talk(run, [exchange("GET /telemetry/status", "plain")], "telemetry", "get", "--json").ran.json == {
        "enable": False
    }


def test_the_server_lists_its_error_codes(run: Run) -> None:
    told = talk(run, [exchange("GET /error_codes", "plain")], "error-codes", "list", "-o", "name")
    assert "BAD_REQUEST" in told.ran.out.splitlines()
    script = [exchange("GET /error_codes/{code}", "code NOT_FOUND")]
    told = talk(run, script, "error-codes", "get", "NOT_FOUND")
    assert "does not exist" in told.ran.out


def test_the_dashboard_gets_descriptions(run: Run) -> None:
    recorded = exchange("GET /schemas/{name}", "name hotconf")
    told = talk(run, [recorded], "dashboard-schemas", "get", "hotconf", "--json")
    assert told.ran.json == recorded.body
    bad = talk(run, [exchange("GET /schemas/{name}", "name nope")], "dashboard-schemas", "get", "nope")
    assert bad.ran.code == 7


def test_an_alarm_is_ended_by_its_name(run: Run) -> None:
    done = exchange("POST /alarms/force_deactivate", "done")
    told = talk(run, [done], "alarms", "deactivate", "high_cpu", "--json")
    assert told.bodies == [{"name": "high_cpu"}]
    assert told.ran.json == {"name": "high_cpu"}
    again = talk(run, [exchange("POST /alarms/force_deactivate", "again")], "alarms", "deactivate", "x")
    assert again.ran.code == 6
    assert "already deactivated" in again.ran.err
