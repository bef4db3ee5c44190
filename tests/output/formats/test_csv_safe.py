"""--csv-safe: spreadsheet formulas are escaped, in csv and tsv only."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.output.results import Record, Row, Rows, Value
from emqxctl.resource import Column
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.output.conftest import Show

FORMULAS = (
    *("=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1"),
    *("\uff1d1", "\uff0b1", "\uff0d1", "\uff201"),
)
HARMLESS = ("a", "", "a=1", " =1", "'=1", "1-2", "{}", "中文")
BEGINNINGS = tuple(formula[0] for formula in FORMULAS)


def listed(show: Show, rows: list[Row], form: str, **options: Any) -> str:
    """Write rows with a clientid."""
    return show(Rows(rows, columns=(Column("clientid"), Column("n"))), form, **options)[0]


def cells(text: str) -> list[list[str]]:
    """Read CSV as a spreadsheet does."""
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_data_unless_told(show: Show, text: str) -> None:
    rows: list[Row] = [{"clientid": text, "n": -5}]
    assert cells(listed(show, rows, "csv"))[1] == [text, "-5"]
    assert cells(listed(show, rows, "csv", csv_safe=True))[1] == ["'" + text, "-5"]
    assert listed(show, rows, "tsv", csv_safe=True).splitlines()[1].startswith("'")
    assert "'" + text[:2] not in listed(show, rows, "json", csv_safe=True)


@given(texts=st.lists(st.text() | st.sampled_from([*FORMULAS, *HARMLESS]), min_size=1, max_size=5))
def test_no_cell_begins_a_formula_and_all_come_back(show: Show, texts: list[str]) -> None:
    rows: list[Row] = [{"clientid": text, "n": 1} for text in texts]
    for cell, text in zip(cells(listed(show, rows, "csv", csv_safe=True))[1:], texts, strict=True):
        assert not cell[0].startswith(BEGINNINGS)
        assert cell[0] == ("'" + text if text.startswith(BEGINNINGS) else text)
    for line in listed(show, rows, "tsv", csv_safe=True).split("\n"):
        assert [cell for cell in line.split("\t") if cell.startswith(BEGINNINGS)] == []


def test_names_of_fields_single_values_and_nested_ones_too(show: Show) -> None:
    record = Record({"=evil": "@x", "deep": {"+y": "-z"}})
    rows = cells(show(record, "csv", csv_safe=True)[0])
    assert [cell for row in rows for cell in row if cell.startswith(BEGINNINGS)] == []
    assert [cell for row in cells(show(record, "csv")[0]) for cell in row if cell.startswith(BEGINNINGS)]
    for form in ("csv", "tsv"):
        out = show(Value(["=a", "b"]), form, csv_safe=True)[0]
        assert "'=a" in out


def test_option_variable_and_preference_switch_it_on(run: Run, cluster: Sandbox, home: Path) -> None:
    with cluster.cluster.lock:
        cluster.cluster.clients.clear()
        cluster.cluster.add_client("=1+1")
    words = ("clients", "list", "--fields", "clientid", "-o")
    assert run(*words, "csv").out == "clientid\n=1+1\n"
    assert run(*words, "csv", "--csv-safe").out == "clientid\n'=1+1\n"
    assert run(*words, "tsv", env={"EMQXCTL_CSV_SAFE": "1"}).out == "clientid\n'=1+1\n"
    assert run("--csv-safe", *words, "name").out == "=1+1\n"
    (home / "config").mkdir()
    (home / "config" / "preferences.toml").write_text("csv_safe = true\n")
    assert run(*words, "csv").out == "clientid\n'=1+1\n"
