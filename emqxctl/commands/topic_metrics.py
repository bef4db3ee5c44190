"""`emqxctl topic-metrics`: counters and rates of single topics, and of filters (6.3+)."""

from typing import Annotated

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.formatters import format_byte_count, format_relative_time
from emqxctl.output.results import Done, Result
from emqxctl.resource import Column, Resource, Setting
from emqxctl.verbs import edits, stock

TOPICS = Resource(
    noun="topic's metrics",
    plural="topics with metrics",
    path="/mqtt/topic_metrics",
    key="topic",
    columns=(
        Column("topic"),
        Column("metrics.messages.in.count", "IN", align_right=True),
        Column("metrics.messages.in.rate", "IN/S", align_right=True),
        Column("metrics.messages.out.count", "OUT", align_right=True),
        Column("metrics.messages.out.rate", "OUT/S", align_right=True),
        Column("metrics.messages.dropped.count", "DROPPED", align_right=True),
        Column("create_time", "SINCE", format=format_relative_time),
        Column("reset_time", "RESET", format=format_relative_time, wide=True),
        Column("metrics.messages.dropped.rate", "DROPPED/S", align_right=True, wide=True),
        Column("metrics.messages.qos0.in.count", "QOS 0 IN", align_right=True, wide=True),
        Column("metrics.messages.qos1.in.count", "QOS 1 IN", align_right=True, wide=True),
        Column("metrics.messages.qos2.in.count", "QOS 2 IN", align_right=True, wide=True),
    ),
)
COLLECTIONS = Resource(
    noun="collection of topic metrics",
    plural="collections of topic metrics",
    path="/mqtt/topic_metrics2",
    key="name",
    columns=(
        Column("name"),
        Column("topic_filter", "FILTER"),
        Column("metrics.messages.in.count", "IN", align_right=True),
        Column("metrics.messages.out.count", "OUT", align_right=True),
        Column("metrics.messages.dropped.count", "DROPPED", align_right=True),
        Column("metrics.bytes.in", "BYTES IN", format=format_byte_count, align_right=True),
        Column("metrics.bytes.out", "BYTES OUT", format=format_byte_count, align_right=True),
        Column("namespace", wide=True),
        Column("create_time", "SINCE", format=format_relative_time, wide=True),
    ),
    settings=(Setting("topic_filter", "Which topics it counts: sensors/+/temperature."),),
)

app = new_group("Metrics of single topics: messages in, out, dropped.")
collections = new_group("Named collections, each counting a filter (EMQX 6.3+).")
app.add_typer(collections, name="collections")
stock.add_list(
    app,
    TOPICS,
    examples=("emqxctl topic-metrics list", "emqxctl topic-metrics list --sort -metrics.messages.in.rate"),
)
stock.add_get(
    app,
    TOPICS,
    summary="Show the metrics of one topic.",
    examples=("emqxctl topic-metrics get telemetry/dev-1/temp",),
)


@app.command()
@command(
    calls="POST /mqtt/topic_metrics",
    examples=("emqxctl topic-metrics create telemetry/dev-1/temp",),
    effect=Effect.WRITE,
)
def create(
    session: Session,
    topics: Annotated[list[str], typer.Argument(metavar="TOPIC...", help="The topics; no wildcards.")],
) -> Result:
    """Begin to count topics; at most 512 can be counted."""
    path = "/mqtt/topic_metrics"
    return run_each(topics, "topic", "counting", lambda one: session.client.post(path, body={"topic": one}))


edits.add_delete(
    app,
    TOPICS,
    summary="Stop counting topics, and forget their metrics.",
    examples=("emqxctl topic-metrics delete telemetry/dev-1/temp --yes",),
)


@app.command()
@command(
    calls="PUT /mqtt/topic_metrics",
    examples=("emqxctl topic-metrics reset telemetry/dev-1/temp", "emqxctl topic-metrics reset --all --yes"),
    effect=Effect.WRITE,
)
def reset(
    session: Session,
    topics: Annotated[list[str] | None, typer.Argument(metavar="[TOPIC]...", help="The topics.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All topics that are counted.")] = False,
) -> Result:
    """Set the metrics of topics to zero."""
    named = topics or []
    if bool(named) == every:
        message = "name topics, or say --all"
        raise UsageError(message, hint="emqxctl topic-metrics list")
    path = "/mqtt/topic_metrics"
    if every:
        session.confirm("reset the metrics of all topics")
        session.client.put(path, body={"action": "reset"})
        return Done("reset the metrics of all topics", {"reset": "all"})
    return run_each(
        named,
        "topic",
        "reset the metrics of",
        lambda one: session.client.put(path, body={"action": "reset", "topic": one}),
    )


stock.add_list(collections, COLLECTIONS, examples=("emqxctl topic-metrics collections list",))
stock.add_get(
    collections,
    COLLECTIONS,
    summary="Show one collection.",
    examples=("emqxctl topic-metrics collections get temperatures",),
)
edits.add_create(
    collections,
    COLLECTIONS,
    summary="Begin to count what matches a filter.",
    examples=("emqxctl topic-metrics collections create temperatures --topic-filter 'sensors/+/temp'",),
)
edits.add_delete(
    collections,
    COLLECTIONS,
    summary="Delete collections.",
    examples=("emqxctl topic-metrics collections delete temperatures --yes",),
)
edits.add_operation(
    collections,
    COLLECTIONS,
    "reset",
    "/mqtt/topic_metrics2/{name}/reset",
    method="PUT",
    summary="Set the counters of collections to zero.",
    examples=("emqxctl topic-metrics collections reset temperatures",),
)


@collections.command()
@command(
    calls="DELETE /mqtt/topic_metrics2",
    examples=("emqxctl topic-metrics collections clear --yes",),
    effect=Effect.DESTROY,
)
def clear(session: Session) -> Done:
    """Delete every collection this key may see."""
    session.confirm("delete all collections of topic metrics")
    session.client.delete("/mqtt/topic_metrics2")
    return Done("deleted all collections of topic metrics", {"cleared": "collections"})
