"""Erlang terms as EMQX writes them into its messages (`~p`), read into plain values."""

import re
from collections.abc import Callable

DEEPEST = 60  # levels of nesting; deeper text is left as it is
TOKEN = re.compile(
    r'\s*(?:(?P<open>\#\{|\{|\[)|(?P<binary><<)|"(?P<string>(?:[^"\\]|\\.)*)"'
    r"|'(?P<quoted>(?:[^'\\]|\\.)*)'|(?P<number>-?\d+(?:\.\d+(?:e[+-]?\d+)?)?)"
    r"|(?P<atom>[a-z][\w@]*|\*{6})|(?P<opaque>\#[A-Z]\w*<[^<>]*>|<[\d.]+>))",
    re.DOTALL,
)
BINARY = re.compile(r'\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"(?:/utf8)?|(?P<bytes>[\d,\s]*))\s*>>', re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "s": " ", "b": "\b", "0": "\0"}
CLOSING = {"{": "}", "[": "]", "#{": "}"}


def read(text: str, start: int = 0, depth: int = 0) -> tuple[object, int]:
    """Read the term at `start`. Gives it and where it ends.

    Maps become dict, tuples tuple, lists list, binaries and strings and atoms str, numbers int or float.
    Raises ValueError when there is no term.
    """
    token = TOKEN.match(text, start)
    if not token or depth > DEEPEST:
        message = f"no Erlang term at {start}"
        raise ValueError(message)
    end = token.end()
    if token["open"]:
        return collection(text, end, token["open"], depth + 1)
    if token["binary"]:
        return binary(text, end)
    if token["number"]:
        number = token["number"]
        return (float(number) if "." in number else int(number[:400])), end
    for kind in ("string", "quoted"):
        if token[kind] is not None:
            return unescape(token[kind]), end
    return token["atom"] or token["opaque"], end


def collection(text: str, start: int, opening: str, depth: int) -> tuple[object, int]:
    """Read the members of a map, tuple or list up to its closing bracket."""
    members: list[object] = []
    pairs: dict[str, object] = {}
    position = start
    while not (closing := re.compile(r"\s*" + re.escape(CLOSING[opening])).match(text, position)):
        if members or pairs:
            position = expect(text, position, ",|\\|")
        value, position = read(text, position, depth)
        if opening == "#{":
            position = expect(text, position, "=>")
            pairs[str(value)], position = read(text, position, depth)
        else:
            members.append(value)
    shape: Callable[[list[object]], object] = tuple if opening == "{" else list
    return (pairs if opening == "#{" else shape(members)), closing.end()


def expect(text: str, position: int, sign: str) -> int:
    """Give where a sign ends. Raises ValueError when something else stands there."""
    found = re.compile(rf"\s*(?:{sign})").match(text, position)
    if not found:
        message = f"no {sign} at {position}"
        raise ValueError(message)
    return found.end()


def binary(text: str, start: int) -> tuple[str, int]:
    """Read a binary after its `<<`: text, or bytes as numbers."""
    found = BINARY.match(text, start)
    if not found:
        message = f"no binary at {start}"
        raise ValueError(message)
    if found["text"] is not None:
        return unescape(found["text"]), found.end()
    return characters([int(number) for number in re.findall(r"\d+", found["bytes"])]), found.end()


def characters(codes: list[int]) -> str:
    r"""Give the text of bytes or character codes; a byte that is no text as `\xe6`."""
    try:
        text = bytes(codes).decode("utf-8", "backslashreplace")
    except ValueError:
        text = "".join(chr(code) for code in codes if 0 <= code < 0x110000)
    return "".join(one if one.isprintable() or one.isspace() else f"\\x{ord(one):02x}" for one in text)


def unescape(text: str) -> str:
    r"""Give the text of a quoted term: `\"`, `\n`, `\x{1b}`."""
    text = re.sub(r"\\x\{([0-9A-Fa-f]{1,6})\}", lambda found: chr(min(int(found[1], 16), 0x10FFFF)), text)
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)
