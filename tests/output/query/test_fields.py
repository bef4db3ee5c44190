"""Fields of rows: values by path, and lists as text."""

import pytest

from emqxctl.output.query.fields import find_field, format_cell, format_list
from emqxctl.output.results import Row
from emqxctl.text.partial_rows import MISSING


def test_states_of_nodes_are_words() -> None:
    states = [
        {"node": "a@h", "status": "disconnected", "status_reason": "refused"},
        {"node": "b@h", "status": "connected", "status_reason": ""},
    ]
    assert format_list(list(states)) == "a@h disconnected (refused), b@h connected"


def test_lookup() -> None:
    row: Row = {"a.b": 1, "a": {"b": 2, "c.d": {"e": 3}, "c": {"d": 4}}, "l": [[5]]}
    assert find_field(row, "a.b") == 1
    assert find_field(row, "a.c.d.e") == 3
    assert find_field(row, "a.c.d") == {"e": 3}
    assert find_field(row, "l.0.0") == 5
    for field in ("a.x", "l.1", "l.-1", "l.²", "x", "x.y", ".", "a.", "l.0.0.0", "a..b"):
        assert find_field(row, field) is MISSING


@pytest.mark.parametrize(
    ("value", "cell"),
    [(9.600000000000001, "9.6"), (0.0, "0.0"), (1e16, "1e+16"), (-2.5, "-2.5")],
)
def test_a_float_of_a_table_has_no_rounding_error(value: float, cell: str) -> None:
    assert format_cell(value) == cell
    assert format_cell([value]) == cell
