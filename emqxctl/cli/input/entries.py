"""Many objects from one file: JSON Lines, CSV with a header, or a JSON or YAML list; `-` is stdin."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from emqxctl.cli.input.body import parse_document
from emqxctl.cli.input.files import read_text
from emqxctl.errors import UsageError

BOOLEAN_WORDS = {"true": True, "1": True, "false": False, "0": False, "": None}


class Entry(NamedTuple):
    """One object of a file and its location for messages, such as "users.csv, line 3"."""

    location: str
    fields: dict[str, Any]


def read_entries(file: str, example: str, columns: Sequence[str]) -> list[Entry]:
    """Read all objects of a file, whose format is recognized by its name's ending or its content.

    Raises UsageError that names the line of what is not an object, or the file if it is empty; `example` is a
    valid line, `columns` are those of a CSV, the required one first. No request is sent before all entries
    are read.
    """
    text = read_text(file, "FILE")
    name = "standard input" if file == "-" else file
    is_document = file.endswith((".json", ".yaml", ".yml")) or text.lstrip()[:1] == "["
    is_json_lines = file.endswith((".jsonl", ".ndjson")) or text.lstrip()[:1] == "{"
    if is_document:
        entries = list(parse_list(file, name, text))
    else:
        entries = list(parse_json_lines(name, text) if is_json_lines else parse_csv(name, text, columns))
    if not entries:
        message = f"{name}: empty"
        raise UsageError(message, hint=f"one object per line, such as {example}")
    for entry in entries:
        if not isinstance(entry.fields, dict):
            message = f"{entry.location}: not an object"
            raise UsageError(message, hint=f"such as {example}")
    return entries


def parse_list(file: str, name: str, text: str) -> Iterator[Entry]:
    """Yield the items of a document that is a list. Raises UsageError."""
    document = parse_document(file, text)
    if not isinstance(document, list):
        message = f"{name}: not a list"
        raise UsageError(message, hint="a list of objects, or one object per line in a .jsonl file")
    for number, item in enumerate(document, 1):
        yield Entry(f"{name}, item {number}", item)


def parse_json_lines(name: str, text: str) -> Iterator[Entry]:
    """Yield the object of each line; empty lines are counted and skipped. Raises UsageError."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield Entry(f"{name}, line {number}", json.loads(line))
            except ValueError as error:
                message = f"{name}, line {number}: invalid JSON: {error}"
                raise UsageError(message) from error


def parse_csv(name: str, text: str, columns: Sequence[str]) -> Iterator[Entry]:
    """Yield the rows of a table; its header names the fields, each cell is text. Raises UsageError."""
    import csv
    from io import StringIO

    reader = csv.reader(StringIO(text, newline=""), strict=True)
    has_rows = False
    try:
        header = read_header(reader, name, columns)
        for cells in reader:
            if not cells:
                continue
            location = f"{name}, line {reader.line_num}"
            if len(cells) != len(header):
                message = f"{location}: {len(cells)} cells, but the header has {len(header)}"
                raise UsageError(message, hint=f"header: {','.join(header)}")
            has_rows = True
            yield Entry(location, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        message = f"{name}, line {reader.line_num}: invalid CSV: {error}"
        raise UsageError(message) from error
    if header and not has_rows:
        message = f"{name}: no rows below the header"
        raise UsageError(message, hint=f"columns: {','.join(columns)}")


def read_header(rows: Iterator[list[str]], name: str, columns: Sequence[str]) -> list[str]:
    """Return the first row of a table, empty for an empty file. Raises UsageError if it is no header.

    The error does not show the row, which may be data: a password.
    """
    header = next(rows, [])
    if header and columns[0] not in header:
        message = f"{name}: the first line has no column {columns[0]!r}"
        raise UsageError(message, hint=f"start the file with a header, such as {','.join(columns)}")
    return header


def index_entries(entries: list[Entry], key: str) -> dict[str, Entry]:
    """Return entries by one of their fields. Raises UsageError if it is missing or repeated."""
    entries_by_key: dict[str, Entry] = {}
    for entry in entries:
        name = entry_key(entry, key)
        if name in entries_by_key:
            message = f"{entry.location}: {key} {name!r} repeats {entries_by_key[name].location}"
            raise UsageError(message)
        entries_by_key[name] = entry
    return entries_by_key


def entry_key(entry: Entry, key: str) -> str:
    """Return the field that identifies an entry. Raises UsageError."""
    name = entry.fields.get(key)
    if not isinstance(name, str) or not name:
        message = (
            f"{entry.location}: {key} is required" if name is None else f"{entry.location}: invalid {key}"
        )
        raise UsageError(message, hint=f"each entry has a {key}, a text that is not empty")
    return name


def entry_flag(entry: Entry, field: str) -> bool | None:
    """Return a boolean field, given as JSON or as a word of a table; None if empty. Raises UsageError."""
    value = entry.fields.get(field)
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in BOOLEAN_WORDS:
        return BOOLEAN_WORDS[word]
    message = f"{entry.location}: {field} {value!r} is not a boolean"
    raise UsageError(message, hint="use true or false")
