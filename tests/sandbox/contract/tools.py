"""What the recorded cluster had of traces, keys, backups, plugins and hooks, and what exchanges need."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from emqxctl.emqx.backup_files import pack_backup
from emqxctl.sandbox.handlers.exhook import check_server
from emqxctl.sandbox.state.access import ApiKey
from emqxctl.sandbox.state.archives import Backup
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.plugins import Plugin
from emqxctl.sandbox.state.traces import Trace
from tests.sandbox.contract.recordings import NODES, NOW, iterate_rows, parse_epoch
from tests.support.recordings import Exchange

Preparation = Callable[[Cluster, Exchange], None]
LOG = b"2026-11-22T23:37:46.865582+00:00 [MQTT] sensor-001@127.0.0.1:41191 msg: mqtt_packet_sent\n" * 400


def fill_tools(cluster: Cluster, exchanges: list[Exchange]) -> None:
    """Make what the listings show."""
    cluster.features.traces.clear()
    for exchange in exchanges:
        if (exchange.operation, exchange.title) == ("GET /trace", "plain"):
            fill_traces(cluster, exchange)
        if (exchange.operation, exchange.title) == ("GET /api_key", "bearer"):
            cluster.access.api_keys = {row["name"]: key_of(row) for row in exchange.body}
    cluster.users = {"admin": "public"}
    for row in iterate_rows("GET /users", exchanges):
        cluster.users.setdefault(row["username"], "Corpus_pw_01")
        cluster.access.descriptions[row["username"]] = row["description"]
    fill_files(cluster, exchanges)


def fill_files(cluster: Cluster, exchanges: list[Exchange]) -> None:
    held = cluster.features
    held.exhooks.clear()
    for name, enabled, again in (("audit-hook", True, "60s"), ("second-hook", False, False)):
        hook = {"name": name, "enable": enabled, "auto_reconnect": again, "url": "http://127.0.0.1:9"}
        held.exhooks[name] = check_server(hook, 1)
    held.plugins.clear()
    held.allowed_plugins = {"junk-1.0.0", "corpus_plugin-9.9.9", "corpus_norel-1.0.0"}
    held.backups.clear()
    for row in iterate_rows("GET /data/files", exchanges):
        if parse_epoch(row["created_at"]) < NOW:
            add_backup(cluster, row["filename"], row["node"])


def fill_traces(cluster: Cluster, exchange: Exchange) -> None:
    """Make the traces that one listing shows."""
    cluster.features.traces = {row["name"]: trace_of(row) for row in exchange.body}


def trace_of(row: dict[str, Any]) -> Trace:
    log = {NODES[0]: LOG} if row["log_size"][NODES[0]] else {}
    coded = (row["payload_encode"], row["formatter"])
    times = parse_epoch(row["start_at"]), parse_epoch(row["end_at"])
    return Trace(row["name"], row["type"], row[row["type"]], *times, *coded, logs=log)


def add_trace(cluster: Cluster, exchange: Exchange) -> None:
    body = exchange.request.get("body", {})
    start = parse_epoch(body.get("start_at", "2026-11-23T00:24:55Z"))
    cluster.features.traces["rec-t1"] = Trace("rec-t1", "clientid", "sensor-003", start, start + 600)


def fill_up_traces(cluster: Cluster, _: Exchange) -> None:
    for number in range(30):
        name = f"filler-{number}"
        cluster.features.traces[name] = Trace(name, "clientid", name, NOW, NOW + 600)


def key_of(row: dict[str, Any]) -> ApiKey:
    expires = None if row["expired_at"] == "infinity" else int(parse_epoch(row["expired_at"]))
    created = int(parse_epoch(row["created_at"]))
    return ApiKey(row["api_key"], "secret", row["desc"], row["enable"], created, expires)


def add_key(cluster: Cluster, _: Exchange) -> None:
    cluster.access.api_keys["rec-key"] = ApiKey("k", "s", "recorded", enabled=True, created=int(NOW))


def fill_keys(cluster: Cluster, _: Exchange) -> None:
    for number in range(100):
        key = ApiKey("k", "s", "", enabled=True, created=int(NOW))
        cluster.access.api_keys[f"filler-{number}"] = key


def add_dashboard_user(cluster: Cluster, exchange: Exchange) -> None:
    old = (exchange.request.get("body") or {}).get("old_pwd", "Corpus_pw_09")
    cluster.users["rec_user"] = old if old != "nope" else "Corpus_pw_09"
    cluster.access.descriptions["rec_user"] = "recorded"


def add_backup(cluster: Cluster, name: str, node: str = NODES[0]) -> None:
    content = pack_backup(name, {"META.hocon": "edition = ce", "cluster.hocon": "{}"}, NOW)
    cluster.features.backups[node, name] = Backup(node, name, NOW, content)


def clear_backups(cluster: Cluster, _: Exchange) -> None:
    cluster.features.backups.clear()


def add_named_backup(cluster: Cluster, exchange: Exchange) -> None:
    parts = exchange.request.get("multipart") or [{}]
    body = exchange.request.get("body") or {}
    add_backup(cluster, parts[0].get("filename") or body.get("filename") or last_segment(exchange))


def clear_hooks(cluster: Cluster, _: Exchange) -> None:
    cluster.features.exhooks.clear()


def add_hook(cluster: Cluster, exchange: Exchange) -> None:
    hook = {"name": "rec-hook", "url": "http://127.0.0.1:9"}
    cluster.features.exhooks["rec-hook"] = check_server(hook, 3)
    if exchange.title == "bad failed_action":
        cluster.features.exhooks["rec-x"] = check_server({**hook, "name": "rec-x"}, 4)


def add_plugin(cluster: Cluster, exchange: Exchange) -> None:
    body = exchange.body[0] if isinstance(exchange.body, list) else exchange.body
    plugins = {"name": "corpus_plugin", "rel_vsn": "1.0.0"}
    if isinstance(body, dict) and "rel_vsn" in body:
        plugins = {name: body[name] for name in body if name not in ("readme", "running_status")}
    plugin = Plugin(plugins, config={"greeting": "hi", "level": 2})
    cluster.features.plugins = {plugin.name: plugin}


def allow_plugin(cluster: Cluster, _: Exchange) -> None:
    cluster.features.allowed_plugins.add("corpus_plugin-1.0.0")


def enable_telemetry(cluster: Cluster, _: Exchange) -> None:
    cluster.settings["telemetry"]["enable"] = True


def last_segment(exchange: Exchange, at: int = -1) -> str:
    return unquote(exchange.request["path"].split("/")[at])


TOOL_STATES: dict[tuple[str, str], Preparation] = {
    ("GET /trace", "*"): fill_traces,
    ("DELETE /trace/{name}", "delete"): add_trace,
    ("GET /trace/{name}/log", "stopped trace"): add_trace,
    ("PUT /trace/{name}/stop", "*"): add_trace,
    ("POST /trace", "same *"): add_trace,
    ("POST /trace", "table is full"): fill_up_traces,
    ("GET /api_key/{name}", "created"): add_key,
    ("DELETE /api_key/{name}", "delete"): add_key,
    ("PUT /api_key/{name}", "*"): add_key,
    ("POST /api_key", "already exists"): add_key,
    ("POST /api_key", "table is full"): fill_keys,
    ("DELETE /users/{username}", "delete"): add_dashboard_user,
    ("PUT /users/{username}", "*"): add_dashboard_user,
    ("POST /users", "already exists"): add_dashboard_user,
    ("POST /users/{username}/change_pwd", "*"): add_dashboard_user,
    ("GET /data/files", "none left"): clear_backups,
    ("DELETE /data/files/{filename}", "[dw]*"): add_named_backup,
    ("POST /data/files", "same name again"): add_named_backup,
    ("POST /data/import", "done"): add_named_backup,
    ("POST /data/import", "with node"): add_named_backup,
    ("GET /exhooks", "none left"): clear_hooks,
    ("DELETE /exhooks/{name}", "delete"): add_hook,
    ("POST /exhooks", "[!c]*"): add_hook,  # all but "create"
    ("* /exhooks/{name}/move", "*"): add_hook,
    ("PUT /exhooks/{name}", "*"): add_hook,
    ("GET /plugins", "one [ir]*"): add_plugin,
    ("DELETE /plugins/{name}", "while running"): add_plugin,
    ("GET /plugins/{name}*", "installed"): add_plugin,
    ("GET /plugins/{name}*", "after the change"): add_plugin,
    ("PUT /plugins/{name}/*", "*"): add_plugin,
    ("POST /plugins/{name}/move", "*"): add_plugin,
    ("POST /plugins/install", "installed"): allow_plugin,
    ("GET /telemetry/*", "enabled"): enable_telemetry,
    ("PUT /telemetry/status", "off"): enable_telemetry,
}
