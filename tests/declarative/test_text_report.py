"""Reports of plans as text."""

from typing import Any

from emqxctl.declarative.changes import ABSENT, Action, Cause, Change, FieldChange, Outcome, Plan
from emqxctl.declarative.documents import Problem
from emqxctl.declarative.report import report_data
from emqxctl.declarative.text_report import text_lines
from tests.declarative.conftest import change


def text(*changes: Change, applied: bool = False, **parts: Any) -> str:
    """Return the text report of changes."""
    return "\n".join(text_lines(report_data(Plan(list(changes), **parts), applied=applied)))


def test_one_line_for_each_object_and_its_fields_below() -> None:
    made = text(
        change(
            Action.CREATE, FieldChange(("sql",), ABSENT, "SELECT 1"), FieldChange(("enable",), ABSENT, False)
        ),
        change(Action.UPDATE, FieldChange(("a", "b", 0), 1, 2), FieldChange(("c",), ABSENT, "x"), key="s"),
        change(Action.UPDATE, FieldChange(("d",), "x", ABSENT), key="t"),
        change(Action.DELETE, key="u"),
        change(Action.DISABLE, FieldChange(("enable",), True, False), kind="connectors", key="http:a"),
        hidden=1,
    )
    assert made == (
        "+ rules r\n    sql: SELECT 1\n    enable: false\n"
        "~ rules s\n    a.b[0]: 1 -> 2\n    c: (not set) -> x\n"
        "~ rules t\n    d: x -> (unset)\n"
        "- rules u\n"
        "~ connectors http:a  (disable)\n    enable: true -> false\n"
        "1 to create, 2 to update, 1 to disable, 1 to delete; 0 unchanged; 1 secret cannot be compared"
    )


def test_long_texts_and_lists_are_diffs() -> None:
    made = text(
        change(
            Action.UPDATE,
            FieldChange(("sql",), "SELECT a\nFROM t", "SELECT b\nFROM t"),
            FieldChange(("topics",), ["a"], ["b", "a"]),
        )
    )
    assert "    sql:\n      @@ -1,2 +1,2 @@\n      -SELECT a\n      +SELECT b\n       FROM t\n" in made
    assert "    topics:\n      @@ -1 +1,2 @@\n      +b\n       a\n" in made


def test_what_became_of_each_object() -> None:
    done = change(Action.CREATE, outcome=Outcome.DONE)
    failed = change(
        Action.UPDATE,
        key="s",
        outcome=Outcome.FAILED,
        error={"code": "C", "message": "m", "hint": "h", "exit_code": 7},
    )
    left = change(Action.DELETE, key="t", outcome=Outcome.NOT_TRIED)
    assert text(done, failed, left, applied=True) == (
        "+ rules r  (done)\n~ rules s  (FAILED)\n    error: m [C]\n    hint: h\n- rules t  (not tried)\n"
        "1 done, 1 failed, 1 not tried; 0 unchanged"
    )


def test_causes() -> None:
    fields = (
        FieldChange(("a",), 1, 2, cause=Cause.BOTH, recorded=3),
        FieldChange(("b",), 1, 2, cause=Cause.DRIFT),
    )
    assert text(change(Action.UPDATE, *fields, cause=Cause.BOTH)).startswith(
        "~ rules r  (both changed)\n    a: 1 -> 2  (both changed)\n      last applied: 3\n"
        "    b: 1 -> 2  (server changed)\n"
    )


def test_refusals_stand_before_the_counts() -> None:
    made = text(refusals=[Problem("CODE", "no", "f.yaml:3")])
    assert made == "! f.yaml:3: no [CODE]\nno changes; 0 unchanged"
