"""The record: what was applied, what left the file, what the server changed, what both changed."""

import json
from pathlib import Path
from typing import Any

import pytest

from emqxctl.declarative.changes import Cause, Options
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.record import Record, record_path
from emqxctl.errors import ConfigError
from emqxctl.sandbox.server import Sandbox
from tests.declarative.conftest import STATE
from tests.support.state_files import SECRET, apply, outline, plan, writes


def edited(**rules: Any) -> dict[str, Any]:
    """Return STATE with other rules."""
    return {**STATE, "rules": {**STATE["rules"], **rules}}


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
