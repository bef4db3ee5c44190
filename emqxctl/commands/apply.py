"""`emqxctl apply`: apply the state in files to a cluster."""

import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._state_files import (
    KindsArgument,
    OptionalFilesOption,
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
    refuse_warnings,
    require_files,
    show_plan,
)
from emqxctl.declarative.operations import read_operations, write_operations
from emqxctl.errors import ExitCode, GuardError, UsageError
from emqxctl.output.results import Result
from emqxctl.text.nouns import count_noun

if TYPE_CHECKING:
    from emqxctl.declarative.apply import Applier
    from emqxctl.declarative.changes import Change, Options, Plan
    from emqxctl.declarative.saved_plan import SavedPlan

WAIT_SECONDS = 60.0
NAMED_AT_MOST = 20


class Behavior(NamedTuple):
    """How an apply goes about its changes."""

    fail_fast: bool
    wait: bool
    strict: bool
    max_deletes: int


app = new_group("Apply the state in files to a cluster.")


@app.command("apply")
@command(
    calls=(*read_operations(), *write_operations()),
    effect=Effect.WRITE,
    examples=(
        "emqxctl apply -f cluster.yaml --dry-run",
        "emqxctl apply -f base.yaml -f prod.yaml --yes --wait",
        "emqxctl apply --plan plan.json --yes",
        "emqxctl apply -f cluster.yaml --prune connectors actions rules --yes",
    ),
    completes={"kinds": complete_kinds, "prune_all": complete_kinds},
)
def apply(
    session: Session,
    kinds: KindsArgument = None,
    file: OptionalFilesOption = None,
    plan: Annotated[
        str | None, typer.Option(metavar="FILE", help="Plan of diff --save-plan, applied as it was saved.")
    ] = None,
    prune: PruneOption = False,
    prune_all: PruneAllOption = None,
    max_deletes: Annotated[
        int, typer.Option(min=0, metavar="N", help="Maximum number of deletes (default 20).")
    ] = 20,
    take: TakeOption = None,
    secrets: SecretsOption = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until connectors are connected and listeners run.")
    ] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")] = False,
    record: RecordOption = None,
    strict: StrictOption = False,
) -> Result:
    """Apply the state in files to a cluster.

    Objects are created and updated, whole: what the files leave out keeps its value. Nothing is deleted
    without --prune, and then only what an earlier apply of these files recorded. Each object is read again
    before it is written and read back afterwards; run it again after a failure, it does what is left.
    Asks before deletes and before changes that can disconnect clients.
    """
    own_choices = bool(file or prune or kinds or prune_all or take or secrets)
    saved = read_plan(plan, session, own_choices=own_choices)
    options = saved.options if saved else parse_options(prune, kinds, prune_all, take, secrets)
    names = saved.files if saved else require_files(file)
    record = record or (saved.record if saved else None)
    behavior = Behavior(fail_fast, wait, strict, max_deletes)
    new_plan, applier = prepare(session, names, options, record, saved)
    refuse_conflicts(new_plan, options.take)
    refuse_warnings(new_plan, strict=strict)
    check_deletes(new_plan, behavior)
    if new_plan.refusals:
        return show_plan(session, new_plan, code=ExitCode.GUARDED)
    if session.settings.dry_run:
        new_plan.notes.append("dry run: nothing was sent")
        return show_plan(session, new_plan, code=ExitCode.OK)
    question = build_question(new_plan)
    if question:
        session.confirm(question)
    return apply_plan(session, new_plan, applier, behavior)


def read_plan(plan: str | None, session: Session, *, own_choices: bool) -> "SavedPlan | None":
    """Read a saved plan. Raises UsageError if its choices are made again, GuardError for another target's."""
    if plan is None:
        return None
    if own_choices:
        message = "--plan cannot be used together with -f, --prune, --prune-all, --take or --secrets"
        raise UsageError(message, hint="the plan contains them: make another with emqxctl diff --save-plan")
    from emqxctl.declarative.saved_plan import SavedPlan

    saved = SavedPlan(Path(plan))
    saved.check_target(session.target_name)
    return saved


def prepare(
    session: Session, names: list[str], options: "Options", record: str | None, saved: "SavedPlan | None"
) -> "tuple[Plan, Applier]":
    """Read the files and the server and return the plan. Raises GuardError when a saved plan does not fit."""
    from emqxctl.declarative.apply import Applier
    from emqxctl.declarative.files import read_layers
    from emqxctl.declarative.planner import Planner

    layers = read_layers(names)
    if saved:
        saved.check_files(layers)
    document = load_document(session, layers, need_variables=True)
    server, applied = open_server(session), open_record(session, names, record)
    plan = Planner(server, document, applied, options).build()
    if saved:
        saved.check_plan(plan)
    return plan, Applier(server, plan, applied)


def check_deletes(plan: "Plan", behavior: Behavior) -> None:
    """Raise GuardError for more deletes than are allowed."""
    count = len(plan.deletes)
    if count > behavior.max_deletes:
        message = f"{count_noun(count, 'object')} would be deleted, more than {behavior.max_deletes}"
        raise GuardError(
            message,
            code="TOO_MANY_DELETES",
            hint=f"review them: emqxctl diff -f FILE --prune; then --max-deletes {count}",
        )


def build_question(plan: "Plan") -> str:
    """Return the question before an apply, nothing where no one is cut off and nothing is deleted."""
    parts = []
    if plan.deletes:
        parts.append(f"delete {list_names(plan.deletes)}")
    disruptive = [change for change in plan.changes if change.is_disruptive and change not in plan.deletes]
    if disruptive:
        parts.append(f"change {list_names(disruptive)}, which can disconnect clients")
    return " and ".join(parts)


def list_names(changes: "list[Change]") -> str:
    """Return the names of changes with their count."""
    names = [f"{change.kind.name} {change.key}".strip() for change in changes]
    sample = ", ".join(names[:NAMED_AT_MOST])
    more = len(names) - NAMED_AT_MOST
    return sample + (f" and {more} more" if more > 0 else "")


def apply_plan(session: Session, plan: "Plan", applier: "Applier", behavior: Behavior) -> Result:
    """Apply a plan and report every object; Ctrl-C finishes the one in hand."""
    from emqxctl.cli.interrupts import InterruptGuard
    from emqxctl.cli.prompts import is_terminal
    from emqxctl.declarative.apply import exit_code
    from emqxctl.declarative.waiting import wait_until_running
    from emqxctl.output.progress import show_count_progress

    applier.fail_fast = behavior.fail_fast
    is_shown = is_terminal(sys.stderr) and not session.settings.quiet
    with (
        InterruptGuard() as guard,
        show_count_progress("apply", len(plan.changes), is_shown=is_shown) as on_progress,
    ):
        applier.should_stop = lambda: guard.signals_received > 0
        applier.on_change = change_logger(session, on_progress)
        with suppress(KeyboardInterrupt), guard.deferred():
            applier.run()
            if behavior.wait:
                wait_until_running(plan, applier.server, WAIT_SECONDS, sleep, applier.should_stop)
    applier.finish()
    code = exit_code(plan.changes, interrupted=guard.signals_received > 0)
    if code is ExitCode.OK and behavior.strict and plan.warnings:
        code = ExitCode.PARTIAL
    return show_plan(session, plan, applied=True, code=code)


def change_logger(session: Session, on_progress: Callable[[int], None]) -> "Callable[[Change], None]":
    """Return what shows the progress of an apply, and logs each change of a verbose run."""
    counter = count(1)

    def log(change: "Change") -> None:
        on_progress(next(counter))
        if session.settings.verbose and change.outcome:
            session.log(f"{change.action.value} {change.kind.name} {change.key}: {change.outcome.value}")

    return log
