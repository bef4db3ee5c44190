"""The simulated Enterprise, EMQX 6.2.2: export, diff, prune and apply of its own kinds."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emqxctl.declarative.changes import Options, Outcome
from emqxctl.declarative.kind import Form
from emqxctl.declarative.kinds import all_kinds
from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.cluster import ENTERPRISE
from tests.support.openapi import find_problems
from tests.support.state_files import State, apply, export, exported_state, outline, plan, writes

OWN = (
    *("namespaces", "schemas", "message_transformations", "schema_validations"),
    *("cluster_links", "message_queues", "streams"),
)
EMPTIED = (*OWN, "exhooks", "connectors", "actions", "sources", "rules", "topic_metrics")


@pytest.fixture
def enterprise() -> Iterator[Sandbox]:
    """Start a simulated Enterprise; every request that it accepts must fit EMQX's documents."""
    with Sandbox(edition=ENTERPRISE) as started:
        yield started


def empty(sandbox: Sandbox) -> None:
    """Delete what a file can create, by an apply that prunes it all."""
    state: State = {"emqxctl": 1}
    for name in EMPTIED:
        state[name] = [] if all_kinds()[name].form is Form.LIST else {}
    made = apply(sandbox, state, options=Options(prune_all=EMPTIED))
    assert [one.error for one in made.changes if one.outcome is not Outcome.DONE] == []


def test_an_export_has_the_kinds_of_enterprise_and_differs_in_nothing(enterprise: Sandbox) -> None:
    text = export(enterprise)
    assert [name for name in OWN if f"\n{name}:\n" not in text] == []
    assert outline(plan(enterprise, text)) == []
    assert export(enterprise) == text


def test_what_is_pruned_is_applied_again(enterprise: Sandbox) -> None:
    text = export(enterprise)
    empty(enterprise)
    assert [name for name in EMPTIED if f"\n{name}:\n" in export(enterprise)] == []
    made = apply(enterprise, text)
    assert [one.error for one in made.changes if one.outcome is not Outcome.DONE] == []
    assert export(enterprise) == text
    before = len(enterprise.requests)
    assert apply(enterprise, text).changes == []
    assert writes(enterprise, before) == []


def put(kind: str, key: str, field: str, value: Any) -> Callable[[State], None]:
    """Return an edit of one field."""

    def edit(state: State) -> None:
        rows = state[kind]
        row = next(one for one in rows if one["name"] == key) if isinstance(rows, list) else rows[key]
        row[field] = value

    return edit


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("schemas", "description", "new"),
        ("schema_validations", "failure_action", "disconnect"),
        ("message_transformations", "description", "new"),
        ("cluster_links", "pool_size", 9),
        ("message_queues", "data_retention_period", "2h"),
        ("streams", "data_retention_period", "2h"),
        ("namespaces", "session", {"max_sessions": 7}),
    ],
)
def test_one_field_is_one_request(kind: str, field: str, value: Any, enterprise: Sandbox) -> None:
    state = exported_state(enterprise)
    rows = state[kind]
    key = rows[0]["name"] if isinstance(rows, list) else next(iter(rows))
    put(kind, key, field, value)(state)
    shown = outline(plan(enterprise, state))
    assert [(action, name, object_key) for action, name, object_key, _ in shown] == [("update", kind, key)]
    before = len(enterprise.requests)
    made = apply(enterprise, state)
    assert [one.error for one in made.changes] == [None]
    assert len(writes(enterprise, before)) == 1
    assert outline(plan(enterprise, state)) == []


def test_requests_fit_the_documents(enterprise: Sandbox) -> None:
    text = export(enterprise)
    empty(enterprise)
    apply(enterprise, text)
    strays = {
        f"{one.method} {one.path}": problems
        for one in enterprise.requests
        if (problems := find_problems(one.method, one.path, one.query, one.headers, one.body))
    }
    assert strays == {}
