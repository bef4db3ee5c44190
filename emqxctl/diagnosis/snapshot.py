"""Parts of a cluster's state, read in parallel; a part that cannot be read has a reason instead."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.parallel import Fetch, fetch_all, fetch_path
from emqxctl.api.status import BrokerStatus
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.resource import Paging

if TYPE_CHECKING:
    from emqxctl.api.client import Client


class SnapshotPart(NamedTuple):
    """One API response to read: its path, paging and query."""

    path: str
    paging: Paging | None = None
    query: tuple[tuple[str, object], ...] = ()

    @property
    def fetch(self) -> Fetch:
        """The fetch of this part: its JSON, or the rows of all its pages."""
        return fetch_path(self.path, self.paging, self.query)


PARTS = {
    "nodes": SnapshotPart("/nodes"),
    "cluster": SnapshotPart("/cluster"),
    "topology": SnapshotPart("/cluster/topology"),
    "rates": SnapshotPart("/monitor_current"),
    "stats": SnapshotPart("/stats", query=(("aggregate", True),)),
    "metrics": SnapshotPart("/metrics", query=(("aggregate", True),)),
    "alarms": SnapshotPart("/alarms", Paging.PAGES, (("activated", True),)),
    "listeners": SnapshotPart("/listeners", Paging.NONE),
    "connectors": SnapshotPart("/connectors", Paging.NONE),
    "actions": SnapshotPart("/actions", Paging.NONE),
    "sources": SnapshotPart("/sources", Paging.NONE),
    "bridges": SnapshotPart("/bridges", Paging.NONE),
    "rules": SnapshotPart("/rules", Paging.PAGES),
    "rule metrics": SnapshotPart("/prometheus/data_integration", query=(("mode", "all_nodes_aggregated"),)),
    "certificates": SnapshotPart("/prometheus/stats"),
    "license": SnapshotPart("/license"),
}
HEALTH_PARTS = (
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
# Without one of these it is unknown whether the cluster is healthy.
NEEDED_FOR_HEALTH = frozenset({"nodes", "listeners", "connectors", "actions", "sources", "bridges", "alarms"})
PART_CALLS = {name: f"GET {part.path}" for name, part in PARTS.items()}
# Errors that concern all parts.
FATAL_EXIT_CODES = frozenset(
    {ExitCode.UNAUTHENTICATED, ExitCode.CONFIG, ExitCode.NOT_READY, ExitCode.GUARDED}
)


class Snapshot(NamedTuple):
    """The parts that were read; `unsupported` are missing in this EMQX, `errors` are the failed ones."""

    parts: Mapping[str, object]
    unsupported: Mapping[str, str]
    errors: Mapping[str, EmqxctlError]

    @property
    def missing_for_health(self) -> list[str]:
        """The parts that could not be read and without which the cluster cannot be called healthy."""
        return [name for name in self.errors if name in NEEDED_FOR_HEALTH]

    @property
    def notes(self) -> tuple[str, ...]:
        """One note per reason for the parts that could not be read; of a 403 with what is missing."""
        reasons: dict[str, list[str]] = {}
        for name, error in self.errors.items():
            required = error.details.get("required")
            denied_by = error.details.get("denied_by")
            reason = f"{error.code}: requires the {denied_by} {required}" if denied_by else error.code
            reasons.setdefault(reason, []).append(name)
        return tuple(f"not available: {', '.join(names)} ({reason})" for reason, names in reasons.items())


def read_snapshot(client: "Client", names: Iterable[str], broker: BrokerStatus) -> Snapshot:
    """Read parts in parallel, except those that this version or edition lacks.

    Raises an error that concerns all parts (wrong key, EMQX still starting), and the first one if all failed.
    """
    from emqxctl.emqx.operations import unavailable_reason

    supported_names, unsupported = [], {}
    for name in names:
        reason = unavailable_reason(PART_CALLS[name], broker.version, broker.edition)
        if reason:
            unsupported[name] = reason
        else:
            supported_names.append(name)
    if "actions" in supported_names and "bridges" in supported_names:  # the former name of both
        supported_names.remove("bridges")
    fetched = fetch_all(client, {name: PARTS[name].fetch for name in supported_names})
    parts = {name: result.value for name, result in fetched.items() if result.error is None}
    errors = {name: result.error for name, result in fetched.items() if result.error is not None}
    for error in errors.values():
        if error.exit_code in FATAL_EXIT_CODES or not parts:
            raise error
    unsupported |= {
        name: error.message for name, error in errors.items() if error.exit_code is ExitCode.UNSUPPORTED
    }
    return Snapshot(parts, unsupported, {name: errors[name] for name in errors if name not in unsupported})
