"""`emqxctl export`: a cluster's state as YAML files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.view import output_format
from emqxctl.commands._state_files import complete_kinds, open_server
from emqxctl.declarative.operations import read_operations
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import Done, Result, Text, Value
from emqxctl.text.nouns import count_noun

if TYPE_CHECKING:
    from emqxctl.declarative.export import Export

TargetOption = Annotated[
    str | None,
    typer.Option(
        "--file",
        "-f",
        metavar="FILE|DIR",
        help="File to write, or folder for a file of each kind (default stdout).",
    ),
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND[/NAME]", help="Export only this kind or object. Repeatable."),
]
IncludeOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND", help="Export also: banned, builtin_rules_users, builtin_rules_clients. Repeatable."
    ),
]


NAMED_AT_MOST = 10

app = new_group("Export the state of a cluster as YAML.")


@app.command("export")
@command(
    calls=read_operations(),
    examples=(
        "emqxctl export -f cluster.yaml",
        "emqxctl export -f cluster/ --only connectors --only rules",
        "emqxctl export --only connectors/http:archive --full",
    ),
    completes={"only": complete_kinds, "include": complete_kinds},
)
def export(
    session: Session,
    file: TargetOption = None,
    only: OnlyOption = None,
    include: IncludeOption = None,
    full: Annotated[bool, typer.Option("--full", help="Write default values too.")] = False,
    keep_masks: Annotated[
        bool, typer.Option("--keep-masks", help="Write ****** for secrets: apply keeps the server's.")
    ] = False,
) -> Result:
    """Export the state of a cluster as YAML.

    The same cluster gives the same bytes. Default values are left out where the server names them. A secret
    becomes `!env NAME`; the names are listed at the end. Users, API keys, sessions, messages and the
    certificates themselves are never exported.
    """
    from emqxctl.declarative.export import Choice, check_choice, read_export
    from emqxctl.declarative.kinds import all_kinds
    from emqxctl.declarative.write import document_data, write_document

    if session.prefix_messages:
        message = "emqxctl export supports only one profile"
        raise UsageError(message)
    choice = Choice(tuple(only or ()), tuple(include or ()), full, keep_masks)
    check_choice(choice)
    server = open_server(session)
    exported = read_export(server, choice)
    notes = list(exported.notes)
    code = ExitCode.PARTIAL if exported.notes else ExitCode.OK
    if exported.variables:
        notes.append(f"secrets are not exported; set before diff and apply: {list_variables(exported)}")
    if file is not None and file != "-":
        count = write_export(file, exported, server.version)
        message = f"exported {count_noun(count, 'object')} to {file}"
        return Done(message, {"file": file, "objects": count}, key="file", notes=notes)
    if file is None and not output_format(session.settings).is_human_readable:
        return Value(
            document_data(exported.objects, all_kinds(), server.version), notes=notes, exit_code=code
        )
    text = write_document(exported.objects, all_kinds(), server.version, exported.variables)
    return Text(text, notes=notes, exit_code=code)


def write_export(file: str, exported: "Export", version: str) -> int:
    """Write the objects to a file, or to a folder with one file for each kind; return their number."""
    from emqxctl.cli.input.files import write_file
    from emqxctl.declarative.kinds import all_kinds
    from emqxctl.declarative.write import write_document

    if file.endswith("/") or Path(file).is_dir():
        write_folder(Path(file), exported, version)
    else:
        text = write_document(exported.objects, all_kinds(), version, exported.variables)
        write_file(file, [text.encode("utf-8", "surrogatepass")])
    return sum(len(rows) for rows in exported.objects.values())


def list_variables(exported: "Export") -> str:
    """Return the names of the variables, the first ones where there are many."""
    names = exported.variables
    more = len(names) - NAMED_AT_MOST
    sample = ", ".join(names[:NAMED_AT_MOST])
    return f"{sample} and {more} more, listed at the end of the file" if more > 0 else sample


def write_folder(folder: Path, exported: "Export", version: str) -> None:
    """Write one file for each kind; the file of a kind that has no objects any more is removed."""
    from emqxctl.cli.input.files import write_file
    from emqxctl.declarative.kinds import all_kinds
    from emqxctl.declarative.write import is_export, write_document

    folder.mkdir(parents=True, exist_ok=True)
    for kind, rows in exported.objects.items():
        path = folder / f"{kind}.yaml"
        if rows:
            names = [name for name, place in exported.places.items() if place[0] == kind]
            text = write_document({kind: rows}, all_kinds(), version, names)
            write_file(str(path), [text.encode("utf-8", "surrogatepass")])
        elif path.is_file() and is_export(path.read_text("utf-8", "replace")):
            path.unlink()
