"""What the output may not import until it is asked for it: each would cost every command its start-up."""

import subprocess
import sys

import pytest

LAZY = {
    "rich",
    "csv",
    "yaml",
    "jmespath",
    "msgspec",
    "ipaddress",
    "heapq",
    "unicodedata",
    "difflib",
    "dataclasses",
    "requests",
    "typer",
}
# What rich loads only for what we do not show.
RICH = {f"rich.{name}" for name in ("markdown", "syntax", "traceback", "live", "progress", "json")}
ALWAYS = {
    f"emqxctl.output.{name}"
    for name in ("formats", "formats.batches", "formats.rows", "pages", "render", "results", "view")
}
RENDER = """
from emqxctl.output.view import Format, View
from emqxctl.output.render import render
from emqxctl.output.results import Rows, Record
for _ in range(2):
    view = View(Format({form!r}), is_terminal={terminal})
    list(render({result}, view))
"""
ROWS = 'Rows([{"a": 1, "b": "x"}], key="a")'
RECORD = 'Record({"a": 1, "b": "x"})'


def imported(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path = {sys.path!r}\n{code}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.rsplit("\n", 2)[-2].split())


def test_importing_render_is_cheap() -> None:
    loaded = imported("import emqxctl.output.render, emqxctl.output.streams, emqxctl.output.messages")
    assert not loaded & LAZY
    assert "emqxctl.output.formats.json" not in loaded


@pytest.mark.parametrize(
    ("form", "terminal", "needed", "own"),
    [
        ("json", False, set(), {"formats.json"}),
        ("jsonl", True, set(), {"formats.json"}),
        ("yaml", False, {"yaml"}, {"formats.json", "formats.yaml"}),
        ("csv", False, set(), {"formats.columns", "formats.delimited", "query", "query.fields"}),
        ("tsv", False, set(), {"formats.columns", "formats.delimited", "query", "query.fields"}),
        ("name", False, set(), {"formats.columns", "formats.delimited", "query", "query.fields"}),
        ("table", False, set(), {"formats.columns", "formats.plain_table", "query", "query.fields"}),
        (
            "table",
            True,
            {"rich"},
            {
                *("formats.columns", "formats.plain_table", "formats.rich_table", "formats.styles"),
                *("query", "query.fields"),
            },
        ),
    ],
)
def test_a_format_imports_what_it_needs(form: str, terminal: bool, needed: set[str], own: set[str]) -> None:
    loaded = imported(RENDER.format(form=form, terminal=terminal, result=ROWS))
    theirs = {"dataclasses"} if "rich" in needed else set()
    assert loaded & LAZY - theirs == needed
    assert not loaded & RICH
    ours = {name for name in loaded if name.startswith("emqxctl.output.")}
    assert ours == ALWAYS | {f"emqxctl.output.{name}" for name in own}


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_one_thing_for_a_program_is_as_cheap(form: str) -> None:
    loaded = imported(RENDER.format(form=form, terminal=False, result=RECORD))
    ours = {name for name in loaded if name.startswith("emqxctl.output.")}
    assert not loaded & LAZY
    assert ours == {*ALWAYS, "emqxctl.output.formats.json"}
