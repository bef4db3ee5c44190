"""`emqxctl message-queues`: queues that EMQX keeps for topics, to be consumed by several clients."""

from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UnsupportedError
from emqxctl.output.formatters import format_duration_ms, format_plain
from emqxctl.output.results import Done
from emqxctl.resource import Column, Paging, Resource, Setting, ValueType
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import (
    BODY_PARAMETERS,
    new_parameter,
    option_parameters,
    option_values,
    set_signature,
)
from emqxctl.verbs.update import add_update

OLD = "/message_queues/queues"  # of EMQX 6.0, where a queue has no name but its topic filter


def kind(value: object) -> str:
    """Write whether only the last value of each key is kept."""
    return {"True": "last value", "False": "regular"}.get(str(value), format_plain(value))


QUEUES = Resource(
    noun="message queue",
    path="/queues",
    key="name",
    item_template="/queue/{name}",
    columns=(
        Column("name"),
        Column("topic_filter", "TOPICS"),
        Column("is_lastvalue", "KIND", format=kind),
        Column("dispatch_strategy", "DISPATCH"),
        Column("data_retention_period", "KEPT FOR", format=format_duration_ms),
        Column("key_expression", "KEY", wide=True),
    ),
    paging=Paging.CURSOR,
    settings=(
        Setting(
            "dispatch_strategy",
            "Who gets the next message.",
            ValueType.CHOICE,
            ("random", "least_inflight", "round_robin"),
        ),
        Setting(
            "is_lastvalue",
            "Whether only the last of each key is kept.",
            ValueType.BOOLEAN,
            option="lastvalue",
        ),
        Setting("key_expression", "What the key is: message.from."),
        Setting("data_retention_period", "How long messages are kept: 7d.", option="retention"),
    ),
    read_only_fields=("name", "topic_filter"),
)
CONFIG = Resource(
    noun="configuration of message queues",
    path="/queues/config",
    key="",
    item_template="/queues/config",
    columns=(),
    settings=(
        Setting("gc_interval", "How often what is over is removed: 1h."),
        Setting("max_queue_count", "How many queues there may be.", ValueType.INTEGER),
    ),
)

app = new_group("Message queues: $queue topics that are stored (6.0+).")
config = new_group("How queues are kept.")
app.add_typer(config, name="config")
add_list(app, QUEUES, examples=("emqxctl message-queues list",))
add_get(app, QUEUES, examples=("emqxctl message-queues get jobs",))


def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
    """Create a message queue; an existing one is refused.

    Clients consume it as $queue/NAME. EMQX 6.0 knows no names: there the topic filter is its name.
    """
    name, body = (
        values["name"],
        build_body(values["file"], values["set_"] or [], option_values(QUEUES.settings, values)),
    )
    body["topic_filter"] = values["topic_filter"] or body.get("topic_filter") or name
    try:
        made = session.client.post("/queues", body={**body, "name": name})
    except UnsupportedError:
        made = session.client.post(OLD, body=body)
    found = made if isinstance(made, dict) else {"name": name}
    return Done(f"created message queue {name!r}", found, key="name" if "name" in found else "topic_filter")


Name = Annotated[str, typer.Argument(metavar="NAME", help="The new message queue.")]
Topics = Annotated[str | None, typer.Option(metavar="TOPIC", help="Which messages: jobs/#. Default: NAME.")]
set_signature(
    create,
    [
        new_parameter("name", Name),
        new_parameter("topic_filter", Topics, None),
        *BODY_PARAMETERS,
        *option_parameters(QUEUES.settings),
    ],
    Done,
)
app.command("create")(
    command(
        calls=("POST /queues", f"POST {OLD}"),
        examples=(
            "emqxctl message-queues create jobs --topic-filter 'jobs/#' --no-lastvalue",
            "emqxctl message-queues create states --topic-filter 'state/#' --lastvalue --retention 1d",
        ),
        effect=Effect.WRITE,
    )(create)
)
add_update(app, QUEUES, examples=("emqxctl message-queues update jobs --dispatch-strategy random",))
add_delete(app, QUEUES, examples=("emqxctl message-queues delete jobs --yes",))
add_get(config, CONFIG, summary="Show the settings.", examples=("emqxctl message-queues config get",))
add_update(
    config,
    CONFIG,
    summary="Change the settings.",
    examples=("emqxctl message-queues config update --max-queue-count 500",),
)
