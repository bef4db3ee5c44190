"""Drift: the server compared with the record of the last apply."""

from pathlib import Path

import pytest

from emqxctl.declarative.changes import Cause
from emqxctl.declarative.drift import plan_drift
from emqxctl.declarative.record import Record
from emqxctl.errors import UsageError
from emqxctl.sandbox.server import Sandbox
from tests.support.state_files import apply, export, outline, server_of


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
