"""Rows that msgspec decoded in part print the same as rows that json parsed, in each format."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emqxctl.output.formats import delimited, json_fields, plain_table
from emqxctl.output.formats.json import join_texts
from emqxctl.resource import Column
from emqxctl.text import partial_rows
from emqxctl.text.json_rows import Row
from emqxctl.text.partial_rows import decode_fields

Format = Callable[[Sequence[Row], Sequence[str]], Iterator[str | bytes]]
FIELDS = ("id", "a", "b.c")
TEXTS = [
    "",
    "null",
    ",null",
    "[null",
    "null,",
    "true",
    "a,b",
    'a"b',
    "a\\b",
    "[x]",
    "]",
    "{",
    "x\ty",
    "x\ny",
    "\r",
    "\x7f",
    "\x00",
    "Zürich",
    "\u2028",
    "1.5",
    " a ",
]
VALUES = (
    st.sampled_from(TEXTS)
    | st.text(max_size=4)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**30, 1.5, 1e16, 1e-5, -0.0, [], {}, [1, "a"], {"c": 1}, {"c": "x"}])
)
ROWS = st.lists(st.dictionaries(st.sampled_from([*FIELDS, "b"]), VALUES), min_size=1, max_size=6)


def format_json_fields(rows: Sequence[Row], fields: Sequence[str]) -> Iterator[str | bytes]:
    """Format rows as with `-o jsonl --fields`."""
    yield join_texts(json_fields.format_fields(rows, fields).texts, "\n")


FORMATS: dict[str, Format] = {
    "csv": lambda rows, fields: delimited.format_csv([rows], fields, is_terminal=False),
    "csv, terminal": lambda rows, fields: delimited.format_csv([rows], fields, is_terminal=True),
    "csv, safe": lambda rows, fields: delimited.format_csv([rows], fields, is_terminal=False, csv_safe=True),
    "tsv": lambda rows, fields: delimited.format_tsv([rows], fields, is_terminal=False),
    "name": lambda rows, fields: delimited.format_names([rows], fields[0], is_terminal=False),
    "jsonl": format_json_fields,
    "table": lambda rows, fields: plain_table.format_table([rows], [Column(field) for field in fields]),
}


def print_rows(format_rows: Format, rows: Sequence[Row], fields: Sequence[str]) -> bytes:
    """Return what a format prints."""
    chunks = format_rows(rows, fields)
    return b"".join(chunk if isinstance(chunk, bytes) else chunk.encode() for chunk in chunks)


def decode(rows: Sequence[dict[str, Any]], fields: Sequence[str]) -> list[Row]:
    """Return rows decoded in part, by a decoder that has not seen a float before."""
    partial_rows.row_types.clear()
    decoded = decode_fields(json.dumps(rows, ensure_ascii=False).encode(), frozenset(fields))
    assert decoded is not None
    return decoded[0]


def require_same(rows: Sequence[dict[str, Any]], fields: Sequence[str]) -> None:
    """Print rows from both decoders in each format, and compare."""
    partial_rows = decode(rows, fields)
    for name, format_rows in FORMATS.items():
        expected = print_rows(format_rows, rows, fields)
        assert print_rows(format_rows, partial_rows, fields) == expected, name


@given(rows=ROWS, fields=st.lists(st.sampled_from(FIELDS), min_size=1, unique=True))
def test_generated_rows(rows: list[dict[str, Any]], fields: list[str]) -> None:
    require_same(rows, fields)


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_could_be_read_as_markup(text: str) -> None:
    for row in ({"id": text, "a": 1}, {"id": 1, "a": text}, {"id": None, "a": text, "b": {"c": text}}):
        require_same([row, {"id": "plain", "a": None}], FIELDS)


def test_plain_rows_are_printed_without_a_format_of_each_value(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[dict[str, Any]] = [{"id": "a", "a": None, "b": {"c": True}}, {"id": None, "a": 12}]
    monkeypatch.setattr(delimited, "format_cells", None)
    partial_rows = decode(rows, FIELDS)
    assert print_rows(FORMATS["csv"], partial_rows, FIELDS) == b"id,a,b.c\na,,true\n,12,\n"
    assert print_rows(FORMATS["tsv"], partial_rows, FIELDS) == b"id\ta\tb.c\na\t\ttrue\n\t12\t\n"
