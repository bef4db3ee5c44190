"""`emqxctl streams`: streams of messages that EMQX keeps, to be read from any point in time."""

from emqxctl.cli.group import new_group
from emqxctl.commands.message_queues import kind
from emqxctl.output.formatters import format_duration_ms
from emqxctl.resource import Column, Paging, Resource, Setting, ValueType
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.update import add_update

STREAMS = Resource(
    noun="message stream",
    path="/streams",
    key="name",
    item_template="/stream/{name}",
    columns=(
        Column("name"),
        Column("topic_filter", "TOPICS"),
        Column("is_lastvalue", "KIND", format=kind),
        Column("data_retention_period", "KEPT FOR", format=format_duration_ms),
        Column("key_expression", "KEY", wide=True),
    ),
    paging=Paging.CURSOR,
    settings=(
        Setting("topic_filter", "Which messages: plant/#; set once."),
        Setting(
            "is_lastvalue",
            "Whether only the last of each key is kept.",
            ValueType.BOOLEAN,
            option="lastvalue",
        ),
        Setting("key_expression", "What the key is: message.from."),
        Setting("data_retention_period", "How long messages are kept: 7d.", option="retention"),
    ),
)
# What cannot be changed is no option of `update`, and not sent back.
CHANGED = STREAMS._replace(settings=STREAMS.settings[1:], read_only_fields=("name", "topic_filter"))
CONFIG = Resource(
    noun="configuration of message streams",
    path="/streams/config",
    key="",
    item_template="/streams/config",
    columns=(),
    settings=(
        Setting("gc_interval", "How often what is over is removed: 1h."),
        Setting("max_stream_count", "How many streams there may be.", ValueType.INTEGER),
    ),
)

app = new_group("Message streams, to be read from any time (EMQX 6.1+).")
config = new_group("How streams are kept.")
app.add_typer(config, name="config")
add_list(app, STREAMS, examples=("emqxctl streams list",))
add_get(app, STREAMS, examples=("emqxctl streams get plant",))
add_create(app, STREAMS, examples=("emqxctl streams create plant --topic-filter 'plant/#' --no-lastvalue",))
add_update(app, CHANGED, examples=("emqxctl streams update plant --retention 30d",))
add_delete(app, STREAMS, examples=("emqxctl streams delete plant --yes",))
add_get(config, CONFIG, summary="Show the settings.", examples=("emqxctl streams config get",))
add_update(
    config,
    CONFIG,
    summary="Change the settings.",
    examples=("emqxctl streams config update --max-stream-count 500",),
)
