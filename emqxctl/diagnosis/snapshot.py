"""Several parts of a cluster's state, read side by side; what cannot be read has a reason instead."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from emqxctl.api.status import Broker
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.resource import Paging

if TYPE_CHECKING:
    from emqxctl.api.client import Api

T = TypeVar("T")
AT_ONCE = 6  # requests at a time: quick enough, and kind to a cluster in trouble


class Part(NamedTuple):
    """One answer to read: where, and how it is asked for."""

    path: str
    paging: Paging | None = None
    query: tuple[tuple[str, object], ...] = ()


PARTS = {
    "nodes": Part("/nodes"),
    "cluster": Part("/cluster"),
    "topology": Part("/cluster/topology"),
    "rates": Part("/monitor_current"),
    "stats": Part("/stats", query=(("aggregate", True),)),
    "metrics": Part("/metrics", query=(("aggregate", True),)),
    "alarms": Part("/alarms", Paging.PAGES, (("activated", True),)),
    "listeners": Part("/listeners", Paging.NONE),
    "connectors": Part("/connectors", Paging.NONE),
    "actions": Part("/actions", Paging.NONE),
    "sources": Part("/sources", Paging.NONE),
    "bridges": Part("/bridges", Paging.NONE),
    "rules": Part("/rules", Paging.PAGES),
    "rule metrics": Part("/prometheus/data_integration", query=(("mode", "all_nodes_aggregated"),)),
    "certificates": Part("/prometheus/stats"),
    "license": Part("/license"),
}
HEALTH = (
    "nodes",
    "cluster",
    "topology",
    "listeners",
    "connectors",
    "actions",
    "sources",
    "bridges",
    "alarms",
    "license",
)
CALLS = {name: f"GET {part.path}" for name, part in PARTS.items()}
# What concerns the whole: no other part would fare better.
FATAL = frozenset({ExitCode.UNAUTHENTICATED, ExitCode.CONFIG, ExitCode.NOT_YET, ExitCode.GUARDED})


class Survey(NamedTuple):
    """What was read, by part: `lacking` is what this EMQX does not have, `failed` what it did not tell."""

    found: Mapping[str, object]
    lacking: Mapping[str, str]
    failed: Mapping[str, EmqxctlError]

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read, in words, the same reason once."""
        reasons: dict[str, list[str]] = {}
        for name, error in self.failed.items():
            reasons.setdefault(error.code, []).append(name)
        return tuple(f"not read: {', '.join(names)} ({reason})" for reason, names in reasons.items())


def survey(api: "Api", names: Iterable[str], broker: Broker) -> Survey:
    """Read parts side by side. What this version or edition lacks is not asked for.

    Raises what concerns every part (a wrong key, EMQX still booting), and the first failure when all failed.
    """
    from emqxctl.emqx.operations import missing_on

    wanted, lacking = [], {}
    for name in names:
        reason = missing_on(CALLS[name], broker.version, broker.edition)
        if reason:
            lacking[name] = reason
        else:
            wanted.append(name)
    if "actions" in wanted and "bridges" in wanted:  # the same things, under their former name
        wanted.remove("bridges")
    api.session  # noqa: B018  # made here, or several threads would make one each
    answers = side_by_side({name: lambda part=PARTS[name]: read(api, part) for name in wanted})  # type: ignore[misc]  # a default binds it
    found = {name: one for name, one in answers.items() if not isinstance(one, EmqxctlError)}
    errors = {name: one for name, one in answers.items() if isinstance(one, EmqxctlError)}
    for error in errors.values():
        if error.exit_code in FATAL or not found:
            raise error
    lacking |= {
        name: error.message for name, error in errors.items() if error.exit_code is ExitCode.UNSUPPORTED
    }
    return Survey(found, lacking, {name: errors[name] for name in errors if name not in lacking})


def read(api: "Api", part: Part) -> object:
    """Read one part, a list over all its pages."""
    from emqxctl.api.pagination import rows

    query = dict(part.query)
    if part.paging is None:
        return api.get(part.path, query=query)
    return list(rows(lambda page: api.get(part.path, query=page), part.paging, query))


def side_by_side(jobs: Mapping[str, Callable[[], T]], at_once: int = AT_ONCE) -> dict[str, T | EmqxctlError]:
    """Do jobs in a few threads that never keep the process alive; each gives its result or its error."""
    from queue import SimpleQueue
    from threading import Thread

    waiting = list(jobs.items())[::-1]
    outcomes: SimpleQueue[tuple[str, T | BaseException]] = SimpleQueue()

    def labour() -> None:
        while True:
            try:
                name, job = waiting.pop()
            except IndexError:
                return
            try:
                outcomes.put((name, job()))
            except BaseException as error:  # noqa: BLE001  # it is raised again by whoever waits for it
                outcomes.put((name, error))

    for _ in range(min(at_once, len(waiting))):
        Thread(target=labour, name="part", daemon=True).start()
    found: dict[str, T | EmqxctlError] = {}
    for _ in jobs:
        name, outcome = outcomes.get()
        if isinstance(outcome, BaseException) and not isinstance(outcome, EmqxctlError):
            raise outcome
        found[name] = outcome
    return {name: found[name] for name in jobs}
