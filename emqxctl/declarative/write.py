"""Documents to YAML, the same bytes for the same content: kinds in order, keys sorted, texts as blocks."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.declarative.documents import FORMAT, FORMAT_NUMBER, VERSION, Json
from emqxctl.declarative.kind import Form, Kind

if TYPE_CHECKING:
    from yaml import Node, SafeDumper

TEXT = "tag:yaml.org,2002:str"
# Texts that no YAML reader takes for anything else: words, paths, ids, durations and sizes.
BARE = re.compile(r"[A-Za-z/][A-Za-z0-9_./@+-]*(?:[ :][A-Za-z0-9_./@+-]+)*|\d+(?:ms|[smhd]|[KMG]B)")
ENV = "!env"
WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
# A text that a block can hold: printable lines, none of which ends in a space or begins the text with one.
BLOCK = re.compile(r"(?![\s\n])(?:[^\n]*[^\s]|)(?:\n(?:[^\n]*[^\s]|))*\n?")
WIDTH = 1 << 30  # no line is folded


class Placeholder(NamedTuple):
    """A value that is written as `!env NAME`."""

    variable: str


class Stated(NamedTuple):
    """One object to write."""

    key: str
    body: Json


def write_document(
    objects: Mapping[str, list[Stated]],
    kinds: Mapping[str, Kind],
    version: str = "",
    names: Sequence[str] = (),
) -> str:
    """Return a document of objects by kind; kinds without objects are left out.

    `names` are the variables that replace secrets; they are listed at the end.
    """
    parts = [f"{FORMAT}: {FORMAT_NUMBER}\n"]
    if version:
        parts.append(dump({VERSION: version}))
    for name, kind in kinds.items():
        stated = objects.get(name)
        if stated:
            parts.append("\n" + dump({name: kind_value(kind, stated)}))
    if names:
        parts.append("\n# Variables to set for diff and apply:\n")
        parts += [f"#   {name}\n" for name in sorted(set(names))]
    return "".join(parts)


def is_export(text: str) -> bool:
    """Return whether a text is a file that an export wrote."""
    return text.startswith(f"{FORMAT}: {FORMAT_NUMBER}\n")


def document_data(
    objects: Mapping[str, list[Stated]], kinds: Mapping[str, Kind], version: str = ""
) -> dict[str, Json]:
    """Return the same document as data, for programs; a placeholder is `{"!env": NAME}`."""
    data: dict[str, Json] = {FORMAT: FORMAT_NUMBER, VERSION: version}
    return data | {
        name: placeholders_to_objects(kind_value(kinds[name], rows)) for name, rows in objects.items() if rows
    }


def placeholders_to_objects(value: Json) -> Json:
    """Return a value with its placeholders as objects."""
    if isinstance(value, Placeholder):
        return {ENV: value.variable}
    if isinstance(value, dict):
        return {key: placeholders_to_objects(item) for key, item in value.items()}
    return [placeholders_to_objects(item) for item in value] if isinstance(value, list) else value


def kind_value(kind: Kind, entries: list[Stated]) -> Json:
    """Return the entries of a kind."""
    match kind.form:
        case Form.MAP:
            return {
                entry.key: sort_keys(entry.body) for entry in sorted(entries, key=lambda entry: entry.key)
            }
        case Form.LIST:
            return [{**kind.key_fields(entry.key), **sort_keys(entry.body)} for entry in entries]
        case Form.ITEMS:
            return [sort_keys(item) for item in entries[0].body]


def sort_keys(value: Json) -> Json:
    """Sort the keys of objects, at every depth."""
    if isinstance(value, dict):
        return {key: sort_keys(value[key]) for key in sorted(value)}
    return [sort_keys(item) for item in value] if isinstance(value, list) else value


def dump(value: object) -> str:
    """Return a value as YAML in block style."""
    import yaml

    return yaml.dump(
        value, Dumper=dumper(), sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False
    )


@cache
def dumper() -> "type[SafeDumper]":
    """Build our dialect of PyYAML's dumper."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes lists indented below their key, and no anchors."""

        def ignore_aliases(self, _data: object) -> bool:
            """Return that nothing is written once and referred to."""
            return True

        def choose_scalar_style(self) -> str:
            """Write the name of a variable bare."""
            return "" if getattr(self.event, "tag", None) == ENV else str(super().choose_scalar_style())

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            """Indent the elements of a list below its key."""
            del indentless
            return super().increase_indent(flow, indentless=False)

    Dumper.add_representer(str, represent_text)
    Dumper.add_multi_representer(str, represent_text)
    Dumper.add_representer(Placeholder, represent_placeholder)
    return Dumper


def represent_text(dumper: "SafeDumper", text: str) -> "Node":
    """Write a text: bare where every reader takes it for one, lines as a block, all else in quotes."""
    if BARE.fullmatch(text) and text.lower() not in WORDS:
        return dumper.represent_scalar(TEXT, str(text))
    lines = text.split("\n")
    if len(lines) > 1 and all(line.isprintable() for line in lines) and BLOCK.fullmatch(text):
        return dumper.represent_scalar(TEXT, str(text), style="|")
    return dumper.represent_scalar(TEXT, str(text), style='"')


def represent_placeholder(dumper: "SafeDumper", placeholder: Placeholder) -> "Node":
    """Write `!env NAME`."""
    return dumper.represent_scalar(ENV, placeholder.variable)
