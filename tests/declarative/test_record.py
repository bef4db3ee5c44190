"""The record: what was applied, what left the file, what the server changed, what both changed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emqxctl.declarative.changes import Cause, Options
from emqxctl.declarative.drift import plan_drift
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.record import Record, record_path
from emqxctl.errors import ConfigError, UsageError
from emqxctl.sandbox.server import Sandbox
from tests.support.state_files import SECRET, apply, clear, export, outline, plan, server_of, writes

STATE: dict[str, Any] = {
    "emqxctl": 1,
    "connectors": {"http:a": {"url": "http://a:80", "pool_size": 3, "headers": {"authorization": SECRET}}},
    "rules": {
        "one": {"sql": 'SELECT * FROM "t"', "actions": [], "description": "first"},
        "two": {"sql": 'SELECT * FROM "u"', "actions": []},
    },
}


def edited(**rules: Any) -> dict[str, Any]:
    """Return STATE with other rules."""
    return {**STATE, "rules": {**STATE["rules"], **rules}}


@pytest.fixture
def record(sandbox: Sandbox, tmp_path: Path) -> Record:
    """Apply STATE and return its record."""
    clear(sandbox)
    apply(sandbox, STATE, Record(tmp_path / "c.applied.json", "here"))
    return Record(tmp_path / "c.applied.json", "here")


def causes(made: Any) -> list[tuple[str, Cause]]:
    """Return the changed objects with what caused the change."""
    return [(one.key, one.cause) for one in made.changes]


def test_the_record_holds_what_was_applied_but_no_secret(record: Record) -> None:
    assert record.get("rules", "one") == STATE["rules"]["one"]
    assert record.get("connectors", "http:a")["pool_size"] == 3
    assert SECRET not in record.path.read_text()


def test_other_targets_stay_in_the_file(record: Record, sandbox: Sandbox) -> None:
    apply(sandbox, STATE, Record(record.path, "there"))
    assert set(json.loads(record.path.read_text())["targets"]) == {"here", "there"}
    assert Record(record.path, "here").objects == record.objects


def test_a_change_of_the_file(sandbox: Sandbox, record: Record) -> None:
    state = edited(one={**STATE["rules"]["one"], "description": "second"})
    assert causes(plan(sandbox, state, record)) == [("one", Cause.FILE)]


def test_a_change_of_the_server(sandbox: Sandbox, record: Record) -> None:
    sandbox.cluster.integration.rules["one"].description = "theirs"
    made = plan(sandbox, STATE, record)
    assert causes(made) == [("one", Cause.DRIFT)]
    assert (made.changes[0].fields[0].before, made.changes[0].fields[0].after) == ("theirs", "first")


def test_a_change_of_both(sandbox: Sandbox, record: Record) -> None:
    sandbox.cluster.integration.rules["one"].description = "theirs"
    state = edited(one={**STATE["rules"]["one"], "description": "second"})
    made = plan(sandbox, state, record)
    assert causes(made) == [("one", Cause.BOTH)]
    assert made.changes[0].fields[0].recorded == "first"


def test_taking_the_servers_side_leaves_the_field_and_the_record(sandbox: Sandbox, record: Record) -> None:
    sandbox.cluster.integration.rules["one"].description = "theirs"
    state = edited(one={**STATE["rules"]["one"], "description": "second", "sql": 'SELECT * FROM "v"'})
    made = apply(sandbox, state, record, Options(take="server"))
    assert outline(made) == [("update", "rules", "one", ("sql",))]
    found = sandbox.cluster.integration.rules["one"]
    assert (found.description, found.sql) == ("theirs", 'SELECT * FROM "v"')
    assert Record(record.path, "here").get("rules", "one")["description"] == "first"


def test_taking_the_files_side_writes_the_field(sandbox: Sandbox, record: Record) -> None:
    sandbox.cluster.integration.rules["one"].description = "theirs"
    apply(
        sandbox, edited(one={**STATE["rules"]["one"], "description": "second"}), record, Options(take="file")
    )
    assert sandbox.cluster.integration.rules["one"].description == "second"


def test_a_field_that_left_the_file_goes_back_to_its_default(sandbox: Sandbox, record: Record) -> None:
    connector = {name: value for name, value in STATE["connectors"]["http:a"].items() if name != "pool_size"}
    state = {**STATE, "connectors": {"http:a": connector}}
    assert outline(apply(sandbox, state, record)) == [("update", "connectors", "http:a", ("pool_size",))]
    config = sandbox.cluster.integration.connectors["http", "a"].config
    assert (config["pool_size"], config["headers"]["authorization"]) == (8, SECRET)
    assert outline(plan(sandbox, state, Record(record.path, "here"))) == []


def test_a_field_that_nobody_applied_is_not_removed(sandbox: Sandbox, record: Record) -> None:
    sandbox.cluster.integration.connectors["http", "a"].config["connect_timeout"] = "1s"
    assert outline(plan(sandbox, STATE, record)) == []


def test_a_setting_that_left_the_file_is_told_and_stays(sandbox: Sandbox, record: Record) -> None:
    state = {**STATE, "settings": {"alarm": {"size_limit": 900}}}
    apply(sandbox, state, record)
    made = plan(sandbox, {**STATE, "settings": {"alarm": {}}}, record)
    assert outline(made) == []
    assert [one.code for one in made.warnings] == ["CANNOT_UNSET"]


def test_an_object_that_left_the_file_stays_without_prune(sandbox: Sandbox, record: Record) -> None:
    state = {**STATE, "rules": {"one": STATE["rules"]["one"]}}
    before = len(sandbox.requests)
    made = apply(sandbox, state, record)
    assert outline(made) == []
    assert [str(one.key) for one in made.orphans] == ["two"]
    assert writes(sandbox, before) == []


@pytest.mark.parametrize("prune", [(), ("rules",), ("rules/two",)])
def test_prune_deletes_what_left_the_file(prune: tuple[str, ...], sandbox: Sandbox, record: Record) -> None:
    rules = sandbox.cluster.integration.rules
    rules["theirs"] = replace(rules["one"], id="theirs")
    state = {**STATE, "rules": {"one": STATE["rules"]["one"]}}
    made = apply(sandbox, state, record, Options(prune_recorded=True, prune=prune))
    assert outline(made) == [("delete", "rules", "two", ())]
    assert set(sandbox.cluster.integration.rules) == {"one", "theirs"}
    assert Record(record.path, "here").get("rules", "two") is None


@pytest.mark.parametrize("prune", [("connectors",), ("rules/one",)])
def test_prune_of_another_kind_deletes_nothing(
    prune: tuple[str, ...], sandbox: Sandbox, record: Record
) -> None:
    state = {**STATE, "rules": {"one": STATE["rules"]["one"]}}
    assert outline(plan(sandbox, state, record, Options(prune_recorded=True, prune=prune))) == []


def test_prune_leaves_kinds_that_are_not_in_the_file(sandbox: Sandbox, record: Record) -> None:
    state = {"emqxctl": 1, "connectors": STATE["connectors"]}
    made = plan(sandbox, state, record, Options(prune_recorded=True))
    assert outline(made) == []
    (note,) = made.notes
    assert note.startswith("nothing is deleted of rules: not in the files")
    assert note.endswith("add the empty section `rules:`)")


@pytest.mark.parametrize(
    ("options", "note"),
    [
        (Options(prune_recorded=True, prune=("rules",)), "nothing is deleted of rules: not in the files"),
        (Options(prune_all=("rules",)), "nothing is deleted of rules: not in the files"),
        (
            Options(prune_recorded=True, prune=("connectors/http:a",)),
            "--prune connectors/http:a deletes nothing: the files state it",
        ),
        (
            Options(prune_recorded=True, prune=("connectors/http:no",)),
            "--prune connectors/http:no deletes nothing: it is not on the server",
        ),
    ],
)
def test_a_prune_that_deletes_nothing_is_not_silent(
    options: Options, note: str, sandbox: Sandbox, record: Record
) -> None:
    made = plan(sandbox, {"emqxctl": 1, "connectors": STATE["connectors"]}, record, options)
    assert [text[: len(note)] for text in made.notes] == [note]
    new_record = Record(record.path, "there")
    made = plan(sandbox, STATE, new_record, Options(prune_recorded=True))
    assert made.notes == [f"--prune deletes only recorded objects, and {record.path} has none of there"]


def test_prune_all_deletes_what_the_file_does_not_state(sandbox: Sandbox, record: Record) -> None:
    rules = sandbox.cluster.integration.rules
    rules["theirs"] = replace(rules["one"], id="theirs")
    made = plan(sandbox, STATE, record, Options(prune_all=("rules",)))
    assert outline(made) == [("delete", "rules", "theirs", ())]


@pytest.mark.parametrize(
    ("kind", "spared"),
    [
        ("listeners", {"tcp:default", "ssl:default", "ws:default", "wss:default"}),
        ("authorization", {"file"}),
        ("gateway_authentication", {"stomp"}),
    ],
)
def test_what_lets_clients_in_is_deleted_only_by_name(kind: str, spared: set[str], sandbox: Sandbox) -> None:
    state: dict[str, Any] = {"emqxctl": 1, kind: {} if kind != "authorization" else []}
    made = plan(sandbox, state, options=Options(prune_all=(kind,)))
    assert {one.key for one in made.deletes} & spared == set()
    assert len(made.notes) >= len(spared)
    name = min(spared)
    made = plan(sandbox, state, options=Options(prune_recorded=True, prune=(f"{kind}/{name}",)))
    assert [one.key for one in made.deletes] == [name]


def test_the_last_authenticator_is_deleted_only_by_name(sandbox: Sandbox) -> None:
    state = {"emqxctl": 1, "authentication": []}
    made = plan(sandbox, state, options=Options(prune_all=("authentication",)))
    assert [one.key for one in made.deletes] == ["jwt"]


def test_drift_compares_the_server_with_the_record(sandbox: Sandbox, record: Record) -> None:
    assert outline(plan_drift(server_of(sandbox), record)) == []
    sandbox.cluster.integration.rules["one"].description = "theirs"
    del sandbox.cluster.integration.rules["two"]
    made = plan_drift(server_of(sandbox), record)
    assert outline(made)[0] == ("update", "rules", "one", ("description",))
    assert [(one.action.value, one.key, one.cause) for one in made.changes][1] == (
        "create",
        "two",
        Cause.DRIFT,
    )


def test_drift_of_everything_is_nothing_after_an_apply(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "all.applied.json"
    apply(sandbox, export(sandbox), Record(path, "here"))
    assert outline(plan_drift(server_of(sandbox), Record(path, "here"))) == []


def test_drift_of_an_order(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "all.applied.json"
    apply(sandbox, export(sandbox), Record(path, "here"))
    sandbox.cluster.features.exhooks = dict(reversed(sandbox.cluster.features.exhooks.items()))
    assert outline(plan_drift(server_of(sandbox), Record(path, "here"))) == [
        ("reorder", "exhooks", "", ("order",))
    ]


def test_drift_needs_a_record(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no record"):
        plan_drift(server_of(sandbox), Record(tmp_path / "none.json", "here"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"emqxctl": 2, "targets": {}}', '{"emqxctl": 1}'])
def test_a_file_that_is_no_record_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(ConfigError, match="not a record"):
        Record(tmp_path / "r.json", "here")


def test_where_the_record_is_kept() -> None:
    assert str(record_path(["a/c.yaml", "b.yaml"])) == "a/c.yaml.applied.json"
    assert str(record_path(["folder/"])) == "folder.applied.json"
    assert str(record_path(["-"])) == "emqxctl.applied.json"


def test_the_record_is_the_same_bytes_for_the_same_state(sandbox: Sandbox, record: Record) -> None:
    before = record.path.read_bytes()
    other = Record(record.path.with_name("other.json"), "here")
    kind = all_kinds()["rules"]
    other.put(kind, "two", STATE["rules"]["two"])
    other.put(kind, "one", STATE["rules"]["one"])
    other.put(all_kinds()["connectors"], "http:a", record.get("connectors", "http:a"))
    other.save()
    assert other.path.read_bytes() == before
