r"""Documents for programs: JSON, one value or one a line; and the way to YAML.

Every value stands as the server sent it. Text stays readable, but what a terminal would obey (DEL, C1
controls, bidirectional marks, lone surrogates ...) is written as `\u202e`: the same value to a
program, but harmless.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite

from emqxctl.output.view import Format
from emqxctl.text.escaping import control_character_pattern, escape_for_json
from emqxctl.text.raw_json import RawRow

# No check for circles: all data comes from a parser. It saves a dictionary entry per container.
encode_compact = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"), default=str
).encode
encode_indented = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=2, default=str).encode


def format_structured(batches: Iterable[Sequence[object]], form: Format) -> Iterator[str]:
    """Write a list as JSON, JSON lines or YAML."""
    if form is Format.YAML:
        from emqxctl.output.formats import yaml

        return yaml.format_items(batches)
    return format_array(batches) if form is Format.JSON else format_lines(batches)


def format_structured_value(value: object, form: Format) -> str:
    """Write one value as JSON, a JSON line or YAML."""
    if form is Format.YAML:
        from emqxctl.output.formats import yaml

        return yaml.format_document(value)
    return format_document(value) if form is Format.JSON else format_compact(value) + "\n"


def escape_unsafe(text: str) -> str:
    """Escape what a terminal would obey in text that the encoder made."""
    if text.isascii() and "\x7f" not in text:
        return text
    # The encoder has escaped C0 inside strings already; outside them stand only our own line feeds.
    return control_character_pattern(but="\x00-\x1f").sub(escape_for_json, text)


def format_compact(value: object) -> str:
    """Write one value on one line."""
    try:
        return escape_unsafe(encode_compact(value))
    except ValueError:
        return escape_unsafe(encode_compact(replace_non_finite(value)))


def format_document(value: object) -> str:
    """Write one value over several lines, indented by 2, with the closing line feed."""
    try:
        return escape_unsafe(encode_indented(value)) + "\n"
    except ValueError:
        return escape_unsafe(encode_indented(replace_non_finite(value))) + "\n"


def replace_non_finite(value: object) -> object:
    """Replace NaN and the infinities, which Python reads but JSON does not have, by null."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: replace_non_finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replace_non_finite(item) for item in value]
    return value


def join_values(values: Iterable[object], separator: str) -> str:
    """Write values one a line, quickly: a whole batch is looked over for hostile characters at once."""
    batch = list(values)
    try:
        return escape_unsafe(
            separator.join([row.text if isinstance(row, RawRow) else encode_compact(row) for row in batch])
        )
    except ValueError:
        return separator.join(map(format_compact, batch))


def format_array(batches: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write one array, a row a line, closed even when a later batch raises."""
    is_open = False
    try:
        for batch in batches:
            yield (",\n" if is_open else "[\n") + join_values(batch, ",\n")
            is_open = True
    except GeneratorExit:  # nobody reads on: a generator must not yield now
        raise
    except BaseException:
        if is_open:
            yield "\n]\n"
        raise
    yield "\n]\n" if is_open else "[]\n"


def format_lines(batches: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write a value a line."""
    for batch in batches:
        yield join_values(batch, "\n") + "\n"
