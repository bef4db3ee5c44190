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
ROWS = st.lists(st.dictionaries(st.sampled_from([*FIELDS, "b", "other"]), VALUES), min_size=1, max_size=6)


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
    """Print rows from both decoders in each format, with and without their other fields, and compare."""
    for field_count in (0, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(partial_rows, "MANY_FIELDS", field_count)
            decoded_rows = decode(rows, fields)
        for name, format_rows in FORMATS.items():
            expected = print_rows(format_rows, rows, fields)
            assert print_rows(format_rows, decoded_rows, fields) == expected, name


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
    decoded_rows = decode(rows, FIELDS)
    assert print_rows(FORMATS["csv"], decoded_rows, FIELDS) == b"id,a,b.c\na,,true\n,12,\n"
    assert print_rows(FORMATS["tsv"], decoded_rows, FIELDS) == b"id\ta\tb.c\na\t\ttrue\n\t12\t\n"


def decoded_fields(row: dict[str, Any], fields: Sequence[str]) -> Sequence[str]:
    """Return the fields that are decoded of a row, in their order."""
    names: Sequence[str] = type(decode([row], fields)[0]).__struct_encode_fields__  # type: ignore[attr-defined]
    return names


def test_with_many_fields_the_others_are_decoded_in_their_order_but_not_read() -> None:
    fields = [f"field-{number}" for number in range(partial_rows.MANY_FIELDS)]
    expensive = {"object": {}, "list": [], "float": 1.5, "long": "x" * 100, 'a "quoted" name': 1}
    row = {"before": 1, **{field: [1] for field in fields}, **expensive, "after": None}
    assert decoded_fields(row, fields) == ("before", *fields, "after")
    decoded_row = decode([row], fields)[0]
    assert [decoded_row.get(field) for field in fields] == [[1]] * len(fields)
    assert decoded_row.get("before") is None
    assert "before" not in decoded_row
    assert decoded_fields(row, fields[1:]) == tuple(sorted(fields[1:]))


def test_a_first_row_that_is_no_small_object_has_no_other_fields() -> None:
    fields = frozenset(f"field-{number}" for number in range(partial_rows.MANY_FIELDS))
    large_row = {"before": 1, "large": "x" * partial_rows.FIRST_ROW_BYTES}
    for rows in ([], [1], [large_row]):
        content = json.dumps({"data": rows}).encode()
        assert partial_rows.read_other_fields(content, fields) == ()
