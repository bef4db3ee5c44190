"""Who receives a message: subscriptions counted as they are read, of which only some are kept."""

from collections.abc import Iterable, Mapping

from emqxctl.emqx.topics import parse_subscription, topic_matches
from emqxctl.output.results import Row

MEMBER_SAMPLE = 3  # members of a shared group that are listed
SUBSCRIPTION_FIELDS = ("clientid", "topic", "qos", "node", "nl", "rap", "rh", "durable")


class Receivers:
    """The subscriptions that match a topic; memory grows only with the number of shared groups."""

    def __init__(self, limit: int) -> None:
        """Start without subscriptions; `limit` of those that are not shared are kept."""
        self.limit = limit
        self.clients: list[Row] = []
        self.groups: dict[tuple[str, str], Row] = {}
        self.direct_count = self.member_count = self.no_local_count = 0

    @property
    def subscriptions(self) -> int:
        """How many subscriptions match."""
        return self.direct_count + self.member_count

    @property
    def deliveries(self) -> int:
        """How many copies are sent: one for each subscription, one for each shared group."""
        return self.direct_count + len(self.groups)

    @property
    def is_truncated(self) -> bool:
        """Whether more subscriptions match than are kept."""
        return self.direct_count > len(self.clients)

    def list_groups(self) -> list[Row]:
        """Return the shared groups in order."""
        return [self.groups[key] for key in sorted(self.groups)]

    def add(self, row: Mapping[str, object], group: str, topic_filter: str) -> None:
        """Count a subscription that matches."""
        if not group:
            self.direct_count += 1
            if len(self.clients) < self.limit:
                self.clients.append({name: row[name] for name in SUBSCRIPTION_FIELDS if name in row})
            return
        self.member_count += 1
        empty: Row = {"group": group, "filter": topic_filter, "members": 0, "clients": []}
        group_row = self.groups.setdefault((group, topic_filter), empty)
        group_row["members"] = int(str(group_row["members"])) + 1
        members = group_row["clients"]
        if isinstance(members, list) and len(members) < MEMBER_SAMPLE:
            members.append(row.get("clientid"))


def find_receivers(
    rows: Iterable[Mapping[str, object]], topic: str, publisher: str | None, limit: int
) -> Receivers:
    """Find the subscriptions that receive a topic; those of the publisher with no-local receive nothing."""
    receivers = Receivers(limit)
    for row in rows:
        group, topic_filter, _ = parse_subscription(str(row.get("topic", "")))
        if not topic_matches(topic, topic_filter):
            continue
        is_own = publisher is not None and row.get("clientid") == publisher
        if is_own and not group and row.get("nl") in (1, True):
            receivers.no_local_count += 1
        else:
            receivers.add(row, group, topic_filter)
    return receivers
