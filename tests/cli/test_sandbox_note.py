"""The note that a sandbox is simulated appears once per session of a terminal or script."""

import pytest

from tests.conftest import Run

NOTE = "sandbox: simulated"


def test_the_note_is_shown_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert NOTE in run("-p", "sandbox", "nodes", "list").err
    assert NOTE not in run("-p", "sandbox", "nodes", "list").err
    monkeypatch.setattr("os.getsid", lambda _pid: 4711)
    assert NOTE in run("-p", "sandbox", "nodes", "list").err


def test_a_change_that_is_lost_always_says_so(run: Run) -> None:
    for _ in range(2):
        assert NOTE in run("-p", "sandbox", "rules", "disable", "hot-sensors").err
