"""`emqxctl diff`: what apply would change, and what the server changed since the last apply."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands._state_files import (
    FilesOption,
    KindsArgument,
    PruneAllOption,
    PruneOption,
    RecordOption,
    SecretsOption,
    StrictOption,
    TakeOption,
    complete_kinds,
    load_document,
    open_record,
    open_server,
    parse_options,
    refuse_conflicts,
    refuse_missing,
    refuse_warnings,
    show_plan,
)
from emqxctl.declarative.operations import read_operations
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import Result

if TYPE_CHECKING:
    from emqxctl.declarative.changes import Options, Plan

app = new_group("Show what apply would change.")


@app.command("diff")
@command(
    calls=read_operations(),
    examples=(
        "emqxctl diff -f cluster.yaml",
        "emqxctl diff -f base.yaml -f prod.yaml -o md",
        "emqxctl diff -f cluster.yaml --save-plan plan.json",
        "emqxctl diff -f cluster.yaml --drift",
    ),
    completes={"kinds": complete_kinds, "prune_all": complete_kinds},
)
def diff(
    session: Session,
    file: FilesOption,
    kinds: KindsArgument = None,
    drift: Annotated[
        bool, typer.Option("--drift", help="Compare the server with the last apply, not with the files.")
    ] = False,
    save_plan: Annotated[
        str | None, typer.Option(metavar="FILE", help="Save the plan for apply --plan.")
    ] = None,
    prune: PruneOption = False,
    prune_all: PruneAllOption = None,
    take: TakeOption = None,
    secrets: SecretsOption = False,
    record: RecordOption = None,
    strict: StrictOption = False,
) -> Result:
    """Show what apply would change.

    Only what the files state is compared, by meaning: 15s is 15000, 1MB is 1048576. Exit code 0: equal,
    1: differs. With the record of an earlier apply, each change says whether the file or the server changed.
    A secret that the server masks cannot be compared and counts as equal; --secrets sends it again.
    """
    from emqxctl.declarative.drift import plan_drift

    options = parse_options(prune, kinds, prune_all, take, secrets)
    if drift:
        if save_plan:
            message = "--drift and --save-plan cannot be used together"
            raise UsageError(message)
        plan = plan_drift(open_server(session), open_record(session, file, record))
    else:
        plan = plan_changes(session, file, record, options, save_plan)
    refuse_warnings(plan, strict=strict)
    code = ExitCode.FAILED if plan.changes else ExitCode.OK
    if save_plan or strict:
        refuse_conflicts(plan, options.take)
    return show_plan(session, plan, code=ExitCode.GUARDED if plan.refusals else code)


def refuse_overwriting(save_file: str, names: list[str]) -> None:
    """Raise UsageError if the plan would replace one of the files that it is made from."""
    if Path(save_file).resolve() in {Path(name).resolve() for name in names}:
        message = f"--save-plan {save_file} would overwrite a file that the plan is made from"
        raise UsageError(message, hint="use another file, such as --save-plan plan.json")


def plan_changes(
    session: Session, files: list[str], record: str | None, options: "Options", save_file: str | None
) -> "Plan":
    """Plan what apply would change, and save the plan if a file is named. Raises UsageError."""
    from emqxctl.declarative.files import read_layers
    from emqxctl.declarative.planner import Planner
    from emqxctl.declarative.saved_plan import save_plan

    layers = read_layers(files)
    applied = open_record(session, files, record)
    if save_file:
        refuse_overwriting(save_file, [*(part.name for layer in layers for part in layer), str(applied.path)])
    document = load_document(session, layers, need_variables=False)
    plan = Planner(open_server(session), document, applied, options).build()
    refuse_missing(plan.missing)
    if save_file:
        save_plan(
            Path(save_file),
            plan,
            files=files,
            layers=layers,
            record=record,
            target=session.target_name,
            options=options,
        )
        plan.notes.append(f"plan saved: emqxctl apply --plan {quote(save_file)}")
    return plan
