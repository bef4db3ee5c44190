"""What the tests of the output share: rendering to text, and rows like a real cluster's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emqxctl.output.render import render
from emqxctl.output.results import Result, Row
from emqxctl.output.view import Format, Note, View

Show = Callable[..., tuple[str, list[str]]]


@pytest.fixture(scope="session")
def show() -> Show:
    """Return the function that renders a result: its stdout and its notes."""

    def show(result: Result, form: str = "table", **options: Any) -> tuple[str, list[str]]:
        out, notes = "", []
        for chunk in render(result, View(Format(form), **options)):
            match chunk:
                case Note():
                    notes.append(chunk.text)
                case bytes():
                    out += chunk.decode()
                case str():
                    out += chunk
        return out, notes

    return show


def load(name: str) -> list[Row]:
    """Read rows taken from the recordings."""
    rows: list[Row] = json.loads((Path(__file__).parent / "rows" / name).read_text("utf-8"))
    return rows


@pytest.fixture
def clients() -> list[Row]:
    """Return clients, ids of all kinds among them."""
    return load("clients.json")


@pytest.fixture
def nodes() -> list[Row]:
    """Return three nodes, one of them stopped."""
    return load("nodes.json")
