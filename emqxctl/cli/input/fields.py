"""Bodies and queries from the command line: `-F a=1`, `-F a[b]=true`, `-F a[]=x`, `-F payload=@FILE`."""

import re
from collections.abc import Sequence
from typing import Any

from emqxctl.cli.input.body import set_steps
from emqxctl.cli.input.files import read_text
from emqxctl.errors import UsageError

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}


def build_fields(typed_fields: Sequence[str], raw_fields: Sequence[str]) -> dict[str, Any]:
    """Build an object from `KEY=VALUE` fields: typed fields first, then those whose value is text.

    Raises UsageError that names an invalid field.
    """
    body: dict[str, Any] = {}
    for text in typed_fields:
        key, value = split_field(text, "--field")
        set_field(body, key, parse_field_value(value))
    for text in raw_fields:
        key, value = split_field(text, "--raw-field")
        set_field(body, key, value)
    return body


def split_field(text: str, option: str) -> tuple[str, str]:
    """Split KEY=VALUE. Raises UsageError."""
    key, equals, value = text.partition("=")
    if not equals or not KEY.fullmatch(key):
        message = f"{option} {text}: expected KEY=VALUE"
        raise UsageError(message, hint="keys nest as a[b]=1, and a[]=1 appends")
    return key, value


def parse_field_value(text: str) -> object:
    """Parse a value: true, false, null, a number, `@FILE` for a file's text, else text."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if re.fullmatch(r"-?(0|[1-9]\d{0,18})", text):
        return int(text)
    if re.fullmatch(r"-?(0|[1-9]\d*)\.\d+", text):
        return float(text)
    return read_text(text[1:], "--field") if text.startswith("@") else text


def set_field(body: dict[str, Any], key: str, value: object) -> None:
    """Set a value at a nested key such as `a[b][]`. Raises UsageError if it conflicts with another field."""
    match = KEY.fullmatch(key)
    steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else [key]
    set_steps(body, steps, value, f"field {key}", overwrite=False)
