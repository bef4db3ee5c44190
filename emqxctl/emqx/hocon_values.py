"""Values of HOCON: read from text, concatenated, merged, and their substitutions resolved."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

Json = Any  # a JSON value; before it is resolved, Substitution and Concatenation too
Row = dict[str, Any]

INTEGER = r"[+-]?\d+"
FLOAT = r"[+-]?\d*\.?\d+(?:[eE][-+]?\d+)?"
CONSTANTS = {"true": True, "false": False, "null": None}
ESCAPE = r"(?s)\\(u[0-9A-Fa-f]{4}|.)"
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "d": "\x7f"}
ABSENT = object()  # the value of an optional substitution without a target


class Bare(NamedTuple):
    """Text without quotes, or the space between two values."""

    text: str


class Substitution(NamedTuple):
    """`${a.b}`, or `${?a.b}`, which is optional."""

    path: tuple[str, ...]
    optional: bool


class Concatenation(NamedTuple):
    """Values next to each other, at least one of which is a substitution."""

    pieces: tuple[Json, ...]


class ResolveError(Exception):
    """A substitution that cannot be resolved, or values that cannot be concatenated; the text says why."""


def parse_substitution(text: str) -> Substitution:
    """Parse `${a.b}` and `${?a."b c"}`."""
    body = text[2:-1]
    optional = body.startswith("?")
    parts = re.findall(r'"((?:[^"\\]|\\.)*+)"|([^."]+)', body[optional:])
    return Substitution(tuple(unescape(quoted) or bare.strip() for quoted, bare in parts), optional)


def unescape(text: str) -> str:
    """Return a text with its escapes replaced; unknown ones stay, as EMQX reads them."""
    return re.sub(ESCAPE, replace_escape, text) if "\\" in text else text


def replace_escape(match: re.Match[str]) -> str:
    """Return the character of one escape."""
    code = match[1]
    if len(code) == 5:  # u and four digits
        return chr(int(code[1:], 16))
    return code if code in {'"', "\\"} else ESCAPES.get(code, match[0])


def remove_indentation(text: str) -> str:
    """Return the text of EMQX's `~` block: without the indentation that all its lines share."""
    lines = text.removesuffix("~").split("\n")
    if lines and not lines[0].strip():
        del lines[0]
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    indent = min(indents, default=0)
    lines = [line[indent:] if line.strip() else line.strip(" ") for line in lines]
    return "\n".join(lines)


def parse_bare_text(text: str) -> Json:
    """Return the value of text without quotes: a number, a constant, or the text (`15s`, `1MB`, `80%`)."""
    if re.fullmatch(INTEGER, text):
        return int(text)
    if re.fullmatch(FLOAT, text):
        return float(text)
    return CONSTANTS.get(text, text)


def merge_values(old: Json, new: Json) -> Json:
    """Return the new value; objects are merged."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return old | {name: merge_values(old.get(name), value) for name, value in new.items()}


def join_pieces(pieces: Sequence[Json]) -> Json:
    """Return the value that pieces next to each other make: text, a merged object, or a longer array.

    Raises ResolveError for pieces of different types.
    """
    while isinstance(pieces[-1], Bare) and not pieces[-1].text.strip():
        pieces = pieces[:-1]
    if any(isinstance(piece, Substitution | Concatenation) for piece in pieces):
        return pieces[0] if len(pieces) == 1 else Concatenation(tuple(pieces))
    values = [piece for piece in pieces if not (isinstance(piece, Bare) and not piece.text.strip())]
    if len(values) == 1 and not isinstance(values[0], Bare):
        return values[0]
    if all(isinstance(value, dict) for value in values):
        merged: Row = {}
        for value in values:
            merged = merge_values(merged, value)
        return merged
    if all(isinstance(value, list) for value in values):
        return [item for value in values for item in value]
    if any(isinstance(value, dict | list) for value in values):
        message = "text, objects and arrays cannot be joined"
        raise ResolveError(message)
    if all(isinstance(piece, Bare) for piece in pieces):
        return parse_bare_text("".join(piece.text for piece in pieces))
    return "".join(format_scalar(piece) for piece in pieces)


def format_scalar(value: Json) -> str:
    """Return a scalar as the part of a text."""
    if isinstance(value, Bare):
        return value.text
    names = {True: "true", False: "false", None: "null"}
    return names[value] if value is None or isinstance(value, bool) else str(value)


class Resolver:
    """Replaces the substitutions of a document by what they refer to."""

    def __init__(self, roots: Row) -> None:
        """Keep the document that the paths refer to."""
        self.roots = roots
        self.pending: list[Substitution] = []  # those being resolved

    def resolve(self, value: Json) -> Json:
        """Return a value without substitutions; ABSENT for an optional one without a target.

        Raises ResolveError.
        """
        match value:
            case dict():
                resolved = {name: self.resolve(item) for name, item in value.items()}
                return {name: item for name, item in resolved.items() if item is not ABSENT}
            case list():
                return [item for item in map(self.resolve, value) if item is not ABSENT]
            case Substitution():
                return self.look_up(value)
            case Concatenation():
                pieces = [piece for piece in map(self.resolve, value.pieces) if piece is not ABSENT]
                return join_pieces(pieces) if any(piece != Bare(" ") for piece in pieces) else ABSENT
        return value

    def look_up(self, substitution: Substitution) -> Json:
        """Return the value that a substitution refers to. Raises ResolveError."""
        name = ".".join(substitution.path)
        if substitution in self.pending:
            message = f"the substitution {name!r} refers to itself"
            raise ResolveError(message)
        self.pending.append(substitution)
        target: Json = self.roots
        for part in substitution.path:
            if isinstance(target, Substitution | Concatenation):
                target = self.resolve(target)
            target = target.get(part, ABSENT) if isinstance(target, dict) else ABSENT
        resolved = self.resolve(target)
        self.pending.pop()
        if resolved is ABSENT and not substitution.optional:
            message = f"the substitution {name!r} has no value in the file"
            raise ResolveError(message)
        return resolved
