"""How far a change of many has come: number, rate and time left on a terminal, nothing elsewhere."""

import re
from types import SimpleNamespace

import pytest

from emqxctl.output import progress
from emqxctl.output.progress import show_count_progress
from tests.conftest import MemoryStream


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> MemoryStream:
    """Return a terminal for stderr, and a clock that moves a second at each look."""
    stream = MemoryStream(terminal=True)
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    seconds = iter(range(10_000))
    monkeypatch.setattr(progress, "monotonic", lambda: float(next(seconds)))
    return stream


def words(stream: MemoryStream) -> str:
    """Return what is on the screen without escape codes."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.content().decode())


def test_a_terminal_shows_number_rate_and_time_left(screen: MemoryStream) -> None:
    with show_count_progress("kick clients", 1000, is_shown=True) as step:
        step(200)
        step(400)
    output = words(screen)
    assert "kick clients" in output
    assert "400/1000" in output
    assert "200/s" in output
    assert re.search(r"[0-9-]+:[0-9-]{2}:[0-9-]{2}", output)


def test_nothing_is_shown_where_nothing_is_wanted(screen: MemoryStream) -> None:
    with show_count_progress("kick clients", 10, is_shown=False) as step:
        step(5)
    assert screen.content() == b""


def test_a_label_is_no_markup(screen: MemoryStream) -> None:
    with show_count_progress("kick [red]clients", 10, is_shown=True) as step:
        step(5)
    assert "kick [red]clients" in words(screen)
