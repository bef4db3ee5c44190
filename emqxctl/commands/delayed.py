"""`emqxctl delayed`: manage delayed messages."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._payloads import format_payload
from emqxctl.output.formatters import format_duration_seconds, format_relative_time
from emqxctl.output.results import Done
from emqxctl.resource import Column, Paging, Resource, Setting, ValueType
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.update import add_update

DELAYED = Resource(
    noun="delayed message",
    path="/mqtt/delayed/messages",
    key="msgid",
    item_template="/mqtt/delayed/messages/{node}/{msgid}",
    columns=(
        Column("topic"),
        Column("delayed_remaining", "IN", format=format_duration_seconds, align_right=True),
        Column("qos", "QOS", align_right=True),
        Column("from_clientid", "FROM CLIENT"),
        Column("node"),
        Column("msgid", "MESSAGE ID"),
        Column("expected_at", "AT", wide=True),
        Column("publish_at", "PUBLISHED", format=format_relative_time, wide=True),
        Column("delayed_interval", "DELAY", format=format_duration_seconds, align_right=True, wide=True),
        Column("from_username", "FROM USER", wide=True),
    ),
    paging=Paging.PAGES,
    row_key=("node", "msgid"),
    name_fields=("node", "msgid"),
)
MESSAGE = DELAYED._replace(columns=(*DELAYED.columns[:2], Column("payload", format=format_payload)))
SETTINGS = Resource(
    noun="delayed message configuration",
    path="/mqtt/delayed",
    key="enable",
    item_template="/mqtt/delayed",
    columns=(Column("enable", "ENABLED"),),
    settings=(
        Setting("enable", "Enable or disable delayed messages.", ValueType.BOOLEAN),
        Setting(
            "max_delayed_messages", "Maximum number of delayed messages (0: no limit).", ValueType.INTEGER
        ),
    ),
)

app = new_group("Manage delayed messages.")
settings = new_group("Manage the configuration of delayed messages.")
app.add_typer(settings, name="config")
add_list(
    app,
    DELAYED,
    examples=("emqxctl delayed list", "emqxctl delayed list --where 'delayed_remaining<60' --sort topic"),
)
add_get(
    app,
    MESSAGE,
    summary="Show a delayed message with its payload.\n\nEMQX does not return payloads above 2 KB.",
    examples=("emqxctl delayed get emqx@10.0.0.1 000660E5F6F7D7EB70F3000016F90000",),
)
add_delete(
    app,
    DELAYED,
    summary="Delete delayed messages of a node.",
    examples=("emqxctl delayed delete emqx@10.0.0.1 000660E5F6F7D7EB70F3000016F90000 --yes",),
)


@app.command("delete-topic")
@command(
    calls="DELETE /mqtt/delayed/messages/{topic}",
    examples=("emqxctl delayed delete-topic alerts/pump-1 --yes",),
    effect=Effect.DESTROY,
)
def delete_topic(
    session: Session,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="Topic, without wildcards.")],
) -> Done:
    """Delete all delayed messages of a topic (EMQX 5.5+)."""
    session.confirm(f"delete all delayed messages of {topic!r}")
    session.client.delete("/mqtt/delayed/messages/{topic}", topic)
    return Done(f"deleted the delayed messages of {topic!r}", {"topic": topic}, key="topic")


add_get(
    settings,
    SETTINGS,
    summary="Show the configuration of delayed messages.",
    examples=("emqxctl delayed config get",),
)
add_update(
    settings,
    SETTINGS,
    summary="Update the configuration of delayed messages.",
    examples=("emqxctl delayed config update --max-delayed-messages 10000",),
)
