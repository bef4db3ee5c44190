"""Applying: what changed meanwhile, what the server keeps, what cannot be written down."""

import json
from pathlib import Path

import pytest

from emqxctl.declarative.apply import Applier, exit_code, has_changed
from emqxctl.declarative.changes import Action, Change, Options, Outcome
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.planner import Planner
from emqxctl.declarative.projection import Comparer
from emqxctl.declarative.record import Record
from emqxctl.sandbox.server import Sandbox
from tests.support.state_files import apply, clear, outline, parse, plan, server_of

RULE = {"sql": 'SELECT * FROM "t"', "actions": []}


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ({"a": 1}, {"a": 1}, False),
        ({"a": 15000}, {"a": "15s"}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1}, {"a": 2}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, True),
        ({"password": "******"}, {"password": "******"}, False),
        ({"sql": "a"}, {"sql": "b"}, True),
    ],
)
def test_what_has_changed(before: dict[str, object], now: dict[str, object], changed: bool) -> None:
    assert has_changed(before, now, Comparer(all_kinds()["exhooks"])) is changed


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], 0),
        ([("done", 0), ("done", 0)], 0),
        ([("done", 0), ("failed", 7)], 9),
        ([("failed", 7)], 7),
        ([("failed", 7), ("not_tried", 0)], 7),
        ([("failed", 7), ("failed", 12)], 9),
        ([("failed", 11), ("not_tried", 0)], 11),
        ([("not_tried", 0)], 9),
    ],
)
def test_exit_codes(outcomes: list[tuple[str, int]], code: int) -> None:
    changes = [
        Change(
            all_kinds()["rules"],
            "r",
            Action.CREATE,
            outcome=Outcome(name),
            error={"exit_code": number} if number else None,
        )
        for name, number in outcomes
    ]
    assert exit_code(changes) == code
    assert exit_code(changes, interrupted=True) == 130


def test_a_listener_of_which_only_the_summary_is_known_is_deleted(sandbox: Sandbox) -> None:
    made = apply(sandbox, {"emqxctl": 1, "listeners": {"tcp:new": {"bind": "0.0.0.0:1999"}}})
    assert [one.outcome for one in made.changes] == [Outcome.DONE]
    made = apply(sandbox, {"emqxctl": 1, "listeners": {}}, options=Options(prune_all=("listeners",)))
    assert [(one.key, one.outcome) for one in made.changes] == [("tcp:new", Outcome.DONE)]


def test_an_object_that_is_gone_already_counts_as_deleted(sandbox: Sandbox) -> None:
    clear(sandbox)
    apply(sandbox, {"emqxctl": 1, "rules": {"r": RULE}})
    server = server_of(sandbox)
    document = parse(json.dumps({"emqxctl": 1, "rules": {}}))
    made = Planner(server, document, None, Options(prune_all=("rules",))).build()
    sandbox.cluster.integration.rules.clear()
    Applier(server, made).run()
    assert [one.outcome for one in made.changes] == [Outcome.DONE]


def test_a_record_that_cannot_be_written_is_a_warning(sandbox: Sandbox, tmp_path: Path) -> None:
    clear(sandbox)
    folder = tmp_path / "missing"
    made = apply(sandbox, {"emqxctl": 1, "rules": {"r": RULE, "s": RULE}}, Record(folder / "r.json", "x"))
    assert {one.outcome for one in made.changes} == {Outcome.DONE}
    assert [one.code for one in made.warnings] == ["RECORD_NOT_WRITTEN"]


def test_a_field_that_left_a_listener_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    record = Record(tmp_path / "r.json", "x")
    apply(sandbox, {"emqxctl": 1, "listeners": {"tcp:default": {"max_connections": 5}}}, record)
    made = plan(sandbox, {"emqxctl": 1, "listeners": {"tcp:default": {}}}, record)
    assert (outline(made), [one.code for one in made.warnings]) == ([], ["CANNOT_UNSET"])


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"settings": {"global_zone": {"durable_sessions": {"enable": True}}}}, "NEEDS_RESTART"),
        ({"settings": {"alarm": {"size_limit": 5}}}, "MAY_BE_OVERRIDDEN"),
        ({"listeners": {"tcp:default": {"max_connections": 5}}}, "MAY_BE_OVERRIDDEN"),
    ],
)
def test_what_rest_does_not_say_is_a_warning(state: dict[str, object], code: str, sandbox: Sandbox) -> None:
    assert code in {one.code for one in plan(sandbox, {"emqxctl": 1, **state}).warnings}


def test_rules_have_no_such_warning(sandbox: Sandbox) -> None:
    assert plan(sandbox, {"emqxctl": 1, "rules": {"r": RULE}}).warnings == []
