"""`emqxctl topics`: topics that have subscribers."""

from typing import Annotated

import typer

from emqxctl.api.response import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Filter, Paging, Resource
from emqxctl.verbs.list import add_list

TOPICS = Resource(
    noun="topic",
    path="/topics",
    key="topic",
    columns=(Column("topic"), Column("node"), Column("session", wide=True)),
    paging=Paging.PAGES,
    row_key=("topic", "node", "session"),
    filters=(
        Filter("topic", "Filter by exact topic filter, including $share/GROUP/."),
        Filter("node", "Filter by node of the subscribers."),
    ),
)

app = new_group("Show topics with subscribers.")
add_list(app, TOPICS, examples=("emqxctl topics list", "emqxctl topics list --where 'topic~^telemetry/'"))


@app.command()
@command(calls="GET /topics/{topic}", examples=("emqxctl topics get telemetry/+/temp",))
def get(
    session: Session,
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help="Exact topic filter, including $share/GROUP/.")
    ],
) -> Rows:
    """List the nodes on which a topic has subscribers."""
    rows = page_rows(session.client.get("/topics/{topic}", topic))
    return Rows(rows, TOPICS.columns, key="topic", plural_noun="topics", path=TOPICS.path)


app.lazy("who", "Show who receives messages on a topic.")
