"""What export, validate, diff and apply share: options, files, the server, and how a report is shown."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.session import Session
from emqxctl.cli.view import output_format
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import Result, Rows, Text, Value
from emqxctl.output.view import Format
from emqxctl.resource import Column

if TYPE_CHECKING:
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.request import CompletionRequest
    from emqxctl.declarative.changes import Options, Plan
    from emqxctl.declarative.documents import Document, Problem
    from emqxctl.declarative.files import Part
    from emqxctl.declarative.record import Record
    from emqxctl.declarative.server import Server

MISSING_VARIABLES_HINT = (
    "set them in the environment: export NAME=VALUE\n"
    "or export with masks, for which apply keeps the server's secrets: emqxctl export --keep-masks"
)
FILES = typer.Option(
    "--file",
    "-f",
    metavar="FILE|DIR",
    help="File or folder of *.yaml files (- for stdin). Repeatable; later files overlay earlier ones.",
)
FilesOption = Annotated[list[str], FILES]
OptionalFilesOption = Annotated[list[str] | None, FILES]
RecordOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Record of the last apply (default FILE.applied.json)."),
]
PruneOption = Annotated[
    bool,
    typer.Option("--prune", help="Delete recorded objects that left the files, of all kinds or of KIND...."),
]
PruneAllOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND", help="Delete all objects of a kind that the files do not state. Repeatable."
    ),
]
KindsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KIND[/NAME]]...", help="With --prune: kinds or objects to delete."),
]
TakeOption = Annotated[
    str | None,
    typer.Option(metavar="file|server", help="Side that wins if both changed since the last apply."),
]
SecretsOption = Annotated[bool, typer.Option("--secrets", help="Send secrets again that cannot be compared.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Treat warnings as failures.")]
CHANGE_COLUMNS = (
    Column("kind"),
    Column("name"),
    Column("action"),
    Column("cause"),
    Column("result"),
    Column("error"),
)


def complete_kinds(request: "CompletionRequest") -> "Iterable[Candidate]":  # noqa: ARG001
    """Return the kinds of objects in files."""
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.declarative.kinds import all_kinds

    return [Candidate(name) for name in all_kinds()]


def require_files(files: Sequence[str] | None) -> list[str]:
    """Return the files named by -f. Raises UsageError when there are none."""
    if not files:
        message = "-f is required"
        raise UsageError(
            message, hint="-f FILE, -f FOLDER, or -f - for stdin; emqxctl export -f FILE writes one"
        )
    return list(files)


def load_document(session: Session, layers: "list[list[Part]]", *, need_variables: bool) -> "Document":
    """Parse files. Raises UsageError with every mistake, and with every variable that is not set."""
    from emqxctl.declarative.files import load, raise_problems

    document, problems = load(layers, session.environ)
    raise_problems(problems)
    if need_variables:
        refuse_missing(document.missing_variables())
    learn_secrets(session, document)
    return document


def refuse_missing(names: Sequence[str]) -> None:
    """Raise UsageError for variables that are not set, all at once."""
    if names:
        message = f"these variables are not set or empty: {', '.join(names)}"
        raise UsageError(message, code="MISSING_VARIABLES", hint=MISSING_VARIABLES_HINT)


def learn_secrets(session: Session, document: "Document") -> None:
    """Mask the secrets of files in logs and errors: a server may quote the request that it rejects."""
    from emqxctl.declarative.kinds import all_kinds
    from emqxctl.declarative.secrets import secret_texts

    for entry in document.entries.values():
        session.client.redactor.add_secrets(*secret_texts(entry.body, all_kinds()[entry.kind].secrets))


def open_server(session: Session) -> "Server":
    """Return the server of this run; its schemas are read without credentials."""
    from emqxctl.declarative.server import Server

    client = session.client  # first: it settles the connection
    return Server(client, session.anonymous_client)


def open_record(session: Session, files: Sequence[str], record: str | None) -> "Record":
    """Return the record of the last apply of these files to this target."""
    from emqxctl.declarative.record import Record, record_path

    return Record(Path(record) if record else record_path(list(files)), session.target_name)


def parse_options(
    prune: bool, kinds: Sequence[str] | None, prune_all: Sequence[str] | None, take: str | None, secrets: bool
) -> "Options":
    """Check what an apply may do. Raises UsageError."""
    from emqxctl.declarative.changes import Options
    from emqxctl.declarative.kinds import require_kind

    if kinds and not prune:
        message = f"{kinds[0]}: kinds are named only with --prune"
        raise UsageError(message, hint=f"name files with -f: -f {quote(kinds[0])}")
    for name in (*(kinds or ()), *(prune_all or ())):
        require_kind(name)
    if take not in (None, "file", "server"):
        message = f"--take {take}: must be file or server"
        raise UsageError(message)
    return Options(prune, tuple(kinds or ()), tuple(prune_all or ()), take or "", secrets)


def refuse_conflicts(plan: "Plan", take: str) -> None:
    """Add a refusal for each object that both sides changed, unless it is said which one wins."""
    from emqxctl.declarative.documents import Problem

    for change in plan.conflicts if not take else ():
        name = f"{change.kind.name} {change.key}".strip()
        message = f"{name} was changed in the file and on the server: --take file or --take server"
        plan.refusals.append(Problem("CHANGED_ON_BOTH_SIDES", message, "", change.kind.name))


def show_plan(session: Session, plan: "Plan", *, applied: bool = False, code: ExitCode) -> Result:
    """Return a report in the format that was asked for."""
    from emqxctl.declarative.report import report_data

    data, notes = report_data(plan, applied=applied), list_plan_notes(plan)
    match select_report_format(session):
        case Format.TABLE | Format.WIDE if not (session.settings.fields or session.settings.query):
            from emqxctl.declarative.text_report import text_lines

            return Text("".join(f"{line}\n" for line in text_lines(data)), notes=notes, exit_code=code)
        case Format.MD:
            from emqxctl.declarative.markdown_report import markdown_lines

            return Text("".join(f"{line}\n" for line in markdown_lines(data)), notes=notes, exit_code=code)
        case Format.CSV | Format.TSV | Format.NAME:
            return Rows(
                change_rows(data),
                CHANGE_COLUMNS,
                key="name",
                plural_noun="changes",
                notes=notes,
                exit_code=code,
            )
        case _:
            return Value(data, notes=notes, exit_code=code)


def select_report_format(session: Session) -> Format:
    """Return the format of the report; several clusters have one table of all their changes."""
    form = output_format(session.settings)
    return Format.CSV if session.prefix_messages and form.is_human_readable else form


def list_plan_notes(plan: "Plan") -> list[str]:
    """Return the notes, warnings and orphans of a plan, one line each."""
    warnings = [f"warning: {warning.message} [{warning.code}]" for warning in plan.warnings]
    return [*plan.notes, *warnings, *list_orphan_notes(plan)]


def change_rows(data: dict[str, Any]) -> list[dict[str, object]]:
    """Return one flat row for each change; its name is KIND/NAME."""
    return [
        {
            "kind": change["kind"],
            "name": f"{change['kind']}/{change['name']}".rstrip("/"),
            "action": change["action"],
            "cause": change["cause"],
            "result": change["result"],
            "error": (change["error"] or {}).get("message"),
        }
        for change in data["changes"]
    ]


def list_orphan_notes(plan: "Plan") -> list[str]:
    """Return a note about recorded objects that left the files and stay on the server."""
    if not plan.orphans:
        return []
    names = ", ".join(f"{orphan.kind}/{orphan.key}" for orphan in plan.orphans)
    return [f"no longer in the files, kept on the server: {names} (--prune deletes)"]


def refuse_warnings(plan: "Plan", *, strict: bool) -> None:
    """Turn warnings into refusals."""
    if strict:
        plan.refusals += plan.warnings
        plan.warnings = []


def problem_lines(problems: "Sequence[Problem]", word: str) -> list[str]:
    """Return problems as lines for a person: `FILE:LINE: error: message [CODE]`."""
    from emqxctl.text.escaping import escape_control_characters

    lines = []
    for problem in problems:
        place = f"{problem.place}: " if problem.place else ""
        lines.append(escape_control_characters(f"{place}{word}: {problem.message} [{problem.code}]"))
    return lines
