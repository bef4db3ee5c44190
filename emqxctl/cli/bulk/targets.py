"""A bulk change: its targets explicit or selected, confirmed, and given to a worker pool."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emqxctl.cli.bulk.report import check_key_kind, unfinished_targets
from emqxctl.cli.bulk.task import (
    BulkTask,
    TargetResult,
    build_report,
    describe_targets,
    report_row,
    task_columns,
)
from emqxctl.cli.input.files import read_lines
from emqxctl.cli.server_filters import push_down_filters
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import BulkResult, Result
from emqxctl.output.view import View
from emqxctl.resource import Resource
from emqxctl.text.nouns import count_noun, pluralize

if TYPE_CHECKING:
    from emqxctl.cli.session import Session
    from emqxctl.config.settings import Settings


def explicit_targets(session: "Session", arguments: Sequence[str], verb: str, key_field: str) -> list[str]:
    """Return the targets from arguments, --ids and --resume, each once, in order.

    Raises UsageError when a file cannot be read or does not match, and for --where or --all with them.
    """
    settings = session.settings
    refuse_mixed_selection(settings, has_arguments=bool(arguments))
    targets = list(arguments)
    if settings.ids:
        targets += read_lines(settings.ids, "--ids")
    if settings.resume:
        targets += unfinished_targets(settings.resume, verb, session.connection.url, key_field)
    return list(dict.fromkeys(targets))


def refuse_mixed_selection(settings: "Settings", *, has_arguments: bool) -> None:
    """Raise UsageError if targets are both named and selected: --where would add to them, not filter them."""
    selecting = [option for option, value in (("--where", settings.where), ("--all", settings.all)) if value]
    naming = [option for option, value in (("--ids", settings.ids), ("--resume", settings.resume)) if value]
    if selecting and (naming or has_arguments):
        other = naming[0] if naming else "targets named as arguments"
        message = f"{selecting[0]} and {other} cannot be used together"
        raise UsageError(message, hint=f"{selecting[0]} selects from the whole list; remove one of them")


def select_targets(
    session: "Session", arguments: Sequence[str], verb: str, resource: Resource, *extra_conditions: str
) -> list[str]:
    """Return the explicit targets, and those of a resource's list that --where or --all selects.

    `extra_conditions` also apply to the selection. Raises UsageError when there is neither.
    """
    targets = explicit_targets(session, arguments, verb, resource.key)
    settings = session.settings
    if not (targets or settings.ids or settings.resume):
        require_selection(session, bool(settings.where), resource.noun)
        targets = select_keys(session, resource, "", *extra_conditions)
    return targets


def select_keys(session: "Session", resource: Resource, field: str = "", *extra_conditions: str) -> list[str]:
    """Return the keys (or another field) of the rows that --where selects, each once.

    Fields and values are checked like those of lists, and before any change: a field that neither the facts
    about the list nor any row has selects nothing, whatever the operator. A row that lacks a known field is
    not selected by `!=`. Raises UsageError.
    """
    from emqxctl.cli.server_filters import select_fields
    from emqxctl.output.pages import selecting_fields
    from emqxctl.output.query.field_check import FieldCheck
    from emqxctl.output.query.select import filter_pages, parse_conditions

    field = field or resource.key
    from emqxctl.output.query.titles import resolve_titles

    where = parse_conditions((*session.settings.where, *extra_conditions))
    view = resolve_titles(View(where=where), resource.columns, resource.path)
    query = push_down_filters(resource, {}, view)
    fields = [field, *selecting_fields(view)]
    field_check = FieldCheck(view, resource.columns, resource.path, resource.plural_noun)
    field_check.check_values()
    rows = session.rows(
        resource, {**query, **select_fields(resource, query, fields)}, limited=False, fields=fields
    )
    pages = filter_pages(field_check.check_pages(rows.pages), view.where, resource.columns, selecting=True)
    values = (row.get(field) for page in pages for row in page.read([field]))
    return list(dict.fromkeys(str(value) for value in values if value))


def require_selection(session: "Session", is_narrowed: bool, noun: str) -> None:
    """Require `--all` if nothing else selects targets. Raises UsageError."""
    if not is_narrowed and not session.settings.all:
        message = f"no {pluralize(noun)} selected"
        raise UsageError(message, hint="name them, or use --ids FILE, --where TEST or --all")


def run_bulk(session: "Session", task: BulkTask) -> Result:
    """Confirm and run a bulk change, and report the result of each target."""
    if session.settings.resume and task.key_kind:
        check_key_kind(session.settings.resume, task.key_kind)
    columns = task_columns(task)
    if not task.targets and task.left_alone:
        return build_report(task, ())
    if not task.targets:
        note = f"no {task.noun} to {task.verb}"
        return BulkResult((), columns, key=task.key_field, notes=(note,), exit_code=ExitCode.OK)
    if session.settings.dry_run:
        return plan_bulk(session, task)
    if task.needs_confirmation:
        session.confirm(f"{task.verb} {describe_targets(task)}", len(task.targets))
    from emqxctl.cli.bulk.workers import WorkerPool

    return WorkerPool(session, task).run()


def plan_bulk(session: "Session", task: BulkTask) -> BulkResult:
    """Return what a bulk change would do: a row for each target, missing ones marked if that can be found."""
    targets = task.targets
    existing = set(targets) if task.find_existing is None else task.find_existing(session.client, targets)
    results = [TargetResult(target, "planned" if target in existing else "not found") for target in targets]
    planned = sum(result.status == "planned" for result in results)
    note = f"dry run: would {task.verb} {count_noun(planned, task.noun)}"
    note += f", {len(results) - planned} not found" if planned < len(results) else ""
    rows = [report_row(task, result) for result in results]
    notes = (f"{note}; no request was sent",)
    return BulkResult(rows, task_columns(task), key=task.key_field, notes=notes, exit_code=ExitCode.OK)
