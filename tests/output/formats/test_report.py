"""A page: for a person a sentence and sections, for a program its object."""

import json

from emqxctl.output.render import render
from emqxctl.output.results import Report, Section
from emqxctl.output.view import Format, View
from emqxctl.resource import Column

LONG = "word " * 30 + "end"
PAGE = Report(
    {"id": "x", "parts": [1, 2]},
    f"x is well \x1b[31m{LONG}",
    (
        Section("empty"),
        Section("facts", lines=["a line"], facts=[("Name", LONG), ("Longer name", "b\nc")]),
        Section("table", rows=[{"a": 1, "b": "\x1b"}], columns=(Column("a", align_right=True), Column("b"))),
    ),
    style="red",
    key="id",
)


def drawn(view: View) -> str:
    """Draw the page."""
    return "".join(chunk for chunk in render(PAGE, view) if isinstance(chunk, str))


def test_a_pipe_gets_each_sentence_whole() -> None:
    """A pipe gets no wrapping, no color, no control characters and no empty sections."""
    assert drawn(View(Format.TABLE)) == (
        f"x is well \\x1b[31m{LONG}\n\n"
        f"FACTS\na line\nName         {LONG}\nLonger name  b\\nc\n\n"
        "TABLE\nA  B\n1  \\x1b\n"
    )


def test_a_terminal_gets_them_folded() -> None:
    """To its width, later lines under the first."""
    lines = drawn(View(Format.TABLE, is_terminal=True, width=60)).splitlines()
    assert max(map(len, lines)) <= 60
    start = next(at for at, line in enumerate(lines) if line.startswith("Name "))
    assert lines[start + 1].startswith(" " * 13 + "word")


def test_colours() -> None:
    """The sentence in its own, headings bold; none where none are wanted."""
    coloured = drawn(View(Format.TABLE, is_terminal=True, width=80, color=True))
    assert coloured.startswith("\x1b[1;31mx is well")
    assert "\x1b[1mFACTS\x1b[0m" in coloured
    assert "\x1b" not in drawn(View(Format.TABLE, is_terminal=True, width=80))


def test_a_program_gets_the_object() -> None:
    """In every format for programs, narrowed and queried like any other."""
    assert json.loads(drawn(View(Format.JSON))) == PAGE.data
    assert drawn(View(Format.NAME)) == "x\n"
    assert drawn(View(Format.TABLE, fields=("id",))).split() == ["FIELD", "VALUE", "id", "x"]
    assert drawn(View(Format.JSON, query="parts[1]")) == "2\n"
