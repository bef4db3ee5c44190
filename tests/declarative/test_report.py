"""The data of reports."""

from emqxctl.declarative.changes import ABSENT, Action, FieldChange, Plan
from emqxctl.declarative.report import report_data
from tests.declarative.conftest import change


def test_the_data_has_one_schema() -> None:
    data = report_data(Plan([change(Action.UPDATE, FieldChange(("a",), 1, ABSENT))]))
    assert set(data) == {"changes", "summary", "warnings", "refusals", "notes"}
    assert set(data["changes"][0]) == {"kind", "name", "action", "cause", "fields", "result", "error"}
    assert data["changes"][0]["fields"] == [{"path": "a", "secret": False, "cause": "file", "from": 1}]
