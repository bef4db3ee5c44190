"""Update the catalogs of translations from the texts of the source, and compile them: `poe translations`.

A catalog is a file of gettext, `emqxctl/locale/LANGUAGE/LC_MESSAGES/emqxctl.po`; an entry without translation
is open. The compiled file beside it is what the package reads. A test compares both with the source.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib

from emqxctl.cli.help_page import GLOBAL_OPTIONS_LINE
from emqxctl.cli.options import PANELS
from emqxctl.cli.root import ROOT_OPTIONS, build_root
from emqxctl.cli.sections import SECTIONS
from emqxctl.errors import ExitCode
from emqxctl.resource import Resource
from emqxctl.text.catalog import LOCALE_FOLDER, PLACEHOLDER
from emqxctl.text.language import CATALOGS
from tests.support.composed_texts import COMPOSED_TEXTS
from tests.support.texts import catalog_texts, help_texts, source_texts

# What Typer writes itself, as `cli.app` prints it.
TYPER_TEXTS = (
    "no such command {command}",
    "no such option: {option}",
    "missing argument {argument}",
    "missing option {option}",
    "missing command",
    "invalid value for {parameter}: {reason}",
    "{value} is not one of {choices}",
    "{value} is not a valid integer",
    "{value} is not a valid float",
    "{value} is not less than {lowest}",
    "option {option} requires an argument",
    "option {option} does not take a value",
    "got unexpected extra argument ({argument})",
    "got unexpected extra arguments ({arguments})",
    "did you mean {name}?",
    "{value} is not a valid int range",
    "{value} is not a valid float range",
    "got unexpected extra argument(s) ({arguments})",
    "{number} is less than {lowest}",
    "{number} is greater than {highest}",
    "{number} is not between {lowest} and {highest}",
)
# The words of help pages and messages that no text contains as a whole.
PAGE_TEXTS = (
    "Usage", "Arguments", "Options", "Commands", "Examples", "Required.", "default {value}",
    "One of: {choices}.",
    "hint", "{question}? [y/N] ", "{question}. Type {count} to confirm: ", "{action} on {target}",
    "dry run: would {action} on {target}", GLOBAL_OPTIONS_LINE, "none",
    "Shared options go before the group or after the command: emqxctl nodes list -p prod",
    "Try it without a cluster: emqxctl -p sandbox nodes list",
    "Help of a command: emqxctl help nodes list",
)  # fmt: skip


def read_messages() -> list[str]:
    """Return the texts to translate, each once and in order of the alphabet, with named placeholders."""
    texts = {paragraph for text in all_texts() for paragraph in split_paragraphs(text)}
    return sorted(text for text in texts if re.search(r"[A-Za-z]", PLACEHOLDER.sub("", text)))


def all_texts() -> Iterator[str]:
    """Yield the texts a person may read: help, errors, hints, notes, exit codes, error codes, titles."""
    root = build_root()
    yield root.help or ""
    for title, groups in SECTIONS.items():
        yield from (title, *(summary for _, summary in groups))
    yield from (text for _, text in ROOT_OPTIONS)
    yield from group_summaries()
    yield from resource_nouns()
    yield from (text.text for text in help_texts())
    yield from (text.text for text in catalog_texts())
    for text in source_texts(name_placeholder):
        yield from text.text.split("\n")
    yield from (code.meaning for code in ExitCode)
    yield from PANELS
    yield from TYPER_TEXTS
    yield from PAGE_TEXTS
    yield from COMPOSED_TEXTS


def group_summaries() -> Iterator[str]:
    """Yield the summaries of the groups inside groups."""
    root = build_root()
    entries: list[Any] = [root]
    while entries:
        for entry in entries.pop().commands.values():
            loaded = entry.load(root) if hasattr(entry, "load") else entry
            if hasattr(loaded, "commands"):
                yield loaded.help or ""
                entries.append(loaded)


def resource_nouns() -> Iterator[str]:
    """Yield the noun and the plural of each resource."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith("emqxctl.commands"):
            for value in vars(module).values():
                if isinstance(value, Resource):
                    yield from (value.noun, value.plural_noun)


def split_paragraphs(text: str) -> Iterator[str]:
    """Yield the parts of a text that are translated by themselves: paragraphs, lines of a raw block."""
    for paragraph in text.strip("\n").split("\n\n"):
        if paragraph.startswith("\b"):
            yield from (line.strip() for line in paragraph.split("\n")[1:])
        else:
            yield " ".join(paragraph.split()) if "\n" in paragraph else paragraph


def name_placeholder(value: ast.expr) -> str:
    """Return the placeholder of a value in an f-string: the last name in its expression, `{file}`."""
    expression = value.value if isinstance(value, ast.FormattedValue) else value
    names = [node.attr if isinstance(node, ast.Attribute) else node.id for node in ast.walk(expression)
             if isinstance(node, ast.Attribute | ast.Name)]  # fmt: skip
    name = re.sub(r"\W|^\d|_$", "", names[0].lower()) if names else "value"
    return "{" + (name.lstrip("_") or "value") + "}"


def number_placeholders(text: str) -> str:
    """Return a text whose placeholders have different names."""
    counts: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        counts[match[1]] = counts.get(match[1], 0) + 1
        return match[0] if counts[match[1]] == 1 else f"{{{match[1]}{counts[match[1]]}}}"

    return PLACEHOLDER.sub(number, text)


def update_catalog(file: Path, messages: list[str]) -> polib.POFile:
    """Return the catalog of a file with exactly these messages; the translations it has are kept."""
    translations = {entry.msgid: entry.msgstr for entry in polib.pofile(str(file))} if file.exists() else {}
    catalog = polib.POFile(wrapwidth=110)
    catalog.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": file.parents[1].name,
    }
    for message in messages:
        catalog.append(polib.POEntry(msgid=message, msgstr=translations.get(message, "")))
    return catalog


def main() -> None:
    """Write the catalogs and what they compile to."""
    messages = sorted({number_placeholders(message) for message in read_messages()})
    for language in CATALOGS.values():
        file = LOCALE_FOLDER / language / "LC_MESSAGES" / "emqxctl.po"
        file.parent.mkdir(parents=True, exist_ok=True)
        catalog = update_catalog(file, messages)
        catalog.save(str(file))
        file.with_suffix(".mo").write_bytes(catalog.to_binary())


if __name__ == "__main__":
    main()
