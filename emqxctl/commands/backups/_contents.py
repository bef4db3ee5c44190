"""What a backup contains, where it is read from, and what an import would do to whoever runs it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from emqxctl.api.transfers import download
from emqxctl.cli.session import Session
from emqxctl.commands.backups._resource import FILE_PATH
from emqxctl.config.profiles import expand_path
from emqxctl.emqx.backup_archive import ArchiveError, Backup, read_backup
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Row

CHUNK_BYTES = 1 << 16
MAX_INSPECTED_BYTES = 256 << 20  # of a backup that is downloaded before it is imported
API_KEYS = "API keys"
LOGIN_VERSIONS = "EMQX 5.8.11, 5.10.4, 6.0.3, 6.1.2 and later"  # emqx pull request 17440
# Roots whose objects are counted, and the kinds that they are; the others are settings.
COUNTED_ROOTS = {
    "rule_engine": "rules",
    "connectors": "connectors",
    "actions": "actions",
    "sources": "sources",
    "bridges": "bridges",
    "listeners": "listeners",
    "gateway": "gateways",
    "authentication": "authenticators",
    "authorization": "authorization sources",
    "exhook": "exhooks",
    "rewrite": "topic rewrites",
    "auto_subscribe": "automatic subscriptions",
    "topic_metrics": "topic metrics",
    "plugins": "plugins",
}
NESTED_LISTS = {
    "rule_engine": "rules",
    "authorization": "sources",
    "exhook": "servers",
    "auto_subscribe": "topics",
    "plugins": "states",
}
TYPED_ROOTS = frozenset({"connectors", "actions", "sources", "bridges", "listeners"})  # TYPE.NAME


def read_local_backup(file: str) -> Backup:
    """Read a backup from a local file. Raises UsageError."""
    path = expand_path(file)
    try:
        with path.open("rb") as stream:
            return read_backup(iter(lambda: stream.read(CHUNK_BYTES), b""))
    except OSError as error:
        message = f"cannot read {file}: {(error.strerror or str(error)).lower()}"
        raise UsageError(message) from error
    except ArchiveError as error:
        message = f"cannot read {file}: {error}"
        raise UsageError(message, code="NOT_A_BACKUP") from error


def read_remote_backup(session: Session, filename: str, node: str | None, *, max_bytes: int = 0) -> Backup:
    """Read a backup of the cluster while it is downloaded; nothing is written.

    Raises ArchiveError for something else, and for more than `max_bytes` (0: no limit).
    """

    def check_size(done: int, total: int) -> None:
        if max_bytes and max(done, total) > max_bytes:
            message = f"it is larger than {max_bytes >> 20} MB; read it: emqxctl backups inspect {filename}"
            raise ArchiveError(message)

    query = {"node": node}
    return read_backup(download(session.client, FILE_PATH, filename, query=query, on_progress=check_size))


def is_local_file(name: str) -> bool:
    """Return whether a name is that of a local file."""
    return Path(expand_path(name)).is_file()


def count_objects(root: str, value: Any) -> int:  # noqa: ANN401  # JSON is Any
    """Return the number of objects in a configuration root."""
    value = value.get(NESTED_LISTS[root]) if root in NESTED_LISTS and isinstance(value, dict) else value
    if root in TYPED_ROOTS and isinstance(value, dict):
        return sum(len(objects) for objects in value.values() if isinstance(objects, dict))
    return len(value) if isinstance(value, dict | list) else 0


def count_kinds(backup: Backup) -> dict[str, int | None]:
    """Return how many objects of each kind a backup has; None for tables, whose rows are not counted."""
    counts: dict[str, int | None] = {
        kind: count_objects(root, backup.roots[root])
        for root, kind in COUNTED_ROOTS.items()
        if root in backup.roots
    }
    counts = {kind: count for kind, count in counts.items() if count}
    tables = {table.removeprefix("builtin_"): table for table in backup.tables}
    names = {"authn": "built-in users", "authz": "built-in ACL rules", "retainer": "retained messages"}
    names["api_keys"] = API_KEYS
    counts |= {names.get(short, short.replace("_", " ")): None for short in tables}
    if "api_keys" in backup.tables:
        counts[API_KEYS] = len(backup.api_key_names)
    return counts


def list_settings(backup: Backup) -> list[str]:
    """Return the configuration roots of a backup that are settings, not objects."""
    return sorted(root for root in backup.roots if root not in COUNTED_ROOTS)


def list_effects(backup: Backup, session: Session, server_version: str) -> list[str]:
    """Return what an import would change for whoever runs it, as sentences for a person."""
    effects = [*list_version_effects(backup, server_version)]
    api_key = session.settings.api_key
    if backup.restricted_tables and not session.settings.username:
        names = " and ".join(backup.restricted_tables)
        effects.append(f"it contains {names}: {LOGIN_VERSIONS} require a dashboard user (--username)")
    if "api_keys" in backup.tables:
        effects.append(
            f"API key {api_key!r} is in it: its secret, role and expiry become those in the backup"
            if backup.has_api_key(api_key)
            else "its API keys are added; one with the same name as yours replaces yours and cuts you off"
        )
    if "dashboard_users" in backup.tables:
        effects.append("dashboard users get the passwords and roles that are in it")
    if "dashboard" in backup.roots:
        effects.append("the settings of the dashboard become those in it; its port is that of the REST API")
    return effects


def list_version_effects(backup: Backup, server_version: str) -> Iterator[str]:
    """Yield what EMQX does with a backup of another version."""
    numbers = [parse_minor(backup.version), parse_minor(server_version)]
    if all(numbers) and numbers[0] > numbers[1]:
        yield f"EMQX {server_version} refuses it: it is of the newer EMQX {backup.version}"


def parse_minor(version: str) -> tuple[int, ...]:
    """Return the major and minor number of a version such as `5.8.9` or `e5.8.9`; empty for anything else."""
    match = re.match(r"[ev]?(\d{1,9})\.(\d{1,9})", version)
    return (int(match[1]), int(match[2])) if match else ()


def describe_backup(backup: Backup) -> str:
    """Return a backup in a few words: `EMQX 5.8.9 (ce): 5 rules, 3 connectors, banned`."""
    counts = count_kinds(backup)
    parts = [
        kind if count is None else f"{count} {kind if count != 1 else kind.removesuffix('s')}"
        for kind, count in counts.items()
    ]
    edition = f" ({backup.edition})" if backup.edition else ""
    return f"EMQX {backup.version or 'of unknown version'}{edition}: {', '.join(parts) or 'settings only'}"


def inspect_stored_backup(session: Session, filename: str, node: str | None) -> Backup | None:
    """Return what a backup of the cluster contains; None after a note if it cannot be read.

    Raises the error of a backup that does not exist, or that EMQX refuses to this key.
    """
    try:
        return read_remote_backup(session, filename, node, max_bytes=MAX_INSPECTED_BYTES)
    except ArchiveError as error:
        session.info(f"cannot read what backup {filename!r} contains: {error}")
    except EmqxctlError as error:
        if error.exit_code in (ExitCode.NOT_FOUND, ExitCode.FORBIDDEN, ExitCode.UNAUTHENTICATED):
            raise
        session.info(f"cannot read what backup {filename!r} contains: {error.message}")
    return None


def build_backup_row(backup: Backup, effects: list[str]) -> Row:
    """Return a backup as data for a program."""
    facts: Mapping[str, object] = {
        "name": backup.name,
        "version": backup.version,
        "edition": backup.edition,
        "files": backup.file_count,
        "tables": list(backup.tables),
        "api_keys": backup.api_key_names,
        "objects": count_kinds(backup),
        "settings": list_settings(backup),
        "effects_of_import": effects,
    }
    return dict(facts)
