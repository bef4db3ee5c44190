"""Plugins: their configuration, whether they run, and their order; never the package."""

from collections.abc import Iterator

from emqxctl.declarative.fetch import fetch_list
from emqxctl.declarative.kind import Api, Body, Form, Kind, Level
from emqxctl.errors import EmqxctlError, ExitCode


def is_running(row: Body) -> bool:
    """Return whether a plugin runs on any node."""
    return any(node_status.get("status") == "running" for node_status in row.get("running_status") or ())


def rows(api: Api) -> Iterator[Body]:
    """Yield the installed plugins with their configuration, where they have one (EMQX 5.7+)."""
    for row in fetch_list(api, "/plugins"):
        name = f"{row.get('name')}-{row.get('rel_vsn')}"
        config = api.get("/plugins/{name}/config", name) if row.get("with_config_schema") else None
        yield {"name": name, "running": is_running(row)} | ({"config": config} if config else {})


def write(api: Api, name: str, body: Body, before: Body | None) -> None:
    """Configure a plugin, then start or stop it. Raises EmqxctlError for one that is not installed."""
    if before is None:
        message = f"plugin {name!r} is not installed"
        hint = f"install it first: emqxctl plugins install {name}.tar.gz"
        raise EmqxctlError(message, code="NOT_INSTALLED", hint=hint, exit_code=ExitCode.NOT_FOUND)
    if body.get("config") not in (None, before.get("config")):
        api.put("/plugins/{name}/config", name, body=body["config"])
    if "running" in body and body["running"] != before.get("running"):
        api.put("/plugins/{name}/{action}", name, "start" if body["running"] else "stop")


KIND = Kind(
    name="plugins",
    noun="plugin",
    level=Level.EXTENSIONS,
    form=Form.LIST,
    list_path="/plugins",
    move="POST /plugins/{name}/move",
    rows=rows,
    write=write,
)
