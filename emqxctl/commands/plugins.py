"""`emqxctl plugins`: code of others that runs within EMQX."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import Upload, fetch_file, safe_name, send_file
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Done, Result, Value
from emqxctl.resource import Column, Resource
from emqxctl.verbs import edits, stock


def standing(value: object) -> str:
    """Write the states on all nodes: one word where they agree, else each with its count."""
    if not isinstance(value, list):
        return format_plain(value)
    counts = Counter(str(one.get("status")) for one in value if isinstance(one, dict))
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{count} {word}" for word, count in counts.most_common()) or "-"


def standing_style(value: object) -> str:
    """Give the colour of the states on all nodes: that of doubt where they differ."""
    word = standing(value)
    return "yellow" if "," in word else color_state(word)


PLUGINS = Resource(
    noun="plugin",
    path="/plugins",
    key="name",
    columns=(
        Column("name"),
        Column("rel_vsn", "VERSION"),
        Column("running_status", "STATUS", format=standing, style=standing_style),
        Column("description"),
        Column("health_status.status", "HEALTH", style=color_state, wide=True),
        Column("rel_apps", "APPLICATIONS", wide=True),
        Column("authors", wide=True),
        Column("date", wide=True),
        Column("md5sum", "MD5", wide=True),
    ),
)
CONFIG = Resource(
    noun="configuration of plugin",
    path="/plugins",
    key="name",
    item_template="/plugins/{name}/config",
    columns=(),
)

PluginArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The plugin with its version: NAME-VERSION.")
]
PositionArgument = Annotated[
    str, typer.Argument(metavar="POSITION", help="front, rear, before:NAME or after:NAME.")
]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="The file; - for stdin.")]
NameOption = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="The file's name, if from stdin.")
]

app = new_group("Plugins: install, start, configure, order.")
config = new_group("What a plugin is configured with (EMQX 5.7+).")
app.add_typer(config, name="config")
stock.add_list(
    app, PLUGINS, examples=("emqxctl plugins list", "emqxctl plugins list -o json --fields name,rel_vsn")
)
stock.add_get(app, PLUGINS, examples=("emqxctl plugins get my_plugin-1.0.0",))


@app.command()
@command(
    calls="POST /plugins/install",
    examples=("emqxctl plugins install my_plugin-1.0.0.tar.gz",),
    effect=Effect.WRITE,
)
def install(session: Session, file: FileArgument, name: NameOption = None) -> Done:
    """Install a plugin's package on every node.

    The file is NAME-VERSION.tar.gz. EMQX 5.8.6+ wants it allowed first, on a node: emqx ctl plugins allow
    NAME-VERSION.
    """
    called = name or ("" if file == "-" else file)
    if called and not called.endswith(".tar.gz"):
        message = f"{called!r} is no package of a plugin"
        raise UsageError(message, hint="NAME-VERSION.tar.gz, as `make rel` of the plugin makes it")
    send_file(session, "/plugins/install", sent=Upload("plugin", file, name or ""))
    plugin = Path(called).name.removesuffix(".tar.gz")
    notes = (f"to start it: emqxctl plugins start {plugin}",)
    return Done(f"installed plugin {plugin!r}", {"name": plugin}, key="name", notes=notes)


edits.add_operation(
    app,
    PLUGINS,
    "uninstall",
    "/plugins/{name}",
    method="DELETE",
    effect=Effect.DESTROY,
    summary="Stop plugins and remove them from every node.",
    examples=("emqxctl plugins uninstall my_plugin-1.0.0 --yes",),
)


@app.command()
@command(
    calls=("GET /plugins/{name}", "PUT /plugins/{name}/{action}"),
    examples=("emqxctl plugins start my_plugin-1.0.0",),
    effect=Effect.WRITE,
)
def start(session: Session, name: PluginArgument) -> Done:
    """Start a plugin on every node, now and at each boot."""
    return switched(session, name, "start", "running")


@app.command()
@command(
    calls=("GET /plugins/{name}", "PUT /plugins/{name}/{action}"),
    examples=("emqxctl plugins stop my_plugin-1.0.0",),
    effect=Effect.WRITE,
)
def stop(session: Session, name: PluginArgument) -> Done:
    """Stop a plugin on every node, now and at each boot."""
    return switched(session, name, "stop", "stopped")


def switched(session: Session, name: str, verb: str, wanted: str) -> Done:
    """Start or stop a plugin, and look whether it did.

    EMQX answers 204 whatever came of it, even for a plugin that is not there (5.8). Raises EmqxctlError
    naming the nodes where it did not.
    """
    session.client.get("/plugins/{name}", name)
    session.client.put("/plugins/{name}/{action}", name, verb)
    done = Done(f"plugin {name!r} is {wanted}", {"name": name, "status": wanted}, key="name")
    if session.settings.dry_run:
        return done
    found = session.client.get("/plugins/{name}", name)
    told = found.get("running_status") if isinstance(found, dict) else None
    states = [one for one in told or [] if isinstance(one, dict)]
    nodes = [str(one.get("node")) for one in states if (one.get("status") == "running") != (verb == "start")]
    if not nodes:
        return done
    message = f"EMQX took the {verb} of plugin {name!r}, but it is not {wanted} on {', '.join(nodes)}"
    code = ExitCode.PARTIAL if len(nodes) < len(states) else ExitCode.FAILED
    hint = "the log of that node tells why"
    raise EmqxctlError(message, code="PLUGIN_STATE", hint=hint, exit_code=code, details={"nodes": nodes})


@app.command()
@command(
    calls="POST /plugins/{name}/move",
    examples=(
        "emqxctl plugins move my_plugin-1.0.0 front",
        "emqxctl plugins move my_plugin-1.0.0 before:other-2.1.0",
    ),
    effect=Effect.WRITE,
)
def move(session: Session, name: PluginArgument, position: PositionArgument) -> Done:
    """Change when a plugin starts, among the others."""
    session.client.post("/plugins/{name}/move", name, body={"position": checked(position)})
    return Done(f"moved plugin {name!r} to {position}", {"name": name, "position": position}, key="name")


def checked(position: str) -> str:
    """Check a position, for which EMQX answers 500. Raises UsageError."""
    side, sign, anchor = position.partition(":")
    if position in {"front", "rear"} or (side in {"before", "after"} and sign and anchor):
        return position
    message = f"{position!r} is no position"
    raise UsageError(message, hint="front, rear, before:NAME or after:NAME")


@app.command()
@command(
    calls="POST /plugins/cluster_sync",
    examples=("emqxctl plugins sync my_plugin-1.0.0",),
    effect=Effect.WRITE,
)
def sync(session: Session, name: PluginArgument) -> Done:
    """Copy a plugin to the nodes that lack it (EMQX 5.9+).

    It is taken from the node that answers.
    """
    session.client.post("/plugins/cluster_sync", body={"name": name})
    return Done(f"plugin {name!r} is on every node", {"name": name}, key="name")


@app.command()
@command(calls="GET /plugins/{name}/schema", examples=("emqxctl plugins schema my_plugin-1.0.0 -o json",))
def schema(session: Session, name: PluginArgument) -> Value:
    """Show the Avro schema of a plugin's configuration (5.7+)."""
    return Value(session.client.get("/plugins/{name}/schema", name))


@config.command("get")
@command(calls="GET /plugins/{name}/config", examples=("emqxctl plugins config get my_plugin-1.0.0",))
def config_get(session: Session, name: PluginArgument) -> Value:
    """Show what a plugin is configured with."""
    return Value(session.client.get("/plugins/{name}/config", name))


edits.add_update(
    config,
    CONFIG,
    summary="Change what a plugin is configured with.",
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
        str | None, typer.Option(metavar="FILE", help="Where to; - is stdout. Default: NAME.json.")
    ] = None,
) -> Result:
    """Download a plugin's configuration as a file (5.9+)."""
    return fetch_file(
        session, "/plugins/{name}/config/download", name, to=output_file or safe_name(f"{name}.json")
    )


@config.command("upload")
@command(
    calls="POST /plugins/{name}/config/upload",
    examples=("emqxctl plugins config upload my_plugin-1.0.0 config.json",),
    effect=Effect.WRITE,
)
def config_upload(
    session: Session, plugin: PluginArgument, file: FileArgument, name: NameOption = None
) -> Done:
    """Upload a plugin's configuration, all of it (5.9+)."""
    sent = Upload("config", file, name or ("config.json" if file == "-" else ""))
    send_file(session, "/plugins/{name}/config/upload", plugin, sent=sent)
    return Done(f"uploaded the configuration of plugin {plugin!r}", {"name": plugin}, key="name")
