"""Names of objects asked from the cluster: one GET within half a second, or nothing."""

import time
from collections.abc import Callable, Iterable, Mapping
from threading import Thread
from typing import TYPE_CHECKING, Any

from emqxctl.cli.completion.name_cache import (
    FRESH_SECONDS,
    STALE_SECONDS,
    Name,
    find_cache_file,
    read_names,
    write_names,
)
from emqxctl.cli.completion.name_paths import PLACEHOLDER
from emqxctl.config.profiles import SANDBOX, load_config, load_preferences
from emqxctl.config.settings import COMPLETION_SECRET_COMMAND, Settings, resolve_settings

if TYPE_CHECKING:
    from queue import SimpleQueue

    from emqxctl.cli.session import Session

TOTAL_SECONDS, CONNECT_SECONDS = 0.5, 0.2
MIN_REQUEST_SECONDS = 0.3  # even if loading the libraries took longer, on a busy machine
SANDBOX_SECONDS = 2.0  # for a simulated cluster that is started for this TAB; its names are kept for a day
MAX_NAMES = 50  # of one answer to what was typed
PAGE_ROWS = 500  # of which the names that only contain what was typed are dropped
# Lists that can be too long to be read whole, with the server's filter; they are asked from one typed
# character on. The server's filter finds the text anywhere in the name.
LONG_LISTS: Mapping[str, str] = {
    "/clients": "like_clientid",
    "/topics": "",
    "/mqtt/retainer/messages": "",
    "/authentication/{id}/users": "like_user_id",
    "/gateways/{name}/authentication/users": "like_user_id",
    "/gateways/{name}/clients": "like_clientid",
    "/authorization/sources/built_in_database/rules/users": "like_username",
    "/authorization/sources/built_in_database/rules/clients": "like_clientid",
    "/gcp_devices": "",
    "/file_transfer/files": "",
}
PAGED_LISTS = frozenset(
    {
        "/rules",
        "/banned",
        "/alarms",
        "/mqtt/delayed/messages",
        "/data/files",
        "/mt/ns_list",
        "/streams",
        "/queues",
    }
)


class ClusterNames:
    """The cluster of a command line, and the names in it; `options` are the shared options as typed."""

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        """Start the clock; nothing is read yet."""
        self.options, self.environ = options, environ
        self.deadline = time.monotonic() + TOTAL_SECONDS

    def list_names(self, path: str, parents: Mapping[str, str], key: str, typed: str) -> tuple[Name, ...]:
        """Return the names in a list that begin with what is typed, with a description each."""
        if path in LONG_LISTS and not typed:
            return ()
        query = build_query(path, typed)
        identity = f"{path}?{query}#{key}"
        names = self.read_cached_names(
            (identity, *map("=".join, parents.items())),
            lambda client: read_rows(client.get(*fill_path(path, parents), query=query), key, parents),
        )
        return tuple(name for name in names if name[0].startswith(typed))[:MAX_NAMES]

    def read_cached_names(
        self, identity: Iterable[str], read: Callable[[Any], Iterable[Name]]
    ) -> tuple[Name, ...]:
        """Return names from the cache, from the cluster, or old ones if it does not answer in time."""
        if self.environ.get("EMQXCTL_COMPLETE_OFFLINE", "") not in {"", "0"}:
            return ()
        settings = self.resolve_settings()
        running_sandbox = self.list_sandbox_identity(settings)
        is_temporary = settings.profile == SANDBOX and not settings.url and not running_sandbox
        target = (settings.profile, settings.url, settings.api_key, settings.namespace)
        scope = (str(settings.only_global), *running_sandbox)
        file = find_cache_file(self.environ, [*target, *scope, *identity])
        cached = read_names(file)
        if cached is not None and cached.age < (STALE_SECONDS if is_temporary else FRESH_SECONDS):
            return cached.names
        names = self.wait_for_names(settings, read, is_temporary=is_temporary)
        if names is not None:
            write_names(file, names)
            return names
        return cached.names if cached is not None else ()

    def wait_for_names(
        self, settings: Settings, read: Callable[[Any], Iterable[Name]], *, is_temporary: bool
    ) -> tuple[Name, ...] | None:
        """Return the names that the cluster has; None after any failure, and if it takes too long."""
        from queue import Empty, SimpleQueue

        from emqxctl.api import client  # noqa: F401  # loaded before the clock of the request starts

        results: SimpleQueue[tuple[Name, ...] | None] = SimpleQueue()
        Thread(target=self.put_names, args=(settings, read, results), daemon=True).start()
        seconds = max(self.deadline - time.monotonic(), MIN_REQUEST_SECONDS)
        try:
            return results.get(timeout=SANDBOX_SECONDS if is_temporary else seconds)
        except Empty:
            return None

    def put_names(
        self,
        settings: Settings,
        read: Callable[[Any], Iterable[Name]],
        answers: "SimpleQueue[tuple[Name, ...] | None]",
    ) -> None:
        """Put the names from the cluster, in a thread of its own; None after any failure."""
        names = None
        try:
            session = self.open_session(settings)
            try:
                names = tuple(read(session.client))
            finally:
                answers.put(names)
                session.close()
        except Exception:  # noqa: BLE001  # completion is silent: nothing is offered
            answers.put(None)

    def resolve_settings(self) -> Settings:
        """Return the settings of the command line, for requests that only read. Raises ConfigError."""
        from emqxctl.cli.run import with_sandbox_profile

        config = with_sandbox_profile(load_config(self.environ))
        settings = resolve_settings(self.options, self.environ, config, load_preferences(self.environ))
        return settings._replace(
            timeout=TOTAL_SECONDS,
            retries=0,
            readonly=True,
            dry_run=False,
            quiet=True,
            verbose=False,
            debug=False,
        )

    def open_session(self, settings: Settings) -> "Session":
        """Return a session that never prompts. Raises ConfigError, PermissionError for a secret command."""
        from emqxctl.cli.session import Session

        session = Session(settings, load_config(self.environ), self.environ, self.options)
        is_command_allowed = load_preferences(self.environ).get(COMPLETION_SECRET_COMMAND) is True
        reads_stdin = "-" in {settings.api_secret_file, session.profile.secret_file}
        if reads_stdin or (session.profile.secret_command and not is_command_allowed):
            raise PermissionError
        connection = session.connection
        session.__dict__["connection"] = connection._replace(connect_timeout=CONNECT_SECONDS)
        return session

    def list_sandbox_identity(self, settings: Settings) -> tuple[str, ...]:
        """Return the address of the running sandbox if its profile is used; empty if none runs."""
        if settings.profile != SANDBOX or settings.url:
            return ()
        from emqxctl.cli.sandbox_process import find_running_sandbox

        process = find_running_sandbox(self.environ)
        return (process.url, str(process.pid)) if process else ()


def build_query(path: str, typed: str) -> dict[str, object]:
    """Return the query of a list: one page, with the server's filter for what is typed if it has one."""
    if path not in LONG_LISTS and path not in PAGED_LISTS:
        return {}
    query: dict[str, object] = {"limit": PAGE_ROWS, **({} if path.startswith("/mt/") else {"page": 1})}
    if LONG_LISTS.get(path):
        query[LONG_LISTS[path]] = typed
    if path == "/clients":
        query["fields"] = "clientid,connected"
    if path == "/mqtt/retainer/messages":
        levels = typed.rpartition("/")[0]
        query["topic"] = f"{levels}/#" if levels and not {"+", "#"} & set(levels) else "#"
    return query


def fill_path(path: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """Return a path and the arguments for its placeholders. Raises KeyError for one that is not known."""
    return (path, *(parents[name] for name in PLACEHOLDER.findall(path)))


def read_rows(body: Any, key: str, parents: Mapping[str, str]) -> Iterable[Name]:  # noqa: ANN401  # JSON
    """Yield the names in the answer to a list, with descriptions; rows of other parents are left out."""
    for row in find_rows(body):
        if isinstance(row, str):
            yield row, ""
        elif isinstance(row, dict):
            has_other_parent = any(str(row.get(name, text)) != text for name, text in parents.items())
            name = format_row_name(row, key)
            if name and not has_other_parent:
                yield name, describe_row(row)


def find_rows(body: Any) -> list[Any]:  # noqa: ANN401
    """Return the rows of an answer: a list, the list in an object, or an object by name."""
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        return []
    for field in ("data", "sources", "files"):
        if isinstance(body.get(field), list):
            return list(body[field])
    fields = {name: value for name, value in body.items() if isinstance(value, dict | list)}
    return [{**(value if isinstance(value, dict) else {}), "name": name} for name, value in fields.items()]


def format_row_name(row: Mapping[str, Any], key: str) -> str:
    """Return the name by which commands take a row: its key, TYPE:NAME, or a plugin's NAME-VERSION."""
    if "rel_vsn" in row:
        return f"{row.get('name')}-{row['rel_vsn']}"
    if key in row and key != "root":
        return row[key] if isinstance(row[key], str) else ""
    if key == "id" and "type" in row and "name" in row:
        return f"{row['type']}:{row['name']}"
    name = row.get("name", row.get("id"))
    return name if isinstance(name, str) else ""


def describe_row(row: Mapping[str, Any]) -> str:
    """Return the state and the description of an object, as far as a row has them."""
    status = row.get("status", row.get("node_status", ""))
    parts = [status if isinstance(status, str) else ""]
    if isinstance(row.get("connected"), bool):
        parts.append("connected" if row["connected"] else "disconnected")
    parts.append("disabled" if row.get("enable") is False else "")
    description = row.get("description", row.get("desc"))
    parts.append(description if isinstance(description, str) else "")
    return ", ".join(part for part in parts if part)
