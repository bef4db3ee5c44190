"""Rows that keep their source text, so that JSON can be printed without formatting it again."""

import json
from typing import Any

scan_value = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # not documented, in CPython since 2.7
ENVELOPE_START = '{"data":['


class RawRow(dict[str, Any]):
    """A parsed object with its source `text`, on one line."""

    __slots__ = ("text",)
    text: str


def parse_page(text: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Parse a page, `{"data":[...],"meta":{...}}` or `[...]`, into RawRows.

    JSON of another form, or with a row over several lines, is parsed to the same values as dicts. Raises
    ValueError for text that is not JSON.
    """
    is_enveloped = text.startswith(ENVELOPE_START)
    if not (is_enveloped or text.startswith("[")) or "\n" in text or "\r" in text:
        return json.loads(text)
    try:
        rows, end = parse_rows(text, len(ENVELOPE_START) if is_enveloped else 1)
        if not is_enveloped:
            return rows if not text[end:].strip() else json.loads(text)
        return {**json.loads('{"data":0' + text[end:]), "data": rows}
    except (StopIteration, IndexError):
        return json.loads(text)  # raises the error with its position


def parse_rows(text: str, start: int) -> tuple[list[Any], int]:
    """Parse the elements of an array after its bracket, and return them with the position after its end.

    Raises StopIteration or IndexError for anything else.
    """
    rows: list[Any] = []
    if text[start] == "]":
        return rows, start + 1
    while True:
        value, end = scan_value(text, start)
        if isinstance(value, dict):
            value = RawRow(value)
            value.text = text[start:end]
        rows.append(value)
        if text[end] == "]":
            return rows, end + 1
        if text[end] != ",":
            raise IndexError
        start = end + 1
