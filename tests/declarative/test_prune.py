"""Prune: what is deleted, and what only by name."""

from dataclasses import replace
from typing import Any

import pytest

from emqxctl.declarative.changes import Options
from emqxctl.declarative.record import Record
from emqxctl.sandbox.server import Sandbox
from tests.declarative.conftest import STATE
from tests.support.state_files import apply, outline, plan


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
    assert made.notes == [f"--prune deletes only recorded objects: {record.path} has no record of there"]


def test_what_an_unchanged_object_needs_is_not_deleted(sandbox: Sandbox, record: Record) -> None:
    action = {"http:b": {"connector": "a", "parameters": {"method": "post"}}}
    rules = {"one": {**STATE["rules"]["one"], "actions": ["http:b"]}}
    apply(sandbox, {**STATE, "actions": action, "rules": rules}, record)
    made = plan(sandbox, {**STATE, "actions": {}, "rules": rules}, record, Options(prune_recorded=True))
    messages = [refusal.message for refusal in made.refusals]
    assert messages == ["rule 'one' needs action 'http:b', which would be deleted"]
    made = plan(sandbox, {**STATE, "actions": {}}, record, Options(prune_recorded=True))
    assert made.refusals == []


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
