"""The recorded rules, connectors, actions, sources and bridges, and the states their exchanges need."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from emqxctl.sandbox.schema.integration import ACTIONS, CONNECTORS, SOURCES
from emqxctl.sandbox.seed.features import add_channel, add_connector, add_rule
from emqxctl.sandbox.state.cluster import Cluster
from tests.sandbox.contract.recordings import NOW, iterate_rows, parse_epoch
from tests.support.recordings import Exchange

REAL_PASSWORD = "pw-bridge"
RULE_FIELDS = ("actions", "description", "enable", "name", "sql")
HTTP = "http://127.0.0.1:19181"


def known(fields: Any, row: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields}
    return {name: value for name, value in row.items() if name in names}


def fill_integration(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Make what the listings show, and what the recording made for itself."""
    held = cluster.integration
    for things in (held.rules, held.connectors, held.actions, held.sources):
        things.clear()
    for row in iterate_rows("GET /connectors", exchanges):
        config = known(CONNECTORS[row["type"]].fields, row)
        if "password" in config:
            config["password"] = REAL_PASSWORD
        add_connector(held, row["type"], row["name"], **config)
    for root, schemas in (("actions", ACTIONS), ("sources", SOURCES)):
        for row in iterate_rows(f"GET /{root}", exchanges):
            config = known(schemas[row["type"]].fields, row)
            add_channel(held, root, (row["type"], row["name"]), row["created_at"] / 1000, config)
    for row in iterate_rows("GET /rules", exchanges):
        wish = {name: row[name] for name in RULE_FIELDS}
        add_rule(held, row["id"], parse_epoch(row["created_at"]), wish).rate = 3.3
    make_own(cluster)


def make_own(cluster: Cluster) -> None:
    """Make what the recording made for itself, all of it."""
    held = cluster.integration
    add_connector(held, "http", "rec-http", url=HTTP, headers={"authorization": "Bearer x"})
    add_connector(held, "mqtt", "rec-dead", server="127.0.0.1:9")
    add_connector(held, "mqtt", "rec-badpw", server="127.0.0.1:2883", username="u", password="wrong")
    posting = {"connector": "rec-http", "parameters": {"body": "${payload}", "method": "post", "path": "/x"}}
    add_channel(held, "actions", ("http", "rec-act"), NOW, posting)
    reading = {"connector": "to-node2", "parameters": {"qos": 1, "topic": "rec/up/#"}}
    add_channel(held, "sources", ("mqtt", "rec-src"), NOW, reading)
    for name in ("rec-rule", "rec-nd"):
        add_rule(held, name, NOW, {"sql": 'SELECT * FROM "rec"'})
    add_rule(held, "rec-dep", NOW, {"sql": 'SELECT * FROM "rec"', "actions": ["http:rec-act"]})
    add_rule(held, "rec-dep2", NOW, {"sql": 'SELECT * FROM "$bridges/mqtt:rec-src"'})


def make_bridges(cluster: Cluster, _: Exchange) -> None:
    """Make the bridges of the recording."""
    held = cluster.integration
    opened = {"username": "bridge-user", "password": REAL_PASSWORD}
    add_connector(held, "http", "rec-wh", url=HTTP)
    add_connector(held, "mqtt", "rec-br", server="127.0.0.1:2883", **opened)
    posting = {"connector": "rec-wh", "parameters": {"path": "/x", "headers": {}}}
    add_channel(held, "actions", ("http", "rec-wh"), NOW, posting)
    sending = {"connector": "rec-br", "parameters": {"topic": "r/${topic}", "payload": "${payload}"}}
    add_channel(held, "actions", ("mqtt", "rec-br"), NOW, sending)


def make_only_bridges(cluster: Cluster, exchange: Exchange) -> None:
    forget_own(cluster, exchange)
    make_bridges(cluster, exchange)


def forget_own(cluster: Cluster, _: Exchange) -> None:
    """Forget what the recording made for itself."""
    held = cluster.integration
    tables: list[dict[Any, Any]] = [held.rules, held.connectors, held.actions, held.sources]
    for things in tables:
        for key in [key for key in things if (key if isinstance(key, str) else key[1]).startswith("rec-")]:
            del things[key]


def forget_all(cluster: Cluster, _: Exchange) -> None:
    held = cluster.integration
    for things in (held.rules, held.connectors, held.actions, held.sources):
        things.clear()


def forget_named(cluster: Cluster, exchange: Exchange) -> None:
    """Forget what the path, or the body of a creation, names."""
    held, body = cluster.integration, exchange.request.get("body")
    if exchange.request["method"] == "POST" and isinstance(body, dict):
        held.rules.pop(body.get("id", ""), None)
        key = body.get("type", ""), body.get("name", "")
    else:
        identifier = unquote(exchange.request["path"].split("/")[4])
        held.rules.pop(identifier, None)
        kind, _, name = identifier.partition(":")
        key = kind, name
    for things in (held.connectors, held.actions, held.sources):
        things.pop(key, None)
    forget_users(cluster, exchange)


def forget_users(cluster: Cluster, exchange: Exchange) -> None:
    """Forget what the recording made that uses something else."""
    held = cluster.integration
    for name in ("rec-dep", "rec-dep2"):
        held.rules.pop(name, None)
    if "connectors" in exchange.operation:
        held.actions.pop(("http", "rec-act"))


def disable(cluster: Cluster, exchange: Exchange) -> None:
    kind, _, name = unquote(exchange.request["path"].split("/")[4]).partition(":")
    root = exchange.request["path"].split("/")[3]
    cluster.integration.channels(root)[kind, name].config["enable"] = False


INTEGRATION_STATES: dict[tuple[str, str], Callable[[Cluster, Exchange], None]] = {
    ("GET /connectors", "empty cluster"): forget_all,
    ("GET /actions", "empty cluster"): forget_all,
    ("GET /sources", "empty cluster"): forget_all,
    ("GET /rules", "*"): forget_own,
    ("GET /rules", "none"): forget_all,
    ("DELETE /connectors/{id}", "again"): forget_named,
    ("DELETE /connectors/{id}", "delete"): forget_users,
    ("PUT /connectors/{id}", "*"): forget_users,
    ("DELETE /rules/{id}", "again"): forget_named,
    ("POST /connectors", "[!a]*"): forget_named,  # all but "already exists"
    ("POST /actions", "[!a]*"): forget_named,
    ("POST /sources", "[!a]*"): forget_named,
    ("POST /rules", "[!t]*"): forget_named,  # all but "the same id again"
    ("GET /bridges", "empty cluster"): forget_all,
    ("GET /bridges", "plain"): forget_own,
    ("* /bridges", "with two"): make_only_bridges,
    ("* /bridges", "already exists"): make_only_bridges,
    ("* /bridges/*", "[!a]*"): make_bridges,  # all but "again"
    ("* /nodes/{node}/bridges/*", "*"): make_bridges,
    ("POST /*/{id}/{operation}", "start while disabled"): disable,
}
