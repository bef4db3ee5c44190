"""Parse Erlang terms as text: `acl.conf`, and what EMQX writes into its messages (`~p`)."""

import re
from collections.abc import Callable

MAX_DEPTH = 60  # levels of nesting
MAX_DIGITS = 400
BLANK = r"(?:\s|%[^\n]*)*"  # white space and comments
TOKEN = re.compile(
    BLANK + r'(?:(?P<open>\#\{|\{|\[)|(?P<binary><<)|"(?P<string>(?:[^"\\]|\\.)*)"'
    r"|'(?P<quoted>(?:[^'\\]|\\.)*)'|(?P<number>[+-]?\d+(?:\.\d+(?:e[+-]?\d+)?)?)"
    r"|(?P<atom>[a-z][\w@]*|\*{6})|(?P<opaque>\#[A-Z]\w*<[^<>]*>|<[\d.]+>))",
    re.DOTALL,
)
BINARY = re.compile(r'\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"(?:/utf8)?|(?P<bytes>[\d,\s]*))\s*>>', re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "s": " ", "b": "\b", "0": "\0"}
CLOSING = {"{": "}", "[": "]", "#{": "}"}


class Atom(str):
    """An Erlang atom (or the name of a pid or reference); strings and binaries are plain str."""

    __slots__ = ()


Term = Atom | str | float | tuple["Term", ...] | list["Term"] | dict[str, "Term"]


def parse_terms(text: str) -> list[Term]:
    """Parse terms that each end in a full stop. Raises ValueError for anything else."""
    terms: list[Term] = []
    position = skip_blank(text, 0)
    while position < len(text):
        term, position = parse_term(text, position)
        terms.append(term)
        position = skip_blank(text, expect(text, position, r"\."))
    return terms


def parse_term(text: str, start: int = 0, depth: int = 0) -> tuple[Term, int]:
    """Parse the term at `start` and return it with its end.

    Maps become dict, tuples tuple, lists list, strings and binaries str, numbers int or float, everything
    else Atom. Raises ValueError if there is no term.
    """
    token = TOKEN.match(text, start)
    if not token or depth > MAX_DEPTH:
        message = f"no Erlang term at {start}: {text[start : start + 20]!r}"
        raise ValueError(message)
    end = token.end()
    if token["open"]:
        return parse_collection(text, end, token["open"], depth + 1)
    if token["binary"]:
        return parse_binary(text, end)
    if token["number"]:
        number = token["number"]
        return (float(number) if "." in number else int(number[:MAX_DIGITS])), end
    if token["string"] is not None:
        return unescape(token["string"]), end
    if token["quoted"] is not None:
        return Atom(unescape(token["quoted"])), end
    return Atom(token["atom"] or token["opaque"]), end


def parse_collection(text: str, start: int, opening: str, depth: int) -> tuple[Term, int]:
    """Parse the members of a map, tuple or list up to its closing bracket."""
    members: list[Term] = []
    pairs: dict[str, Term] = {}
    position = start
    closing = re.compile(BLANK + re.escape(CLOSING[opening]))
    while not (end := closing.match(text, position)):
        if members or pairs:
            position = expect(text, position, r",|\|")
        value, position = parse_term(text, position, depth)
        if opening == "#{":
            position = expect(text, position, "=>")
            pairs[str(value)], position = parse_term(text, position, depth)
        else:
            members.append(value)
    collect: Callable[[list[Term]], Term] = tuple if opening == "{" else list
    return (pairs if opening == "#{" else collect(members)), end.end()


def expect(text: str, position: int, pattern: str) -> int:
    """Return the end of a punctuation mark. Raises ValueError if it is missing."""
    match = re.compile(rf"{BLANK}(?:{pattern})").match(text, position)
    if not match:
        message = f"{pattern} is missing at {position}"
        raise ValueError(message)
    return match.end()


def skip_blank(text: str, position: int) -> int:
    """Return the position after white space and comments."""
    match = re.compile(BLANK).match(text, position)
    return match.end() if match else position


def parse_binary(text: str, start: int) -> tuple[str, int]:
    """Parse a binary after its `<<`: text, or bytes as numbers."""
    match = BINARY.match(text, start)
    if not match:
        message = f"no binary at {start}"
        raise ValueError(message)
    if match["text"] is not None:
        return unescape(match["text"]), match.end()
    return decode_characters([int(number) for number in re.findall(r"\d+", match["bytes"])]), match.end()


def decode_characters(codes: list[int]) -> str:
    r"""Return the text of bytes or character codes; a byte that is not text as `\xe6`."""
    try:
        text = bytes(codes).decode("utf-8", "backslashreplace")
    except ValueError:
        text = "".join(chr(code) for code in codes if 0 <= code < 0x110000)
    return "".join(
        character if character.isprintable() or character.isspace() else f"\\x{ord(character):02x}"
        for character in text
    )


def unescape(text: str) -> str:
    r"""Return the text of a quoted term: `\"`, `\n`, `\x{1b}`."""
    text = re.sub(r"\\x\{([0-9A-Fa-f]{1,6})\}", lambda code: chr(min(int(code[1], 16), 0x10FFFF)), text)
    return re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape[1], escape[1]), text, flags=re.DOTALL)
