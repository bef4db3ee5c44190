"""The API responses that the checks need; counters in two samples."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from emqxctl.api.parallel import Fetched
from emqxctl.api.status import BrokerStatus
from emqxctl.cli.session import Session
from emqxctl.commands.check._limits import CHECKS, CONFIGURATIONS, NEEDS_LOGIN
from emqxctl.commands.check._losing import SOURCE_COUNTERS
from emqxctl.commands.check._measures import subtract_counters
from emqxctl.commands.check._plan import CheckPlan
from emqxctl.diagnosis.counter_movement import (
    CountedObject,
    compare_counters,
    list_counted_objects,
    read_counters,
)
from emqxctl.diagnosis.health import dict_rows
from emqxctl.diagnosis.probe import require_running
from emqxctl.diagnosis.snapshot import PARTS, Snapshot
from emqxctl.errors import EmqxctlError
from emqxctl.output.results import Row

if TYPE_CHECKING:
    from emqxctl.api.client import Client

COUNTER_PARTS = ("metrics", "rule metrics")  # read twice with --over
EXTRA_PARTS = {  # in addition to Check.part
    "nodes": ("cluster", "topology"),
    "license-use": ("nodes",),
    "actions": ("rule metrics",),
    "configs": ("nodes",),
}
SOURCE_FIELDS = ("received", "matched", "success", "failed", "dropped", "queuing")
MAX_SOURCES = 100  # whose counters are read: two requests each
SLEEP: Callable[[float], None] = time.sleep


def read_measurements(session: Session, plan: CheckPlan) -> Snapshot:
    """Read the parts that the checks need; counters twice with --over."""
    from emqxctl.diagnosis.snapshot import read_snapshot

    client = session.client
    broker = require_running(session.anonymous_client)
    needed_parts = dict.fromkeys(
        part for name in plan.names for part in (CHECKS[name].part, *EXTRA_PARTS.get(name, ()))
    )
    parts = [part for part in needed_parts if part in PARTS]
    counters = [part for part in COUNTER_PARTS if part in parts and plan.over]
    before = read_first_sample(client, counters, broker)
    sources = read_source_counters(client, broker) if "sources" in parts else {}
    if (before or sources) and plan.over:
        SLEEP(plan.over)
    snapshot = read_snapshot(client, parts, broker) if parts else Snapshot({}, {}, {})
    increases: dict[str, object] = {
        name: subtract_counters(before[name], snapshot.parts[name])
        for name in before
        if name in snapshot.parts
    }
    if sources:
        increases[SOURCE_COUNTERS] = measure_sources(client, sources, since_start=not plan.over)
    snapshot = snapshot._replace(parts={**snapshot.parts, **increases})
    if CONFIGURATIONS in needed_parts:
        snapshot = add_configurations(client, snapshot)
    return add_api_keys(session, snapshot, plan) if NEEDS_LOGIN in needed_parts else snapshot


def read_first_sample(
    client: "Client", counters: Sequence[str], broker: BrokerStatus
) -> Mapping[str, object]:
    """Return the first sample of counters; none if they cannot be read, which the second sample reports."""
    from emqxctl.diagnosis.snapshot import read_snapshot

    try:
        return read_snapshot(client, counters, broker).parts if counters else {}
    except EmqxctlError:
        return {}


def read_source_counters(client: "Client", broker: BrokerStatus) -> dict[CountedObject, Fetched]:
    """Return the counters of all sources; none if they cannot be read, as the check then says itself."""
    from emqxctl.emqx.operations import unavailable_reason

    if unavailable_reason("GET /sources", broker.version, broker.edition):
        return {}
    try:
        return read_counters(client, list_counted_objects(client, ["sources"])[:MAX_SOURCES])
    except EmqxctlError:
        return {}


def measure_sources(
    client: "Client", before: Mapping[CountedObject, Fetched], *, since_start: bool
) -> list[Row]:
    """Return how much the counters of each source grew, or their values `since_start`."""
    rows: list[Row] = []
    for movement in compare_counters(before, read_counters(client, before)):
        measure = movement.total if since_start else movement.growth
        if movement.error is None:
            rows.append({"id": movement.object.id, **{name: measure(name) for name in SOURCE_FIELDS}})
    return rows


def add_configurations(client: "Client", snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with the settings that differ, by node; nodes that were not read have a reason."""
    from emqxctl.diagnosis.configuration_differences import compare_configurations, find_differing_nodes
    from emqxctl.diagnosis.node_configurations import read_node_configurations

    if "nodes" in snapshot.errors:
        return snapshot._replace(errors={**snapshot.errors, CONFIGURATIONS: snapshot.errors["nodes"]})
    try:
        configurations = read_node_configurations(client, dict_rows(snapshot.parts.get("nodes")))
    except EmqxctlError as error:
        return snapshot._replace(errors={**snapshot.errors, CONFIGURATIONS: error})
    differences = find_differing_nodes(compare_configurations(configurations.by_node))
    part = {
        "nodes": list(configurations.by_node),
        "differences": differences,
        "unread": dict(configurations.unread),
    }
    return snapshot._replace(parts={**snapshot.parts, CONFIGURATIONS: part})


def add_api_keys(session: Session, snapshot: Snapshot, plan: CheckPlan) -> Snapshot:
    """Return the snapshot with the API keys, which only a dashboard user may list.

    Unless the check was selected, it does not ask for a user, and is skipped without one.
    """
    from emqxctl.cli.dashboard_login import log_in

    if not (plan.is_login_requested or session.settings.username):
        reason = "requires a dashboard user: --username NAME --password-file FILE"
        return snapshot._replace(unsupported={**snapshot.unsupported, NEEDS_LOGIN: reason})
    try:
        keys = log_in(session).get_list("/api_key")
    except EmqxctlError as error:
        return snapshot._replace(errors={**snapshot.errors, NEEDS_LOGIN: error})
    return snapshot._replace(parts={**snapshot.parts, NEEDS_LOGIN: keys})
