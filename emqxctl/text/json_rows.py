"""The rows of a list in JSON text, decoded by msgspec only in part, or parsed by json as a whole.

msgspec decodes of each row exactly the fields that are wanted, and finds where each row begins and ends:
three to ten times as fast as making a dict of all of every row. It refuses what json accepts: NaN, lone
surrogates, numbers out of range.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Row = dict[str, Any]
Text = str | bytes | memoryview
LIST_START = re.compile(r'\s*(\{\s*"data"\s*:\s*)?\[')
SPACES = re.compile(r"\s*")

scan_value = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # not documented, in CPython since 2.7


def is_utf8(content: bytes) -> bool:
    """Return whether bytes are UTF-8, which msgspec checks only where it decodes."""
    try:
        return content.isascii() or bool(content.decode())
    except UnicodeDecodeError:
        return False


def as_meta(value: object) -> Mapping[str, object]:
    """Return the `meta` of a response, empty if it is not an object."""
    return value if isinstance(value, dict) else {}


def find_items(value: object) -> list[Any] | None:
    """Return the elements of a list: a bare array, or `data` of an envelope; None for any other JSON."""
    items = value.get("data") if isinstance(value, dict) else value
    return items if isinstance(items, list) else None


@cache
def make_decoder(row_type: Any) -> Callable[[bytes], tuple[list[Any], object] | None]:  # noqa: ANN401  # a type
    """Return a decoder of a list of one type of row: its rows and `meta`, None for what msgspec refuses."""
    from msgspec import MsgspecError, defstruct
    from msgspec.json import Decoder

    def parse_float(text: str) -> float:
        row_type.has_floats = True
        return float(text)

    envelope = defstruct("Envelope", [("data", list[row_type]), ("meta", Any, None)])
    float_hook = parse_float if hasattr(row_type, "has_floats") else None
    decode_array = Decoder(list[row_type], float_hook=float_hook).decode
    decode_envelope = Decoder(envelope, float_hook=float_hook).decode

    def decode(content: bytes) -> tuple[list[Any], object] | None:
        try:
            if content.startswith(b"["):
                return decode_array(content), None
            page: Any = decode_envelope(content)
        except (MsgspecError, ValueError, RecursionError):
            return None
        return page.data, page.meta

    return decode


def decode_rows(content: bytes) -> list[Row]:
    """Decode all rows with all their fields."""
    decoded = make_decoder(Row)(content)
    return parse_items(content) if decoded is None else decoded[0]


def parse_items(content: bytes) -> list[Any]:
    """Parse the elements of a list with json."""
    return find_items(json.loads(content)) or []


def decode_texts(content: bytes) -> list[Text] | None:
    """Return the JSON of all rows, as parts of the bytes; None if `parse_json` returns none."""
    from msgspec import Raw

    if has_line_breaks(content) or not LIST_START.match(content[:100].decode("utf-8", "replace")):
        return None
    decoded = make_decoder(Raw)(content)
    return None if decoded is None else decoded[0]


def has_line_breaks(text: Any) -> bool:  # noqa: ANN401  # text or bytes
    """Return whether JSON has several lines: its rows cannot be printed one per line as they are."""
    return (b"\n" in text or b"\r" in text) if isinstance(text, bytes) else ("\n" in text or "\r" in text)


def parse_json(content: bytes) -> tuple[Any, list[Text] | None]:
    """Parse JSON, and return the text of each element if it begins as a list and is on one line.

    Raises ValueError or RecursionError for what is not JSON.
    """
    text = content.decode(json.detect_encoding(content), "surrogatepass")
    start = LIST_START.match(text)
    if start is None or has_line_breaks(text):
        return json.loads(text), None
    try:
        items, texts, end = parse_elements(text, start.end())
        if start[1]:
            return {**json.loads('{"data":0' + text[end:]), "data": items}, texts
        if not text[end:].strip():
            return items, texts
    except (StopIteration, IndexError):
        pass
    return json.loads(text), None  # raises the error with its position


def parse_elements(text: str, start: int) -> tuple[list[Any], list[Text], int]:
    """Parse the elements of an array after its bracket: values, texts, and the position after its end.

    Raises StopIteration or IndexError for anything else.
    """
    values: list[Any] = []
    texts: list[Text] = []
    start = skip_spaces(text, start)
    if text[start] == "]":
        return values, texts, start + 1
    while True:
        value, end = scan_value(text, start)
        values.append(value)
        texts.append(text[start:end])
        end = skip_spaces(text, end)
        if text[end] == "]":
            return values, texts, end + 1
        if text[end] != ",":
            raise IndexError
        start = skip_spaces(text, end + 1)


def skip_spaces(text: str, start: int) -> int:
    """Return the position of the next character that is not a space."""
    match = SPACES.match(text, start)
    return match.end() if match else start
