"""The schema registry, schema validations and message transformations, against made-up answers."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.replay import made, talk


def test_a_schema_comes_from_a_file_of_its_own(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "t.avsc"
    source.write_text('{"type": "record", "name": "t", "fields": []}')
    created = made("POST /schema_registry", 201, {"name": "t", "type": "avro"})
    told = talk(run, [created], "schemas", "create", "t", "--type", "avro", "--source-file", str(source))
    assert told.bodies == [{"name": "t", "type": "avro", "source": source.read_text()}]
    before = {"name": "t", "type": "avro", "source": "old", "description": "d"}
    script = [made("GET /schema_registry/t", 200, before), made("PUT /schema_registry/t", 200, before)]
    told = talk(run, script, "schemas", "update", "t", "--source-file", "-", stdin=b"new")
    assert told.ran.code == 0, told.ran.err
    assert told.bodies == [{"type": "avro", "source": "new", "description": "d"}]
    assert talk(run, [], "schemas", "update", "t").ran.code == 2


def test_a_schema_that_exists_is_refused_in_words(run: Run) -> None:
    answer = {"code": "ALREADY_EXISTS", "message": "Schema already exists"}
    script = [made("POST /schema_registry", 400, answer)]
    told = talk(run, script, "schemas", "create", "t", "--type", "json", "--set", "source={}", "--json")
    assert told.ran.code == 7
    assert "already exists" in told.ran.error["message"]


def test_external_registries_are_rows_by_name(run: Run) -> None:
    answer = {"c1": {"type": "confluent", "url": "http://r:8081", "auth": {"mechanism": "basic"}}}
    told = talk(
        run, [made("GET /schema_registry_external", 200, answer)], "schemas", "external", "list", "--json"
    )
    assert told.ran.json == [{"name": "c1", **answer["c1"]}]
    path = "/schema_registry_external/registry/c1"
    before = {"type": "confluent", "url": "http://r:8081", "auth": {"username": "u", "password": "******"}}
    script = [made(f"GET {path}", 200, before), made(f"PUT {path}", 200, before)]
    told = talk(run, script, "schemas", "external", "update", "c1", "--registry-url", "http://other:8081")
    assert told.bodies == [{**before, "url": "http://other:8081"}]
    create = ("schemas", "external", "create", "c2", "--type", "confluent", "--registry-url", "http://r")
    told = talk(run, [made("POST /schema_registry_external", 201, before)], *create)
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
    listed = talk(run, [made(f"GET {path}", 200, [one])], group, "list")
    assert listed.ran.out.splitlines()[1].split()[:3] == ["a", "true", "t/#"]
    for answer in (one, [one]):
        told = talk(run, [made(f"GET {here}", 200, answer)], group, "get", "a", "--json")
        assert told.ran.json == one
    script = [made(f"GET {here}", 200, one), made(f"PUT {path}", 200, one)]
    told = talk(run, script, group, "update", "a", "--failure-action", "ignore", "--topic", "x/#")
    assert told.ran.code == 0, told.ran.err
    assert told.calls == [f"GET {here}", f"PUT {path}"]
    assert told.bodies == [{**one, "failure_action": "ignore", "topics": ["x/#"]}]
    dry = talk(run, script, group, "update", "a", "--no-enable", "--dry-run")
    assert dry.calls == [f"GET {here}"]
    assert '+  "enable": false' in dry.ran.out
    assert talk(run, [], group, "update", "a").ran.code == 2
    assert talk(run, [made(f"POST {here}/enable/false", 204)], group, "disable", "a").calls == [
        f"POST {here}/enable/false"
    ]
    told = talk(run, [made(f"POST {path}/reorder", 204)], group, "reorder", "b", "a")
    assert told.bodies == [{"order": ["b", "a"]}]
    counted = {"metrics": {"matched": 3}, "node_metrics": [{"node": "n1", "metrics": {"matched": 3}}]}
    answered = [made(f"GET {here}/metrics", 200, counted)]
    assert talk(run, answered, group, "metrics", "a", "--json").ran.json == {"matched": 3}
    rows = talk(run, answered, group, "metrics", "a", "--per-node", "--json").ran.json
    assert rows == [{"node": "n1", "matched": 3}]
    script = [made(f"POST {here}/metrics/reset", 204)]
    assert talk(run, script, group, "reset-metrics", "a").ran.code == 14
    assert talk(run, script, group, "reset-metrics", "a", "-y").calls == [f"POST {here}/metrics/reset"]
    assert talk(run, [made(f"DELETE {here}", 204)], group, "delete", "a", "-y").calls == [f"DELETE {here}"]


def test_a_transformation_can_be_tried(run: Run) -> None:
    one = {"name": "a", "topics": ["t/#"], "failure_action": "drop", "operations": []}
    script = [
        made("GET /message_transformations/transformation/a", 200, one),
        made("POST /message_transformations/dryrun", 200, {"payload": "{}", "topic": "t/1"}),
    ]
    words = ("message-transformations", "dryrun", "a", "--topic", "t/1", "--payload", "{}", "--set", "qos=1")
    told = talk(run, script, *words, "--json")
    assert told.ran.code == 0, told.ran.err
    message = {"topic": "t/1", "payload": "{}", "qos": 1}
    assert told.bodies == [{"transformation": one, "message": message}]
    assert told.ran.json == {"payload": "{}", "topic": "t/1"}
    assert talk(run, [], "message-transformations", "dryrun", "--topic", "t", "--payload", "x").ran.code == 2
