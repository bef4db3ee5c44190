"""Rows that remember the text they came in, so that JSON can be passed on without being written anew."""

import json
from typing import Any

scan_value = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # documented nowhere, in CPython since 2.7
ENVELOPE_START = '{"data":['


class RawRow(dict[str, Any]):
    """An object as parsed, and its `text` as the server wrote it, on one line."""

    __slots__ = ("text",)
    text: str


def parse_page(text: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Parse a page, `{"data":[...],"meta":{...}}` or `[...]`; its rows remember their texts.

    Raises ValueError for what is no JSON. What looks otherwise, or spreads a row over lines, is parsed as
    usual: the same values, without texts.
    """
    enveloped = text.startswith(ENVELOPE_START)
    if not (enveloped or text.startswith("[")) or "\n" in text or "\r" in text:
        return json.loads(text)
    try:
        found, end = parse_rows(text, len(ENVELOPE_START) if enveloped else 1)
        if not enveloped:
            return found if not text[end:].strip() else json.loads(text)
        return {**json.loads('{"data":0' + text[end:]), "data": found}
    except (StopIteration, IndexError):
        return json.loads(text)  # tells what is wrong, and where


def parse_rows(text: str, start: int) -> tuple[list[Any], int]:
    """Parse the elements of an array from behind its bracket, and give the place behind its end.

    Raises StopIteration or IndexError where that is not what stands there.
    """
    found: list[Any] = []
    if text[start] == "]":
        return found, start + 1
    while True:
        value, end = scan_value(text, start)
        if isinstance(value, dict):
            value = RawRow(value)
            value.text = text[start:end]
        found.append(value)
        if text[end] == "]":
            return found, end + 1
        if text[end] != ",":
            raise IndexError
        start = end + 1
