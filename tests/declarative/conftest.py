"""A state that was applied, its record, and changes of a plan."""

from pathlib import Path
from typing import Any

import pytest

from emqxctl.declarative.changes import Action, Change, FieldChange
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.record import Record
from emqxctl.sandbox.server import Sandbox
from tests.support.state_files import SECRET, apply, clear

STATE: dict[str, Any] = {
    "emqxctl": 1,
    "connectors": {"http:a": {"url": "http://a:80", "pool_size": 3, "headers": {"authorization": SECRET}}},
    "rules": {
        "one": {"sql": 'SELECT * FROM "t"', "actions": [], "description": "first"},
        "two": {"sql": 'SELECT * FROM "u"', "actions": []},
    },
}


@pytest.fixture
def record(sandbox: Sandbox, tmp_path: Path) -> Record:
    """Apply STATE and return its record."""
    clear(sandbox)
    apply(sandbox, STATE, Record(tmp_path / "c.applied.json", "here"))
    return Record(tmp_path / "c.applied.json", "here")


KINDS = all_kinds()


def change(
    action: Action, *fields: FieldChange, kind: str = "rules", key: str = "r", **options: Any
) -> Change:
    """Return a change."""
    return Change(KINDS[kind], key, action, fields=fields, **options)
