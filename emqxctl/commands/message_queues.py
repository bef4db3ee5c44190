"""`emqxctl message-queues`: manage message queues, which several clients can consume."""

from functools import partial
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, build_body, without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._stored_messages import (
    KEY_COLUMN,
    KIND_COLUMN,
    RETENTION_COLUMN,
    STORAGE_SETTINGS,
    check_topic_filter,
    enable_auto_create,
    list_config_settings,
)
from emqxctl.errors import UnsupportedError
from emqxctl.output.results import Done
from emqxctl.resource import Column, Paging, Resource, Setting, ValueType
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.existence import can_read, create_if_missing
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

LEGACY_PATH = "/message_queues/queues"  # of EMQX 6.0, where the topic filter is the name of a queue


def drop_key_of_regular_queue(body: Body) -> Body:
    """Return a queue as PUT takes it: GET shows a key expression for a regular one too, which has none."""
    return without_fields(body, ("key_expression",)) if body.get("is_lastvalue") is False else body


QUEUES = Resource(
    noun="message queue",
    path="/queues",
    key="name",
    item_template="/queue/{name}",
    columns=(
        Column("name"),
        Column("topic_filter", "TOPICS"),
        KIND_COLUMN,
        Column("dispatch_strategy", "DISPATCH"),
        RETENTION_COLUMN,
        KEY_COLUMN,
    ),
    paging=Paging.CURSOR,
    settings=(
        Setting(
            "dispatch_strategy",
            "Strategy to select the client that receives the next message.",
            ValueType.CHOICE,
            ("random", "least_inflight", "round_robin"),
        ),
        *STORAGE_SETTINGS,
    ),
    read_only_fields=("name", "topic_filter"),
    before_update=drop_key_of_regular_queue,
)
CONFIG = Resource(
    noun="message queue configuration",
    path="/queues/config",
    key="",
    item_template="/queues/config",
    columns=(),
    settings=(
        *list_config_settings("queue"),
        Setting(
            "find_queue_retry_interval",
            "Interval between lookups of a missing queue that a client subscribed to, such as 10s.",
            option="find-retry-interval",
        ),
    ),
    normalize=enable_auto_create,
)

app = new_group("Manage message queues (EMQX 6.0+).")
config = new_group("Manage the configuration of message queues.")
app.add_typer(config, name="config")
add_list(app, QUEUES, examples=("emqxctl message-queues list",))
add_get(app, QUEUES, examples=("emqxctl message-queues get jobs",))


def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
    """Create a message queue.

    Clients consume it as $queue/NAME. In EMQX 6.0 a queue has no name; its topic filter identifies it.
    """
    name = values["name"]
    body = build_body(values["file"], values["set_"] or [], option_values(QUEUES.settings, values))
    body["topic_filter"] = values["topic_filter"] or body.get("topic_filter") or name
    check_topic_filter(body)

    def send() -> Done:
        try:
            row = session.client.post_object("/queues", body={**body, "name": name})
        except UnsupportedError:
            row = session.client.post_object(LEGACY_PATH, body=body)
        row = row or {"name": name}
        return Done(f"created message queue {name!r}", row, key="name" if "name" in row else "topic_filter")

    exists = partial(can_read, session, QUEUES.item_path, name)
    return create_if_missing(session, f"message queue {name!r}", {"name": name}, send, exists)


NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the new message queue.")]
TopicFilterOption = Annotated[
    str | None,
    typer.Option(metavar="FILTER", help="Topic filter of the messages, such as jobs/# (default NAME)."),
]
set_signature(
    create,
    [
        new_parameter("name", NameArgument),
        new_parameter("topic_filter", TopicFilterOption, None),
        *BODY_PARAMETERS,
        *option_parameters(QUEUES.settings),
    ],
    Done,
)
app.command("create")(
    command(
        calls=("POST /queues", f"POST {LEGACY_PATH}"),
        examples=(
            "emqxctl message-queues create jobs --topic-filter 'jobs/#' --no-lastvalue",
            "emqxctl message-queues create states --topic-filter 'state/#' --lastvalue --retention 1d",
        ),
        effect=Effect.WRITE,
    )(create)
)
add_update(app, QUEUES, examples=("emqxctl message-queues update jobs --dispatch-strategy random",))
add_delete(app, QUEUES, examples=("emqxctl message-queues delete jobs --yes",))
add_get(
    config,
    CONFIG,
    summary="Show the configuration of message queues.",
    examples=("emqxctl message-queues config get",),
)
add_update(
    config,
    CONFIG,
    summary="Update the configuration of message queues.",
    examples=(
        "emqxctl message-queues config update --max-queue-count 500",
        "emqxctl message-queues config update --no-auto-create-lastvalue --regular-retention 14d",
    ),
)
