r"""YAML in block style, as JSON's scalars in YAML's layout.

Written by hand because rows stream (PyYAML takes ten times as long), lines must not be folded, and hostile
characters must be escaped. Text stands bare only when it starts with a letter and no YAML 1.1 or 1.2 reader
could take it for anything else; all other text stands in double quotes. The tests read it back with PyYAML.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import isfinite

from emqxctl.output.documents import encode
from emqxctl.values import HOSTILE, escape_character

BARE = re.compile(r"[A-Za-z][A-Za-z0-9_./@+-]*(:[A-Za-z0-9_./@+-]+)*")
WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
# U+FFFE and U+FFFF are no YAML characters, and readers refuse them. So are surrogates, even escaped ones.
NOT_YAML = re.compile(HOSTILE.pattern[:-1] + "\ufffe\uffff]")
# A key on one line with its value may have 1024 characters (YAML 1.2, 7.4.2), escapes included.
LONGEST_KEY = 800


def block(value: object) -> str:
    """Write one value as a YAML document."""
    if isinstance(value, Mapping) and value:
        return mapping(value, "") + "\n"
    if isinstance(value, list) and value:
        return sequence(value, "") + "\n"
    return scalar(value) + "\n"


def items(batches: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write a list, as its items come."""
    empty = True
    for batch in batches:
        yield sequence(batch, "") + "\n"
        empty = False
    if empty:
        yield "[]\n"


def sequence(values: Iterable[object], pad: str) -> str:
    """Write a list; a nested one or an object starts on the line of its dash."""
    inner = pad + "  "
    lines = []
    for value in values:
        if isinstance(value, Mapping) and value:
            lines.append(f"{pad}- {mapping(value, inner)[len(inner) :]}")
        elif isinstance(value, list) and value:
            lines.append(f"{pad}- {sequence(value, inner)[len(inner) :]}")
        else:
            lines.append(f"{pad}- {scalar(value)}")
    return "\n".join(lines)


def mapping(values: Mapping[str, object], pad: str) -> str:
    """Write an object, its fields in their order."""
    lines = []
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            lines.append(f"{pad}{key(name, pad)}:\n{mapping(value, pad + '  ')}")
        elif isinstance(value, list) and value:
            lines.append(f"{pad}{key(name, pad)}:\n{sequence(value, pad + '  ')}")
        else:
            lines.append(f"{pad}{key(name, pad)}: {scalar(value)}")
    return "\n".join(lines)


@lru_cache(maxsize=1024)
def key(name: str, pad: str) -> str:
    """Write a key; one too long for its value's line stands on its own."""
    written = scalar(name)
    return written if len(written) <= LONGEST_KEY else f"? {written}\n{pad}"


def scalar(value: object) -> str:
    """Write text, a number, a boolean, null or an empty container."""
    match value:
        case str() if BARE.fullmatch(value) and value.lower() not in WORDS:
            return str(value)
        case float() if not isfinite(value):
            return "null"
        case float():
            written = repr(value)  # YAML 1.1 wants a point in it: 1.0e+16
            return written if "." in written else written.replace("e", ".0e")
        case _:
            written = encode(value)
            return written if written.isascii() and "\x7f" not in written else NOT_YAML.sub(escape, written)


def escape(match: re.Match[str]) -> str:
    r"""Write one character as `\u202e` or `\U000e0001`; a lone surrogate, which YAML lacks, as `\\ud800`."""
    number = ord(match.group())
    if 0xD800 <= number <= 0xDFFF:
        return "\\" + escape_character(match)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
