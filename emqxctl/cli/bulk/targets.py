"""The same change for many targets: named or selected, counted, confirmed, and handed to a crew."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emqxctl.cli.bulk.report import left_over
from emqxctl.cli.bulk.task import Job, Outcome, columns, preview, row
from emqxctl.cli.input.files import read_lines
from emqxctl.cli.server_filters import narrowed
from emqxctl.errors import ExitCode, UsageError
from emqxctl.output.results import Partial, Result
from emqxctl.resource import Resource

if TYPE_CHECKING:
    from emqxctl.cli.session import Session


def named(session: "Session", arguments: Sequence[str], verb: str, field: str) -> list[str]:
    """Give the targets that were named: as arguments, by --ids, by --resume; each once, in order.

    Raises UsageError when a file cannot be read or does not fit.
    """
    settings = session.settings
    found = list(arguments)
    if settings.ids:
        found += read_lines(settings.ids, "--ids")
    if settings.resume:
        found += left_over(settings.resume, verb, session.connection.url, field)
    return list(dict.fromkeys(found))


def chosen(
    session: "Session", arguments: Sequence[str], verb: str, resource: Resource, *also: str
) -> list[str]:
    """Give the targets that were named, and those of a resource's list that --where or --all selects.

    `also` are further conditions of the selection. Raises UsageError when nothing says which are meant.
    """
    targets = named(session, arguments, verb, resource.key)
    settings = session.settings
    if settings.where or not (targets or settings.ids or settings.resume):
        selected(session, bool(settings.where), resource.noun)
        targets = list(dict.fromkeys([*targets, *matching(session, resource, "", *also)]))
    return targets


def matching(session: "Session", resource: Resource, field: str = "", *also: str) -> list[str]:
    """Give the keys (or another field) of the rows that --where selects, each once."""
    from emqxctl.output.query.select import filter_rows, parse_condition

    field = field or resource.key
    settings = session.settings._replace(where=(*session.settings.where, *also))
    where = [parse_condition(text) for text in settings.where]
    query = narrowed(resource, {}, settings._replace(fields=field, sort="", query=""))
    rows = filter_rows(session.rows(resource, query), where, resource.columns)
    return list(dict.fromkeys(str(found[field]) for found in rows if found.get(field)))


def selected(session: "Session", given: bool, noun: str) -> None:
    """Refuse a selection by nothing: `--all` must say that all are meant. Raises UsageError."""
    if not given and not session.settings.all:
        message = f"which {noun}s? none was named and nothing narrows the list"
        raise UsageError(message, hint="name them, give --ids FILE, --where TEST, or --all")


def carry_out(session: "Session", job: Job) -> Result:
    """Do it: preview and question, then batch by batch; report what became of each target."""
    if not job.targets:
        return Partial(
            (), columns(job), key=job.field, notes=(f"no {job.noun} to {job.verb}",), exit_code=ExitCode.OK
        )
    if session.settings.dry_run:
        rows = [row(job, Outcome(target, "planned")) for target in job.targets]
        note = f"dry run: would {job.verb} {len(rows)} {job.noun}s; nothing was sent"
        return Partial(rows, columns(job), key=job.field, notes=(note,), exit_code=ExitCode.OK)
    if job.asks:
        session.confirm(f"{job.verb} {preview(job)}")
    from emqxctl.cli.bulk.workers import Crew

    return Crew(session, job).work()
