"""Parse HOCON, EMQX's configuration language, and format it in the layout of EMQX 5.8.9.

Not supported: includes, substitutions, and concatenated values.
"""

import json
import re
from typing import Any

Json = Any  # a JSON value
Row = dict[str, Any]

BARE = r"[A-Za-z_][A-Za-z0-9_]*"  # text without quotes
BARE_KEY = r"[A-Za-z][A-Za-z0-9_-]*"
SHORT_TEXT = rf"(?:{BARE}|[A-Za-z][A-Za-z_/.-]*)"  # text that may share a line
SPACE = r"(?:\s|#[^\n]*|//[^\n]*)*"
SEPARATOR = r"(?:[\s,]|#[^\n]*|//[^\n]*)*"
KEY = r'(?:"(?:[^"\\]|\\.)*"|[A-Za-z0-9_$-]+)'
NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
BARE_TEXT = r'[^$"{}\[\]:=,+#`^?!@*&\\\n]+'
CONSTANTS = {"true": True, "false": False, "null": None}
ESCAPES = str.maketrans(
    {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\f": "\\f", "\b": "\\b", "\x1b": "\\e", '"': '\\"'}
)


class HoconError(Exception):
    """Invalid HOCON, or HOCON that is not supported, at a line."""

    def __init__(self, line: int) -> None:
        """Keep the line."""
        super().__init__(line)
        self.line = line


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
    escaped = value.replace("\\", "\\\\")
    if "\n" in value or value[:1] == '"' or value[-1:] == '"':
        line_break = "\n" + " " * (indent + 2)
        return (
            '"""~' + "".join((line_break if line else "\n") + line for line in escaped.split("\n")) + '~"""'
        )
    return f'"""{escaped}"""'


class HoconReader:
    """Parses HOCON by recursive descent."""

    def __init__(self, text: str) -> None:
        """Start at the beginning of the text."""
        self.text = text
        self.position = 0

    def match(self, pattern: str) -> str | None:
        """Return the text that matches a pattern here, and move behind it; None if it does not match."""
        match = re.compile(pattern, re.DOTALL).match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return match.group()

    def syntax_error(self) -> HoconError:
        """Return the error for this position."""
        return HoconError(self.text.count("\n", 0, self.position) + 1)

    def read_fields(self, end_pattern: str) -> Row:
        """Read keys and values up to a pattern; a later value of a key is merged into the earlier one."""
        fields: Row = {}
        while True:
            self.match(SEPARATOR)
            if self.match(end_pattern) is not None:
                return fields
            path = [self.read_key()]
            while self.match(r"\."):
                path.append(self.read_key())
            self.match(SPACE)
            if self.text[self.position : self.position + 1] != "{" and self.match("[=:]") is None:
                raise self.syntax_error()
            value = self.read_value()
            for part in reversed(path[1:]):
                value = {part: value}
            fields[path[0]] = merge_values(fields.get(path[0]), value)

    def read_key(self) -> str:
        """Read one part of a key."""
        text = self.match(KEY)
        if text is None:
            raise self.syntax_error()
        return str(json.loads(text)) if text[0] == '"' else text

    def read_value(self) -> Json:
        """Read one value."""
        self.match(SPACE)
        if self.match("{"):
            return self.read_fields("}")
        if self.match(r"\["):
            return self.read_items()
        if text := self.match(r'"""~.*?~"""'):
            lines = text[4:-4].split("\n")
            padding = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
            return "\n".join(line[padding:] for line in lines[1:])
        if text := self.match(r'""".*?"""'):
            return text[3:-3]
        if text := self.match(r'"(?:[^"\\\n]|\\.)*"'):
            return json.loads(text.replace("\\e", "\\u001b"))
        text = self.match(BARE_TEXT)
        if text is None:
            raise self.syntax_error()
        return parse_bare_text(text.strip())

    def read_items(self) -> list[Json]:
        """Read the elements of an array."""
        items: list[Json] = []
        while True:
            self.match(SEPARATOR)
            if self.match(r"\]"):
                return items
            items.append(self.read_value())


def parse_bare_text(text: str) -> Json:
    """Return the value of bare text: a number, a constant, or the text."""
    if re.fullmatch(NUMBER, text):
        return json.loads(text)
    return CONSTANTS.get(text, text)


def merge_values(old: Json, new: Json) -> Json:
    """Return the new value; objects are merged."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return old | {name: merge_values(old.get(name), value) for name, value in new.items()}


def parse_hocon(text: str) -> Row:
    """Parse configuration roots. Raises HoconError."""
    reader = HoconReader(text)
    reader.match(SPACE)
    is_braced = reader.match("{") is not None
    roots = reader.read_fields("}" if is_braced else r"\Z")
    reader.match(SPACE)
    if reader.position < len(text):
        raise reader.syntax_error()
    return roots
