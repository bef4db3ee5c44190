"""`emqxctl configs set KEY=VALUE`: any key, the difference first, and nothing sent but the keys."""

import json

from emqxctl.commands.configs._changes import merge_roots
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def sent_bodies(cluster: Sandbox) -> list[str]:
    """Return the bodies of the writes."""
    return [request.body.decode() for request in cluster.requests if request.method == "PUT"]


def test_a_key_is_set_with_the_difference_first(run: Run, cluster: Sandbox) -> None:
    result = run("configs", "set", "mqtt.max_packet_size=2MB", "sysmon.os.cpu_high_watermark=91%")
    assert result.code == 0, result.err
    assert result.err.splitlines()[:2] == [
        "mqtt.max_packet_size: 1MB -> 2MB",
        "sysmon.os.cpu_high_watermark: 80% -> 91%",
    ]
    assert sent_bodies(cluster) == [
        'mqtt {\n  max_packet_size = "2MB"\n}\nsysmon {\n  os {\n    cpu_high_watermark = "91%"\n  }\n}\n'
    ]
    assert run("configs", "get", "mqtt.max_packet_size").out == "2MB\n"
    assert run("configs", "get", "mqtt.max_inflight").out == "32\n"


def test_json_has_the_changes(run: Run, cluster: Sandbox) -> None:
    result = run("configs", "set", "mqtt", "--set", "max_inflight=64", "-o", "json")
    assert result.json == {"changes": [{"key": "mqtt.max_inflight", "before": 32, "after": 64}]}


def test_a_dry_run_prints_the_difference_only(run: Run, cluster: Sandbox) -> None:
    result = run("configs", "set", "mqtt.max_packet_size=2MB", "--dry-run")
    assert (result.code, result.out) == (0, "mqtt.max_packet_size: 1MB -> 2MB\n")
    assert sent_bodies(cluster) == []


def test_a_value_that_is_there_is_not_sent(run: Run, cluster: Sandbox) -> None:
    result = run("configs", "set", "mqtt.max_packet_size=1024KB")
    assert (result.code, sent_bodies(cluster)) == (0, [])
    assert "no changes" in result.err


def test_the_alias_of_mqtt_is_accepted(run: Run, cluster: Sandbox) -> None:
    assert run("configs", "set", "global_zone.mqtt.max_packet_size=2MB").code == 0
    assert run("configs", "get", "global_zone.mqtt.max_packet_size").out == "2MB\n"


def test_text_that_looks_like_json_can_be_set(run: Run, cluster: Sandbox) -> None:
    assert run("configs", "set", 'mqtt.response_information="5"').code == 0
    assert run("configs", "get", "mqtt.response_information", "-o", "json").json == "5"


def test_what_cannot_be_set_is_not_sent(run: Run, cluster: Sandbox) -> None:
    refused = {
        ("node.cookie=x",): 2,
        ("cluster.name=x",): 2,
        ("mqtt=5",): 2,
        ("mqtt.a=1", "mqtt.a=2"): 2,
        ("mqtt.a=1", "--set", "b=1"): 2,
        ("mqtt.a=1", "mqtt"): 2,
        ("mqtt..a=1",): 2,
        ("mqtt",): 2,
        ("mqtt", "--set", "a=1", "--replace"): 2,
        ("dashboard.default_password=******",): 14,
        ("nope.a=1",): 6,
        ("nope.a=1", "mqtt.max_inflight=5"): 6,
    }
    for words, code in refused.items():
        assert run("configs", "set", *words).code == code, words
    assert sent_bodies(cluster) == []


def test_a_misspelt_key_has_close_names(run: Run, cluster: Sandbox) -> None:
    result = run("configs", "set", "mqtt.max_packet_sise=2MB")
    assert result.code == 7
    assert "did you mean mqtt.max_packet_size?" in result.err


def test_secrets_are_not_shown(run: Run, cluster: Sandbox) -> None:
    result = run("configs", "set", "dashboard.default_password=hidden-word", "--debug")
    assert result.code == 0, result.err
    assert "dashboard.default_password: ****** -> ****** (another)" in result.err
    assert "hidden-word" not in result.out + result.err


def test_an_object_is_merged(run: Run, cluster: Sandbox) -> None:
    assert run("configs", "set", 'sysmon.os={"cpu_high_watermark": "91%"}').code == 0
    assert run("configs", "get", "sysmon.os.cpu_low_watermark").out == "60%\n"


def test_update_shows_the_difference(run: Run, cluster: Sandbox) -> None:
    text = b"mqtt { max_packet_size = 5MB }\nsysmon.os.cpu_high_watermark = 92%"
    result = run("configs", "update", "-f", "-", "--dry-run", stdin=text)
    assert result.out.splitlines() == [
        "mqtt.max_packet_size: 1MB -> 5MB",
        "sysmon.os.cpu_high_watermark: 80% -> 92%",
    ]
    assert sent_bodies(cluster) == []
    result = run(
        "configs", "update", "-f", "-", "--mode", "replace", "--dry-run", stdin=b"alarm.size_limit = 9"
    )
    assert "alarm.size_limit: 1000 -> 9" in result.out
    assert "alarm.validity_period: 24h -> (not set)" in result.out
    result = run("configs", "update", "-f", "-", stdin=text)
    assert result.code == 0
    assert "mqtt.max_packet_size: 1MB -> 5MB" in result.err


def test_roots_that_are_ignored_are_no_change(run: Run, cluster: Sandbox) -> None:
    text = b"node.name = x\nalarm.size_limit = 9"
    words = ("configs", "update", "-f", "-", "--ignore-readonly", "--dry-run")
    assert run(*words, stdin=text).out == "alarm.size_limit: 1000 -> 9\n"


def test_authenticators_are_merged_by_their_type() -> None:
    before = {"authentication": [{"mechanism": "jwt", "use_jwks": False}, {"mechanism": "x", "backend": "y"}]}
    change = {"authentication": [{"mechanism": "x", "backend": "y", "enable": False}, {"mechanism": "z"}]}
    assert merge_roots(before, change)["authentication"] == [
        {"mechanism": "jwt", "use_jwks": False},
        {"mechanism": "x", "backend": "y", "enable": False},
        {"mechanism": "z"},
    ]
    assert merge_roots({"a": {"b": [1], "c": 1}}, {"a": {"b": [2]}}) == {"a": {"b": [2], "c": 1}}


def test_a_key_and_its_value_as_two_words_are_explained(run: Run, cluster: Sandbox) -> None:
    result = run("configs", "set", "mqtt.max_packet_size", "2MB")
    assert result.code == 2
    assert "emqxctl configs set mqtt.max_packet_size=2MB" in result.err
    result = run("configs", "set", "mqtt", "max_packet_size=2MB")
    assert "emqxctl configs set mqtt.max_packet_size=2MB" in result.err


def test_a_key_without_its_root_is_suggested(run: Run, cluster: Sandbox) -> None:
    for words in (("set", "max_packet_size=2MB"), ("get", "max_packet_size")):
        result = run("configs", *words)
        assert result.code == 6
        assert "did you mean mqtt.max_packet_size?" in result.err


def test_reset_accepts_the_key(run: Run, cluster: Sandbox) -> None:
    run("configs", "set", "sysmon.os.mem_check_interval=5s")
    assert run("configs", "reset", "sysmon.os.mem_check_interval", "--yes").code == 0
    assert run("configs", "get", "sysmon.os.mem_check_interval").out == "60s\n"


def test_a_value_that_is_not_read_back_is_reported(run: Run) -> None:
    before = make_exchange("GET /configs", 200, {"mqtt": {"max_inflight": 32}})
    accepted = make_exchange("PUT /configs", 200)
    result = replay(run, [before, accepted], "configs", "set", "mqtt.max_inflight=64").result
    assert result.code == 9
    assert "EMQX accepted the change, but mqtt.max_inflight has another value" in result.err


def test_keys_that_emqx_adds_are_no_failure(run: Run) -> None:
    before = make_exchange("GET /configs", 200, {"connectors": {}})
    http = {"url": "http://h:1", "certfile": "-----BEGIN CERTIFICATE-----"}
    stored = {"http": {"x": {"url": "http://h:1", "certfile": "/certs/cert-1", "pool_size": 8}}}
    after = make_exchange("GET /configs", 200, {"connectors": stored})
    script = [before, make_exchange("PUT /configs", 200), after]
    result = replay(run, script, "configs", "set", f"connectors.http.x={json.dumps(http)}").result
    assert result.code == 0, result.err
