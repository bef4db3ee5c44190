"""How many objects of each kind the cluster has, before and after an import."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from emqxctl.api.parallel import Fetched, fetch_all
from emqxctl.diagnosis.health import dict_rows
from emqxctl.errors import ExitCode

if TYPE_CHECKING:
    from emqxctl.api.client import Client

BUILT_IN_RULES = "/authorization/sources/built_in_database/rules"
BUILT_IN_DATABASE = "password_based:built_in_database"  # the id of the authenticator
# The kinds of _contents.COUNTED_ROOTS and of tables, and the lists that are counted; of paged lists the
# count in `meta` is read.
PATHS = {
    "rules": ("/rules",),
    "connectors": ("/connectors",),
    "actions": ("/actions",),
    "sources": ("/sources",),
    "listeners": ("/listeners",),
    "gateways": ("/gateways",),
    "authenticators": ("/authentication",),
    "authorization sources": ("/authorization/sources",),
    "exhooks": ("/exhooks",),
    "topic rewrites": ("/mqtt/topic_rewrite",),
    "automatic subscriptions": ("/mqtt/auto_subscribe",),
    "topic metrics": ("/mqtt/topic_metrics",),
    "plugins": ("/plugins",),
    "banned": ("/banned",),
    "retained messages": ("/mqtt/retainer/messages",),
    "built-in users": (f"/authentication/{BUILT_IN_DATABASE}/users",),
    "built-in ACL rules": (f"{BUILT_IN_RULES}/users", f"{BUILT_IN_RULES}/clients"),
}
LOGIN_PATHS = {"API keys": ("/api_key",), "dashboard users": ("/users",)}  # which no API key may read
PAGED = frozenset({"/rules", "/banned", "/mqtt/retainer/messages", *PATHS["built-in users"]}) | frozenset(
    PATHS["built-in ACL rules"]
)
COUNT_CALLS = tuple(
    f"GET {path.replace(BUILT_IN_DATABASE, '{id}')}"
    for paths in (PATHS | LOGIN_PATHS).values()
    for path in paths
)


def count_in_cluster(client: "Client", kinds: Iterable[str], *, is_login: bool) -> dict[str, Fetched]:
    """Return the number of objects of each kind, or the error; kinds that cannot be counted are left out."""
    paths = PATHS | (LOGIN_PATHS if is_login else {})
    fetches = {kind: partial(count_paths, paths=paths[kind]) for kind in kinds if kind in paths}
    return fetch_all(client, fetches) if fetches else {}


def count_paths(client: "Client", paths: tuple[str, ...]) -> int | None:
    """Return the number of rows of some lists together; None if a list has no count."""
    counts = [count_path(client, path) for path in paths]
    known_counts = [count for count in counts if count is not None]
    return sum(known_counts) if len(known_counts) == len(counts) else None


def count_path(client: "Client", path: str) -> int | None:
    """Return the number of rows of a list; None if the response has no count."""
    response: Any = client.get(path, query={"limit": 1} if path in PAGED else ())
    if isinstance(response, dict):
        meta, rows = response.get("meta"), response.get("sources", response.get("data"))
        count = meta.get("count") if isinstance(meta, dict) else None
        return count if isinstance(count, int) else len(rows) if isinstance(rows, list) else None
    rows = dict_rows(response)
    return sum(not (path == "/gateways" and row.get("status") == "unloaded") for row in rows)


def count_of(fetched: Mapping[str, Fetched], kind: str) -> int | None:
    """Return the count of a kind; None if it is unknown."""
    value = fetched[kind].value if kind in fetched else None
    return value if isinstance(value, int) else None


def is_cut_off(fetched: Mapping[str, Fetched]) -> bool:
    """Return whether EMQX refuses the credentials now."""
    return any(
        result.error is not None and result.error.exit_code is ExitCode.UNAUTHENTICATED
        for result in fetched.values()
    )
