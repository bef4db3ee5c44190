"""`emqxctl topic-metrics`: manage counters and rates of topics, and of topic filters (6.3+)."""

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
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.existence import run_creation
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.operation import add_operation

TOPICS = Resource(
    noun="topic metrics",
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
    settings=(Setting("topic_filter", "Topic filter to count, such as sensors/+/temperature."),),
)

app = new_group("Manage topic metrics: messages in, out and dropped.")
collections = new_group("Manage collections of topic metrics (EMQX 6.3+).")
app.add_typer(collections, name="collections")
add_list(
    app,
    TOPICS,
    examples=("emqxctl topic-metrics list", "emqxctl topic-metrics list --sort -metrics.messages.in.rate"),
)
add_get(
    app,
    TOPICS,
    summary="Show a topic's metrics.",
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
    topics: Annotated[list[str], typer.Argument(metavar="TOPIC", help="Topics, without wildcards.")],
) -> Result:
    """Enable metrics for topics.

    EMQX supports at most 512 topics.
    """
    path = TOPICS.path
    return run_creation(
        session,
        topics,
        "topic",
        "enabled metrics for",
        lambda topic: session.client.post(path, body={"topic": topic}),
        path=TOPICS.item_path,
    )


add_delete(
    app,
    TOPICS,
    summary="Disable metrics for topics and delete their counters.",
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
    topics: Annotated[list[str] | None, typer.Argument(metavar="TOPIC", help="Topics.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Reset all topics.")] = False,
) -> Result:
    """Reset topic metrics."""
    if bool(topics) == all_:
        message = "TOPIC and --all cannot be used together" if topics else "TOPIC or --all is required"
        raise UsageError(message, hint="list topics: emqxctl topic-metrics list")
    path = TOPICS.path
    if all_:
        session.confirm("reset the metrics of all topics")
        session.client.put(path, body={"action": "reset"})
        return Done("reset the metrics of all topics", {"reset": "all"})
    return run_each(
        topics or [],
        "topic",
        "reset the metrics of",
        lambda topic: session.client.put(path, body={"action": "reset", "topic": topic}),
    )


add_list(collections, COLLECTIONS, examples=("emqxctl topic-metrics collections list",))
add_get(
    collections,
    COLLECTIONS,
    summary="Show a collection.",
    examples=("emqxctl topic-metrics collections get temperatures",),
)
add_create(
    collections,
    COLLECTIONS,
    summary="Create a collection for a topic filter.",
    examples=("emqxctl topic-metrics collections create temperatures --topic-filter 'sensors/+/temp'",),
)
add_delete(
    collections,
    COLLECTIONS,
    summary="Delete collections.",
    examples=("emqxctl topic-metrics collections delete temperatures --yes",),
)
add_operation(
    collections,
    COLLECTIONS,
    "reset",
    "/mqtt/topic_metrics2/{name}/reset",
    method="PUT",
    summary="Reset the counters of collections.",
    examples=("emqxctl topic-metrics collections reset temperatures",),
)


@collections.command()
@command(
    calls="DELETE /mqtt/topic_metrics2",
    examples=("emqxctl topic-metrics collections clear --yes",),
    effect=Effect.DESTROY,
)
def clear(session: Session) -> Done:
    """Delete all collections that the API key can access."""
    session.confirm("delete all collections of topic metrics")
    session.client.delete("/mqtt/topic_metrics2")
    return Done("deleted all collections of topic metrics", {"cleared": "collections"})
