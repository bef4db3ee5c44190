"""`emqxctl configs`: manage the configuration of the cluster, as HOCON or root by root."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._server_text import fetch_text, wants_text
from emqxctl.commands.configs._completion import complete_keys
from emqxctl.commands.configs._roots import (
    READ_CALLS,
    build_root_path,
    explain_missing_root,
    find_value,
    parse_key,
    read_all_roots,
    read_json_root,
)
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Record, Result, Value

RootArgument = Annotated[
    str, typer.Argument(metavar="ROOT", help="Configuration root, such as alarm, log or sysmon.")
]

app = new_group("Manage the cluster configuration.")
app.lazy("set", "Set keys of the configuration on all nodes.")
app.lazy("update", "Update the configuration of the cluster with HOCON.")
app.lazy("diff", "Show settings that differ between nodes or clusters.")


@app.command()
@command(
    calls=("GET /configs", *READ_CALLS),
    examples=(
        "emqxctl configs get log",
        "emqxctl configs get mqtt.max_packet_size",
        "emqxctl configs get listeners.tcp --node emqx@10.0.0.1 -o json",
        "emqxctl configs get > emqx.hocon",
        "emqxctl configs get -o json",
    ),
    completes={"key": complete_keys},
)
def get(
    session: Session,
    key: Annotated[
        str | None,
        typer.Argument(metavar="KEY", help="Root or key, such as log or mqtt.max_packet_size."),
    ] = None,
    root: Annotated[
        str | None, typer.Option("--key", metavar="ROOT", help="Any configuration root, as HOCON.")
    ] = None,
    node: Annotated[str | None, typer.Option(metavar="NODE", help="Node to read from.")] = None,
) -> Result:
    """Show the configuration, a root or a key of it.

    The configuration and most roots are shown as HOCON, with secrets in plain text. Shown as fields, with
    secrets masked, are roots with a path of their own (alarm, broker, dashboard, log, sys_topics, sysmon,
    global_zone ...) and keys below a root; with --fields, --query or -o json all other roots too. Without
    KEY, -o json shows all roots.
    """
    if key is not None and root is not None:
        message = "KEY and --key cannot be used together"
        raise UsageError(message)
    if "" in (key, root):
        message = "the configuration key is empty"
        raise UsageError(message, hint="omit it for the whole configuration: emqxctl configs get")
    wants_hocon = wants_text(session) and not (session.settings.fields or session.settings.query)
    name = key or root
    if name is None:
        return (
            fetch_text(session, "/configs", {"node": node})
            if wants_hocon
            else Value(read_all_roots(session, node))
        )
    path = (name,) if build_root_path(name) else parse_key(name)
    has_own_path = bool(build_root_path(path[0])) and node is None and key is not None
    if wants_hocon and len(path) == 1 and not has_own_path:
        return fetch_root_text(session, name, node)
    roots = {path[0]: read_json_root(session, path[0], node, own_path=has_own_path)}
    value = find_value(roots, path)
    return Record(value) if isinstance(value, dict) else Value(value)


def fetch_root_text(session: Session, name: str, node: str | None) -> Result:
    """Return a root as HOCON. Raises NotFoundError for one that does not exist; the hint has close names."""
    with explain_missing_root(session, name):
        return fetch_text(session, "/configs", {"key": name, "node": node})


@app.command()
@command(
    calls="POST /configs_reset/{rootname}",
    examples=(
        "emqxctl configs reset sysmon.os.mem_check_interval --yes",
        "emqxctl configs reset sysmon --path os.mem_check_interval --yes",
    ),
    effect=Effect.DESTROY,
)
def reset(
    session: Session,
    root: RootArgument,
    path: Annotated[
        str | None, typer.Option(metavar="A.B", help="Field to reset (default: the whole root).")
    ] = None,
) -> Done:
    """Reset a configuration root or one of its fields.

    sysmon.os.mem_check_interval is the same as sysmon --path os.mem_check_interval.

    EMQX can reset alarm, broker, dashboard, log, sys_topics and sysmon; a whole root only if it has a
    default.
    """
    if path is None:
        root, _, path = root.partition(".")
    target = f"{root}.{path}" if path else root
    session.confirm(f"reset the configuration of {target}")
    session.client.post("/configs_reset/{rootname}", root, query={"conf_path": path or None})
    return Done(f"reset the configuration of {target}", {"root": root, "path": path or ""})
