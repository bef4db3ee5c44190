"""`emqxctl validate`: check files before anything is sent."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.view import output_format
from emqxctl.commands._state_files import (
    OptionalFilesOption,
    StrictOption,
    learn_secrets,
    open_server,
    problem_lines,
    require_files,
)
from emqxctl.errors import ExitCode
from emqxctl.output.results import Result, Text, Value
from emqxctl.text.nouns import count_noun

if TYPE_CHECKING:
    from emqxctl.declarative.documents import Document, Problem

OnlineOption = Annotated[
    bool, typer.Option("--online", help="Check with the server too: its schemas, probes and rule tests.")
]
AgainstOption = Annotated[
    str | None,
    typer.Option(metavar="VERSION", help="EMQX version to check for, such as 6.0; no server needed."),
]
SchemaOption = Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of files, for editors.")]


app = new_group("Check files: syntax, names, references, duplicates.")


@app.command("validate")
@command(
    calls=(
        "GET /nodes",
        "POST /connectors_probe",
        "POST /actions_probe",
        "POST /sources_probe",
        "POST /rule_test",
    ),
    examples=(
        "emqxctl validate -f cluster.yaml",
        "emqxctl validate -f base.yaml -f prod.yaml --online",
        "emqxctl validate -f cluster.yaml --against 6.0",
        "emqxctl validate --schema > emqx.schema.json",
    ),
)
def validate(
    session: Session,
    file: OptionalFilesOption = None,
    online: OnlineOption = False,
    against: AgainstOption = None,
    schema: SchemaOption = False,
    strict: StrictOption = False,
) -> Result:
    """Check files: syntax, names, references, duplicates.

    Every mistake is named with its file and line; exit code 2. Without --online no server is asked.
    """
    if schema:
        from emqxctl.declarative.schema import read_schema

        return Text(read_schema())
    from emqxctl.declarative.files import load, read_layers
    from emqxctl.declarative.preflight import check_version
    from emqxctl.declarative.validation import check_document

    document, errors = load(read_layers(require_files(file)), session.environ)
    document_errors, warnings = check_document(document)
    errors += document_errors
    if against:
        errors += check_version(document, against)
    if online and not errors:
        errors += ask_server(session, document)
    if strict:
        errors, warnings = [*errors, *warnings], []
    return build_result(session, len(document.entries), errors, warnings)


def ask_server(session: Session, document: "Document") -> list["Problem"]:
    """Return what the cluster does not have of a document, and what it does not accept of the rest."""
    from emqxctl.declarative.changes import Options
    from emqxctl.declarative.online import check_online
    from emqxctl.declarative.planner import Planner
    from emqxctl.declarative.preflight import find_unsupported, remove_parts

    learn_secrets(session, document)
    server = open_server(session)
    server.read_version()
    unsupported = find_unsupported(document, server)
    document = remove_parts(document, unsupported)
    plan = Planner(server, document, None, Options()).build()
    return [*unsupported.values(), *plan.refusals, *check_online(document, plan, server)]


def build_result(
    session: Session, count: int, errors: Sequence["Problem"], warnings: Sequence["Problem"]
) -> Result:
    """Build the result: lines for a person, or the errors and warnings as data."""
    code = ExitCode.USAGE if errors else ExitCode.OK
    if output_format(session.settings).is_human_readable:
        lines = [*problem_lines(errors, "error"), *problem_lines(warnings, "warning")]
        lines.append(describe_outcome(len(errors), count))
        return Text("".join(f"{line}\n" for line in lines), exit_code=code)
    data = {
        "valid": not errors,
        "objects": count,
        "errors": [error._asdict() for error in errors],
        "warnings": [error._asdict() for error in warnings],
    }
    return Value(data, exit_code=code)


def describe_outcome(error_count: int, object_count: int) -> str:
    """Return the last line: the number of errors, or of valid objects."""
    if error_count:
        return count_noun(error_count, "error")
    return f"{count_noun(object_count, 'object')} {'is' if object_count == 1 else 'are'} valid"
