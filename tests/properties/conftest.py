"""What the walks over all commands share: no command waits between two samples."""

import pytest

from emqxctl.commands.check import _read
from emqxctl.commands.messages.why import _sample


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take both samples of `messages why` and `check` at once."""
    for module in (_sample, _read):
        monkeypatch.setattr(module, "SLEEP", lambda _seconds: None)
