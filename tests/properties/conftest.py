"""What the walks over all commands share: no command waits between two samples."""

import pytest

from emqxctl.commands.messages.why import _sample


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take both samples of `messages why` at once."""
    monkeypatch.setattr(_sample, "SLEEP", lambda _seconds: None)
