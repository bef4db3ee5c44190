"""What holds for any data: values survive each format, and selection never crashes."""

import csv
import io
import json
from collections.abc import Callable

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emqxctl.errors import UsageError
from emqxctl.output.query.sort import rank_value
from emqxctl.output.results import Record, Row, Rows, Value
from emqxctl.output.view import Condition, SortKey, View
from emqxctl.text.escaping import control_character_pattern
from tests.support.row_pages import select_rows

pytestmark = pytest.mark.slow

Show = Callable[..., tuple[str, list[str]]]

TEXT = st.text(max_size=12) | st.sampled_from(
    [
        "",
        "null",
        "true",
        "1e3",
        "1.95G",
        "15s",
        "2026-11-01",
        "2026-11-01T10:00:00+02:00",
        "infinity",
        "10.1.2.3",
        "a\nb",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
ROWS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "a.b", "c"]), JSON, max_size=4), max_size=6)
FORMATS = ["table", "wide", "json", "jsonl", "yaml", "csv", "tsv", "md", "name"]
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(data=JSON)
def test_json_and_yaml_bring_back_any_value(show: Show, data: object) -> None:
    assert json.loads(show(Value(data), "json")[0]) == data
    assert yaml.safe_load(show(Value(data), "yaml")[0]) == data
    assert yaml.load(show(Value(data), "yaml")[0], yaml.CSafeLoader) == data


@quick
@given(rows=ROWS)
def test_lists_bring_back_their_rows(show: Show, rows: list[Row]) -> None:
    assert json.loads(show(Rows(iter(rows)), "json")[0]) == rows
    assert [json.loads(line) for line in show(Rows(iter(rows)), "jsonl")[0].split("\n")[:-1]] == rows
    assert yaml.safe_load(show(Rows(iter(rows)), "yaml")[0]) == rows


@quick
@given(texts=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_csv_brings_back_its_cells(show: Show, texts: list[tuple[str, str]]) -> None:
    rows: list[Row] = [{"a": a, "b": b} for a, b in texts]
    out, _ = show(Rows(rows), "csv")
    assert list(csv.reader(io.StringIO(out, newline=""))) == [["a", "b"], *map(list, texts)]


@pytest.mark.parametrize("form", FORMATS)
@settings(quick, max_examples=40)
@given(rows=ROWS, width=st.integers(1, 200), fields=st.lists(st.sampled_from(["a", "a.b", "zz"]), max_size=2))
def test_no_data_breaks_a_terminal(
    show: Show, form: str, rows: list[Row], width: int, fields: list[str]
) -> None:
    for result in (Rows(iter(rows)), Record({"rows": rows}), Value(rows)):
        try:
            out, _ = show(result, form, is_terminal=True, width=width, fields=tuple(fields))
        except UsageError:  # none of these rows has such a field
            continue
        assert not control_character_pattern().search(out.replace("\n", "").replace("\t", ""))
        show(result, form, fields=tuple(fields))


CONDITIONS = st.builds(
    Condition,
    st.sampled_from(["a", "b", "a.b", "c", "zz"]),
    st.sampled_from(["=", "!=", ">", ">=", "<", "<=", "in"]),
    TEXT.filter(lambda text: "/" not in text),
    st.booleans(),
)
KEYS = st.lists(
    st.builds(SortKey, st.sampled_from(["a", "b", "a.b", "zz"]), descending=st.booleans()), max_size=3
).map(tuple)


@quick
@given(
    rows=ROWS,
    where=st.lists(CONDITIONS, max_size=2).map(tuple),
    sort=KEYS,
    limit=st.none() | st.integers(0, 5),
)
def test_selection_never_crashes_and_agrees_with_itself(
    rows: list[Row], where: tuple[Condition, ...], sort: tuple[SortKey, ...], limit: int | None
) -> None:
    selected_rows = list(select_rows(rows, View(where=where, sort=sort)))
    assert list(select_rows(iter(rows), View(where=where, sort=sort, limit=limit))) == selected_rows[:limit]
    assert all(row in rows for row in selected_rows)
    for condition in where:
        rows = [row for row in rows if list(select_rows([row], View(where=(condition,))))]
    assert len(rows) == len(selected_rows)


@quick
@given(numbers=st.lists(st.none() | st.integers(), max_size=8), bound=st.integers(), descending=st.booleans())
def test_numbers_agree_with_python(numbers: list[int | None], bound: int, descending: bool) -> None:
    rows: list[Row] = [{"n": number} for number in numbers]
    present = [number for number in numbers if number is not None]
    for operator, test in {">": int.__gt__, "<=": int.__le__, "=": int.__eq__}.items():
        selected_rows = select_rows(rows, View(where=(Condition("n", operator, str(bound)),)))
        assert [row["n"] for row in selected_rows] == [number for number in present if test(number, bound)]
    ordered = [row["n"] for row in select_rows(rows, View(sort=(SortKey("n", descending),)))]
    assert ordered == [*sorted(present, reverse=descending), *[None] * (len(numbers) - len(present))]


@quick
@given(values=st.lists(JSON, max_size=8))
def test_any_two_values_have_an_order(values: list[object]) -> None:
    ranks = [place for place in map(rank_value, values) if place is not None]
    assert sorted(sorted(ranks, reverse=True)) == sorted(ranks)
