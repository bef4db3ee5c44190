"""YAML nodes to values: only what JSON knows, the line of each value kept, `!env` and `!file` resolved."""

import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from emqxctl.declarative.documents import FileText, Json, Path, Place, Problem, Variable

if TYPE_CHECKING:
    from yaml import MappingNode, Node

ENV, FILE = "!env", "!file"
TEXT_TAG = "tag:yaml.org,2002:str"
# YAML 1.2's core: `no`, `on` and `12:30` are texts, as in most other tools.
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
INTEGER = re.compile(r"[-+]?\d+")
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DEEPEST = 100


class Reader:
    """Turns the nodes of one file into values; mistakes become problems."""

    def __init__(
        self, name: str, folder: FilePath, environ: Mapping[str, str], problems: list[Problem]
    ) -> None:
        """Read `!file` relative to the file's folder and `!env` from the environment given."""
        self.name = name
        self.folder = folder
        self.environ = environ
        self.problems = problems
        self.places: dict[Path, Place] = {}

    def value(self, node: "Node", path: Path) -> Json:
        """Return the value of a node and record its position."""
        from yaml import MappingNode, ScalarNode, SequenceNode

        self.places[path] = Place(self.name, node.start_mark.line + 1)
        if len(path) > DEEPEST:
            self.fail("TOO_DEEP", f"more than {DEEPEST} levels", node)
            return None
        if isinstance(node, ScalarNode):
            return self.scalar(str(node.value), node)
        if node.tag.startswith("!"):
            self.fail("UNKNOWN_TAG", f"unknown tag {node.tag}; known: {ENV} NAME, {FILE} PATH", node)
        if isinstance(node, SequenceNode):
            return [self.value(child, (*path, index)) for index, child in enumerate(node.value)]
        return self.mapping(node, path) if isinstance(node, MappingNode) else None

    def mapping(self, node: "MappingNode", path: Path) -> dict[str, Json]:
        """Return a mapping; a key that is there twice is a problem. `<<` takes in another mapping."""
        result: dict[str, Json] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key_node.tag.endswith(":merge"):
                merged = self.value(value_node, path)
                result = {**(merged if isinstance(merged, dict) else {}), **result}
                continue
            if key in result and (*path, key) in self.places and not self.is_merged(node, key):
                first = self.places[*path, key]
                self.fail("DUPLICATE", f"{key!r} is stated twice, first in line {first.line}", key_node)
            result[key] = self.value(value_node, (*path, key))
            self.places[*path, key] = Place(self.name, key_node.start_mark.line + 1)
        return result

    def is_merged(self, node: "MappingNode", key: str) -> bool:
        """Return whether a key of a mapping is there once, and once more by `<<`."""
        return sum(str(key_node.value) == key for key_node, _ in node.value) == 1

    def scalar(self, text: str, node: "Node") -> Json:
        """Return the value of a scalar: a text, a number, true, false or null; or the value of a tag."""
        if node.tag == ENV:
            return self.variable(text.strip(), node)
        if node.tag == FILE:
            return self.file(text.strip(), node)
        if node.tag.startswith("!") and node.tag != "!":
            self.fail("UNKNOWN_TAG", f"unknown tag {node.tag}; known: {ENV} NAME, {FILE} PATH", node)
            return None
        if getattr(node, "style", None) or node.tag == TEXT_TAG:
            return text
        return plain_value(text)

    def variable(self, name: str, node: "Node") -> Variable | None:
        """Return the value of a variable of the environment; one that is not set is noted in the value."""
        if not VARIABLE.fullmatch(name):
            self.fail("BAD_VARIABLE", f"{ENV} {name}: not a name of a variable", node)
            return None
        return Variable(name, self.environ.get(name))

    def file(self, name: str, node: "Node") -> FileText | None:
        """Return the text of a file, relative to the one that names it."""
        try:
            return FileText((self.folder / name).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or "not UTF-8").lower()
            self.fail("CANNOT_READ", f"{FILE} {name}: {reason}", node)
            return None

    def fail(self, code: str, message: str, node: "Node") -> None:
        """Note a problem at a node."""
        self.problems.append(Problem(code, message, f"{self.name}:{node.start_mark.line + 1}"))


def plain_value(text: str) -> Json:
    """Return the value of bare text."""
    lowered = text.lower()
    if lowered in WORDS and text in {lowered, lowered.capitalize(), lowered.upper()}:
        return WORDS[lowered]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if NUMBER.fullmatch(text) else text
