"""Tables on a terminal: cut, wrapped, colored and dropped columns; text is never rich markup."""

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from emqxctl.output.results import Record, Row, Rows
from emqxctl.resource import Column

Show = Callable[..., tuple[str, list[str]]]

LONG = "0123456789" * 10


def table(show: Show, rows: list[Row], *columns: Column, key: str = "id", **options: object) -> list[str]:
    out, _ = show(Rows(rows, columns, key), is_terminal=True, **options)
    return out.splitlines()


def test_markup_is_text(show: Show) -> None:
    texts = ["[bold]x[/bold]", "[/]", "[link=http://x]y", ":smile:", "\\[red]", "http://x/1"]
    rows: list[Row] = [{"id": text} for text in texts]
    assert table(show, rows, Column("id")) == ["ID", *texts]
    assert table(show, rows, Column("id"), color=True) == ["\x1b[1mID\x1b[0m", *texts]
    record, _ = show(Record({text: text for text in texts}), is_terminal=True, color=True)
    assert [line.split() for line in record.splitlines()[1:]] == [[text, text] for text in texts]


def test_the_key_is_folded_and_the_rest_cut(show: Show) -> None:
    lines = table(show, [{"id": LONG, "text": LONG * 9}], Column("id"), Column("text"), width=60)
    assert lines[0].split() == ["ID", "TEXT"]
    assert "".join(line[:42].strip() for line in lines[1:]) == LONG
    assert lines[3].endswith("…")
    assert not lines[4:] or len(lines[4]) <= 42
    assert all(cell_len(line) <= 60 for line in lines)


def test_what_folds_is_not_cut(show: Show) -> None:
    words = "one two three four five six seven eight nine ten"
    lines = table(
        show, [{"id": "a", "n": 1, "text": words}], Column("id"), Column("text", wrap=True), width=28
    )
    assert " ".join(line[4:].strip() for line in lines[1:]) == words
    assert all(cell_len(line) <= 28 for line in lines)
    dropped = table(show, [{"id": "a", "text": words}], Column("id"), Column("text", wrap=True), width=20)
    assert dropped == ["ID", "a"]


def test_wide_keeps_every_value_whole(show: Show) -> None:
    out, notes = show(
        Rows([{"id": "a", "text": LONG}], (Column("id"), Column("text")), "id"),
        "wide",
        is_terminal=True,
        width=20,
    )
    lines = out.splitlines()
    assert not notes
    assert "".join(line[4:] for line in lines[1:]) == LONG


def test_wide_folds_text_and_headings_to_the_terminal(show: Show) -> None:
    columns = (Column("id"), Column("text"), Column("max_connections"), Column("n"))
    rows: list[Row] = [{"id": "a", "text": LONG, "max_connections": 5, "n": 12}]
    out, notes = show(Rows(rows, columns, "id"), "wide", is_terminal=True, width=34)
    lines = out.splitlines()
    assert not notes
    assert lines[0].split() == ["MAX"]
    assert lines[1].split() == ["ID", "TEXT", "CONNECTIONS", "N"]
    assert "".join(line[4:16].strip() for line in lines[2:]) == LONG
    assert all(cell_len(line) <= 34 for line in lines)


def test_wide_puts_each_column_on_its_own_line_if_they_do_not_fit(show: Show) -> None:
    columns = (Column("id"), *(Column(f"number_{i}") for i in range(9)), Column("text"))
    rows: list[Row] = [{"id": name, "number_0": 10**9, "text": LONG} for name in ("a", "b")]
    out, notes = show(Rows(rows, columns, "id"), "wide", is_terminal=True, width=40)
    blocks = [block.splitlines() for block in out.split("\n\n")]
    assert not notes
    assert [block[0].split() for block in blocks] == [["ID", "a"], ["ID", "b"]]
    assert [block[1].split() for block in blocks] == [["NUMBER", "0", "1000000000"]] * 2
    assert ["".join(line[10:].strip() for line in block[10:]) for block in blocks] == [LONG, LONG]
    assert all(cell_len(line) <= 40 for line in out.splitlines())


@pytest.mark.parametrize("wide", ["传感器" * 20, "🚀" * 60, "e\u0301" * 90])
def test_wide_characters_stay_in_their_columns(show: Show, wide: str) -> None:
    rows: list[Row] = [{"id": wide, "text": wide, "n": 1}, {"id": "a", "text": "b", "n": 2}]
    lines = table(show, rows, Column("id"), Column("text"), Column("n"), width=60)
    ends = {cell_len(line) for line in lines if line[-1] in "N12"}
    assert len(ends) == 1
    assert ends.pop() <= 60


def test_a_number_is_never_cut(show: Show) -> None:
    rows: list[Row] = [{"id": str(number), "n": number} for number in range(2000)]
    lines = table(show, rows, Column("id"), Column("n"), width=20)
    assert [line.split()[1] for line in lines[1:]] == [str(number) for number in range(2000)]
    late = [*rows[:1000], {"id": "x", "n": 10**12}]
    assert table(show, late, Column("id"), Column("n"), width=20)[-1].split() == ["x", str(10**12)]


def test_later_values_get_the_room_that_is_left(show: Show) -> None:
    rows: list[Row] = [{"id": f"c{number}", "text": "x"} for number in range(1001)]
    rows += [{"id": "c" * 12, "text": LONG}]
    lines = table(show, rows, Column("id"), Column("text"), width=40)
    assert lines[0] == "ID    TEXT"
    assert lines[1000] == "c999  x"
    assert lines[1002] == f"{'c' * 12}  {LONG[:26]}"
    assert "".join(line.strip() for line in lines[1003:]) == f"{LONG[26:77]}…"


def test_states_of_what_is_disabled_are_grey(show: Show) -> None:
    status = Column("status", style=lambda _value: "red")
    rows: list[Row] = [{"id": "a", "status": "down", "enable": value} for value in (True, False)]
    assert table(show, rows, Column("id"), status, color=True)[1:] == [
        "a   \x1b[31mdown\x1b[0m",
        "a   \x1b[90mdown\x1b[0m",
    ]


def test_colours_are_those_of_the_columns(show: Show) -> None:
    styled = Column("on", style=lambda value: "green" if value else "no such style")
    rows: list[Row] = [{"id": "a", "on": True}, {"id": "b", "on": False}, {"id": "c", "on": None}]
    assert table(show, rows, Column("id"), styled, color=True)[1:] == [
        "a   \x1b[32mtrue\x1b[0m",
        "b   false",
        "c   -",
    ]
    assert table(show, rows, Column("id"), styled)[1:] == ["a   true", "b   false", "c   -"]
    out, _ = show(Record(rows[0], (styled,)), is_terminal=True, color=True)
    assert out.splitlines()[1:] == ["on     \x1b[32mtrue\x1b[0m", "id     a"]


def test_a_style_that_fails_is_none(show: Show) -> None:
    failing = Column("n", style=lambda value: {1: "red"}[value])  # type: ignore[index]  # on purpose
    assert table(show, [{"id": "a", "n": 2}], Column("id"), failing, color=True)[1:] == ["a   2"]


def test_a_long_value_of_one_object_continues_below_its_beginning(show: Show) -> None:
    out, _ = show(Record({"token": LONG * 100}), is_terminal=True, width=40)
    heading, first_line, *next_lines = out.splitlines()
    assert (heading, first_line[:7]) == ("FIELD  VALUE", "token  ")
    assert len(next_lines) > 1
    assert all(line.startswith(" " * 7) and len(line) <= 40 for line in next_lines)
    assert "".join(line[7:] for line in (first_line, *next_lines)) == LONG * 100


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": "dumb"},
        {"NO_COLOR": "1"},
        {"FORCE_COLOR": "1", "COLORTERM": "truecolor"},
        {"COLUMNS": "10", "LINES": "2"},
        {"TTY_COMPATIBLE": "1", "JUPYTER_COLUMNS": "5"},
    ],
)
def test_the_view_decides_and_not_the_environment(
    show: Show, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    def tables() -> list[list[str]]:
        columns = (Column("id"), Column("text", style=lambda _value: "red"))
        return [
            table(show, [{"id": "a", "text": LONG}], *columns, width=width, color=color)
            for width in (30, 80)
            for color in (False, True)
        ]

    before = tables()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert tables() == before
    assert "\x1b" not in "".join(before[0])
    assert "\x1b[31m" in "".join(before[1])
