"""`--color always` without a terminal: the plain table and record, with colors."""

import re
from collections.abc import Callable

import pytest

from emqxctl.output.results import Record, Row, Rows
from emqxctl.resource import Column

Show = Callable[..., tuple[str, list[str]]]

STATUS = Column("status", style=lambda value: "green" if value == "up" else "red")
COLUMNS = (Column("id"), STATUS, Column("n"))
ROWS: list[Row] = [
    {"id": "a\x1b[31m", "status": "up", "n": 1, "enable": True},
    {"id": "传感器" * 30, "status": "down", "n": 10, "enable": True},
    {"id": "", "status": "down", "n": None, "enable": False},
]


def without_colors(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


@pytest.mark.parametrize("form", ["table", "wide"])
@pytest.mark.parametrize("count", [1, 3, 2500])
def test_a_piped_table_is_colored_and_else_the_plain_one(show: Show, form: str, count: int) -> None:
    rows = (ROWS * count)[:count]
    colored, _ = show(Rows(rows, COLUMNS, "id"), form, color=True)
    plain, _ = show(Rows(rows, COLUMNS, "id"), form)
    assert without_colors(colored) == plain
    assert colored.startswith("\x1b[1mID\x1b[0m ")
    assert "  \x1b[32mup\x1b[0m  " in colored


def test_the_states_of_what_is_disabled_are_grey_when_piped(show: Show) -> None:
    colored, _ = show(Rows(ROWS, COLUMNS, "id"), color=True)
    assert [line.count("\x1b[90mdown") for line in colored.splitlines()] == [0, 0, 0, 1]


def test_a_piped_record_is_colored_and_else_the_plain_one(show: Show) -> None:
    colored, _ = show(Record(ROWS[0], COLUMNS), color=True)
    plain, _ = show(Record(ROWS[0], COLUMNS))
    assert without_colors(colored) == plain
    assert "\x1b[1mFIELD\x1b[0m" in colored
    assert "\x1b[32mup\x1b[0m\n" in colored
    assert show(Record({}), color=True)[0] == ""


def test_other_formats_have_no_colors(show: Show) -> None:
    for form in ("json", "jsonl", "yaml", "csv", "tsv", "md", "name"):
        assert show(Rows(ROWS[1:], COLUMNS, "id"), form, color=True) == show(
            Rows(ROWS[1:], COLUMNS, "id"), form
        )
