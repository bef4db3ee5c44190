"""Who receives a message: subscriptions counted as they stream by, only some of them kept."""

from collections.abc import Iterable, Mapping

from emqxctl.emqx.topics import parse_subscription, topic_matches
from emqxctl.output.results import Row

MEMBERS = 3  # of a shared group that are named
KEPT = ("clientid", "topic", "qos", "node", "nl", "rap", "rh", "durable")


class Receivers:
    """What the subscriptions that match come to; memory grows with the shared groups alone."""

    def __init__(self, limit: int) -> None:
        """Begin with none; `limit` are named."""
        self.limit = limit
        self.clients: list[Row] = []
        self.shared: dict[tuple[str, str], Row] = {}
        self.direct = self.members = self.no_local = 0

    @property
    def subscriptions(self) -> int:
        """How many subscriptions match."""
        return self.direct + self.members

    @property
    def deliveries(self) -> int:
        """How many copies go out: one for each subscription, one for each shared group."""
        return self.direct + len(self.shared)

    @property
    def truncated(self) -> bool:
        """Whether more match than are named."""
        return self.direct > len(self.clients)

    def groups(self) -> list[Row]:
        """Give the shared groups in order."""
        return [self.shared[key] for key in sorted(self.shared)]

    def add(self, row: Mapping[str, object], group: str, wanted: str) -> None:
        """Count a subscription that matches."""
        if not group:
            self.direct += 1
            if len(self.clients) < self.limit:
                self.clients.append({name: row[name] for name in KEPT if name in row})
            return
        self.members += 1
        empty: Row = {"group": group, "filter": wanted, "members": 0, "clients": []}
        found = self.shared.setdefault((group, wanted), empty)
        found["members"] = int(str(found["members"])) + 1
        some = found["clients"]
        if isinstance(some, list) and len(some) < MEMBERS:
            some.append(row.get("clientid"))


def receivers(
    rows: Iterable[Mapping[str, object]], topic: str, publisher: str | None, limit: int
) -> Receivers:
    """Find the subscriptions that a topic reaches; the publisher's own with no-local set get nothing."""
    found = Receivers(limit)
    for row in rows:
        group, wanted, _ = parse_subscription(str(row.get("topic", "")))
        if not topic_matches(topic, wanted):
            continue
        own = publisher is not None and row.get("clientid") == publisher
        if own and not group and row.get("nl") in (1, True):
            found.no_local += 1
        else:
            found.add(row, group, wanted)
    return found
