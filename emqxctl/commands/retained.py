"""`emqxctl retained`: messages that the broker keeps for later subscribers."""

from typing import Annotated

import typer

from emqxctl.api.pagination import page_meta
from emqxctl.cli.bulk.targets import run_bulk, select_targets
from emqxctl.cli.bulk.task import BulkTask, one_by_one
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import write_file
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.emqx.topics import has_wildcard
from emqxctl.errors import ExitCode, ServerError, UsageError
from emqxctl.output.formatters import format_plain, format_relative_time
from emqxctl.output.results import Bytes, Done, Record, Result
from emqxctl.resource import Column, Filter, Paging, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock
from emqxctl.verbs.filters import matching

MESSAGE = "/mqtt/retainer/message/{topic}"
TOO_LARGE = "PAYLOAD_TOO_LARGE"  # what stands in a delayed message's payload above 2 KB


def content(payload: object) -> bytes | None:
    """Read a payload that EMQX wrote as base64; None where it left it out or wrote something else."""
    import base64

    try:
        return base64.b64decode(payload, validate=True) if isinstance(payload, str) else None
    except ValueError:
        return None


def as_text(payload: object) -> str:
    """Write a payload for a person: as text where it is text, else as the base64 that came."""
    found = content(payload)
    try:
        return format_plain(payload) if found is None else found.decode()
    except UnicodeDecodeError:
        return f"{format_plain(payload)} (base64)"


RETAINED = Resource(
    noun="retained message",
    path="/mqtt/retainer/messages",
    key="topic",
    item_template=MESSAGE,
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
    filters=(Filter("topic", "Only topics that match this filter.", row_check=matching("topic")),),
)
SHOWN = (*RETAINED.columns[:3], Column("payload", format=as_text))
SETTINGS = Resource(
    noun="configuration of the retainer",
    path="/mqtt/retainer",
    key="enable",
    item_template="/mqtt/retainer",
    columns=(Column("enable", "ENABLED"),),
    settings=(
        Setting("enable", "Whether messages are retained.", ValueType.BOOLEAN),
        Setting("max_payload_size", "Larger messages are not retained: 1MB."),
        Setting("msg_expiry_interval", "After how long messages expire: 1d; 0s never."),
        Setting("msg_clear_interval", "How often expired ones are cleared: 1h; 0s never."),
        Setting("stop_publish_clear_msg", "Whether an empty message is passed on.", ValueType.BOOLEAN),
        Setting(
            "backend.max_retained_messages",
            "How many are kept at most; 0 is no limit.",
            ValueType.INTEGER,
            option="max-retained-messages",
        ),
        Setting(
            "backend.storage_type",
            "Where they are kept.",
            ValueType.CHOICE,
            ("ram", "disc"),
            option="storage-type",
        ),
    ),
)

TopicArgument = Annotated[str, typer.Argument(metavar="TOPIC", help="The topic; no wildcards.")]

app = new_group("Retained messages: list, read, delete, configure.")
settings = new_group("How messages are retained.")
app.add_typer(settings, name="config")
stock.add_list(
    app,
    RETAINED,
    examples=("emqxctl retained list", "emqxctl retained list --topic 'config/+' -o name"),
)


@app.command()
@command(
    calls=f"GET {MESSAGE}",
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
        str | None, typer.Option(metavar="FILE", help="Write the payload there; - is stdout.")
    ] = None,
) -> Result:
    """Show one retained message with its payload.

    Tables show a payload that is text as text; other formats give base64, as EMQX does. Payloads above 1 MiB
    are not given over REST.
    """
    if has_wildcard(topic):
        message = f"{topic!r} has wildcards: EMQX would give one message of many"
        raise UsageError(message, hint=f"emqxctl retained list --topic {topic!r}")
    found = session.client.get(MESSAGE, topic)
    message_ = found if isinstance(found, dict) else {}
    if output_file is not None:
        return saved(topic, message_, output_file)
    notes = () if "payload" in message_ else ("EMQX gives no payload above 1 MiB over REST",)
    return Record(message_, SHOWN, key="topic", notes=notes)


def saved(topic: str, message: dict[str, object], to: str) -> Result:
    """Write the payload of a message to a file, or to stdout for `-`. Raises ServerError without one."""
    payload = content(message.get("payload"))
    if payload is None:
        words = f"EMQX gave no payload of {topic!r}: it gives none above 1 MiB over REST"
        raise ServerError(words, code=TOO_LARGE, hint="subscribe to it instead", exit_code=ExitCode.FAILED)
    if to == "-":
        return Bytes([payload])
    size = write_file(to, [payload])
    return Done(f"wrote {size} bytes to {to}", {"topic": topic, "file": to, "bytes": size}, key="file")


@app.command()
@command(
    calls=("GET /mqtt/retainer/messages", f"DELETE {MESSAGE}"),
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
        list[str] | None, typer.Argument(metavar="[TOPIC]...", help="Topics or filters.")
    ] = None,
) -> Result:
    """Delete retained messages; a filter deletes all that match.

    --where selects among the retained messages, as `list` shows them.
    """
    targets = select_targets(session, topics or [], "delete", RETAINED)
    counts = {topic: count(session, topic) for topic in targets if has_wildcard(topic)}
    if len(targets) == 1 and topics and not session.settings.report:
        return delete_one(session, targets[0], counts.get(targets[0]))
    for topic, number in counts.items():
        session.info(f"{number} retained messages match {topic!r}")
    deed = one_by_one(
        lambda api, one: api.delete(MESSAGE, one),
        skip_exit_code=ExitCode.NOT_FOUND,
        skip_reason="nothing was retained",
    )
    return run_bulk(session, BulkTask("delete", "deleted", "retained message", "topic", targets, deed))


def delete_one(session: Session, topic: str, number: int | None) -> Done:
    """Delete what is retained for one topic, or for the `number` topics that one filter matches."""
    words = f"the retained message of {topic!r}"
    words = words if number is None else f"{number} retained messages that match {topic!r}"
    session.confirm(f"delete {words}")
    session.client.delete(MESSAGE, topic)
    return Done(f"deleted {words}", {"topic": topic}, key="topic")


def count(session: Session, pattern: str) -> int:
    """Count the retained messages that match a filter."""
    return sum(1 for _ in session.rows(RETAINED, {"topic": pattern}))


@app.command()
@command(
    calls=("GET /mqtt/retainer/messages", "DELETE /mqtt/retainer/messages"),
    examples=("emqxctl retained clear --yes",),
    effect=Effect.DESTROY,
)
def clear(session: Session) -> Done:
    """Delete every retained message (EMQX 5.5+)."""
    number = page_meta(session.client.get("/mqtt/retainer/messages", query={"limit": 1})).get("count")
    words = "every retained message" if number is None else f"all {number} retained messages"
    session.confirm(f"delete {words}")
    session.client.delete("/mqtt/retainer/messages")
    return Done(f"deleted {words}", {"cleared": number})


stock.add_get(
    settings, SETTINGS, summary="Show how messages are retained.", examples=("emqxctl retained config get",)
)
edits.add_update(
    settings,
    SETTINGS,
    summary="Change how messages are retained.",
    examples=(
        "emqxctl retained config update --msg-expiry-interval 7d",
        "emqxctl retained config update --max-retained-messages 100000 --dry-run",
    ),
)
