"""`emqxctl exhooks`: gRPC servers that EMQX calls at its hooks."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body
from emqxctl.cli.session import Session
from emqxctl.errors import ExitCode, NotFoundError, ServerError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.order import add_move
from emqxctl.verbs.status import color_node_states, format_node_states
from emqxctl.verbs.update import add_update


def parse_auto_reconnect(body: Body) -> Body:
    """Return a body whose automatic reconnection is false if it was typed so; else it is a duration."""
    return {**body, "auto_reconnect": False} if body.get("auto_reconnect") == "false" else body


EXHOOKS = Resource(
    noun="exhook",
    path="/exhooks",
    key="name",
    columns=(
        Column("name"),
        Column("url", "URL"),
        Column("enable", "ENABLED", style=color_state),
        Column("node_status", "STATUS", format=format_node_states, style=color_node_states),
        Column("failed_action", "ON FAILURE"),
        Column("metrics.succeed", "SUCCEEDED", align_right=True),
        Column("metrics.failed", "FAILED", align_right=True),
        Column("metrics.rate", "RATE", align_right=True, wide=True),
        Column("request_timeout", "TIMEOUT", wide=True),
        Column("auto_reconnect", "RECONNECT", wide=True),
        Column("pool_size", "POOL", align_right=True, wide=True),
    ),
    settings=(
        # --url is the cluster's
        Setting("url", "gRPC server URL, such as http://127.0.0.1:9000.", option="server"),
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
        Setting("failed_action", "Action when the server fails.", ValueType.CHOICE, ("deny", "ignore")),
        Setting("request_timeout", "Request timeout, such as 5s."),
        Setting("auto_reconnect", "Time between reconnection attempts, such as 60s, or false."),
        Setting("pool_size", "Connection pool size per node.", ValueType.INTEGER),
    ),
    read_only_fields=("hooks", "metrics", "node_metrics", "node_status"),
    normalize=parse_auto_reconnect,
    fields_in_update=("name",),  # a PUT with another name would replace that one
)
HOOK_COLUMNS = (
    Column("name"),
    Column("metrics.succeed", "SUCCEEDED", align_right=True),
    Column("metrics.failed", "FAILED", align_right=True),
    Column("metrics.rate", "RATE", align_right=True),
    Column("params", "PARAMETERS", wide=True),
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Exhook name.")]

app = new_group("Manage exhooks: gRPC servers that EMQX calls.")
add_list(app, EXHOOKS, examples=("emqxctl exhooks list", "emqxctl exhooks list -o wide"))
add_get(app, EXHOOKS, examples=("emqxctl exhooks get audit",))
add_create(
    app,
    EXHOOKS,
    examples=(
        "emqxctl exhooks create audit --server http://10.0.0.9:9000 --failed-action ignore",
        "emqxctl exhooks create audit -f exhook.yaml",
    ),
)
add_update(
    app,
    EXHOOKS,
    summary="Update an exhook.\n\nUse --no-enable to disable it. An exhook cannot be renamed.",
    examples=(
        "emqxctl exhooks update audit --no-enable",
        "emqxctl exhooks update audit --request-timeout 2s --dry-run",
    ),
)
add_delete(app, EXHOOKS, examples=("emqxctl exhooks delete audit --yes",))


@app.command()
@command(calls="GET /exhooks/{name}/hooks", examples=("emqxctl exhooks hooks audit",))
def hooks(session: Session, name: NameArgument) -> Rows:
    """List the hooks of an exhook with their metrics."""
    rows = session.client.get_list("/exhooks/{name}/hooks", name)
    return Rows(rows, HOOK_COLUMNS, key="name", plural_noun="hooks", path="/exhooks/{name}/hooks")


def send_position(session: Session, key: str, position: str) -> None:
    """Move an exhook. EMQX fails with 500 if the neighbor does not exist (5.8.9). Raises NotFoundError."""
    anchor = position.partition(":")[2]
    try:
        session.client.post("/exhooks/{name}/move", key, body={"position": position})
    except ServerError as error:
        if not anchor or error.exit_code is not ExitCode.SERVER:
            raise
        names = {row.get("name") for row in session.client.get_list("/exhooks")}
        if anchor in names:
            raise
        message = f"exhook {anchor!r} not found; {key!r} was not moved"
        raise NotFoundError(message, hint="list existing ones: emqxctl exhooks list") from error


add_move(
    app,
    EXHOOKS,
    calls=("GET /exhooks", "POST /exhooks/{name}/move"),
    send=send_position,
    examples=("emqxctl exhooks move audit front", "emqxctl exhooks move audit after:billing"),
)
