"""What EMQX 5.9 to 6.3 added, and what 5.0 alone had, against made-up answers."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

UNKNOWN = {"code": "NOT_FOUND", "message": "Request Path Not Found"}


def status(version: str) -> dict[str, str]:
    """Make up what a broker of this version says of itself."""
    return {"node_name": "n1", "rel_vsn": version, "app_status": "running", "broker_status": "started"}


def test_a_provider_keeps_its_key(run: Run) -> None:
    before = {"name": "p", "type": "openai", "api_key": "******"}
    script = [make_exchange("GET /ai/providers/p", 200, before), make_exchange("PUT /ai/providers/p", 204)]
    outcome = replay(run, script, "ai", "providers", "update", "p", "--base-url", "http://llm")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"type": "openai", "api_key": "******", "base_url": "http://llm"}]


def test_profiles_are_made_of_options(run: Run) -> None:
    words = ("ai", "profiles", "create", "a", "--type", "openai", "--provider", "p", "--model", "gpt-4o")
    outcome = replay(run, [make_exchange("POST /ai/completion_profiles", 204)], *words, "--json")
    assert outcome.bodies == [{"name": "a", "type": "openai", "provider_name": "p", "model": "gpt-4o"}]
    assert outcome.result.json == {"name": "a"}


def test_models_are_listed_without_showing_the_key(run: Run, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sk-very-secret\n")
    script = [make_exchange("POST /ai/models", 200, ["gpt-4o", "gpt-4o-mini"])]
    words = ("ai", "models", "openai", "--key-file", str(key), "-o", "name", "--debug")
    outcome = replay(run, script, *words)
    assert outcome.bodies == [{"type": "openai", "api_key": "sk-very-secret"}]
    assert outcome.result.out.split() == ["gpt-4o", "gpt-4o-mini"]
    assert "sk-very-secret" not in outcome.result.err
    script = [make_exchange("GET /ai/providers/p/models", 200, ["m"])]
    assert replay(run, script, "ai", "providers", "models", "p", "-o", "name").result.out.split() == ["m"]


def test_a_queue_is_created_read_and_changed(run: Run) -> None:
    queue = {"name": "jobs", "topic_filter": "jobs/#", "is_lastvalue": False, "dispatch_strategy": "random"}
    words = ("message-queues", "create", "jobs", "--topic-filter", "jobs/#", "--no-lastvalue")
    outcome = replay(run, [make_exchange("POST /queues", 200, queue)], *words)
    assert outcome.bodies == [{"name": "jobs", "topic_filter": "jobs/#", "is_lastvalue": False}]
    script = [make_exchange("GET /queue/jobs", 200, queue), make_exchange("PUT /queue/jobs", 200, queue)]
    outcome = replay(run, script, "message-queues", "update", "jobs", "--dispatch-strategy", "round_robin")
    assert outcome.bodies == [{"is_lastvalue": False, "dispatch_strategy": "round_robin"}]
    page = {"data": [queue], "meta": {"hasnext": False}}
    outcome = replay(run, [make_exchange("GET /queues", 200, page)], "message-queues", "list")
    assert outcome.result.out.splitlines()[1].split()[:3] == ["jobs", "jobs/#", "regular"]


def test_the_queues_of_6_0_have_no_names(run: Run) -> None:
    queue = {"topic_filter": "jobs/#", "is_lastvalue": False}
    unknown = {"kind": "validation_error", "reason": "unknown_fields", "unknown": "name"}
    script = [
        make_exchange("POST /queues", 404, UNKNOWN),
        make_exchange("GET /status", 200, status("6.0.1")),
        make_exchange(
            "POST /message_queues/queues", 400, {"code": "BAD_REQUEST", "message": json.dumps(unknown)}
        ),
        make_exchange("POST /message_queues/queues", 200, queue),
    ]
    outcome = replay(run, script, "message-queues", "create", "jobs/#", "--no-lastvalue", "--json")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies[-1] == queue
    assert outcome.result.json == queue


def test_a_stream_cannot_change_its_topics(run: Run) -> None:
    stream = {"name": "s", "topic_filter": "t/#", "is_lastvalue": True, "data_retention_period": 604800000}
    words = ("streams", "create", "s", "--topic-filter", "t/#", "--lastvalue")
    outcome = replay(run, [make_exchange("POST /streams", 200, stream)], *words)
    assert outcome.bodies == [{"name": "s", "topic_filter": "t/#", "is_lastvalue": True}]
    script = [make_exchange("GET /stream/s", 200, stream), make_exchange("PUT /stream/s", 200, stream)]
    outcome = replay(run, script, "streams", "update", "s", "--retention", "30d")
    assert outcome.bodies == [{"is_lastvalue": True, "data_retention_period": "30d"}]
    assert replay(run, script, "streams", "update", "s", "--topic-filter", "x").result.code == 2
    page = {"data": [stream], "meta": {"hasnext": False}}
    outcome = replay(run, [make_exchange("GET /streams", 200, page)], "streams", "list")
    assert outcome.result.out.splitlines()[1].split()[-2:] == ["value", "7d"]


@pytest.mark.parametrize(("group", "path"), [("message-queues", "/queues"), ("streams", "/streams")])
def test_how_they_are_kept_is_sent_whole(run: Run, group: str, path: str) -> None:
    before = {"enable": True, "gc_interval": "1h"}
    script = [make_exchange(f"GET {path}/config", 200, before), make_exchange(f"PUT {path}/config", 204)]
    outcome = replay(run, script, group, "config", "update", "--gc-interval", "2h", "--json")
    assert outcome.bodies == [{"enable": True, "gc_interval": "2h"}]
    assert outcome.result.json == {"enable": True, "gc_interval": "2h"}


def test_certificates_go_up_and_never_down(run: Run, tmp_path: Path) -> None:
    key, chain = tmp_path / "k.pem", tmp_path / "c.pem"
    key.write_text("-----BEGIN KEY-----\nsecret stuff\n-----END KEY-----\n")
    chain.write_text("-----BEGIN CERTIFICATE-----\n")
    words = ("certs", "upload", "server", "--key", str(key), "--chain", str(chain))
    outcome = replay(run, [make_exchange("POST /certs/global/name/server", 204)], *words, "--json")
    assert outcome.bodies == [{"key": key.read_text(), "chain": chain.read_text()}]
    assert outcome.result.json == {"name": "server", "files": ["key", "chain"]}
    dry = replay(run, [], *words, "--dry-run", "--debug")
    assert "secret stuff" not in dry.result.out + dry.result.err
    outcome = replay(
        run, [make_exchange("POST /certs/ns/plant/name/server", 204)], *words, "--namespace", "plant"
    )
    assert outcome.calls == ["POST /certs/ns/plant/name/server"]
    assert replay(run, [], "certs", "upload", "server").result.code == 2


def test_certificates_are_listed_and_deleted_by_namespace(run: Run) -> None:
    outcome = replay(
        run, [make_exchange("GET /certs/global/list", 200, [{"name": "a"}])], "certs", "list", "-o", "name"
    )
    assert outcome.result.out.split() == ["a"]
    script = [make_exchange("GET /certs/ns/plant/list", 200, [{"name": "b"}])]
    assert replay(run, script, "certs", "list", "--namespace", "plant", "-o", "name").result.out.split() == [
        "b"
    ]
    files = {"key": {"path": "/x/key.pem"}, "ca": {"path": "/x/ca.pem"}}
    outcome = replay(
        run, [make_exchange("GET /certs/global/name/a", 200, files)], "certs", "get", "a", "-o", "name"
    )
    assert outcome.result.out.split() == ["key", "ca"]
    script = [make_exchange("DELETE /certs/global/name/a", 204)]
    assert replay(run, script, "certs", "delete", "a").calls == []
    assert replay(run, script, "certs", "delete", "a", "-y").calls == ["DELETE /certs/global/name/a"]
    outcome = replay(run, script, "certs", "delete", "a", "-y", "--force")
    assert outcome.calls == ["DELETE /certs/global/name/a?force_delete=true"]


def test_the_card_of_an_agent_goes_as_text(run: Run) -> None:
    path = "/a2a/cards/card/acme/plant/welder"
    words = ("a2a", "register", "acme", "plant", "welder", "-f", "-", "--namespace", "n")
    outcome = replay(run, [make_exchange(f"POST {path}", 204)], *words, stdin=b'{"name": "w"}')
    assert outcome.calls == [f"POST {path}?ns=n"]
    assert outcome.bodies == [{"card": '{"name": "w"}'}]
    card = {"id": "acme/plant/welder", "name": "w", "status": "online"}
    outcome = replay(
        run, [make_exchange("GET /a2a/cards/list", 200, [card])], "a2a", "list", "--org-id", "acme", "--json"
    )
    assert outcome.calls == ["GET /a2a/cards/list?org_id=acme"]
    assert outcome.result.json == [card]
    script = [make_exchange(f"GET {path}", 200, card), make_exchange(f"DELETE {path}", 204)]
    assert replay(run, script, "a2a", "get", "acme", "plant", "welder", "--json").result.json == card
    assert replay(run, script, "a2a", "delete", "acme", "plant", "welder").result.code == 14
    assert replay(run, script, "a2a", "delete", "acme", "plant", "welder", "-y").calls == [f"DELETE {path}"]
    unsafe = replay(run, [], "a2a", "delete", "acme", "..", "welder", "-y")
    assert (unsafe.result.code, unsafe.calls) == (2, [])


def test_a_schema_of_several_files_is_one_form(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "p.tar.gz"
    archive.write_bytes(b"\x1f\x8b packed")
    path = "/schema_registry_protobuf/bundle"
    words = ("schemas", "bundle", "t", str(archive), "--root", "a.proto")
    outcome = replay(run, [make_exchange(f"POST {path}", 201, {"name": "t"})], *words)
    assert outcome.result.code == 0, outcome.result.err
    sent = outcome.received[0]
    boundary = sent.headers["content-type"].partition("boundary=")[2].encode()
    parts = sent.body.split(b"--" + boundary)
    assert [part.partition(b'name="')[2].partition(b'"')[0] for part in parts[1:-1]] == [
        b"name",
        b"root_proto_file",
        b"bundle",
    ]
    assert parts[1].endswith(b"\r\n\r\nt\r\n")
    assert parts[3].endswith(b"\r\n\r\n\x1f\x8b packed\r\n")
    outcome = replay(run, [make_exchange(f"PUT {path}", 200, {"name": "t"})], *words, "--update")
    assert outcome.calls == [f"PUT {path}"]
    archive.write_bytes(b"plain")
    assert replay(run, [], *words).result.code == 2


def test_the_peaks_of_sessions(run: Run) -> None:
    rows = [{"period": "2026-04", "high_watermark": 25000, "observed_at": "2026-04-18T13:53:05.000Z"}]
    script = [
        make_exchange(
            "GET /license/session_hwm_history", 200, {"period": "monthly", "count": 1, "data": rows}
        )
    ]
    outcome = replay(run, script, "license", "history", "--json")
    assert outcome.calls == ["GET /license/session_hwm_history?period=monthly"]
    assert outcome.result.json == rows
    outcome = replay(run, script, "license", "history", "--period", "daily", "--days", "7")
    assert outcome.calls == ["GET /license/session_hwm_history?period=daily&limit=7"]


def test_a_site_is_forgotten_only_when_confirmed(run: Run) -> None:
    script = [make_exchange("PUT /ds/sites/A1/forget", 204)]
    assert replay(run, script, "durable-storage", "sites", "forget", "A1").result.code == 14
    outcome = replay(run, script, "durable-storage", "sites", "forget", "A1", "-y")
    assert outcome.calls == ["PUT /ds/sites/A1/forget"]


def test_features_and_tracing(run: Run) -> None:
    answer = {"preset": "full", "enabled": ["ai"], "disabled": []}
    assert (
        replay(run, [make_exchange("GET /features", 200, answer)], "features", "get", "--json").result.json
        == answer
    )
    script = [
        make_exchange("GET /tracing", 200, {"max_file_size": "32MB"}),
        make_exchange("PUT /tracing", 200, {}),
    ]
    outcome = replay(run, script, "tracing", "update", "--set", "max_file_size=64MB")
    assert outcome.bodies == [{"max_file_size": "64MB"}]


def test_what_5_0_alone_had(run: Run) -> None:
    before = {"enable": False, "server": "127.0.0.1:8125"}
    script = [make_exchange("GET /statsd", 200, before), make_exchange("PUT /statsd", 200, before)]
    outcome = replay(run, script, "statsd", "update", "--enable")
    assert outcome.bodies == [{"enable": True, "server": "127.0.0.1:8125"}]
    script = [make_exchange("GET /statsd", 404, UNKNOWN), make_exchange("GET /status", 200, status("v5.8.9"))]
    gone = replay(run, script, "statsd", "get")
    assert gone.result.code == 13
    assert "removed in EMQX 5.0.26" in gone.result.err


def test_what_is_still_to_come_says_since_when(run: Run) -> None:
    script = [
        make_exchange("GET /streams", 404, UNKNOWN),
        make_exchange("GET /status", 200, status("v5.8.9")),
    ]
    outcome = replay(run, script, "streams", "list", "--json")
    assert (outcome.result.code, outcome.result.stdout) == (13, b"")
    assert "requires EMQX 6.1" in outcome.result.error["message"]
