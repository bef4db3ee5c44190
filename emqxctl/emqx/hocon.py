"""HOCON, EMQX's configuration language: read, and written in the very layout of EMQX 5.8.9.

Not read: includes, substitutions, and values joined from several pieces.
"""

import json
import re
from typing import Any

Json = Any  # a JSON value
Row = dict[str, Any]

BARE = r"[A-Za-z_][A-Za-z0-9_]*"  # a string that needs no quotes
BARE_KEY = r"[A-Za-z][A-Za-z0-9_-]*"
SHORT = rf"(?:{BARE}|[A-Za-z][A-Za-z_/.-]*)"  # a string that may stand in one line with others
SPACE = r"(?:\s|#[^\n]*|//[^\n]*)*"
SEPARATOR = r"(?:[\s,]|#[^\n]*|//[^\n]*)*"
KEY = r'(?:"(?:[^"\\]|\\.)*"|[A-Za-z0-9_$-]+)'
NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
PLAIN = r'[^$"{}\[\]:=,+#`^?!@*&\\\n]+'
WORDS = {"true": True, "false": False, "null": None}
ESCAPES = str.maketrans(
    {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\f": "\\f", "\b": "\\b", "\x1b": "\\e", '"': '\\"'}
)


class HoconError(Exception):
    """Text that is no HOCON, or more of it than is read here; `at` is the line."""

    def __init__(self, line: int) -> None:
        """Keep the line."""
        super().__init__(line)
        self.line = line


def write_hocon(roots: Row) -> str:
    """Write configuration roots, sorted."""
    return "".join(f"{write_field(name, roots[name], 0)}\n" for name in sorted(roots))


def write_field(name: str, value: Json, indent: int) -> str:
    """Write one key with its value."""
    key = name if re.fullmatch(BARE_KEY, name) else f'"{name.translate(ESCAPES)}"'
    joint = " " if isinstance(value, dict) else " = "
    return key + joint + write_value(value, indent)


def write_value(value: Json, indent: int) -> str:
    """Write one value; `indent` is that of the line it begins on."""
    inner, pad = "\n" + " " * (indent + 2), "\n" + " " * indent
    match value:
        case dict():
            one_line = len(value) < 3 and all(is_short(child) for child in value.values())
            fields = [write_field(name, value[name], indent + 2) for name in sorted(value)]
            if one_line:
                return "{" + ", ".join(fields) + "}"
            return "{" + "".join(inner + each for each in fields) + pad + "}"
        case list():
            items = [write_value(each, indent + 2) for each in value]
            if all(is_short(each) for each in value):
                return "[" + ", ".join(items) + "]"
            return "[" + ",".join(inner + each for each in items) + pad + "]"
        case str():
            return write_text(value, indent)
    return json.dumps(value)


def is_short(value: Json) -> bool:
    """Tell whether a value may share a line."""
    if isinstance(value, list):
        return all(isinstance(each, int) for each in value)
    return isinstance(value, int | float) or (
        isinstance(value, str) and re.fullmatch(SHORT, value) is not None
    )


def write_text(value: str, indent: int) -> str:
    """Write text: bare, in quotes, or between three quotes so that nothing must be escaped."""
    if re.fullmatch(BARE, value) and value not in WORDS:
        return value
    if value.translate(ESCAPES) == value and "\\" not in value:
        return f'"{value}"'
    if '"""' in value:
        return json.dumps(value, ensure_ascii=False)
    escaped = value.replace("\\", "\\\\")
    if "\n" in value or value[:1] == '"' or value[-1:] == '"':
        pad = "\n" + " " * (indent + 2)
        return '"""~' + "".join((pad if line else "\n") + line for line in escaped.split("\n")) + '~"""'
    return f'"""{escaped}"""'


class HoconReader:
    """Reads HOCON by recursive descent."""

    def __init__(self, text: str) -> None:
        """Begin at the beginning."""
        self.text = text
        self.at = 0

    def take(self, pattern: str) -> str | None:
        """Take what fits a pattern here."""
        found = re.compile(pattern, re.DOTALL).match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def fail(self) -> HoconError:
        """Make the error of what cannot stand here."""
        return HoconError(self.text.count("\n", 0, self.at) + 1)

    def fields(self, end: str) -> Row:
        """Read keys and values up to `end`, a pattern; later ones are laid over earlier ones."""
        made: Row = {}
        while True:
            self.take(SEPARATOR)
            if self.take(end) is not None:
                return made
            path = [self.key()]
            while self.take(r"\."):
                path.append(self.key())
            self.take(SPACE)
            if self.text[self.at : self.at + 1] != "{" and self.take("[=:]") is None:
                raise self.fail()
            value = self.value()
            for part in reversed(path[1:]):
                value = {part: value}
            made[path[0]] = overlay(made.get(path[0]), value)

    def key(self) -> str:
        """Read one part of a key."""
        found = self.take(KEY)
        if found is None:
            raise self.fail()
        return str(json.loads(found)) if found[0] == '"' else found

    def value(self) -> Json:
        """Read one value."""
        self.take(SPACE)
        if self.take("{"):
            return self.fields("}")
        if self.take(r"\["):
            return self.items()
        if found := self.take(r'"""~.*?~"""'):
            lines = found[4:-4].split("\n")
            padding = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
            return "\n".join(line[padding:] for line in lines[1:])
        if found := self.take(r'""".*?"""'):
            return found[3:-3]
        if found := self.take(r'"(?:[^"\\\n]|\\.)*"'):
            return json.loads(found.replace("\\e", "\\u001b"))
        found = self.take(PLAIN)
        if found is None:
            raise self.fail()
        return plain(found.strip())

    def items(self) -> list[Json]:
        """Read the elements of an array."""
        made: list[Json] = []
        while True:
            self.take(SEPARATOR)
            if self.take(r"\]"):
                return made
            made.append(self.value())


def plain(found: str) -> Json:
    """Give the value of bare text: a number, a word, or itself."""
    if re.fullmatch(NUMBER, found):
        return json.loads(found)
    return WORDS.get(found, found)


def overlay(old: Json, new: Json) -> Json:
    """Lay one value over another; objects are merged."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return old | {name: overlay(old.get(name), value) for name, value in new.items()}


def read_hocon(text: str) -> Row:
    """Read configuration roots. Raises HoconError."""
    reader = HoconReader(text)
    reader.take(SPACE)
    braced = reader.take("{") is not None
    found = reader.fields("}" if braced else r"\Z")
    reader.take(SPACE)
    if reader.at < len(text):
        raise reader.fail()
    return found
