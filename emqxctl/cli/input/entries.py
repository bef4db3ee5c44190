"""Many things from one file: JSON Lines, CSV with a header, or a JSON or YAML list; `-` is stdin."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from emqxctl.cli.input.body import parse_document
from emqxctl.cli.input.files import read_text
from emqxctl.errors import UsageError

BOOLEAN_WORDS = {"true": True, "1": True, "false": False, "0": False, "": None}


class Entry(NamedTuple):
    """One thing and where it stands: `place` is for messages, "users.csv, line 3"."""

    location: str
    fields: dict[str, Any]


def read_entries(file: str, example: str) -> list[Entry]:
    """Read all things of a file, told by its name's ending, else by how it begins.

    Raises UsageError naming the line of what is none, or the file when it holds nothing; `example` is a line
    that would be right. Nothing is sent before all is read.
    """
    text = read_text(file, "FILE")
    name = "standard input" if file == "-" else file
    whole = file.endswith((".json", ".yaml", ".yml")) or text.lstrip()[:1] == "["
    lined = file.endswith((".jsonl", ".ndjson")) or text.lstrip()[:1] == "{"
    found = list(
        parse_list(file, name, text)
        if whole
        else parse_json_lines(name, text)
        if lined
        else parse_csv(name, text)
    )
    if not found:
        message = f"{name}: it holds nothing"
        raise UsageError(message, hint=f"one a line, like {example}")
    for one in found:
        if not isinstance(one.fields, dict):
            message = f"{one.location}: not an object"
            raise UsageError(message, hint=f"like {example}")
    return found


def parse_list(file: str, name: str, text: str) -> Iterator[Entry]:
    """Read a list of one document. Raises UsageError."""
    found = parse_document(file, text)
    if not isinstance(found, list):
        message = f"{name}: it holds no list"
        raise UsageError(message, hint="a list of objects, or one object a line in a .jsonl file")
    for number, one in enumerate(found, 1):
        yield Entry(f"{name}, item {number}", one)


def parse_json_lines(name: str, text: str) -> Iterator[Entry]:
    """Read an object a line; empty lines count but say nothing. Raises UsageError."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield Entry(f"{name}, line {number}", json.loads(line))
            except ValueError as error:
                message = f"{name}, line {number}: not JSON: {error}"
                raise UsageError(message) from error


def parse_csv(name: str, text: str) -> Iterator[Entry]:
    """Read a table; its header names the fields, and every cell is a text. Raises UsageError."""
    import csv
    from io import StringIO

    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        for cells in reader:
            if not cells:
                continue
            place = f"{name}, line {reader.line_num}"
            if len(cells) != len(header):
                message = f"{place}: {len(cells)} cells, but the header names {len(header)}"
                raise UsageError(message, hint=f"header: {','.join(header)}")
            yield Entry(place, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        message = f"{name}, line {reader.line_num}: not CSV: {error}"
        raise UsageError(message) from error


def index_entries(entries: list[Entry], key: str) -> dict[str, Entry]:
    """Give entries by one of their fields. Raises UsageError when it is missing or comes twice."""
    found: dict[str, Entry] = {}
    for one in entries:
        name = entry_key(one, key)
        if name in found:
            message = f"{one.location}: {key} {name!r} stands in {found[name].location} already"
            raise UsageError(message)
        found[name] = one
    return found


def entry_key(one: Entry, key: str) -> str:
    """Give the field that names an entry. Raises UsageError."""
    name = one.fields.get(key)
    if not isinstance(name, str) or not name:
        message = f"{one.location}: no {key}" if name is None else f"{one.location}: {key} is no text"
        raise UsageError(message, hint=f"every one has a {key}")
    return name


def entry_flag(one: Entry, field: str) -> bool | None:
    """Give a field that is true or false, as JSON or as a word of a table. Raises UsageError."""
    value = one.fields.get(field)
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in BOOLEAN_WORDS:
        return BOOLEAN_WORDS[word]
    message = f"{one.location}: {field} {value!r} is neither true nor false"
    raise UsageError(message)
