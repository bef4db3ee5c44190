r"""YAML in block style, written by PyYAML.

PyYAML decides the layout; this module decides what is quoted and escaped. Text is plain only if it starts
with a letter and no YAML 1.1 or 1.2 parser could read it as anything else (PyYAML would write `1e3` and `n`
plain, a number and a boolean to others); all other text is in double quotes, where control characters can be
escaped.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING

from emqxctl.text.escaping import control_character_pattern, escape_character

if TYPE_CHECKING:
    from yaml import Node, SafeDumper

PLAIN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9_./@+-]*(:[A-Za-z0-9_./@+-]+)*")
RESERVED_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
SURROGATE = re.compile("[\ud800-\udfff]")
# PyYAML escapes all characters beyond U+FFFF, emoji too; but `\\U...` is a backslash and a letter.
ASTRAL_ESCAPE = re.compile(r"\\(?:U([0-9A-F]{8})|.)")
UNLIMITED_WIDTH = (1 << 31) - 1  # the largest width of libyaml: no line is wrapped
STRING_TAG = "tag:yaml.org,2002:str"


def format_document(value: object) -> str:
    """Format one value as a YAML document."""
    return dump_escaped(value).removesuffix("...\n")  # the end mark of a document that is one plain word


def format_items(batches: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a list batch by batch."""
    is_empty = True
    for batch in batches:
        yield dump_escaped(batch)
        is_empty = False
    if is_empty:
        yield "[]\n"


def dump_escaped(value: object) -> str:
    """Format a value; what a terminal would interpret is escaped."""
    import yaml

    text = yaml.dump(
        value,
        Dumper=create_dumper_class(),
        sort_keys=False,
        allow_unicode=True,
        width=UNLIMITED_WIDTH,
        default_flow_style=False,
    )
    if "\\U" in text:
        text = ASTRAL_ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else match[0], text)
    return text if text.isascii() else control_character_pattern(exclude="\x00-\x1f").sub(escape_match, text)


def escape_match(match: re.Match[str]) -> str:
    r"""Format one character as `\u202e` or `\U000E0041`, for text in double quotes."""
    number = ord(match.group())
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


@cache
def create_dumper_class() -> "type[SafeDumper]":
    """Return the subclass of PyYAML's dumper: of the C one if there is one, ten times as fast."""
    import yaml

    base = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc, valid-type]  # either of the two
        """Writes no anchors and aliases, and the types of JSON."""

        def ignore_aliases(self, _data: object) -> bool:
            """Return True: write repeated values in full."""
            return True

    Dumper.add_representer(str, represent_text)
    Dumper.add_representer(float, represent_float)
    Dumper.add_multi_representer(str, represent_text)
    Dumper.add_multi_representer(int, base.represent_int)
    Dumper.add_multi_representer(dict, base.represent_dict)
    Dumper.add_multi_representer(object, represent_other)
    return Dumper


def represent_text(dumper: "SafeDumper", text: str) -> "Node":
    r"""Represent text, plain or in double quotes; a lone surrogate, invalid in YAML, as the text `\ud800`."""
    is_plain = PLAIN_TEXT.fullmatch(text) and text.lower() not in RESERVED_WORDS
    if not is_plain and not text.isprintable():
        text = SURROGATE.sub(escape_character, text)
    return dumper.represent_scalar(STRING_TAG, str(text), style=None if is_plain else '"')


def represent_float(dumper: "SafeDumper", number: float) -> "Node":
    """Represent a number; NaN and infinities, which JSON lacks, as null."""
    if isfinite(number):
        return dumper.represent_float(number)
    return dumper.represent_none(None)


def represent_other(dumper: "SafeDumper", value: object) -> "Node":
    """Represent a value of a type that JSON lacks as text."""
    return represent_text(dumper, str(value))
