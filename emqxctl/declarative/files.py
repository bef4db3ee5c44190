"""Files to documents: YAML with the line of every value, `!env`, `!file`, overlays, duplicates."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.cli.input.files import read_text
from emqxctl.config.profiles import expand_path
from emqxctl.declarative.documents import Document, Problem, Top, Variable, value_at
from emqxctl.declarative.entries import add_entries
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.secrets import is_secret_name, secret_positions
from emqxctl.declarative.yaml_values import Reader
from emqxctl.errors import UsageError

if TYPE_CHECKING:
    from yaml import Node

STDIN = "-"


class Part(NamedTuple):
    """One file's text."""

    name: str
    text: str


def read_layers(names: Sequence[str]) -> list[list[Part]]:
    """Read the files of each -f: one file, all `*.yaml` of a folder in order, or stdin. Raises UsageError."""
    return [read_layer(name) for name in names]


def read_layer(name: str) -> list[Part]:
    """Read what one -f names. Raises UsageError for a file that cannot be read, and for an empty folder."""
    if name == STDIN:
        return [Part("(stdin)", read_text(STDIN, "-f"))]
    path = expand_path(name)
    if not path.is_dir():
        return [Part(name, read_text(name, "-f"))]
    files = sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml"} and file.is_file())
    if not files:
        message = f"{name}: no *.yaml file in this folder"
        raise UsageError(message, code="NO_FILES")
    return [Part(str(file), read_text(str(file), "-f")) for file in files]


def load(
    layers: Sequence[Sequence[Part]], environ: Mapping[str, str] | None = None
) -> tuple[Document, list[Problem]]:
    """Parse layers into one document; later layers overlay earlier ones.

    Returns the document and every problem found, each with its place; a document with problems is incomplete.
    """
    document, problems = Document(), list[Problem]()
    for layer in layers:
        tops = [load_part(part, environ, problems) for part in layer]
        add_entries(document, [top for top in tops if top], problems)
    mark_empty_secrets(document)
    return document, problems


def mark_empty_secrets(document: Document) -> None:
    """Set empty variables of secrets as missing: CI systems pass a secret that does not exist as empty."""
    for entry in document.entries.values():
        secrets = all_kinds()[entry.kind].secrets
        for path in secret_positions(entry.body, secrets):
            value = value_at(entry.body, path)
            if isinstance(value, Variable) and not value and is_secret_name(path[-1], secrets):
                value.missing = True


def load_part(part: Part, environ: Mapping[str, str] | None, problems: list[Problem]) -> Top | None:
    """Parse one file; None when it is no mapping."""
    node = compose(part, problems)
    if node is None:
        return None
    folder = FilePath(part.name).parent if part.name != "(stdin)" else FilePath()
    reader = Reader(part.name, folder, os.environ if environ is None else environ, problems)
    content = reader.value(node, ())
    if not isinstance(content, dict):
        problems.append(Problem("NOT_A_MAPPING", "the file is not a mapping of kinds", f"{part.name}:1"))
        return None
    return Top(part.name, content, reader.places)


def compose(part: Part, problems: list[Problem]) -> "Node | None":
    """Parse YAML into nodes with their lines; a mistake becomes a problem."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(part.text, Loader=loader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        words = str(getattr(error, "problem", None) or "") or " ".join(str(error).split())
        problems.append(Problem("NOT_YAML", words, f"{part.name}:{line}"))
        return None
    if node is None:
        problems.append(Problem("EMPTY_FILE", "the file is empty", f"{part.name}:1"))
    return node


def raise_problems(problems: Iterable[Problem], hint: str = "emqxctl validate -f FILE") -> None:
    """Raise UsageError with all problems, if there are any."""
    all_problems = list(problems)
    if not all_problems:
        return
    lines = [
        f"{problem.place}: {problem.message}" if problem.place else problem.message
        for problem in all_problems
    ]
    message = lines[0] if len(lines) == 1 else f"{len(lines)} problems in the files:\n  " + "\n  ".join(lines)
    rows = [problem._asdict() for problem in all_problems]
    raise UsageError(message, code=all_problems[0].code, hint=hint, details={"problems": rows})
