"""Control characters in text made visible, so that a terminal shows them instead of obeying them."""

import re
from functools import cache

# What a terminal would obey rather than show: C0 and C1 controls, DEL, zero-width and bidirectional marks,
# line and paragraph separators, the byte-order mark, tags, and lone surrogates (which no encoding can hold).
CONTROL_CHARACTERS = (
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@cache
def control_character_pattern(exclude: str = "") -> re.Pattern[str]:
    """Return the pattern of one control character, without the part `exclude` of CONTROL_CHARACTERS.

    Compiled on first use: that takes longer than importing this module.
    """
    return re.compile(CONTROL_CHARACTERS.replace(exclude, ""))


def escape_control_characters(text: str) -> str:
    r"""Return text with its control characters as escapes: `\x1b`, `\n`, `\u202e`."""
    # Every control character is unprintable to Python too, and that test is ten times as fast.
    return text if text.isprintable() else control_character_pattern().sub(escape_character, text)


def unescape_control_characters(text: str) -> str:
    r"""Return text with the escapes of control characters (`\n`, `\x1b`, `\u202e`) as these characters."""
    if "\\" not in text:
        return text
    names = {escape[1]: character for character, escape in NAMED_ESCAPES.items()}

    def unescape(match: re.Match[str]) -> str:
        escape = match.group()
        character = names.get(escape[1]) or chr(int(escape.replace(escape[:2], "0x"), 0))
        return character if re.fullmatch(CONTROL_CHARACTERS, character) else escape

    return re.sub(r"\\(?:[nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U000[0-9a-f]{5})", unescape, text)


def escape_character(match: re.Match[str]) -> str:
    r"""Format one character as `\n`, `\x1b`, `\u202e` or `\U000e0001`."""
    character = match.group()
    number = ord(character)
    if character in NAMED_ESCAPES:
        return NAMED_ESCAPES[character]
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def escape_for_json(match: re.Match[str]) -> str:
    r"""Format one character as in JSON: `\u001b`, or a surrogate pair above the basic plane."""
    number = ord(match.group())
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
