"""A snapshot of what a cluster stores, to see whether the tests left something behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.live.environment import RawApi


@dataclass(frozen=True)
class StoredList:
    """A list of the API, the fields that identify its rows, and the query that returns all of them."""

    path: str
    key: tuple[str, ...]
    query: tuple[tuple[str, str], ...] = ()


PAGE = (("limit", "1000"),)
LISTS = (
    StoredList("/connectors", ("type", "name", "enable")),
    StoredList("/actions", ("type", "name", "enable")),
    StoredList("/sources", ("type", "name", "enable")),
    StoredList("/bridges", ("type", "name", "enable")),
    StoredList("/rules", ("id", "sql", "enable"), PAGE),
    StoredList("/authentication", ("id", "enable")),
    StoredList("/authorization/sources", ("type", "enable")),
    StoredList("/authorization/sources/built_in_database/rules/users", ("username",), PAGE),
    StoredList("/authorization/sources/built_in_database/rules/clients", ("clientid",), PAGE),
    StoredList("/authentication/password_based%3Abuilt_in_database/users", ("user_id",), PAGE),
    StoredList("/banned", ("as", "who"), PAGE),
    StoredList("/listeners", ("id", "bind", "enable")),
    StoredList("/gateways", ("name", "status")),
    StoredList("/mqtt/retainer/messages", ("topic",), PAGE),
    StoredList("/mqtt/topic_metrics", ("topic",)),
    StoredList("/exhooks", ("name", "enable")),
    StoredList("/trace", ("name",)),
    StoredList("/plugins", ("name",)),
    StoredList("/data/files", ("filename",), PAGE),
    StoredList("/schema_registry", ("name",)),
    StoredList("/schema_validations", ("name", "enable")),
    StoredList("/message_transformations", ("name", "enable")),
    StoredList("/mt/ns_list", (), PAGE),
    StoredList("/queues", ("name",), PAGE),
    StoredList("/streams", ("name",), PAGE),
)
SETTINGS = (
    "/mqtt/auto_subscribe",
    "/mqtt/topic_rewrite",
    "/mqtt/retainer",
    "/mqtt/delayed",
    "/slow_subscriptions/settings",
    "/authorization/settings",
    "/configs/alarm",
    "/configs/sysmon",
)

Snapshot = Mapping[str, Any]


def take_snapshot(raw: RawApi) -> Snapshot:
    """Return identities of rows and whole settings by path; None if the cluster has no such path."""
    snapshot: dict[str, Any] = {}
    for stored in LISTS:
        response = raw.get(stored.path, dict(stored.query))
        snapshot[stored.path] = identify(stored, response.rows) if response.status == 200 else None
    for path in SETTINGS:
        response = raw.get(path)
        snapshot[path] = response.body if response.status == 200 else None
    return snapshot


def identify(stored: StoredList, rows: list[Any]) -> list[str]:
    """Return a line for each row; EMQX's own topics, which come and go, are left out."""
    lines = (
        " ".join(f"{key}={row.get(key)}" for key in stored.key) if isinstance(row, dict) else str(row)
        for row in rows
    )
    return sorted(line for line in lines if not line.startswith("topic=$SYS/"))


def compare_snapshots(before: Snapshot, after: Snapshot) -> list[str]:
    """Return a line for each path whose content differs."""
    problems = []
    for path, old in before.items():
        new = after[path]
        if old == new:
            continue
        if isinstance(old, list) and isinstance(new, list) and all(isinstance(row, str) for row in old + new):
            problems.append(f"{path}: gone {sorted(set(old) - set(new))}, left {sorted(set(new) - set(old))}")
        else:
            problems.append(f"{path}: was {old}, is {new}")
    return problems
