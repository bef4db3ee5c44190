"""Erlang terms as text (`acl.conf` is made of them): atoms, strings, numbers, tuples and lists. Pure."""

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"""\s+ | %[^\n]*                             # blanks and comments
    | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<quoted>'(?:[^'\\]|\\.)*')
    | (?P<number>[+-]?\d+)
    | (?P<atom>[a-z][A-Za-z0-9_@]*)
    | (?P<mark><<|>>|[{}\[\],.])
    """,
    re.VERBOSE | re.DOTALL,
)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "s": " ", "e": "\x1b", "0": "\0"}


class Atom(NamedTuple):
    """A name, told from a text."""

    name: str


Term = Atom | str | int | tuple["Term", ...] | list["Term"]


def terms(text: str) -> list[Term]:
    """Read terms that each end in a full stop. Raises ValueError where it is none of the plain ones."""
    tokens = list(tokenized(text))
    found: list[Term] = []
    at = 0
    while at < len(tokens):
        term, at = read(tokens, at)
        at = expect(tokens, at, ".")
        found.append(term)
    return found


def tokenized(text: str) -> list[tuple[str, str]]:
    """Cut a text into `(kind, text)`; comments and blanks are left out. Raises ValueError."""
    tokens = []
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            message = f"cannot read {text[at : at + 20]!r}"
            raise ValueError(message)
        if found.lastgroup:
            tokens.append((found.lastgroup, found.group()))
        at = found.end()
    return tokens


def read(tokens: list[tuple[str, str]], at: int) -> tuple[Term, int]:  # noqa: PLR0911  # kinds
    """Read one term and give where the next token is. Raises ValueError."""
    kind, text = tokens[at] if at < len(tokens) else ("end", "its end")
    match kind, text:
        case "number", _:
            return int(text), at + 1
        case "atom", _:
            return Atom(text), at + 1
        case "quoted", _:
            return Atom(unquoted(text)), at + 1
        case "string", _:
            return unquoted(text), at + 1
        case "mark", "<<":
            inner, after = read(tokens, at + 1)
            return inner, expect(tokens, after, ">>")
        case "mark", "{":
            items, after = several(tokens, at + 1, "}")
            return tuple(items), after
        case "mark", "[":
            return several(tokens, at + 1, "]")
    message = f"cannot read {text!r}"
    raise ValueError(message)


def several(tokens: list[tuple[str, str]], at: int, end: str) -> tuple[list[Term], int]:
    """Read terms between commas up to the closing mark. Raises ValueError."""
    items: list[Term] = []
    if tokens[at : at + 1] == [("mark", end)]:
        return items, at + 1
    while True:
        item, at = read(tokens, at)
        items.append(item)
        if tokens[at : at + 1] == [("mark", end)]:
            return items, at + 1
        at = expect(tokens, at, ",")


def expect(tokens: list[tuple[str, str]], at: int, mark: str) -> int:
    """Step over a mark. Raises ValueError where something else stands."""
    if tokens[at : at + 1] != [("mark", mark)]:
        message = f"{mark!r} is missing"
        raise ValueError(message)
    return at + 1


def unquoted(text: str) -> str:
    """Take quotes and backslashes off."""
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text[1:-1], flags=re.DOTALL)
