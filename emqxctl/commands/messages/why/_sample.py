"""Two samples of all counters of lost messages, and the pause between them, which Ctrl-C ends early."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.parallel import Fetch, Fetched, fetch_all, fetch_path
from emqxctl.commands.messages.why._clients import FIELDS, Session
from emqxctl.commands.messages.why._topic import fetch_topic_counters
from emqxctl.diagnosis.counter_movement import CountedObject, read_counters
from emqxctl.text.units import format_duration

if TYPE_CHECKING:
    from emqxctl.api.client import Client

SLEEP: Callable[[float], None] = time.sleep
MAX_OBJECTS = 300  # rules, actions and sources whose counters are read: two requests each


class Target(NamedTuple):
    """What is measured besides the counters of the cluster.

    `clientids` are the only clients to read; None means the first `scan` ones of the list.
    """

    objects: Sequence[CountedObject]
    clientids: Sequence[str] | None
    scan: int
    topic: str = ""


class Sample(NamedTuple):
    """What was read at one time: responses by name, counters by object, and the clients by id."""

    time: float
    parts: Mapping[str, Fetched]
    objects: Mapping[CountedObject, Fetched]

    @property
    def clients(self) -> Mapping[str, Session]:
        """The clients that were read, by their id."""
        rows = self.parts["clients"].value or []
        return {str(row.get("clientid")): row for row in rows}


def take_sample(client: "Client", target: Target) -> Sample:
    """Read all counters. Raises an EmqxctlError if those of the cluster cannot be read."""
    fetches: dict[str, Fetch] = {"metrics": fetch_path("/metrics"), "clients": fetch_clients(target)}
    if target.topic:
        fetches["topic metrics"] = fetch_topic_counters(target.topic)
    now = time.monotonic()
    parts = fetch_all(client, fetches)
    if parts["metrics"].error:
        raise parts["metrics"].error
    return Sample(now, parts, read_counters(client, target.objects))


def fetch_clients(target: Target) -> Fetch:
    """Return the fetch of the clients with the fields that tell of losses."""

    def fetch(client: "Client") -> list[Session]:
        from emqxctl.commands.clients._resource import CLIENTS

        if target.clientids is not None:
            from emqxctl.api.lookup import look_up_rows

            pages = look_up_rows(client, CLIENTS, target.clientids)
            return [row for page in pages for row in page.read_all()]
        return list(scan_clients(client, target.scan))

    return fetch


def scan_clients(client: "Client", limit: int) -> Iterable[Session]:
    """Return the first clients of the list; the server selects the fields since EMQX 5.6."""
    from itertools import islice

    from emqxctl.api.listing import iterate_list
    from emqxctl.commands.clients._resource import CLIENTS

    selected = ",".join(FIELDS) if set(FIELDS) <= CLIENTS.selectable_fields else ""
    query = {"fields": selected} if selected else {}
    rows = iterate_list(client, CLIENTS, query=query, limit=limit, fields=FIELDS)
    return islice(rows, limit)


def pause(seconds: float, log: Callable[[str], None]) -> None:
    """Wait; Ctrl-C ends the wait, so that what was measured until then is reported."""
    try:
        log(f"measuring for {format_duration(seconds)}; Ctrl-C ends it early")
        SLEEP(seconds)
    except KeyboardInterrupt:
        log("interrupted: the report covers the time until now")
