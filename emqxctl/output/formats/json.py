r"""Documents for programs: JSON, one value or one a line; and the way to YAML.

Every value stands as the server sent it. Text stays readable, but what a terminal would obey (DEL, C1
controls, bidirectional marks, lone surrogates ...) is written as `\u202e`: the same value to a
program, but harmless.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite

from emqxctl.output.view import Format
from emqxctl.text.escaping import hostile, json_escape
from emqxctl.text.raw_json import Sent

# No check for circles: all data comes from a parser. It saves a dictionary entry per container.
encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"), default=str
).encode
encode_indented = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=2, default=str).encode


def structured(batches: Iterable[Sequence[object]], form: Format) -> Iterator[str]:
    """Write a list as JSON, JSON lines or YAML."""
    if form is Format.YAML:
        from emqxctl.output.formats import yaml

        return yaml.items(batches)
    return array(batches) if form is Format.JSON else lines(batches)


def structured_one(value: object, form: Format) -> str:
    """Write one value as JSON, a JSON line or YAML."""
    if form is Format.YAML:
        from emqxctl.output.formats import yaml

        return yaml.block(value)
    return document(value) if form is Format.JSON else compact(value) + "\n"


def harmless(text: str) -> str:
    """Escape what a terminal would obey in text that the encoder made."""
    if text.isascii() and "\x7f" not in text:
        return text
    # The encoder has escaped C0 inside strings already; outside them stand only our own line feeds.
    return hostile(but="\x00-\x1f").sub(json_escape, text)


def compact(value: object) -> str:
    """Write one value on one line."""
    try:
        return harmless(encode(value))
    except ValueError:
        return harmless(encode(finite(value)))


def document(value: object) -> str:
    """Write one value over several lines, indented by 2, with the closing line feed."""
    try:
        return harmless(encode_indented(value)) + "\n"
    except ValueError:
        return harmless(encode_indented(finite(value))) + "\n"


def finite(value: object) -> object:
    """Replace NaN and the infinities, which Python reads but JSON does not have, by null."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


def joined(values: Iterable[object], separator: str) -> str:
    """Write values one a line, quickly: a whole batch is looked over for hostile characters at once."""
    batch = list(values)
    try:
        return harmless(separator.join([row.text if isinstance(row, Sent) else encode(row) for row in batch]))
    except ValueError:
        return separator.join(map(compact, batch))


def array(batches: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write one array, a row a line, closed even when a later batch raises."""
    opened = False
    try:
        for batch in batches:
            yield (",\n" if opened else "[\n") + joined(batch, ",\n")
            opened = True
    except GeneratorExit:  # nobody reads on: a generator must not yield now
        raise
    except BaseException:
        if opened:
            yield "\n]\n"
        raise
    yield "\n]\n" if opened else "[]\n"


def lines(batches: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write a value a line."""
    for batch in batches:
        yield joined(batch, "\n") + "\n"
