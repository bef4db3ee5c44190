"""Backups of a cluster, created and restored: JSON under EMQX's file names."""

import base64
import json
from dataclasses import asdict

from emqxctl.emqx.backup_files import pack_backup, unpack_backup
from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Json
from emqxctl.sandbox.state.access import Account
from emqxctl.sandbox.state.archives import Backup
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.config_roots import feature_roots
from emqxctl.sandbox.state.records import Ban, Message


def dump_tables(cluster: Cluster) -> dict[str, Json]:
    """Return every table down, by its set."""
    access = cluster.access
    retained = [asdict(message) for message in cluster.retained.values()]
    for row in retained:
        row["payload"] = base64.b64encode(row["payload"]).decode()
    names = access.accounts.items()
    chains = {chain: {name: asdict(user) for name, user in users.items()} for chain, users in names}
    pairs = [(name, api_key.key) for name, api_key in access.api_keys.items()]
    keys = ["emqx_app" + "".join(f"m\0\0\0{chr(len(part))}{part}" for part in pair) for pair in pairs]
    return {
        "api_keys": "".join(keys),
        "dashboard_users": list(cluster.users),
        "banned": [asdict(ban) for ban in cluster.live_bans()],
        "builtin_authn": chains,
        "builtin_authz": {"all": access.rules_for_all, **access.rules},
        "builtin_retainer": retained,
    }


def create_backup(
    cluster: Cluster, name: str, tables: set[str] | None = None, roots: set[str] | None = None
) -> Backup:
    """Create a backup of some tables and roots, all of them by default."""
    everything = feature_roots(cluster) | {"authentication": cluster.access.authenticators}
    names = [root for root in read_table("backup")["dumped"] if roots is None or root in roots]
    root_values = {root: everything[root] for root in names}
    files = {
        "META.hocon": f'edition = {cluster.edition[0]}e\nversion = "{cluster.version}"\n',
        "cluster.hocon": json.dumps(root_values, indent=1, ensure_ascii=False),
    }
    for table, value in dump_tables(cluster).items():
        if tables is None or table in tables:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            files[f"mnesia/{read_table('backup')['tables'][table]}"] = text
    now = cluster.now()
    return Backup(cluster.self_node, name, now, pack_backup(name, files, now))


def parse_json(text: bytes | None) -> Json:
    """Read one file of a backup; nothing for one that a real EMQX wrote in its own format."""
    try:
        return json.loads(text or b"")
    except (ValueError, UnicodeDecodeError):
        return None


def restore_backup(cluster: Cluster, backup: Backup) -> None:
    """Play a backup back: what is in it wins over what is there. Raises BadBackupError."""
    files = unpack_backup(backup.name, backup.content)
    for table, load in LOADS.items():
        if table_rows := parse_json(files.get(f"mnesia/{read_table('backup')['tables'][table]}")):
            load(cluster, table_rows)
    roots, access, features = parse_json(files.get("cluster.hocon")) or {}, cluster.access, cluster.features
    access.authenticators |= roots.get("authentication", {})
    access.sources |= {source["type"]: source for source in roots.get("authorization", {}).get("sources", [])}
    features.auto_subscribe = roots.get("auto_subscribe", {}).get("topics", features.auto_subscribe)
    for root in ("delayed", "retainer", "slow_subs"):
        cluster.settings[root] |= roots.get(root, {})
    features.rewrites = roots.get("rewrite", features.rewrites)


def load_bans(cluster: Cluster, rows: Json) -> None:
    """Restore the bans."""
    for row in rows:
        cluster.bans[row["subject_type"], row["subject"]] = Ban(**row)


def load_accounts(cluster: Cluster, chains: Json) -> None:
    """Restore the users."""
    for chain, accounts in chains.items():
        cluster.access.chain(chain).update({name: Account(**account) for name, account in accounts.items()})


def load_rules(cluster: Cluster, rules: Json) -> None:
    """Restore the rules."""
    cluster.access.rules_for_all = rules["all"]
    for kind, existing in cluster.access.rules.items():
        existing.update(rules[kind])


def load_retained(cluster: Cluster, rows: Json) -> None:
    """Restore the retained messages."""
    for row in rows:
        message = Message(**row | {"payload": base64.b64decode(row["payload"])})
        cluster.retained[message.topic] = message


LOADS = {
    "banned": load_bans,
    "builtin_authn": load_accounts,
    "builtin_authz": load_rules,
    "builtin_retainer": load_retained,
}
