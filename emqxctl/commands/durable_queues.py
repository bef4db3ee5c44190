"""`emqxctl durable-queues`: manage durable queues (EMQX 5.8 to 5.10)."""

from datetime import datetime
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.param_types import PAST_TIME
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import format_relative_time
from emqxctl.output.results import Done
from emqxctl.resource import Column, Paging, Resource
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.existence import create_if_missing
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list

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

app = new_group("Manage durable queues (EMQX 5.8 to 5.10).")
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
    group: Annotated[str, typer.Argument(metavar="GROUP", help="Share group.")],
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="Topic filter.")],
    start_time: Annotated[
        datetime | None,
        typer.Option(click_type=PAST_TIME, help="Time of the first message to include, such as 1h."),
    ] = None,
) -> Done:
    """Create a durable queue.

    Clients consume it as $share/GROUP/TOPIC.
    """
    body: dict[str, object] = {"group": group, "topic": topic}
    if start_time is not None:
        body["start_time"] = int(start_time.timestamp() * 1000)
    subject = f"durable queue of topic {topic!r} and group {group!r}"

    def send() -> Done:
        row = session.client.post_object("/durable_queues", body=body) or body
        return Done(f"created {subject}", row, key="id")

    def exists() -> bool:
        rows = session.rows(QUEUES, limited=False)
        return any((row.get("group"), row.get("topic")) == (group, topic) for row in rows)

    return create_if_missing(session, subject, {"group": group, "topic": topic}, send, exists)


add_delete(app, QUEUES, examples=("emqxctl durable-queues delete 01HZX2 --yes",))
