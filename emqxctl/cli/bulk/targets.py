"""The same change for many targets: named or selected, counted, confirmed, and handed to a crew."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emqxctl.cli.bulk.report import unfinished_targets
from emqxctl.cli.bulk.task import BulkTask, TargetResult, describe_targets, report_row, task_columns
from emqxctl.cli.input.files import read_lines
from emqxctl.cli.server_filters import push_down_filters
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import BulkResult, Result
from emqxctl.resource import Resource

if TYPE_CHECKING:
    from emqxctl.cli.session import Session


def explicit_targets(session: "Session", arguments: Sequence[str], verb: str, field: str) -> list[str]:
    """Give the targets that were named: as arguments, by --ids, by --resume; each once, in order.

    Raises UsageError when a file cannot be read or does not fit.
    """
    settings = session.settings
    found = list(arguments)
    if settings.ids:
        found += read_lines(settings.ids, "--ids")
    if settings.resume:
        found += unfinished_targets(settings.resume, verb, session.connection.url, field)
    return list(dict.fromkeys(found))


def select_targets(
    session: "Session", arguments: Sequence[str], verb: str, resource: Resource, *extra_conditions: str
) -> list[str]:
    """Give the targets that were named, and those of a resource's list that --where or --all selects.

    `also` are further conditions of the selection. Raises UsageError when nothing says which are meant.
    """
    targets = explicit_targets(session, arguments, verb, resource.key)
    settings = session.settings
    if settings.where or not (targets or settings.ids or settings.resume):
        require_selection(session, bool(settings.where), resource.noun)
        targets = list(dict.fromkeys([*targets, *select_keys(session, resource, "", *extra_conditions)]))
    return targets


def select_keys(session: "Session", resource: Resource, field: str = "", *extra_conditions: str) -> list[str]:
    """Give the keys (or another field) of the rows that --where selects, each once.

    Fields and values are checked as those of lists are, all before any change: a field that neither the facts
    about the list nor any row has selects nothing, whatever the operator. A row that lacks a known field is
    not selected by `!=`. Raises UsageError.
    """
    from emqxctl.output.query.field_check import FieldCheck
    from emqxctl.output.query.select import filter_rows, parse_condition
    from emqxctl.output.view import View

    field = field or resource.key
    settings = session.settings._replace(where=(*session.settings.where, *extra_conditions))
    where = [parse_condition(text) for text in settings.where]
    query = push_down_filters(resource, {}, settings._replace(fields=field, sort="", query=""))
    check = FieldCheck(View(where=tuple(where)), resource.columns, resource.path, resource.plural_noun)
    check.check_values()
    listed = check.rows(session.rows(resource, query, limited=False))
    rows = filter_rows(listed, where, resource.columns, selecting=True)
    return list(dict.fromkeys(str(found[field]) for found in rows if found.get(field)))


def require_selection(session: "Session", is_narrowed: bool, noun: str) -> None:
    """Refuse a selection by nothing: `--all` must say that all are meant. Raises UsageError."""
    if not is_narrowed and not session.settings.all:
        message = f"which {noun}s? none was named and nothing narrows the list"
        raise UsageError(message, hint="name them, give --ids FILE, --where TEST, or --all")


def run_bulk(session: "Session", job: BulkTask) -> Result:
    """Do it: preview and question, then batch by batch; report what became of each target."""
    if not job.targets:
        return BulkResult(
            (),
            task_columns(job),
            key=job.key_field,
            notes=(f"no {job.noun} to {job.verb}",),
            exit_code=ExitCode.OK,
        )
    if session.settings.dry_run:
        rows = [report_row(job, TargetResult(target, "planned")) for target in job.targets]
        note = f"dry run: would {job.verb} {len(rows)} {job.noun}s; nothing was sent"
        return BulkResult(rows, task_columns(job), key=job.key_field, notes=(note,), exit_code=ExitCode.OK)
    if job.needs_confirmation:
        session.confirm(f"{job.verb} {describe_targets(job)}")
    from emqxctl.cli.bulk.workers import WorkerPool

    return WorkerPool(session, job).run()
