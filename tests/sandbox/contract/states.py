"""What a recorded exchange needs to find in the sandbox, beyond the common recorded state."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from urllib.parse import unquote

from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import Ban
from tests.sandbox.contract.features import FEATURE_STATES
from tests.sandbox.contract.integration import INTEGRATION_STATES
from tests.sandbox.contract.listeners import LISTENER_STATES
from tests.sandbox.contract.management import MANAGEMENT_STATES
from tests.sandbox.contract.recordings import NODES, NOW, fill_alarms
from tests.support.recordings import Exchange

Preparation = Callable[[Cluster, Exchange], None]


def stop_nodes(*numbers: int) -> Preparation:
    def prepare(cluster: Cluster, _: Exchange) -> None:
        for number in numbers:
            cluster.stop_node(f"emqx{number}@127.0.0.1")

    return prepare


def forget(cluster: Cluster, _: Exchange) -> None:
    for held in (cluster.clients, cluster.bans, cluster.retained):
        held.clear()


def kick_named(cluster: Cluster, exchange: Exchange) -> None:
    cluster.kick(exchange.request["path"].rpartition("/")[2])


def ban_named(cluster: Cluster, exchange: Exchange) -> None:
    kind, who = exchange.request["path"].split("/")[-2:]
    cluster.bans[kind, unquote(who)] = Ban(kind, unquote(who), "ops", "test", int(NOW), "infinity")


def ban_already(cluster: Cluster, _: Exchange) -> None:
    cluster.bans["clientid", "rec-bad"] = Ban("clientid", "rec-bad", "ops", "test", int(NOW), 1924992000)


def retain_named(cluster: Cluster, exchange: Exchange) -> None:
    topic = unquote(exchange.request["path"].rpartition("/")[2]).replace("+", "one")
    cluster.publish(cluster.new_message(topic, b"x"), retain=True)


def delete_retained(cluster: Cluster, _: Exchange) -> None:
    cluster.retained.pop("config/sensor-001")


def fill_pages(cluster: Cluster, exchange: Exchange) -> None:
    """Add rows of which the recording shows only the number."""
    count = exchange.body["meta"]["count"]
    topics = sum(len(nodes) for nodes in cluster.topics().values())
    held = topics if exchange.operation == "GET /topics" else len(list(cluster.sessions()))
    for number in range(count - held):
        cluster.add_subscription("sensor-001", f"filler/{number}")
    for number in range(count - len(cluster.retained)):
        cluster.publish(cluster.new_message(f"filler/{number}", b"x"), retain=True)


def listen(cluster: Cluster, _: Exchange) -> None:
    cluster.add_subscription("sensor-002", "cmd/sensor-002")


def raise_recorded(cluster: Cluster, exchange: Exchange) -> None:
    cluster.alarms.clear()
    cluster.past_alarms.clear()
    fill_alarms(cluster, [exchange])


def end_recorded(cluster: Cluster, exchange: Exchange) -> None:
    cluster.end_alarm(exchange.request["body"]["name"], NODES[0])


# The state that an exchange needs beyond the common one, by patterns of operations and titles.
STATES: dict[tuple[str, str], Preparation] = {
    ("*", "*one node stopped*"): stop_nodes(3),
    ("*", "*the stopped node*"): stop_nodes(3),
    ("*", "two nodes stopped"): stop_nodes(2, 3),
    ("*", "nobody connected"): forget,
    ("*", "empty cluster"): forget,
    ("* /clients/{clientid}", "kicked again"): kick_named,
    ("* /clients/{clientid}", "after a kick"): kick_named,
    ("DELETE /banned/*", "[!a]*"): ban_named,  # all but "again"
    ("POST /banned", "the same again"): ban_already,
    ("GET /banned", "none"): forget,
    ("GET /mqtt/retainer/messages", "none*"): forget,
    ("DELETE /mqtt/retainer/message/*", "[!b]*"): retain_named,  # all but "bad filter"
    ("GET /mqtt/retainer/message/*", "after the delete"): delete_retained,
    ("GET *", "*, last page [0-9]*"): fill_pages,
    ("POST /publish", "properties"): listen,
    ("POST /publish/bulk", "all delivered"): listen,
    ("GET /alarms", "*"): raise_recorded,
    ("POST /alarms/force_deactivate", "again"): end_recorded,
}
STATES |= INTEGRATION_STATES
STATES |= LISTENER_STATES
STATES |= MANAGEMENT_STATES
STATES |= FEATURE_STATES


def prepare_state(cluster: Cluster, exchange: Exchange) -> bool:
    """Make the state that an exchange needs; tell whether it needs one of its own."""
    needed = [
        prepare
        for (operation, title), prepare in STATES.items()
        if fnmatchcase(exchange.operation, operation) and fnmatchcase(exchange.title, title)
    ]
    for prepare in needed:
        prepare(cluster, exchange)
    return bool(needed)
