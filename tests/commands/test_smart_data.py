"""The schema registry, schema validations and message transformations, against made-up answers."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_a_schema_comes_from_a_file_of_its_own(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "t.avsc"
    source.write_text('{"type": "record", "name": "t", "fields": []}')
    created = make_exchange("POST /schema_registry", 201, {"name": "t", "type": "avro"})
    told = replay(run, [created], "schemas", "create", "t", "--type", "avro", "--source-file", str(source))
    assert told.bodies == [{"name": "t", "type": "avro", "source": source.read_text()}]
    before = {"name": "t", "type": "avro", "source": "old", "description": "d"}
    script = [
        make_exchange("GET /schema_registry/t", 200, before),
        make_exchange("PUT /schema_registry/t", 200, before),
    ]
    told = replay(run, script, "schemas", "update", "t", "--source-file", "-", stdin=b"new")
    assert told.result.code == 0, told.result.err
    assert told.bodies == [{"type": "avro", "source": "new", "description": "d"}]
    assert replay(run, [], "schemas", "update", "t").result.code == 2


def test_a_schema_that_exists_is_refused_in_words(run: Run) -> None:
    answer = {"code": "ALREADY_EXISTS", "message": "Schema already exists"}
    script = [make_exchange("POST /schema_registry", 400, answer)]
    told = replay(run, script, "schemas", "create", "t", "--type", "json", "--set", "source={}", "--json")
    assert told.result.code == 7
    assert "already exists" in told.result.error["message"]


def test_external_registries_are_rows_by_name(run: Run) -> None:
    answer = {"c1": {"type": "confluent", "url": "http://r:8081", "auth": {"mechanism": "basic"}}}
    told = replay(
        run,
        [make_exchange("GET /schema_registry_external", 200, answer)],
        "schemas",
        "external",
        "list",
        "--json",
    )
    assert told.result.json == [{"name": "c1", **answer["c1"]}]
    path = "/schema_registry_external/registry/c1"
    before = {"type": "confluent", "url": "http://r:8081", "auth": {"username": "u", "password": "******"}}
    script = [make_exchange(f"GET {path}", 200, before), make_exchange(f"PUT {path}", 200, before)]
    told = replay(run, script, "schemas", "external", "update", "c1", "--registry-url", "http://other:8081")
    assert told.bodies == [{**before, "url": "http://other:8081"}]
    create = ("schemas", "external", "create", "c2", "--type", "confluent", "--registry-url", "http://r")
    told = replay(run, [make_exchange("POST /schema_registry_external", 201, before)], *create)
    assert told.bodies == [{"name": "c2", "type": "confluent", "url": "http://r"}]


@pytest.mark.parametrize(
    ("group", "path", "item", "fields"),
    [
        (
            "schema-validations",
            "/schema_validations",
            "validation",
            {"strategy": "all_pass", "checks": [{"type": "sql", "sql": "SELECT 1"}]},
        ),
        (
            "message-transformations",
            "/message_transformations",
            "transformation",
            {"operations": [{"key": "payload.t", "value": "now_rfc3339()"}]},
        ),
    ],
)
def test_checks_and_changes_of_messages(
    run: Run, group: str, path: str, item: str, fields: dict[str, object]
) -> None:
    one = {"name": "a", "enable": True, "topics": ["t/#"], "failure_action": "drop", **fields}
    here = f"{path}/{item}/a"
    listed = replay(run, [make_exchange(f"GET {path}", 200, [one])], group, "list")
    assert listed.result.out.splitlines()[1].split()[:3] == ["a", "true", "t/#"]
    for answer in (one, [one]):
        told = replay(run, [make_exchange(f"GET {here}", 200, answer)], group, "get", "a", "--json")
        assert told.result.json == one
    script = [make_exchange(f"GET {here}", 200, one), make_exchange(f"PUT {path}", 200, one)]
    told = replay(run, script, group, "update", "a", "--failure-action", "ignore", "--topic", "x/#")
    assert told.result.code == 0, told.result.err
    assert told.calls == [f"GET {here}", f"PUT {path}"]
    assert told.bodies == [{**one, "failure_action": "ignore", "topics": ["x/#"]}]
    dry = replay(run, script, group, "update", "a", "--no-enable", "--dry-run")
    assert dry.calls == [f"GET {here}"]
    assert '+  "enable": false' in dry.result.out
    assert replay(run, [], group, "update", "a").result.code == 2
    assert replay(run, [make_exchange(f"POST {here}/enable/false", 204)], group, "disable", "a").calls == [
        f"POST {here}/enable/false"
    ]
    told = replay(run, [make_exchange(f"POST {path}/reorder", 204)], group, "reorder", "b", "a")
    assert told.bodies == [{"order": ["b", "a"]}]
    counted = {"metrics": {"matched": 3}, "node_metrics": [{"node": "n1", "metrics": {"matched": 3}}]}
    answered = [make_exchange(f"GET {here}/metrics", 200, counted)]
    assert replay(run, answered, group, "metrics", "a", "--json").result.json == {"matched": 3}
    rows = replay(run, answered, group, "metrics", "a", "--per-node", "--json").result.json
    assert rows == [{"node": "n1", "matched": 3}]
    script = [make_exchange(f"POST {here}/metrics/reset", 204)]
    assert replay(run, script, group, "reset-metrics", "a").result.code == 14
    assert replay(run, script, group, "reset-metrics", "a", "-y").calls == [f"POST {here}/metrics/reset"]
    assert replay(run, [make_exchange(f"DELETE {here}", 204)], group, "delete", "a", "-y").calls == [
        f"DELETE {here}"
    ]


def test_a_transformation_can_be_tried(run: Run) -> None:
    one = {"name": "a", "topics": ["t/#"], "failure_action": "drop", "operations": []}
    script = [
        make_exchange("GET /message_transformations/transformation/a", 200, one),
        make_exchange("POST /message_transformations/dryrun", 200, {"payload": "{}", "topic": "t/1"}),
    ]
    words = ("message-transformations", "dryrun", "a", "--topic", "t/1", "--payload", "{}", "--set", "qos=1")
    told = replay(run, script, *words, "--json")
    assert told.result.code == 0, told.result.err
    message = {"topic": "t/1", "payload": "{}", "qos": 1}
    assert told.bodies == [{"transformation": one, "message": message}]
    assert told.result.json == {"payload": "{}", "topic": "t/1"}
    assert (
        replay(run, [], "message-transformations", "dryrun", "--topic", "t", "--payload", "x").result.code
        == 2
    )
