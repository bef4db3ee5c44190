"""The backups of a cluster, made and played back. What is in them is JSON under EMQX's own names."""

import base64
import json
from dataclasses import asdict

from emqxctl.sandbox.messages import Json
from emqxctl.sandbox.state.accounts import Account
from emqxctl.sandbox.state.archives import Backup, pack, unpack
from emqxctl.sandbox.state.cluster import VERSION, Cluster
from emqxctl.sandbox.state.records import Ban, Message

# The sets of tables, and which files of an archive belong to each.
TABLES = {
    "banned": "emqx_banned",
    "builtin_authn": "emqx_authn_mnesia",
    "builtin_authz": "emqx_acl",
    "builtin_retainer": "emqx_retainer_message",
    "api_keys": "emqx_app",
    "dashboard_users": "emqx_admin",
    "psk": "emqx_psk",
}
ROOTS = frozenset(
    (
        *("actions", "alarm", "authentication", "authorization", "auto_subscribe", "bridges", "broker"),
        *("connectors", "crl_cache", "dashboard", "delayed", "exhook", "flapping_detect", "force_gc"),
        *("force_shutdown", "gateway", "limiter", "listeners", "log", "mqtt", "overload_protection"),
        *("prometheus", "psk_authentication", "retainer", "rewrite", "rule_engine", "slow_subs", "sources"),
        *("stats", "sys_topics", "sysmon", "telemetry", "topic_metrics"),
    )
)


def dump_tables(cluster: Cluster) -> dict[str, Json]:
    """Write every table down, by its set."""
    access = cluster.access
    retained = [
        {**asdict(message), "payload": base64.b64encode(message.payload).decode()}
        for message in cluster.retained.values()
    ]
    chains = {
        chain: {name: asdict(account) for name, account in accounts.items()}
        for chain, accounts in access.accounts.items()
    }
    return {
        "banned": [asdict(ban) for ban in cluster.live_bans()],
        "builtin_authn": chains,
        "builtin_authz": {"all": access.rules_for_all, **access.rules},
        "builtin_retainer": retained,
    }


def dump_roots(cluster: Cluster) -> dict[str, Json]:
    """Write the configuration down, by its roots."""
    access, features, settings = cluster.access, cluster.features, cluster.settings
    return {
        "authentication": access.authenticators,
        "authorization": {**settings["authorization"], "sources": list(access.sources.values())},
        "auto_subscribe": {"topics": features.auto_subscribe},
        "delayed": settings["delayed"],
        "retainer": settings["retainer"],
        "rewrite": features.rewrites,
        "slow_subs": settings["slow_subs"],
    }


def make_backup(cluster: Cluster, name: str, tables: set[str], roots: set[str]) -> Backup:
    """Make a backup of some tables and some roots."""
    kept = {root: value for root, value in dump_roots(cluster).items() if root in roots}
    files = {
        "META.hocon": f'edition = ce\nversion = "{VERSION}"\n',
        "cluster.hocon": json.dumps(kept, indent=1, ensure_ascii=False),
    }
    for table, value in dump_tables(cluster).items():
        if table in tables:
            files[f"mnesia/{TABLES[table]}"] = json.dumps(value, ensure_ascii=False)
    now = cluster.now()
    return Backup(cluster.self_node, name, now, pack(name, files, now))


def read_json(written: bytes | None) -> Json:
    """Read one file of a backup; nothing for one that a real EMQX wrote in its own format."""
    try:
        return json.loads(written or b"")
    except (ValueError, UnicodeDecodeError):
        return None


def restore(cluster: Cluster, backup: Backup) -> None:
    """Play a backup back: what is in it wins over what is there. Raises BadBackupError."""
    files = unpack(backup.name, backup.content)
    for table, load in LOADS.items():
        if found := read_json(files.get(f"mnesia/{TABLES[table]}")):
            load(cluster, found)
    roots, access, features = read_json(files.get("cluster.hocon")) or {}, cluster.access, cluster.features
    access.authenticators |= roots.get("authentication", {})
    access.sources |= {each["type"]: each for each in roots.get("authorization", {}).get("sources", [])}
    features.auto_subscribe = roots.get("auto_subscribe", {}).get("topics", features.auto_subscribe)
    for root in ("delayed", "retainer", "slow_subs"):
        cluster.settings[root] |= roots.get(root, {})
    features.rewrites = roots.get("rewrite", features.rewrites)


def load_bans(cluster: Cluster, rows: Json) -> None:
    """Put the bans back."""
    for row in rows:
        cluster.bans[row["kind"], row["who"]] = Ban(**row)


def load_accounts(cluster: Cluster, chains: Json) -> None:
    """Put the users back."""
    for chain, accounts in chains.items():
        cluster.access.chain(chain).update({name: Account(**each) for name, each in accounts.items()})


def load_rules(cluster: Cluster, rules: Json) -> None:
    """Put the rules back."""
    cluster.access.rules_for_all = rules["all"]
    for kind, known in cluster.access.rules.items():
        known.update(rules[kind])


def load_retained(cluster: Cluster, rows: Json) -> None:
    """Put the retained messages back."""
    for row in rows:
        message = Message(**row | {"payload": base64.b64decode(row["payload"])})
        cluster.retained[message.topic] = message


LOADS = {
    "banned": load_bans,
    "builtin_authn": load_accounts,
    "builtin_authz": load_rules,
    "builtin_retainer": load_retained,
}
