"""What the output may not import until it is asked for it: each would cost every command its start-up."""

import subprocess
import sys

import pytest

LAZY = [
    "rich",
    "csv",
    "yaml",
    "jmespath",
    "ipaddress",
    "heapq",
    "unicodedata",
    "difflib",
    "requests",
    "typer",
]
RENDER = """
from emqxctl.output.formats import Format, View
from emqxctl.output.render import render
from emqxctl.output.results import Rows, Record
for _ in range(2):
    list(render(Rows([{{"a": 1, "b": "x"}}], key="a"), View(Format({form!r}), terminal={terminal})))
    list(render(Record({{"a": 1, "b": "x"}}), View(Format({form!r}), terminal={terminal})))
"""


def imported(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path = {sys.path!r}\n{code}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_render_is_cheap() -> None:
    assert not imported(
        "import emqxctl.output.render, emqxctl.output.streams, emqxctl.output.messages"
    ) & set(LAZY)


@pytest.mark.parametrize(
    ("form", "terminal", "needed"),
    [
        ("json", False, set()),
        ("jsonl", True, set()),
        ("yaml", False, set()),
        ("csv", False, {"csv"}),
        ("tsv", False, set()),
        ("name", False, set()),
        ("table", False, set()),
        ("table", True, set()),
    ],
)
def test_a_format_imports_what_it_needs(form: str, terminal: bool, needed: set[str]) -> None:
    assert imported(RENDER.format(form=form, terminal=terminal)) & set(LAZY) == needed
