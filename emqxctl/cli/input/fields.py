"""Bodies and queries from the command line: `-F a=1`, `-F a[b]=true`, `-F a[]=x`, `-F payload=@FILE`."""

import re
from collections.abc import Sequence
from typing import Any

from emqxctl.cli.input.files import read_text
from emqxctl.errors import UsageError

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
WORDS: dict[str, object] = {"true": True, "false": False, "null": None}


def build_fields(fields: Sequence[str], raw: Sequence[str]) -> dict[str, Any]:
    """Make an object of `KEY=VALUE` fields, typed ones first, then those that are text.

    Raises UsageError naming a field that cannot be read.
    """
    made: dict[str, Any] = {}
    for text in fields:
        key, value = split_field(text, "--field")
        set_field(made, key, parse_field_value(value))
    for text in raw:
        key, value = split_field(text, "--raw-field")
        set_field(made, key, value)
    return made


def split_field(text: str, option: str) -> tuple[str, str]:
    """Split KEY=VALUE. Raises UsageError."""
    key, sign, value = text.partition("=")
    if not sign or not KEY.fullmatch(key):
        message = f"{option} {text}: not KEY=VALUE"
        raise UsageError(message, hint="keys nest as a[b]=1, and a[]=1 appends")
    return key, value


def parse_field_value(value: str) -> object:
    """Read a value: true, false, null, a number, `@FILE` for a file's text, else text."""
    if value in WORDS:
        return WORDS[value]
    if re.fullmatch(r"-?(0|[1-9]\d{0,18})", value):
        return int(value)
    if re.fullmatch(r"-?(0|[1-9]\d*)\.\d+", value):
        return float(value)
    return read_text(value[1:], "--field") if value.startswith("@") else value


def set_field(made: dict[str, Any], key: str, value: object) -> None:
    """Put a value at a key's place, making what leads there. Raises UsageError where two fields disagree."""
    found = KEY.fullmatch(key)
    first, rest = (found[1], re.findall(r"\[([^\[\]]*)\]", found[2])) if found else (key, [])
    place: Any = made
    steps = [first, *rest]
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        fresh: Any = value if following is None else ([] if following == "" else {})
        if isinstance(place, list) and step == "":
            place.append(fresh)
            place = fresh
        elif isinstance(place, dict) and step != "":
            place[step] = value if following is None else place.get(step, fresh)
            place = place[step]
        else:
            message = f"field {key}: it disagrees with an earlier one"
            raise UsageError(message)
