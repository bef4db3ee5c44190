"""How the counters of rules, actions and sources move: two samples with a pause, by object and node."""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.api.parallel import Fetched, fetch_all, fetch_path
from emqxctl.diagnosis.health import dict_rows, get_resource_id, parse_number
from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.resource import Paging

if TYPE_CHECKING:
    from emqxctl.api.client import Client

Counters = Mapping[str, float]  # by EMQX's names: matched, success, failed, dropped.queue_full ...
NodeCounters = Mapping[str, Counters]  # by node
# The lists whose objects have counters. EMQX before 5.4 has bridges instead of actions and sources.
PAGING = {"rules": Paging.PAGES, "actions": Paging.NONE, "sources": Paging.NONE, "bridges": Paging.NONE}
MOVEMENT_CALLS = (
    "GET /rules",
    "GET /actions",
    "GET /sources",
    "GET /rules/{id}/metrics",
    "GET /actions/{id}/metrics",
    "GET /sources/{id}/metrics",
)


class CountedObject(NamedTuple):
    """An object with counters: its kind (`rules`, `actions`, `sources`), its id, and its namespace (6.0+)."""

    kind: str
    id: str
    namespace: str | None = None


class CounterMovement(NamedTuple):
    """The counters of one object in two samples, by node; `error` says why there are none.

    Only nodes in both samples are compared: what a node counted before it responded is not known. A counter
    that was reset between the samples starts from 0.
    """

    object: CountedObject
    before: NodeCounters
    after: NodeCounters
    error: EmqxctlError | None = None

    @property
    def nodes(self) -> list[str]:
        """The nodes in both samples."""
        return [node for node in self.after if node in self.before]

    def growth_on(self, node: str, counter: str) -> float:
        """Return how much a counter grew on one node; of a gauge (`queuing`, `inflight`) how it changed."""
        first, last = self.before[node].get(counter, 0), self.after[node].get(counter, 0)
        return last if last < first and counter not in GAUGES else last - first

    def growth(self, counter: str) -> float:
        """Return how much a counter grew on all nodes."""
        return sum(self.growth_on(node, counter) for node in self.nodes)

    def growth_by_node(self, counter: str) -> dict[str, float]:
        """Return how much a counter grew, on each node on which it changed."""
        growth = {node: self.growth_on(node, counter) for node in self.nodes}
        return {node: value for node, value in growth.items() if value}

    def total(self, counter: str) -> float:
        """Return the value of a counter in the second sample, on all nodes."""
        return sum(counters.get(counter, 0) for counters in self.after.values())

    def grown(self) -> dict[str, float]:
        """Return how much each counter grew that did, on all nodes; without the rates."""
        names = dict.fromkeys(name for node in self.nodes for name in self.after[node])
        growth = {name: self.growth(name) for name in names if "rate" not in name}
        return {name: value for name, value in growth.items() if value}


GAUGES = frozenset({"queuing", "queuing_bytes", "inflight"})


def measure_movement(
    client: "Client", kinds: Iterable[str], pause: float, *, sleep: Callable[[float], None] = time.sleep
) -> list[CounterMovement]:
    """Return the movement of the counters of all objects of some kinds (`rules`, `actions` ...) over a pause.

    A kind that this EMQX lacks has no objects. Raises an EmqxctlError if a list cannot be read.
    """
    objects = list_counted_objects(client, kinds)
    before = read_counters(client, objects)
    if objects:
        sleep(pause)
    return compare_counters(before, read_counters(client, objects))


def list_counted_objects(client: "Client", kinds: Iterable[str]) -> list[CountedObject]:
    """Return all objects of some kinds. Raises an EmqxctlError if a list cannot be read."""
    lists = fetch_all(client, {kind: fetch_path(f"/{kind}", PAGING[kind]) for kind in kinds})
    objects: list[CountedObject] = []
    for kind, fetched in lists.items():
        if fetched.error and fetched.error.exit_code is not ExitCode.UNSUPPORTED:
            raise fetched.error
        objects += to_counted_objects(kind, fetched.value)
    return objects


def to_counted_objects(kind: str, rows: object) -> list[CountedObject]:
    """Return the objects of a list that was read."""
    return [
        CountedObject(kind, get_resource_id(row), str(row["namespace"]) if row.get("namespace") else None)
        for row in dict_rows(rows)
    ]


def read_counters(client: "Client", objects: Iterable[CountedObject]) -> dict[CountedObject, Fetched]:
    """Return the counters of objects by node (`NodeCounters`), read in parallel, or why there are none."""
    keys = {"/".join((key.kind, key.namespace or "", key.id)): key for key in objects}
    results = fetch_all(client, {name: partial(fetch_counters, key) for name, key in keys.items()})
    return {keys[name]: result for name, result in results.items()}


def fetch_counters(key: CountedObject, client: "Client") -> NodeCounters:
    """Return the counters of an object by node. Raises an EmqxctlError."""
    owner = client.in_namespace(key.namespace) if key.namespace else client
    return parse_node_counters(owner.get(f"/{key.kind}/{{id}}/metrics", key.id))


def parse_node_counters(response: Any) -> NodeCounters:  # noqa: ANN401  # JSON is Any
    """Return the counters of a response by node; their sum under `""` if it does not list nodes."""
    if not isinstance(response, Mapping):
        return {}
    rows = dict_rows(response.get("node_metrics"))
    if not rows and isinstance(response.get("metrics"), Mapping):
        rows = [{"node": "", "metrics": response["metrics"]}]
    return {str(row.get("node", "")): parse_counters(row.get("metrics") or row) for row in rows}


def parse_counters(row: object) -> Counters:
    """Return the numbers of an object by their names."""
    numbers = {
        str(name): parse_number(value)
        for name, value in (row.items() if isinstance(row, Mapping) else ())
        if not isinstance(value, str)
    }
    return {name: number for name, number in numbers.items() if number is not None}


def compare_counters(
    before: Mapping[CountedObject, Fetched], after: Mapping[CountedObject, Fetched]
) -> list[CounterMovement]:
    """Return the movement of each object between two samples of `read_counters`."""
    movements = []
    for key, last in after.items():
        first = before.get(key, Fetched({}))
        error = last.error or first.error
        movements.append(
            CounterMovement(key, {}, {}, error) if error else CounterMovement(key, first.value, last.value)
        )
    return movements
