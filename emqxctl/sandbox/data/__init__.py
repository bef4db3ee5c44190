"""What EMQX comes with, as JSON tables: configuration, schemas, counters, error codes, events."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def read_table(name: str) -> Any:  # noqa: ANN401 - a JSON value
    """Read a table when it is first used; callers copy what they change."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text("utf-8"))


def default_settings(name: str) -> dict[str, Any]:
    """Return a fresh copy of one object of default settings, such as `tls`."""
    copied: dict[str, Any] = json.loads(json.dumps(read_table("setting_defaults")[name]))
    return copied
