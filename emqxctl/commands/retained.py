"""`emqxctl retained`: manage retained messages."""

from typing import Annotated

import typer

from emqxctl.api.response import page_meta
from emqxctl.cli.bulk.targets import run_bulk, select_targets
from emqxctl.cli.bulk.task import BulkTask, one_by_one
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import write_file
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._payloads import decode_payload, format_payload
from emqxctl.emqx.topics import has_wildcard
from emqxctl.errors import ExitCode, ServerError, UsageError
from emqxctl.output.formatters import format_relative_time
from emqxctl.output.results import Bytes, Done, Record, Result
from emqxctl.resource import Column, Filter, Paging, Resource, Setting, ValueType
from emqxctl.verbs.existence import delete_if_exists
from emqxctl.verbs.filters import check_topic_match
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.update import add_update

MESSAGE_PATH = "/mqtt/retainer/message/{topic}"
PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
PAYLOAD_NOTE = "EMQX does not return payloads above 1 MiB"

RETAINED = Resource(
    noun="retained message",
    path="/mqtt/retainer/messages",
    key="topic",
    item_template=MESSAGE_PATH,
    columns=(
        Column("topic"),
        Column("qos", "QOS", align_right=True),
        Column("publish_at", "PUBLISHED", format=format_relative_time),
        Column("from_clientid", "FROM CLIENT"),
        Column("from_username", "FROM USER", wide=True),
        Column("msgid", "MESSAGE ID", wide=True),
    ),
    paging=Paging.PAGES,
    row_key=("topic",),
    filters=(Filter("topic", "Filter by topic filter.", row_check=check_topic_match("topic")),),
)
MESSAGE_COLUMNS = (*RETAINED.columns[:3], Column("payload", format=format_payload))
SETTINGS = Resource(
    noun="retainer configuration",
    path="/mqtt/retainer",
    key="enable",
    item_template="/mqtt/retainer",
    columns=(Column("enable", "ENABLED"),),
    settings=(
        Setting("enable", "Enable or disable retained messages.", ValueType.BOOLEAN),
        Setting("max_payload_size", "Maximum payload size of a retained message, such as 1MB."),
        Setting("msg_expiry_interval", "Time after which messages expire, such as 1d (0s: never)."),
        Setting(
            "msg_clear_interval", "Interval between deletions of expired messages, such as 1h (0s: never)."
        ),
        Setting("delivery_rate", "Delivery rate of retained messages, such as 1000/s."),
        Setting(
            "max_publish_rate", "Rate above which messages are not retained, such as 1000/s (EMQX 5.8+)."
        ),
        Setting(
            "msg_expiry_interval_override",
            "Expiry for all messages, whatever clients set: 1d or disabled (EMQX 5.8+).",
        ),
        Setting(
            "allow_never_expire",
            "Allow or forbid messages without expiry (EMQX 5.8+).",
            ValueType.BOOLEAN,
        ),
        Setting(
            "stop_publish_clear_msg",
            "Enable or disable withholding empty messages from subscribers.",
            ValueType.BOOLEAN,
        ),
        Setting(
            "backend.max_retained_messages",
            "Maximum number of retained messages (0: no limit).",
            ValueType.INTEGER,
            option="max-retained-messages",
        ),
        Setting(
            "backend.storage_type",
            "Storage of retained messages.",
            ValueType.CHOICE,
            ("ram", "disc"),
            option="storage-type",
        ),
    ),
)

TopicArgument = Annotated[str, typer.Argument(metavar="TOPIC", help="Topic, without wildcards.")]

app = new_group("Manage retained messages.")
settings = new_group("Manage the retainer configuration.")
app.add_typer(settings, name="config")
add_list(
    app,
    RETAINED,
    examples=("emqxctl retained list", "emqxctl retained list --topic 'config/+' -o name"),
)


@app.command()
@command(
    calls=f"GET {MESSAGE_PATH}",
    examples=(
        "emqxctl retained get config/dev-1",
        "emqxctl retained get firmware/dev-1 --output-file firmware.bin",
        "emqxctl retained get config/dev-1 --output-file - | jq .",
    ),
)
def get(
    session: Session,
    topic: TopicArgument,
    output_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="File to write the payload to (- for stdout).")
    ] = None,
) -> Result:
    """Show a retained message with its payload.

    Tables decode a payload that is text; other formats contain base64, as EMQX sends it. EMQX does not
    return payloads above 1 MiB.
    """
    if has_wildcard(topic):
        error_message = f"topic {topic!r} contains a wildcard: EMQX would return one of several messages"
        raise UsageError(error_message, hint=f"list messages: emqxctl retained list --topic {topic!r}")
    message = session.client.get_object(MESSAGE_PATH, topic)
    if output_file is not None:
        return save_payload(topic, message, output_file)
    notes = () if "payload" in message else (PAYLOAD_NOTE,)
    return Record(message, MESSAGE_COLUMNS, key="topic", notes=notes)


def save_payload(topic: str, message: dict[str, object], file: str) -> Result:
    """Write the payload of a message to a file, or to stdout for `-`. Raises ServerError if it is missing."""
    payload = decode_payload(message.get("payload"))
    if payload is None:
        error_message = f"no payload of {topic!r} in the response: {PAYLOAD_NOTE}"
        raise ServerError(
            error_message,
            code=PAYLOAD_TOO_LARGE,
            hint="subscribe to the topic with an MQTT client",
            exit_code=ExitCode.FAILED,
        )
    if file == "-":
        return Bytes([payload])
    size = write_file(file, [payload])
    return Done(f"wrote {size} bytes to {file}", {"topic": topic, "file": file, "bytes": size}, key="file")


@app.command()
@command(
    calls=("GET /mqtt/retainer/messages", f"DELETE {MESSAGE_PATH}"),
    examples=(
        "emqxctl retained delete config/dev-1 --yes",
        "emqxctl retained delete 'old/#' --dry-run",
        "emqxctl retained delete --where 'from_clientid=dev-1' --yes",
        "emqxctl retained delete --ids topics.txt --rate 100/s --yes",
    ),
    effect=Effect.DESTROY,
    bulk=True,
)
def delete(
    session: Session,
    topics: Annotated[
        list[str] | None, typer.Argument(metavar="TOPIC", help="Topics or topic filters.")
    ] = None,
) -> Result:
    """Delete retained messages.

    A topic filter deletes all messages that match. --where filters the retained messages, as `list` does.
    """
    targets = select_targets(session, topics or [], "delete", RETAINED)
    counts = {topic: count_messages(session, topic) for topic in targets if has_wildcard(topic)}
    if len(targets) == 1 and topics and not session.settings.report:
        return delete_one(session, targets[0], counts.get(targets[0]))
    for topic, count in counts.items():
        session.info(
            f"1 retained message matches {topic!r}"
            if count == 1
            else f"{count} retained messages match {topic!r}"
        )
    action = one_by_one(
        lambda client, topic: client.delete(MESSAGE_PATH, topic),
        skip_exit_code=ExitCode.NOT_FOUND,
        skip_reason="no retained message",
    )
    task = BulkTask("delete", "deleted", "retained message", "topic", targets, action)
    return run_bulk(session, task._replace(key_kind=task.noun))


def delete_one(session: Session, topic: str, count: int | None) -> Result:
    """Delete the retained message of a topic, or the `count` messages that a topic filter matches."""
    subject = f"the retained message of {topic!r}"
    if count is not None:
        plural = f"{count} retained messages that match {topic!r}"
        subject = f"1 retained message that matches {topic!r}" if count == 1 else plural
    session.confirm(f"delete {subject}")

    def send() -> Done:
        session.client.delete(MESSAGE_PATH, topic)
        return Done(f"deleted {subject}", {"topic": topic}, key="topic")

    return delete_if_exists(session, f"retained message of {topic!r}", {"topic": topic}, send)


def count_messages(session: Session, topic_filter: str) -> int:
    """Return the number of retained messages that match a topic filter."""
    return sum(1 for _ in session.rows(RETAINED, {"topic": topic_filter}))


@app.command()
@command(
    calls=("GET /mqtt/retainer/messages", "DELETE /mqtt/retainer/messages"),
    examples=("emqxctl retained clear --yes",),
    effect=Effect.DESTROY,
)
def clear(session: Session) -> Done:
    """Delete all retained messages (EMQX 5.5+).

    `retained delete TOPIC` deletes some: those of a topic or topic filter.
    """
    count = page_meta(session.client.get("/mqtt/retainer/messages", query={"limit": 1})).get("count")
    subject = "all retained messages" if count is None else f"all {count} retained messages"
    session.confirm(f"delete {subject}")
    session.client.delete("/mqtt/retainer/messages")
    return Done(f"deleted {subject}", {"cleared": count})


add_get(
    settings,
    SETTINGS,
    summary="Show the retainer configuration.",
    examples=("emqxctl retained config get",),
)
add_update(
    settings,
    SETTINGS,
    summary="Update the retainer configuration.",
    examples=(
        "emqxctl retained config update --msg-expiry-interval 7d",
        "emqxctl retained config update --max-retained-messages 100000 --dry-run",
    ),
)
