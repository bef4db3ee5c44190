"""How the rows of a rule test differ from those expected."""

import json
from collections.abc import Iterator, Sequence

from emqxctl.commands.rules.test._cases import Case, parse_json_text
from emqxctl.output.results import Row

MAX_LENGTH = 200  # characters of a value in a difference
MISSING = object()


def compare_rows(case: Case, rows: Sequence[object]) -> Iterator[str]:
    """Yield each difference between the rows of a case and those expected, as a sentence."""
    expected_rows = case.rows or []
    if len(rows) != len(expected_rows):
        selected = "the SQL selected nothing" if not rows else f"got {len(rows)}"
        yield f"rows: expected {len(expected_rows)}, {selected}"
    for index, expected in enumerate(expected_rows):
        if index < len(rows):
            yield from compare_values(expected, rows[index], f"rows[{index}]", partial=case.partial)
        else:
            yield f"rows[{index}]: missing, expected {format_value(expected)}"
    for index in range(len(expected_rows), len(rows)):
        yield f"rows[{index}]: not expected: {format_value(rows[index])}"


def compare_values(expected: object, actual: object, path: str, *, partial: bool = False) -> Iterator[str]:
    """Yield the differences of two values.

    1 equals 1.0, and an expected object or list equals JSON text with this value; a number never equals text.
    With `partial`, the object at `path` may have more fields.
    """
    if isinstance(expected, dict | list):
        actual = parse_json_text(actual)
    if isinstance(expected, dict) and isinstance(actual, dict):
        yield from compare_objects(expected, actual, path, partial=partial)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (expected_item, item) in enumerate(zip(expected, actual, strict=True)):
            yield from compare_values(expected_item, item, f"{path}[{index}]")
    elif isinstance(expected, bool) is not isinstance(actual, bool) or expected != actual:
        yield f"{path}: expected {format_value(expected)}, got {format_value(actual)}"


def compare_objects(expected: Row, actual: Row, path: str, *, partial: bool) -> Iterator[str]:
    """Yield the differences of two objects, field by field."""
    for name, value in expected.items():
        if name in actual:
            yield from compare_values(value, actual[name], f"{path}.{name}")
        else:
            yield f"{path}.{name}: missing, expected {format_value(value)}"
    for name, value in actual.items():
        if name not in expected and not partial:
            yield f"{path}.{name}: not expected: {format_value(value)}"


def compare_actions(expected: Sequence[str], actual: Sequence[str]) -> Iterator[str]:
    """Yield the differences of two lists of actions, in any order."""
    for name in expected:
        if name not in actual:
            yield f"actions: {name!r} does not run"
    for name in actual:
        if name not in expected:
            yield f"actions: {name!r} runs, but is not expected"


def format_value(value: object) -> str:
    """Format a value as JSON on one line, cut to MAX_LENGTH."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…"
