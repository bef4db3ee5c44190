"""The schema registry, schema validations and message transformations, against made-up answers."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.replay import make_exchange, replay
from tests.support.sent_options import send_creation, send_update


def test_a_schema_comes_from_a_file_of_its_own(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "t.avsc"
    source.write_text('{"type": "record", "name": "t", "fields": []}')
    created = make_exchange("POST /schema_registry", 201, {"name": "t", "type": "avro"})
    outcome = replay(run, [created], "schemas", "create", "t", "--type", "avro", "--source-file", str(source))
    assert outcome.bodies == [{"name": "t", "type": "avro", "source": source.read_text()}]
    before = {"name": "t", "type": "avro", "source": "old", "description": "d"}
    script = [
        make_exchange("GET /schema_registry/t", 200, before),
        make_exchange("PUT /schema_registry/t", 200, before),
    ]
    outcome = replay(run, script, "schemas", "update", "t", "--source-file", "-", stdin=b"new")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"type": "avro", "source": "new", "description": "d"}]
    assert replay(run, [], "schemas", "update", "t").result.code == 2


def test_a_schema_that_exists_is_refused_in_words(run: Run) -> None:
    answer = {"code": "ALREADY_EXISTS", "message": "Schema already exists"}
    script = [make_exchange("POST /schema_registry", 400, answer)]
    outcome = replay(run, script, "schemas", "create", "t", "--type", "json", "--set", "source={}", "--json")
    assert outcome.result.code == 7
    assert "already exists" in outcome.result.error["message"]


def test_external_registries_are_rows_by_name(run: Run) -> None:
    answer = {"c1": {"type": "confluent", "url": "http://r:8081", "auth": {"mechanism": "basic"}}}
    outcome = replay(
        run,
        [make_exchange("GET /schema_registry_external", 200, answer)],
        "schemas",
        "external",
        "list",
        "--json",
    )
    assert outcome.result.json == [{"name": "c1", **answer["c1"]}]
    path = "/schema_registry_external/registry/c1"
    before = {"type": "confluent", "url": "http://r:8081", "auth": {"username": "u", "password": "******"}}
    script = [make_exchange(f"GET {path}", 200, before), make_exchange(f"PUT {path}", 200, before)]
    outcome = replay(
        run, script, "schemas", "external", "update", "c1", "--registry-url", "http://other:8081"
    )
    assert outcome.bodies == [{**before, "url": "http://other:8081"}]
    create = ("schemas", "external", "create", "c2", "--type", "confluent", "--registry-url", "http://r")
    outcome = replay(run, [make_exchange("POST /schema_registry_external", 201, before)], *create)
    assert outcome.bodies == [{"name": "c2", "type": "confluent", "url": "http://r"}]


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
    item_fields = {"name": "a", "enable": True, "topics": ["t/#"], "failure_action": "drop", **fields}
    item_path = f"{path}/{item}/a"
    list_run = replay(run, [make_exchange(f"GET {path}", 200, [item_fields])], group, "list")
    assert list_run.result.out.splitlines()[1].split()[:3] == ["a", "true", "t/#"]
    for answer in (item_fields, [item_fields]):
        outcome = replay(run, [make_exchange(f"GET {item_path}", 200, answer)], group, "get", "a", "--json")
        assert outcome.result.json == item_fields
    script = [
        make_exchange(f"GET {item_path}", 200, item_fields),
        make_exchange(f"PUT {path}", 200, item_fields),
    ]
    outcome = replay(run, script, group, "update", "a", "--failure-action", "ignore", "--topic", "x/#")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == [f"GET {item_path}", f"PUT {path}"]
    assert outcome.bodies == [{**item_fields, "failure_action": "ignore", "topics": ["x/#"]}]
    dry_run = replay(run, script, group, "update", "a", "--no-enable", "--dry-run")
    assert dry_run.calls == [f"GET {item_path}"]
    assert '+  "enable": false' in dry_run.result.out
    assert replay(run, [], group, "update", "a").result.code == 2
    assert replay(
        run, [make_exchange(f"POST {item_path}/enable/false", 204)], group, "disable", "a"
    ).calls == [f"POST {item_path}/enable/false"]
    outcome = replay(run, [make_exchange(f"POST {path}/reorder", 204)], group, "reorder", "b", "a")
    assert outcome.bodies == [{"order": ["b", "a"]}]
    metrics = {"metrics": {"matched": 3}, "node_metrics": [{"node": "n1", "metrics": {"matched": 3}}]}
    responses = [make_exchange(f"GET {item_path}/metrics", 200, metrics)]
    assert replay(run, responses, group, "metrics", "a", "--json").result.json == {"matched": 3}
    rows = replay(run, responses, group, "metrics", "a", "--per-node", "--json").result.json
    assert rows == [{"node": "n1", "matched": 3}]
    script = [make_exchange(f"POST {item_path}/metrics/reset", 204)]
    assert replay(run, script, group, "reset-metrics", "a").result.code == 14
    assert replay(run, script, group, "reset-metrics", "a", "-y").calls == [f"POST {item_path}/metrics/reset"]
    assert replay(run, [make_exchange(f"DELETE {item_path}", 204)], group, "delete", "a", "-y").calls == [
        f"DELETE {item_path}"
    ]


def test_a_transformation_can_be_tried(run: Run) -> None:
    item_fields = {"name": "a", "topics": ["t/#"], "failure_action": "drop", "operations": []}
    script = [
        make_exchange("GET /message_transformations/transformation/a", 200, item_fields),
        make_exchange("POST /message_transformations/dryrun", 200, {"payload": "{}", "topic": "t/1"}),
    ]
    words = ("message-transformations", "dryrun", "a", "--topic", "t/1", "--payload", "{}", "--set", "qos=1")
    outcome = replay(run, script, *words, "--json")
    assert outcome.result.code == 0, outcome.result.err
    message = {"topic": "t/1", "payload": "{}", "qos": 1}
    assert outcome.bodies == [{"transformation": item_fields, "message": message}]
    assert outcome.result.json == {"payload": "{}", "topic": "t/1"}
    assert (
        replay(run, [], "message-transformations", "dryrun", "--topic", "t", "--payload", "x").result.code
        == 2
    )


def test_a_dryrun_takes_the_file_that_create_takes(run: Run) -> None:
    tried = make_exchange("POST /message_transformations/dryrun", 200, {"payload": "x"})
    words = ("message-transformations", "dryrun", "-f", "-", "--topic", "t/1", "--payload", "p")
    body = b'{"operations": [], "payload_decoder": {"type": "none"}, "payload_encoder": {"type": "none"}}'
    outcome = replay(run, [tried], *words, stdin=body)
    assert outcome.result.code == 0, outcome.result.err
    transformation = outcome.bodies[0]["transformation"]
    assert (transformation["topics"], transformation["failure_action"]) == (["t/1"], "ignore")


COMMON_OPTIONS: dict[str, dict[str, object]] = {
    "--topic a/# --topic b": {"topics": ["a/#", "b"]},
    "--failure-action disconnect": {"failure_action": "disconnect"},
    "--no-enable --description d": {"enable": False, "description": "d"},
    "--tag x --tag y": {"tags": ["x", "y"]},
    "--log-level none": {"log_failure": {"level": "none"}},
}
VALIDATION_OPTIONS: dict[str, dict[str, object]] = {"--strategy any_pass": {"strategy": "any_pass"}}
TRANSFORMATION_OPTIONS: dict[str, dict[str, object]] = {
    "--decoder protobuf --decoder-schema s --decoder-message-type M": {
        "payload_decoder": {"type": "protobuf", "schema": "s", "message_type": "M"}
    },
    "--encoder external_http --encoder-schema s": {
        "payload_encoder": {"type": "external_http", "schema": "s"}
    },
    "--encoder protobuf --encoder-schema s --encoder-message-type M": {
        "payload_encoder": {"type": "protobuf", "schema": "s", "message_type": "M"}
    },
    # What the Avro decoder had is not kept: EMQX refuses a schema of JSON.
    "--decoder json": {"payload_decoder": {"type": "json"}},
    "--decoder-schema t": {"payload_decoder": {"type": "avro", "schema": "t"}},
}
AVRO = {"payload_decoder": {"type": "avro", "schema": "s0"}}


@pytest.mark.parametrize(
    ("item", "options", "fields"),
    [
        *(("schema_validation", *row) for row in (COMMON_OPTIONS | VALIDATION_OPTIONS).items()),
        *(("message_transformation", *row) for row in (COMMON_OPTIONS | TRANSFORMATION_OPTIONS).items()),
    ],
)
def test_an_option_is_sent_as_its_field(run: Run, item: str, options: str, fields: dict[str, object]) -> None:
    is_validation = item == "schema_validation"
    own_fields = {"strategy": "all_pass", "checks": []} if is_validation else AVRO
    before = {"name": "a", "topics": ["t/#"], "failure_action": "drop", **own_fields}
    group, path = f"{item.replace('_', '-')}s", f"/{item}s"
    read = f"{path}/{item.rpartition('_')[2]}/a"
    body = send_update(run, f"{group} update a {options}", before, read, f"PUT {path}")
    assert body == {**before, **fields}
    required = "--set checks=[] --set strategy=all_pass" if is_validation else ""
    command = f"{group} create a --topic t/# --failure-action drop {required}"
    if options not in {"--decoder json", "--decoder-schema t"}:
        body = send_creation(run, f"{command} {options}", f"POST {path}")
        added = {"topics": ["t/#", "a/#", "b"]} if "--topic" in options else {}
        defaults = {name: value for name, value in before.items() if name != "payload_decoder"}
        assert body == {**defaults, **fields, **added}
