"""`emqxctl streams`: manage message streams, which clients can read from any point in time."""

from emqxctl.cli.group import new_group
from emqxctl.commands._stored_messages import (
    KEY_COLUMN,
    KIND_COLUMN,
    RETENTION_COLUMN,
    STORAGE_SETTINGS,
    check_topic_filter,
    enable_auto_create,
    list_config_settings,
)
from emqxctl.resource import Column, Paging, Resource, Setting
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
        KIND_COLUMN,
        RETENTION_COLUMN,
        KEY_COLUMN,
    ),
    paging=Paging.CURSOR,
    settings=(
        Setting("topic_filter", "Topic filter of the messages, such as plant/#; cannot be changed."),
        *STORAGE_SETTINGS,
    ),
    normalize=check_topic_filter,
)
# What cannot be changed is not an option of `update`, and is not sent back.
UPDATABLE_STREAMS = STREAMS._replace(settings=STORAGE_SETTINGS, read_only_fields=("name", "topic_filter"))
CONFIG = Resource(
    noun="message stream configuration",
    path="/streams/config",
    key="",
    item_template="/streams/config",
    columns=(),
    settings=list_config_settings("stream"),
    normalize=enable_auto_create,
)

app = new_group("Manage message streams (EMQX 6.1+).")
config = new_group("Manage the configuration of message streams.")
app.add_typer(config, name="config")
add_list(app, STREAMS, examples=("emqxctl streams list",))
add_get(app, STREAMS, examples=("emqxctl streams get plant",))
add_create(app, STREAMS, examples=("emqxctl streams create plant --topic-filter 'plant/#' --no-lastvalue",))
add_update(app, UPDATABLE_STREAMS, examples=("emqxctl streams update plant --retention 30d",))
add_delete(app, STREAMS, examples=("emqxctl streams delete plant --yes",))
add_get(
    config,
    CONFIG,
    summary="Show the configuration of message streams.",
    examples=("emqxctl streams config get",),
)
add_update(
    config,
    CONFIG,
    summary="Update the configuration of message streams.",
    examples=(
        "emqxctl streams config update --max-stream-count 500",
        "emqxctl streams config update --no-auto-create-lastvalue --regular-retention 14d",
    ),
)
