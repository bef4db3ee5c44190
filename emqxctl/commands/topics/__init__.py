"""`emqxctl topics`: topics that have subscribers."""

from typing import Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands.topics.who import who
from emqxctl.output.results import Rows
from emqxctl.resource import Column, Filter, Paging, Resource
from emqxctl.verbs import stock

TOPICS = Resource(
    noun="topic",
    path="/topics",
    key="topic",
    columns=(Column("topic"), Column("node"), Column("session", wide=True)),
    paging=Paging.PAGES,
    row_key=("topic", "node", "session"),
    filters=(
        Filter("topic", "Only this filter, to the letter ($share/g/t too)."),
        Filter("node", "Only those with a subscriber on this node."),
    ),
)

app = new_group("Topics that have subscribers.")
stock.add_list(
    app, TOPICS, examples=("emqxctl topics list", "emqxctl topics list --where 'topic~^telemetry/'")
)


@app.command()
@command(calls="GET /topics/{topic}", examples=("emqxctl topics get telemetry/+/temp",))
def get(
    session: Session,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="The filter, to the letter.")],
) -> Rows:
    """List the nodes where a topic has subscribers."""
    found = page_rows(session.client.get("/topics/{topic}", topic))
    return Rows(found, TOPICS.columns, key="topic", plural_noun="topics", path=TOPICS.path)


app.command()(who)
