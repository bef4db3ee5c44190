"""The recorded exchanges with EMQX Enterprise 6.2.2, and a sandbox in the states that they need."""

import re
from functools import cache
from typing import Any
from urllib.parse import unquote

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.http.roles import default_scopes
from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.access import ApiKey
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster
from tests.sandbox.contract.playback import basic
from tests.sandbox.contract.recordings import parse_epoch
from tests.support.recordings import Exchange, find_exchange, iter_exchanges, read_index

NODE = "emqx6@127.0.0.1"
NOW = 1_795_551_500.0
ALIASES = {
    "viewer": "rec-viewer",
    "publisher": "rec-publisher",
    "key with another scope": "rec-scope-none",
    "key of that namespace": "rec-ns-admin",
    "key of another namespace": "rec-ns-admin",
    "API key": "rec-default",
}
COLLECTIONS = read_table("enterprise")["collections"]


@cache
def read_exchanges() -> tuple[Exchange, ...]:
    """Return the exchanges of operations that 5.8.9 lacks, and those refused for their credentials."""
    return tuple(
        exchange
        for exchange in iter_exchanges(version="6.2.2")
        if exchange.response is not None
        and (exchange.operation not in read_index() or exchange.status in (401, 403))
    )


def body_of(operation: str, title: str) -> Any:
    """Return the recorded body of one response."""
    return find_exchange(operation, title, "6.2.2").body


def enterprise_sandbox() -> Sandbox:
    """Return a sandbox of one node with the recorded namespaces, keys and users."""
    return Sandbox(clients=0, nodes=(NODE,), clock=lambda: NOW, edition=ENTERPRISE)


def fill_state(cluster: Cluster) -> None:
    """Fill a cluster with the recorded objects."""
    cluster.collections.clear()
    names = ("rec-ns1", "rec-ns2", "rec-ns3", "rec-ns4", "rec-ns9")
    cluster.collections["namespaces"] = {name: {"created_at": 1, "config": {}} for name in names}
    cluster.settings["a2a_registry"] = {"enable": True, "validate_schema": True}
    cluster.settings["file_transfer"]["enable"] = False
    for name, table in COLLECTIONS.items():
        cluster.collections[name] = {row["name"]: row for row in recorded_items(table)}
    fill_keys(cluster)
    cluster.access.user_roles = {
        "rec_admin": {"role": "administrator"},
        "rec_viewer": {"role": "viewer"},
        "rec_scoped": {"role": "administrator", "scopes": ["monitoring", "connections"]},
        "rec_nsadmin": {"role": "administrator", "namespace": "rec-ns1"},
        "rec_nsviewer": {"role": "viewer", "namespace": "rec-ns1"},
    }
    cluster.users |= dict.fromkeys((*cluster.access.user_roles, "rec_mfa"), "Corpus_pw_09")
    for name in cluster.users:
        cluster.tokens[f"token-{name}"] = (name, NOW + 60)


def recorded_items(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items that were created in the recording, as they were shown, or as they were sent."""
    items = []
    for exchange in read_exchanges():
        status = (exchange.response or {"status": 0})["status"]
        if exchange.operation == f"GET {table['path']}" and status < 300:
            rows = exchange.body.get("data", []) if isinstance(exchange.body, dict) else exchange.body
            items += [row for row in rows if "name" in row]
        if exchange.operation == f"POST {table['path']}" and status < 300:
            body = exchange.request["body"]
            content = exchange.body if isinstance(exchange.body, dict) else {}
            items.append({**body, **content, "name": body["name"]})
    return items


def fill_keys(cluster: Cluster) -> None:
    """Add a key for each role and scope that the recording used."""
    keys: dict[str, tuple[str, tuple[str, ...] | None, str | None]] = {}
    keys |= {"rec-default": ("administrator", None, None), "rec-viewer": ("viewer", None, None)}
    keys |= {"rec-publisher": ("publisher", None, None), "rec-ns-admin": ("administrator", None, "rec-ns1")}
    keys |= {"rec-ns-viewer": ("viewer", None, "rec-ns1"), "rec-scope-none": ("administrator", (), None)}
    keys |= {"rec-scope-two": ("viewer", ("monitoring", "connections"), None)}
    for scope in default_scopes("administrator"):
        keys[f"rec-scope-{scope.replace('_', '-')}"] = ("administrator", (scope,), None)
    for name, (role, scopes, namespace) in keys.items():
        key = ApiKey(name, "s", "", True, 1, None, role, scopes, namespace)
        cluster.access.api_keys[name] = key


def authorization_of(exchange: Exchange) -> str | None:
    """Return the Authorization header that the title of an exchange speaks of."""
    title, kind = exchange.title, exchange.request["headers"]["auth"]
    user = re.search(r"dashboard user (rec_\w+)", title)
    if kind == "none":
        return None
    if title in ("unknown key", "disabled key", "dashboard user in Basic", "key rec-old"):
        return basic("nope", "nope")
    if kind == "bearer":
        special = {"bearer: bad token": "bad"} | dict.fromkeys(VIEWERS, "token-rec_viewer")
        return f"Bearer {special.get(title, f'token-{user[1]}' if user else 'token-admin')}"
    key = re.search(r"(?:by role and scope: |by role: key |key )(?:rec-)?([a-z][\w-]*)$", title)
    name = ALIASES.get(title, f"rec-{key[1]}" if key else "")
    return basic(name, "s") if name in ALL_KEYS else basic("sandbox", "sandbox-secret")


VIEWERS = ("viewer changes itself", "viewer changes another user", "viewer deletes another")
ALL_KEYS = {"rec-default", "rec-viewer", "rec-publisher", "rec-ns-admin", "rec-ns-viewer"}
ALL_KEYS |= {"rec-scope-none", "rec-scope-two"}
ALL_KEYS |= {f"rec-scope-{scope.replace('_', '-')}" for scope in default_scopes("administrator")}


def prepare_state(cluster: Cluster, exchange: Exchange) -> None:
    """Add or remove the object of an exchange, so that it ends as recorded."""
    assert exchange.response is not None
    status, path = (
        exchange.response["status"],
        [unquote(part) for part in exchange.request["path"].split("/")[3:]],
    )
    for name, table in COLLECTIONS.items():
        method, _, operation = exchange.operation.partition(" ")
        items = cluster.collections[name]
        if operation == table["path"] and method == "POST" and status < 300:
            items.pop(exchange.request["body"].get("name"), None)
        if operation.startswith(table["item"]) and status < 300:
            key = path[len(table["item"].split("/")) - 2]
            items.setdefault(key, {**next(iter(items.values()), {}), "name": key})
        if operation.startswith(table["item"]) and status == 404:
            items.pop(path[len(table["item"].split("/")) - 2], None)
        if "reorder" in operation and operation.startswith(table["path"]):
            names = {"rec-m1", "rec-v1"} & set(items) | set(exchange.request["body"].get("order", ()))
            cluster.collections[name] = {key: {"name": key} for key in sorted(names - {"rec-nope"})}
    if exchange.operation.startswith("POST /mt/ns/{ns}") and status == 204:
        cluster.collections["namespaces"].pop(path[2], None)
    if "/certs/" in exchange.operation and status == 200:
        scope = "certs/global" if path[1] == "global" else f"certs/ns/{path[2]}"
        files = exchange.body if isinstance(exchange.body, dict) else {"ca": {}}
        cluster.collections[scope] = {name: dict.fromkeys(files, "x") for name in (path[-1], "rec-cert1")}
    prepare_switches(cluster, exchange, status)


def prepare_switches(cluster: Cluster, exchange: Exchange, status: int) -> None:
    """Set what a title says of the cluster's state."""
    title, operation, collections = exchange.title, exchange.operation, cluster.collections
    cluster.settings["a2a_registry"]["enable"] = "registry disabled" not in title
    cluster.settings["file_transfer"]["enable"] = "/file_transfer/file" in operation and title != "off"
    if title in ("while evacuating", "already started", "stopped"):
        rates = {"conn_evict_rate": 1, "sess_evict_rate": 1, "migrate_to": None, "started_at": cluster.now()}
        waits = {"wait_health_check": "60s", "wait_takeover": "60s"}
        initial = {"initial_connected": 43, "initial_sessions": 50}
        collections["evacuations"][NODE] = {**rates, **waits, "initial": initial}
    if operation.startswith("GET /a2a") and status == 200:
        for row in body_of("GET /a2a/cards/list", "plain"):
            collections["cards"][f"{row['namespace']}/{row['id']}"] = row
        card = body_of("GET /a2a/cards/card/{org_id}/{unit_id}/{agent_id}", "in a namespace")
        collections["cards"]["rec-ns1/rec-org/rec-unit/rec-agent-ns"] = card
    if operation.startswith(("GET /sso", "DELETE /sso")) and title != "plain":
        collections["sso"] = dict(read_table("enterprise")["sso"])
    if operation.startswith("GET /gcp_devices") and title != "plain":
        rows = body_of("GET /gcp_devices", "list")["data"]
        collections["gcp_devices"] = {row["deviceid"]: row for row in rows}
    if operation.startswith("GET /opentelemetry/whitelist"):
        collections |= {f"whitelist/{kind}": {"rec-a": {}} for kind in ("clientid", "topic")}
    prepare_namespaces(cluster, exchange, status)


def prepare_namespaces(cluster: Cluster, exchange: Exchange, status: int) -> None:
    """Add the clients and settings of namespaces, and the audit log, that an exchange shows."""
    operation = exchange.operation
    if operation.startswith("GET /audit") and status == 200:
        rows = exchange.body["data"]
        cluster.audit = [(parse_epoch(row["created_at"]), row) for row in reversed(rows)]
    if "/mt/ns/{ns}/client_" in operation and status == 200:
        for name in ("rec-ns1-dev-2", "rec-ns1-dev-4", "rec-ns2-dev-1"):
            cluster.add_client(name, client_attrs={"tns": name[:7]})
    if "/mt/ns/{ns}/config" in operation and status == 200:
        for name in ("rec-ns1", "rec-ns2", "rec-ns4"):
            cluster.collections["namespaces"][name]["config"] = exchange.body
