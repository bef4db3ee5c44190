"""`emqxctl prometheus`: metrics in both formats, and settings."""

import json

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


def test_an_unknown_field_is_named_although_emqx_names_all(run: Run) -> None:
    before = {"collectors": {"mnesia": "disabled"}, "enable_basic_auth": False}
    details = {
        "unmatched": "enable,headers",
        "unknown": "collectors,enable_basic_auth,nonsense",
        "reason": "unknown_fields",
        "path": "root",
        "matched_type": "prometheus:legacy_deprecated_setting",
    }
    script = [
        make_exchange("GET /prometheus", 200, before),
        make_exchange("PUT /prometheus", 400, {"code": "BAD_REQUEST", "message": json.dumps(details)}),
    ]
    error = replay(run, script, "prometheus", "update", "--set", "nonsense=1", "-o", "json").result.error
    assert error["message"] == "EMQX rejected the Prometheus settings: unknown field 'nonsense'"
    assert error["exit_code"] == 7
