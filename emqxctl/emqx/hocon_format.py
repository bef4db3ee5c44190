"""Format HOCON in the layout of EMQX 5.8.9."""

import json
import re

from emqxctl.emqx.hocon_values import CONSTANTS, Json, Row

BARE = r"[A-Za-z_][A-Za-z0-9_]*"  # text without quotes
BARE_KEY = r"[A-Za-z][A-Za-z0-9_-]*"
SHORT_TEXT = rf"(?:{BARE}|[A-Za-z][A-Za-z_/.-]*)"  # text that may share a line
ESCAPES = str.maketrans(
    {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\f": "\\f", "\b": "\\b", "\x1b": "\\e", '"': '\\"'}
)


def format_hocon(roots: Row) -> str:
    """Format configuration roots, sorted."""
    return "".join(f"{format_field(name, roots[name], 0)}\n" for name in sorted(roots))


def format_field(name: str, value: Json, indent: int) -> str:
    """Format one key with its value."""
    key = name if re.fullmatch(BARE_KEY, name) else f'"{name.translate(ESCAPES)}"'
    separator = " " if isinstance(value, dict) else " = "
    return key + separator + format_value(value, indent)


def format_value(value: Json, indent: int) -> str:
    """Format one value; `indent` is that of its first line."""
    inner_break, outer_break = "\n" + " " * (indent + 2), "\n" + " " * indent
    match value:
        case dict():
            fits_one_line = len(value) < 3 and all(is_short(child) for child in value.values())
            fields = [format_field(name, value[name], indent + 2) for name in sorted(value)]
            if fits_one_line:
                return "{" + ", ".join(fields) + "}"
            return "{" + "".join(inner_break + item for item in fields) + outer_break + "}"
        case list():
            items = [format_value(item, indent + 2) for item in value]
            if all(is_short(item) for item in value):
                return "[" + ", ".join(items) + "]"
            return "[" + ",".join(inner_break + item for item in items) + outer_break + "]"
        case str():
            return format_text(value, indent)
    return json.dumps(value)


def is_short(value: Json) -> bool:
    """Return whether a value may share a line."""
    if isinstance(value, list):
        return all(isinstance(item, int) for item in value)
    return isinstance(value, int | float) or (
        isinstance(value, str) and re.fullmatch(SHORT_TEXT, value) is not None
    )


def format_text(value: str, indent: int) -> str:
    """Format text: bare, in quotes, or in three quotes if it would need escapes."""
    if re.fullmatch(BARE, value) and value not in CONSTANTS:
        return value
    if value.translate(ESCAPES) == value and "\\" not in value:
        return f'"{value}"'
    if '"""' in value:
        return json.dumps(value, ensure_ascii=False)
    if "\n" in value or value[:1] == '"' or value[-1:] == '"':
        line_break = "\n" + " " * (indent + 2)
        return '"""~' + "".join((line_break if line else "\n") + line for line in value.split("\n")) + '~"""'
    return f'"""{value}"""'
