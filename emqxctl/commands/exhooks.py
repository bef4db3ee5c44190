"""`emqxctl exhooks`: gRPC servers that EMQX asks at its hooks."""

from typing import Annotated, Any

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import deep_merge
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.listeners import change_of
from emqxctl.commands.plugins import PositionArgument, checked, standing, standing_style
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock
from emqxctl.verbs.parameters import keyword, options, set_signature

EXHOOKS = Resource(
    noun="exhook",
    path="/exhooks",
    key="name",
    columns=(
        Column("name"),
        Column("url", "URL"),
        Column("enable", "ENABLED", style=color_state),
        Column("node_status", "STATUS", format=standing, style=standing_style),
        Column("failed_action", "ON FAILURE"),
        Column("metrics.succeed", "SUCCEEDED", align_right=True),
        Column("metrics.failed", "FAILED", align_right=True),
        Column("metrics.rate", "RATE", align_right=True, wide=True),
        Column("request_timeout", "TIMEOUT", wide=True),
        Column("auto_reconnect", "RECONNECT", wide=True),
        Column("pool_size", "POOL", align_right=True, wide=True),
    ),
    settings=(
        Setting("url", "The gRPC server: http://127.0.0.1:9000.", option="server"),  # --url is the cluster's
        Setting("enable", "Whether it is asked.", ValueType.BOOLEAN),
        Setting("failed_action", "What holds when it fails.", ValueType.CHOICE, ("deny", "ignore")),
        Setting("request_timeout", "How long an answer may take: 5s."),
        Setting("auto_reconnect", "After how long it is tried again: 60s."),
        Setting("pool_size", "How many connections each node holds.", ValueType.INTEGER),
    ),
    read_only_fields=("hooks", "metrics", "node_metrics", "node_status"),
)

app = new_group("ExHooks: gRPC servers that EMQX asks at its hooks.")
stock.add_list(app, EXHOOKS, examples=("emqxctl exhooks list", "emqxctl exhooks list -o wide"))
stock.add_get(app, EXHOOKS, examples=("emqxctl exhooks get audit",))
edits.add_create(
    app,
    EXHOOKS,
    summary="Create an exhook; an existing one is refused.",
    examples=(
        "emqxctl exhooks create audit --server http://10.0.0.9:9000 --failed-action ignore",
        "emqxctl exhooks create audit -f exhook.yaml",
    ),
)


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Change an exhook; one that does not exist is refused.

    --no-enable turns it off. It cannot be renamed.
    """
    name = values["name"]
    change = change_of(EXHOOKS, values, {"name": name})  # another name would replace that one
    return edits.updated(session, EXHOOKS, [name], lambda now: {**deep_merge(now, change), "name": name})


Name = Annotated[str, typer.Argument(metavar="NAME", help="The exhook.")]
set_signature(update, [keyword("name", Name), *edits.BODY, *options(EXHOOKS.settings)], Result)
app.command("update")(
    command(
        calls=("GET /exhooks/{name}", "PUT /exhooks/{name}"),
        examples=(
            "emqxctl exhooks update audit --no-enable",
            "emqxctl exhooks update audit --request-timeout 2s --dry-run",
        ),
        effect=Effect.WRITE,
    )(update)
)
edits.add_delete(app, EXHOOKS, examples=("emqxctl exhooks delete audit --yes",))


@app.command()
@command(calls="GET /exhooks/{name}/hooks", examples=("emqxctl exhooks hooks audit",))
def hooks(session: Session, name: Name) -> Rows:
    """List the hooks a server is asked at, and how it does."""
    columns = (
        Column("name"),
        Column("metrics.succeed", "SUCCEEDED", align_right=True),
        Column("metrics.failed", "FAILED", align_right=True),
        Column("metrics.rate", "RATE", align_right=True),
        Column("params", "PARAMETERS", wide=True),
    )
    return Rows(
        page_rows(session.client.get("/exhooks/{name}/hooks", name)),
        columns,
        key="name",
        plural_noun="hooks",
        path="/exhooks/{name}/hooks",
    )


@app.command()
@command(
    calls="POST /exhooks/{name}/move",
    examples=("emqxctl exhooks move audit front", "emqxctl exhooks move audit after:billing"),
    effect=Effect.WRITE,
)
def move(session: Session, name: Name, position: PositionArgument) -> Done:
    """Change when a server is asked, among the others."""
    session.client.post("/exhooks/{name}/move", name, body={"position": checked(position)})
    return Done(f"moved exhook {name!r} to {position}", {"name": name, "position": position}, key="name")
