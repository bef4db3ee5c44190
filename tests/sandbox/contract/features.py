"""What the recorded cluster knew of users, rules, keys and features, and the states their exchanges need."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from emqxctl.sandbox.schema.access import check_authenticator, check_source
from emqxctl.sandbox.state.access import Account, new_account
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.features import Delayed, TopicMetrics
from emqxctl.sandbox.state.records import Message
from tests.sandbox.contract.gateways import GATEWAY_STATES, GATEWAYS_NOT_IMITATED, fill_gateways
from tests.sandbox.contract.recordings import NODES, NOW, iterate_rows, parse_epoch
from tests.sandbox.contract.tools import TOOL_STATES, fill_tools
from tests.support.recordings import Exchange

Preparation = Callable[[Cluster, Exchange], None]
BUILT_IN = "password_based:built_in_database"
SCRAM = {"mechanism": "scram", "backend": "built_in_database"}
REDIS = {"mechanism": "password_based", "backend": "redis", "server": "127.0.0.1:9", "cmd": "HMGET x y"}
MYSQL = {"type": "mysql", "server": "127.0.0.1:9", "database": "mqtt", "query": "SELECT 1"}
MYSQL |= {"username": "u", "password": "p"}
RULES = [{"topic": "rec/#", "permission": "allow", "action": "publish", "qos": [0, 1, 2], "retain": "all"}]


def fill_features(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Make what the listings show."""
    for fill in (fill_authenticators, fill_sources, fill_rules, fill_mqtt, fill_tools, fill_gateways):
        fill(cluster, exchanges)


def body_of(exchanges: list[Exchange], operation: str, title: str) -> Any:
    """Find the body of one answer; None when its operation is not simulated yet."""
    bodies = [
        exchange for exchange in exchanges if (exchange.operation, exchange.title) == (operation, title)
    ]
    return bodies[0].body if bodies else None


def fill_authenticators(cluster: Cluster, exchanges: list[Exchange]) -> None:
    access = cluster.access
    access.authenticators.clear()
    access.accounts.clear()
    for row in body_of(exchanges, "GET /authentication", "plain"):
        name = row.pop("id")
        access.authenticators[name] = check_authenticator({**row, "secret": "s"} if name == "jwt" else row)
        row["id"] = name
    for row in iterate_rows("GET /authentication/{id}/users", exchanges):
        if row["user_id"] != "rec-s":
            access.chain(BUILT_IN)[row["user_id"]] = Account(row["is_superuser"])


def fill_sources(cluster: Cluster, exchanges: list[Exchange]) -> None:
    listed = body_of(exchanges, "GET /authorization/sources", "plain")["sources"]
    cluster.access.sources = {row["type"]: check_source(row) for row in listed}


def fill_rules(cluster: Cluster, exchanges: list[Exchange]) -> None:
    access, base = cluster.access, "GET /authorization/sources/built_in_database/rules"
    access.rules = {"username": {}, "clientid": {}}
    access.rules_for_all = body_of(exchanges, f"{base}/all", "plain")["rules"]
    for kind, word in (("username", "users"), ("clientid", "clients")):
        for operation in (f"{base}/{word}", f"{base}/{word}/{{{kind}}}"):
            for row in iterate_rows(operation, exchanges):
                if not row[kind].startswith("rec/"):
                    access.rules[kind][row[kind]] = row["rules"]
        for number in range(22 if kind == "clientid" else 12):
            if len(access.rules[kind]) < (22 if kind == "clientid" else 12):
                access.rules[kind][f"filler-{number}"] = RULES


@dataclass(frozen=True)
class RecordedMessage(Message):
    """A message whose id was recorded."""

    id: str = ""

    @property
    def msgid(self) -> str:
        """Give the recorded id."""
        return self.id


def delayed(topic: str, msgid: str, payload: bytes = b"x", at: float = NOW) -> Delayed:
    return Delayed(RecordedMessage(topic, payload, 1, at, id=msgid), 20_000, NODES[0])


def fill_mqtt(cluster: Cluster, exchanges: list[Exchange]) -> None:
    held = cluster.features
    held.delayed.clear()
    held.topic_metrics.clear()
    held.slow = [*body_of(exchanges, "GET /slow_subscriptions", "plain")["data"]]
    details = {
        row["msgid"]: row for row in iterate_rows("GET /mqtt/delayed/messages/{node}/{msgid}", exchanges)
    }
    for row in iterate_rows("GET /mqtt/delayed/messages", exchanges):
        coded = details.get(row["msgid"], {}).get("payload", "")
        payload = bytes(3000) if "_" in coded else base64.b64decode(coded)
        held.delayed.append(delayed(row["topic"], row["msgid"], payload, parse_epoch(row["publish_at"])))
    for row in iterate_rows("GET /mqtt/topic_metrics", exchanges):
        held.topic_metrics[row["topic"]] = TopicMetrics(parse_epoch(row["create_time"]))
    held.rewrites = body_of(exchanges, "GET /mqtt/topic_rewrite", "plain")
    held.auto_subscribe = body_of(exchanges, "GET /mqtt/auto_subscribe", "plain")


def clear_mqtt(cluster: Cluster, _: Exchange) -> None:
    held = cluster.features
    for things in (held.delayed, held.topic_metrics, held.slow):
        things.clear()


def delay_named(cluster: Cluster, exchange: Exchange) -> None:
    name = last_segment(exchange)
    cluster.features.delayed.append(delayed(name, name))


def count_named(cluster: Cluster, exchange: Exchange) -> None:
    cluster.features.topic_metrics[last_segment(exchange)] = TopicMetrics(NOW)


def fill_topic_metrics(cluster: Cluster, _: Exchange) -> None:
    cluster.features.topic_metrics = {f"filler/{number}": TopicMetrics(NOW) for number in range(512)}


def stop_delaying(cluster: Cluster, _: Exchange) -> None:
    cluster.settings["delayed"]["enable"] = False


def last_segment(exchange: Exchange, at: int = -1) -> str:
    return unquote(exchange.request["path"].split("/")[at])


def add_authenticators(cluster: Cluster, _: Exchange) -> None:
    cluster.access.authenticators["password_based:redis"] = check_authenticator(REDIS)
    cluster.access.authenticators["scram:built_in_database"] = check_authenticator(SCRAM)


def clear_authenticators(cluster: Cluster, _: Exchange) -> None:
    cluster.access.authenticators.clear()


def add_scram_user(cluster: Cluster, exchange: Exchange) -> None:
    add_authenticators(cluster, exchange)
    cluster.access.chain("scram:built_in_database")["rec-s"] = Account()


def add_user(cluster: Cluster, exchange: Exchange) -> None:
    name = last_segment(exchange)
    cluster.access.chain(BUILT_IN)["rec-u" if name == "users" else name] = Account()


def add_imported(cluster: Cluster, _: Exchange) -> None:
    for name in ("imp-1", "imp-2", "imp-\u4e2d"):
        cluster.access.chain(BUILT_IN)[name] = new_account(name, "pw")


def add_mysql(cluster: Cluster, _: Exchange) -> None:
    cluster.access.sources["mysql"] = check_source(MYSQL)


def clear_sources(cluster: Cluster, _: Exchange) -> None:
    cluster.access.sources.clear()


def disable_database(cluster: Cluster, _: Exchange) -> None:
    cluster.access.sources["built_in_database"]["enable"] = False


def clear_rules(cluster: Cluster, _: Exchange) -> None:
    cluster.access.rules = {"username": {}, "clientid": {}}
    cluster.access.rules_for_all = []


def add_rules(cluster: Cluster, exchange: Exchange) -> None:
    kind = "clientid" if "/clients" in exchange.request["path"] else "username"
    name = last_segment(exchange)
    odd = [{**RULES[0], "qos": [1, 2], "retain": True}]
    cluster.access.rules[kind]["rec-1" if name == "users" else name] = odd


RULE = "/authorization/sources/built_in_database/rules"
AUTHENTICATION: dict[tuple[str, str], Preparation] = {
    ("GET /authentication", "none left"): clear_authenticators,
    ("GET /authentication", "with scram and redis"): add_authenticators,
    ("GET /authentication/{id}/status", "[sr][ce][rd][ai]*"): add_authenticators,
    ("GET /authentication/{id}/users", "no such authenticator"): clear_authenticators,
    ("GET /authentication/{id}/users", "scram"): add_scram_user,
    ("* /authentication/{id}/users/{user_id}", "odd user*"): add_user,
    ("* /authentication/{id}/users/{user_id}", "change"): add_user,
    ("* /authentication/{id}/users/{user_id}", "delete"): add_user,
    ("POST /authentication", "already exists"): add_authenticators,
    ("POST /authentication/{id}/users", "already exists"): add_user,
    ("POST /authentication/{id}/users", "scram user"): add_authenticators,
    ("POST /authentication/{id}/import_users", "the same again*"): add_imported,
    ("PUT /authentication/*", "*"): add_authenticators,
}
AUTHORIZATION: dict[tuple[str, str], Preparation] = {
    (f"DELETE {RULE}", "all rules*"): disable_database,
    (f"DELETE {RULE}/*", "[do]*"): add_rules,
    ("* /authorization/sources/{type}", "delete"): add_mysql,
    ("GET /authorization/sources/{type}", "mysql *"): add_mysql,
    ("GET /authorization/sources/{type}/status", "mysql *"): add_mysql,
    (f"GET {RULE}/*", "none"): clear_rules,
    (f"GET {RULE}/users", "source not configured"): clear_sources,
    (f"GET {RULE}/users/*", "odd id*"): add_rules,
    (f"POST {RULE}/*", "already exists"): add_rules,
    ("POST /authorization/sources/{type}/move", "*"): add_mysql,
    ("PUT /authorization/sources/order", "[!r]*"): add_mysql,
    ("PUT /authorization/sources/order", "reorder"): add_mysql,
    ("PUT /authorization/sources/{type}", "[db][ia][sd]*"): add_mysql,
}
MQTT: dict[tuple[str, str], Preparation] = {
    ("GET /mqtt/delayed/messages", "none left"): clear_mqtt,
    ("GET /mqtt/delayed/messages", "one node stopped"): clear_mqtt,
    ("GET /mqtt/delayed/messages", "while delayed is off"): stop_delaying,
    ("DELETE /mqtt/delayed/messages/*", "one"): delay_named,
    ("DELETE /mqtt/delayed/messages/*", "by topic"): delay_named,
    ("GET /mqtt/topic_metrics", "none left"): clear_mqtt,
    ("DELETE /mqtt/topic_metrics/*", "delete"): count_named,
    ("POST /mqtt/topic_metrics", "table is full"): fill_topic_metrics,
    ("GET /slow_subscriptions", "none left"): clear_mqtt,
    ("GET /slow_subscriptions", "just cleared"): clear_mqtt,
}
FEATURE_STATES: dict[tuple[str, str], Preparation] = (
    AUTHENTICATION | AUTHORIZATION | MQTT | TOOL_STATES | GATEWAY_STATES
)

OTHER_FEATURE_WORDS = {
    (f"POST {RULE}/all", "list"): "the order of keys is lost in the recordings",
    (f"POST {RULE}/clients", "object"): "the same",
}

NOT_IMITATED = {
    ("POST /data/files", "upload of a backup with a bad setting"): "settings inside a backup are not checked"
}
NOT_IMITATED |= GATEWAYS_NOT_IMITATED
