"""The stock verb `set` for a list that EMQX stores as a whole: replaces it by the list in a file."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import parse_document, unified_diff_of
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Result, Rows, Text
from emqxctl.resource import Resource
from emqxctl.text.nouns import count_noun

ListFile = Annotated[
    str,
    typer.Option(
        "--file", "-f", metavar="FILE", help="File with the whole list: JSON or YAML (- for stdin)."
    ),
]


def add_whole_list(
    app: Group, resource: Resource, *, line: str, file: str, get_help: str, set_help: str
) -> None:
    """Add `get` and `set`; `line` is an example with `{}` for the verb, `file` the name of its file."""
    path = resource.path

    def get(session: Session) -> Rows:
        rows = session.client.get_list(path)
        return Rows(
            rows, resource.columns, key=resource.key, plural_noun=resource.plural_noun, path=resource.path
        )

    def set_(session: Session, list_file: ListFile) -> Result:
        return replace_list(session, resource, list_file)

    get.__doc__, set_.__doc__ = get_help, set_help
    get_line, set_line = line.format("get"), line.format("set")
    app.command("get")(command(calls=f"GET {path}", examples=(get_line, f"{get_line} -o yaml"))(get))
    examples = (f"{set_line} -f {file}.yaml", f"{set_line} -f {file}.json --dry-run")
    calls = (f"GET {path}", f"PUT {path}")
    app.command("set")(command(calls=calls, examples=examples, effect=Effect.WRITE)(set_))


def replace_list(session: Session, resource: Resource, file: str) -> Result:
    """Send the list in a file; in a dry run return the difference. Raises UsageError if it is not a list."""
    path, plural_noun = resource.path, resource.plural_noun
    new_items = parse_document(file, read_text(file, "--file"))
    if not isinstance(new_items, list) or not all(isinstance(item, dict) for item in new_items):
        message = f"--file {file}: expected a list of objects"
        raise UsageError(message, hint='use the whole list: [{"field": value, ...}, ...]; [] to clear it')
    if session.settings.dry_run:
        before = session.client.get_list(path)
        notes = (f"dry run: PUT {path} was not sent",)
        return Text(unified_diff_of({plural_noun: before}, {plural_noun: new_items}), notes=notes)
    response = session.client.put(path, body=new_items)
    entries: Sequence[Any] = response if isinstance(response, list) else new_items
    message = f"set {count_noun(len(entries), resource.noun, plural=plural_noun)}"
    return Done(message, {plural_noun.replace(" ", "_"): entries})
