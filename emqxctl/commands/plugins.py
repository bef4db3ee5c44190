"""`emqxctl plugins`: extensions that run within EMQX."""

from pathlib import Path
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import Upload, fetch_file, fresh_name, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Result, Row, Rows, Value
from emqxctl.resource import Column, Resource
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import list_rows
from emqxctl.verbs.operation import add_operation
from emqxctl.verbs.order import add_move
from emqxctl.verbs.status import color_node_states, format_node_states, list_objects
from emqxctl.verbs.update import add_update

PLUGINS = Resource(
    noun="plugin",
    path="/plugins",
    key="name",
    columns=(
        Column("name"),
        Column("rel_vsn", "VERSION"),
        Column("running_status", "STATUS", format=format_node_states, style=color_node_states),
        Column("description"),
        Column("health_status.status", "HEALTH", style=color_state, wide=True),
        Column("rel_apps", "APPLICATIONS", wide=True),
        Column("authors", wide=True),
        Column("date", wide=True),
        Column("md5sum", "MD5", wide=True),
    ),
)
CONFIG = Resource(
    noun="plugin configuration",
    path="/plugins",
    key="name",
    key_in_body=False,
    item_template="/plugins/{name}/config",
    columns=(),
)
STATES = {"start": "running", "stop": "stopped"}

PluginArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Plugin name with its version: NAME-VERSION.")
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="File to upload (- for stdin).")]
NameOption = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="File name. Required for stdin.")
]

app = new_group("Manage plugins.")
config = new_group("Manage plugin configurations (EMQX 5.7+).")
app.add_typer(config, name="config")


@app.command("list")
@command(
    calls="GET /plugins",
    examples=("emqxctl plugins list", "emqxctl plugins list -o json --fields name,rel_vsn"),
)
def list_plugins(session: Session) -> Rows:
    """List plugins.

    -o name prints NAME-VERSION, as all other commands take it.
    """
    result = list_rows(session, PLUGINS, {})
    is_name = session.settings.output == "name"
    return result._replace(rows=map(complete_name, result.rows)) if is_name else result


def complete_name(row: Row) -> Row:
    """Return a plugin with its version in its name."""
    return {**row, "name": f"{row.get('name')}-{row.get('rel_vsn')}"}


add_get(app, PLUGINS, examples=("emqxctl plugins get my_plugin-1.0.0",))


@app.command()
@command(
    calls="POST /plugins/install",
    examples=("emqxctl plugins install my_plugin-1.0.0.tar.gz",),
    effect=Effect.WRITE,
)
def install(session: Session, file: FileArgument, name: NameOption = None) -> Done:
    """Install a plugin on all nodes.

    The file is a package NAME-VERSION.tar.gz. Since EMQX 5.8.6 the plugin must be allowed first, on a node:
    emqx ctl plugins allow NAME-VERSION.
    """
    filename = name or ("" if file == "-" else file)
    if filename and not filename.endswith(".tar.gz"):
        message = f"{filename!r} is not a plugin package"
        raise UsageError(message, hint="use NAME-VERSION.tar.gz, created by `make rel` of the plugin")
    send_file(session, "/plugins/install", source=Upload("plugin", file, name or ""))
    plugin = Path(filename).name.removesuffix(".tar.gz")
    notes = (f"start it: emqxctl plugins start {plugin}",)
    return Done(f"installed plugin {plugin!r}", {"name": plugin}, key="name", notes=notes)


add_operation(
    app,
    PLUGINS,
    "uninstall",
    "/plugins/{name}",
    method="DELETE",
    effect=Effect.DESTROY,
    summary="Stop plugins and remove them from all nodes.",
    examples=("emqxctl plugins uninstall my_plugin-1.0.0 --yes",),
)


@app.command()
@command(
    calls=("GET /plugins/{name}", "PUT /plugins/{name}/{action}"),
    examples=("emqxctl plugins start my_plugin-1.0.0",),
    effect=Effect.WRITE,
)
def start(session: Session, name: PluginArgument) -> Done:
    """Start a plugin on all nodes and enable it at boot."""
    return change_state(session, name, "start")


@app.command()
@command(
    calls=("GET /plugins/{name}", "PUT /plugins/{name}/{action}"),
    examples=("emqxctl plugins stop my_plugin-1.0.0",),
    effect=Effect.WRITE,
)
def stop(session: Session, name: PluginArgument) -> Done:
    """Stop a plugin on all nodes and disable it at boot."""
    return change_state(session, name, "stop")


def change_state(session: Session, name: str, action: str) -> Done:
    """Start or stop a plugin and check the result.

    EMQX answers 204 even if the plugin does not exist or does not start (5.8). Raises EmqxctlError naming the
    nodes on which it is in another state.
    """
    session.client.get("/plugins/{name}", name)
    session.client.put("/plugins/{name}/{action}", name, action)
    state = STATES[action]
    done = Done(f"plugin {name!r} is {state}", {"name": name, "status": state}, key="name")
    if session.settings.dry_run:
        return done
    states = list_objects(session.client.get_object("/plugins/{name}", name).get("running_status"))
    is_running = [node.get("status") == "running" for node in states]
    others = [
        str(node.get("node"))
        for node, running in zip(states, is_running, strict=True)
        if running != (action == "start")
    ]
    if not others:
        return done
    message = f"plugin {name!r} is not {state} on {', '.join(others)}, although EMQX accepted the {action}"
    code = ExitCode.PARTIAL if len(others) < len(states) else ExitCode.FAILED
    hint = "see the log of that node for the reason"
    raise EmqxctlError(message, code="PLUGIN_STATE", hint=hint, exit_code=code, details={"nodes": others})


add_move(
    app,
    PLUGINS,
    calls=("POST /plugins/{name}/move",),
    summary="Change the position of a plugin in the start order.",
    examples=(
        "emqxctl plugins move my_plugin-1.0.0 front",
        "emqxctl plugins move my_plugin-1.0.0 before:other-2.1.0",
    ),
)


@app.command()
@command(
    calls="POST /plugins/cluster_sync",
    examples=("emqxctl plugins sync my_plugin-1.0.0",),
    effect=Effect.WRITE,
    completes={"name": PLUGINS.item_path},
)
def sync(session: Session, name: PluginArgument) -> Done:
    """Copy a plugin to the nodes that do not have it (EMQX 5.9+).

    The plugin is copied from the node that handles the request.
    """
    session.client.post("/plugins/cluster_sync", body={"name": name})
    return Done(f"copied plugin {name!r} to all nodes", {"name": name}, key="name")


@app.command()
@command(calls="GET /plugins/{name}/schema", examples=("emqxctl plugins schema my_plugin-1.0.0 -o json",))
def schema(session: Session, name: PluginArgument) -> Value:
    """Show the Avro schema of a plugin configuration (EMQX 5.7+)."""
    return Value(session.client.get("/plugins/{name}/schema", name))


@config.command("get")
@command(calls=f"GET {CONFIG.item_path}", examples=("emqxctl plugins config get my_plugin-1.0.0",))
def get_config(session: Session, name: PluginArgument) -> Value:
    """Show the configuration of a plugin."""
    return Value(session.client.get(CONFIG.item_path, name))


add_update(
    config,
    CONFIG,
    summary="Update the configuration of a plugin.",
    examples=(
        "emqxctl plugins config update my_plugin-1.0.0 --set level=2",
        "emqxctl plugins config update my_plugin-1.0.0 -f config.json --replace --dry-run",
    ),
)


@config.command()
@command(
    calls="GET /plugins/{name}/config/download",
    examples=("emqxctl plugins config download my_plugin-1.0.0 --output-file config.json",),
)
def download(
    session: Session,
    name: PluginArgument,
    output_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="File to write to (- for stdout). Default: NAME.json."),
    ] = None,
) -> Result:
    """Download the configuration of a plugin (EMQX 5.9+)."""
    file = output_file or fresh_name(f"{name}.json")
    return fetch_file(session, "/plugins/{name}/config/download", name, to=file)


@config.command("upload")
@command(
    calls="POST /plugins/{name}/config/upload",
    examples=("emqxctl plugins config upload my_plugin-1.0.0 config.json",),
    effect=Effect.WRITE,
)
def upload_config(
    session: Session, plugin: PluginArgument, file: FileArgument, name: NameOption = None
) -> Done:
    """Replace the configuration of a plugin by a file (EMQX 5.9+)."""
    upload = Upload("config", file, name or ("config.json" if file == "-" else ""))
    send_file(session, "/plugins/{name}/config/upload", plugin, source=upload)
    return Done(f"uploaded the configuration of plugin {plugin!r}", {"name": plugin}, key="name")
