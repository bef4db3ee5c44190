"""The order of changes: levels, references, unique values freed before they are taken, deletes bottom-up."""

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from emqxctl.declarative.changes import Action, Cause, Change, FieldChange
from emqxctl.declarative.documents import Entry, Json
from emqxctl.declarative.kind import Kind, Reference
from emqxctl.declarative.record import Record

Identity = tuple[str, str, str]  # kind, key, action


def order_changes(changes: Sequence[Change]) -> list[Change]:
    """Return changes in the order in which they are made.

    Creates and updates go by level, deletes afterwards in reverse; within that, what another change needs
    goes first. A cycle (two listeners that swap their ports) is left in the order of the levels.
    """
    ranked = sorted(changes, key=rank)
    by_identity = {identity_of(change): change for change in ranked}
    places = {identity: at for at, identity in enumerate(by_identity)}
    graph: dict[Identity, set[Identity]] = {identity: set() for identity in by_identity}
    for before, after in [*dependencies(ranked), *freed_values(ranked)]:
        graph[after].add(before)
    try:
        return [by_identity[change] for change in stable_sort(graph, places)]
    except CycleError:
        return ranked


def identity_of(change: Change) -> Identity:
    """Return the identity of a change: no other change has it."""
    return change.kind.name, change.key, change.action.value


def rank(change: Change) -> tuple[int, int, str, int]:
    """Return the position of a change by its level: deletes last, from the last level to the first."""
    level = int(change.kind.level_of(change.key))
    if change.action is Action.DELETE:
        return 1, -level, change.kind.name, 0
    return 0, level, change.kind.name, int(change.action is Action.REORDER)


def dependencies(changes: Sequence[Change]) -> Iterable[tuple[Identity, Identity]]:
    """Yield pairs of changes, the first of which must be made before the second."""
    makers = {other.identity: identity_of(other) for other in changes if other.action is not Action.DELETE}
    removers = {other.identity: identity_of(other) for other in changes if other.action is Action.DELETE}
    for change in changes:
        identity = identity_of(change)
        for needed in change.needs():
            if needed in makers and makers[needed] != identity:
                yield makers[needed], identity
        for needed in change.needed():
            if needed in removers and removers[needed] != identity:
                yield identity, removers[needed]


def freed_values(changes: Sequence[Change]) -> Iterable[tuple[Identity, Identity]]:
    """Yield pairs of changes, the first of which releases a unique value that the second uses."""
    owners: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        for name in change.kind.unique:
            value = (change.before or {}).get(name)
            kept = change.action is not Action.DELETE and (change.body or {}).get(name) == value
            if value is not None and not kept and change.action is not Action.REORDER:
                owners.setdefault((name, port_of(value)), []).append(change)
    for change in changes:
        for name in change.kind.unique:
            if change.action in {Action.CREATE, Action.UPDATE}:
                port = port_of((change.body or {}).get(name))
                for owner in owners.get((name, port), ()):
                    if owner is not change:
                        yield identity_of(owner), identity_of(change)


def port_of(value: Json) -> str:
    """Return what an address takes for itself: its port."""
    return str(value).rpartition(":")[2]


def stable_sort(graph: Mapping[Identity, set[Identity]], places: Mapping[Identity, int]) -> list[Identity]:
    """Sort topologically, and by place where the graph leaves a choice. Raises CycleError."""
    from heapq import heappop, heappush

    sorter = TopologicalSorter(graph)
    sorter.prepare()
    ready: list[tuple[int, Identity]] = []
    result: list[Identity] = []
    while sorter.is_active():
        for identity in sorter.get_ready():
            heappush(ready, (places[identity], identity))
        _, first = heappop(ready)
        result.append(first)
        sorter.done(first)
    return result


def plan_order(
    kind: Kind,
    entries: Sequence[Entry],
    actual: Iterable[str],
    deletes: Sequence[Change],
    record: Record | None,
) -> Change | None:
    """Return the change that puts the objects of a kind in the order of the file, where they are not."""
    stated_keys = [entry.key for entry in entries]
    gone = {change.key for change in deletes}
    existing = [key for key in actual if key not in gone]
    after_creates = existing + [key for key in stated_keys if key not in existing]
    target = arrange(after_creates, stated_keys)
    if target == after_creates or not (kind.order or kind.move):
        return None
    stated = set(stated_keys)
    before = [key for key in after_creates if key in stated]
    last = record.order.get(kind.name) if record else None
    cause = Cause.FILE
    if last is not None:
        cause = Cause.DRIFT if last == stated_keys else Cause.FILE if last == before else Cause.BOTH
    field = FieldChange(("order",), before, stated_keys, cause=cause)
    return Change(kind, "", Action.REORDER, cause, (field,), keys=tuple(stated_keys))


def arrange(present: Sequence[str], target_order: Sequence[str]) -> list[str]:
    """Return what is present with the wanted ones in their order; the others keep their places."""
    stated = set(target_order)
    there = set(present)
    queue = iter([key for key in target_order if key in there])
    return [next(queue) if key in stated else key for key in present]


def blockers(change: Change, failed: Mapping[Reference, Change]) -> list[Change]:
    """Return the changes that failed and without which this one cannot be made."""
    if change.action is Action.DELETE:
        identity = change.identity
        return [other for other in failed.values() if identity in set(other.needed()) | set(other.needs())]
    return [failed[needed] for needed in change.needs() if needed in failed]
