"""Values from clients (ids, topics, payloads): never interpreted by a terminal, never read as two values."""

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
import yaml

from emqxctl.output.results import Record, Row, Rows, Value
from emqxctl.resource import Column
from emqxctl.text.escaping import CONTROL_CHARACTERS, control_character_pattern

Show = Callable[..., tuple[str, list[str]]]

IDS = [
    "a/b", "+", "#", "%", "%s", "?", "&", "two words", " leading", "'single'",
    '"double"', "中文", "é", "👩\u200d👩\u200d👧", "🚀", "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07", "[bold]x[/bold]", "--help", "-v", "line\nbreak", "\r\n",
    "tab\there", "\u202eevil", "\u2028", "\u2066", "\ufeff", "\x85", "\x9b31m", "\x00",
    "\x7f", "zero\u200bwidth", "\U000e0041", "|pipe", "back\\slash", "{json: 1}", "null",
    "true", "~", "12345", "1e3", "0x1f", "1:30", "2026-11-01", "=SUM(A1)", "*", "`tick`",
    "<b>html</b>", "_it_", "", "no", "<<", "a: b", "a #b", "- a", "\x0b\x0c\x1c",
]  # fmt: skip
LONE = "\ud800"
FORMATS = ["table", "wide", "json", "jsonl", "yaml", "csv", "tsv", "md", "name"]
OBEYED = CONTROL_CHARACTERS.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f")  # our own line feeds are no harm


def rows() -> Rows:
    data: list[Row] = [{"id": name, name: [name], "n": {name: name}} for name in [*IDS, LONE]]
    return Rows(data, (Column("id"), Column("n")), key="id")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("color", [False, True])
def test_a_terminal_obeys_nothing(show: Show, form: str, color: bool) -> None:
    for result in (
        rows(),
        Record({f"id {name}": name for name in IDS}),
        Rows(rows().rows),
        Value(IDS),
        Value("\n".join(IDS)),
    ):
        out, notes = show(result, form, is_terminal=True, color=color, width=100)
        out = out.replace("\x1b[1m", "").replace("\x1b[0m", "") if color else out
        out = out.replace("\t", "") if form == "tsv" else out
        assert not re.search(OBEYED, out), result
        assert not any(control_character_pattern().search(note) for note in notes)


@pytest.mark.parametrize("form", ["table", "md", "tsv", "name"])
@pytest.mark.parametrize("terminal", [False, True])
def test_one_thing_is_one_line(show: Show, form: str, terminal: bool) -> None:
    out, _ = show(rows(), form, is_terminal=terminal, width=4000)
    extra = {"table": 1, "md": 2, "tsv": 1, "name": 0}[form]
    assert out.endswith("\n")
    assert len(out.split("\n")) == len(IDS) + 1 + extra + 1


def test_json_keeps_the_values(show: Show) -> None:
    expected = list(rows().rows)
    assert json.loads(show(rows(), "json")[0]) == expected
    assert [json.loads(line) for line in show(rows(), "jsonl")[0].split("\n")[:-1]] == expected
    assert (
        show(Value("中文 \u202e\x7f👩\u200d\U000e0041"), "jsonl")[0]
        == '"中文 \\u202e\\u007f👩\\u200d\\udb40\\udc41"\n'
    )


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_yaml_keeps_the_values(show: Show, loader: type[yaml.SafeLoader]) -> None:
    out, _ = show(rows(), "yaml")
    expected = list(rows().rows)[:-1]
    assert yaml.load(out, loader)[:-1] == expected
    assert yaml.load(out, loader)[-1]["id"] == "\\ud800"


def test_a_pipe_gets_the_data_exactly(show: Show) -> None:
    out, _ = show(rows(), "csv", fields=("id",))
    assert [row[0] for row in csv.reader(io.StringIO(out, newline=""))] == ["id", *IDS, LONE]
    names = show(rows(), "name")[0].split("\n")[:-1]
    assert names == [name.replace("\n", "\\n").replace("\r", "\\r") for name in [*IDS, LONE]]
    cells = show(rows(), "tsv", fields=("id",))[0].split("\n")[1:-1]
    back = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
    assert [re.sub(r"\\[\\nrt]", lambda match: back[match.group()], cell) for cell in cells] == [*IDS, LONE]


def test_how_it_looks(show: Show) -> None:
    out, _ = show(Rows([{"id": "a\x1b[31m\nb"}, {"id": "[bold]x[/bold]"}, {"id": "中文"}, {"id": ""}]))
    assert out == "ID\na\\x1b[31m\\nb\n[bold]x[/bold]\n中文\n-\n"
    out, _ = show(Rows([{"id": "<b>|\\_x_ a_b"}]), "md")
    assert out.splitlines()[2] == r"| \<b>\|\\\_x\_ a_b |"


def test_wide_characters_are_counted_twice(show: Show) -> None:
    out, _ = show(Rows([{"a": "中文", "b": 1}, {"a": "e\u0301", "b": 2}, {"a": "🚀x", "b": 3}]))
    assert out == "A     B\n中文  1\ne\u0301     2\n🚀x   3\n"


def test_a_hostile_field_name(show: Show) -> None:
    result = Rows([{"\x1b[2J": 1, "a\nb": 2}])
    assert show(result)[0] == "\\x1b[2J  A\\nB\n      1     2\n"
    assert show(result, "tsv")[0].split("\n")[0] == "\x1b[2J\ta\\nb"
