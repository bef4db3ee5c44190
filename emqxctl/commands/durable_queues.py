"""`emqxctl durable-queues`: queues that durable sessions share, until EMQX 6.0."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import format_relative_time
from emqxctl.output.results import Done
from emqxctl.resource import Column, Paging, Resource
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import parse_time_option

QUEUES = Resource(
    noun="durable queue",
    path="/durable_queues",
    key="id",
    columns=(
        Column("id"),
        Column("group"),
        Column("topic"),
        Column("created_at", "CREATED", format=format_relative_time),
        Column("start_time", "FROM", format=format_relative_time, wide=True),
    ),
    paging=Paging.CURSOR,
)

app = new_group("Durable queues, of EMQX 5.8 to 5.10.")
add_list(app, QUEUES, examples=("emqxctl durable-queues list",))
add_get(app, QUEUES, examples=("emqxctl durable-queues get 01HZX2",))


@app.command()
@command(
    calls="POST /durable_queues",
    examples=("emqxctl durable-queues create workers 'jobs/#' --start-time 1h",),
    effect=Effect.WRITE,
)
def create(
    session: Session,
    group: Annotated[str, typer.Argument(metavar="GROUP", help="The share group.")],
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="The topic filter.")],
    start_time: Annotated[
        str | None, typer.Option(metavar="TIME", help="With messages since then: a time, or 1h ago.")
    ] = None,
) -> Done:
    """Declare a queue; clients consume it as $share/GROUP/TOPIC."""
    body: dict[str, object] = {"group": group, "topic": topic}
    if start_time is not None:
        body["start_time"] = parse_time_option("--start-time", start_time)
    made = session.client.post("/durable_queues", body=body)
    found = made if isinstance(made, dict) else body
    return Done(f"declared a queue of {topic!r} for group {group!r}", found, key="id")


add_delete(app, QUEUES, examples=("emqxctl durable-queues delete 01HZX2 --yes",))
