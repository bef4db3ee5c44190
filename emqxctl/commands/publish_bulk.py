"""`emqxctl publish-bulk`: publish messages from a file."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.api.request import build_request
from emqxctl.api.response import Response
from emqxctl.cli.bulk.report import PENDING, UNKNOWN, read_statuses
from emqxctl.cli.bulk.targets import run_bulk
from emqxctl.cli.bulk.task import BatchAction, BulkTask, TargetResult, failed_result
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.entries import Entry, read_entries
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._retainer_limits import RETAINER_PATH, RetainerLimits, fetch_retainer_limits
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Result

if TYPE_CHECKING:
    from emqxctl.api.client import Client

MAX_BODY_BYTES = 4_000_000  # EMQX crashes above 8 000 000 (api.md §0.8)
BATCH_SIZE = 500  # messages in a request, unless --batch is lower
# Messages per second. EMQX closes the connection of a client with more than 1000 messages in its mailbox
# (force_shutdown.max_mailbox_size), which a faster burst of messages to one subscriber exceeds.
DEFAULT_RATE = 1000.0
NO_SUBSCRIBERS = 16  # the MQTT 5 reason code of a message without subscribers
EXAMPLE = '{"topic": "t/1", "payload": "hello", "qos": 1}'
COLUMNS = ("topic", "payload", "qos", "retain")
Message = dict[str, Any]

app = new_group("Publish messages from a file.")


@app.command("publish-bulk")
@command(
    calls=(f"GET {RETAINER_PATH}", "POST /publish/bulk"),
    examples=(
        "emqxctl publish-bulk messages.jsonl",
        "emqxctl publish-bulk messages.csv --rate 1000/s --report done.jsonl",
        "generate | emqxctl publish-bulk - --batch 100 -o jsonl",
    ),
    effect=Effect.WRITE,
    rate_limited=True,
)
def publish_bulk(
    session: Session,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="File that contains the messages: JSON Lines, CSV, or a JSON or YAML list (- for stdin).",
        ),
    ],
    retry_unknown: Annotated[
        bool,
        typer.Option(
            "--retry-unknown", help="With --resume, also publish messages whose outcome is unknown."
        ),
    ] = False,
) -> Result:
    """Publish messages from a file.

    Each message is an object with `topic` and `payload`, and optionally `qos`, `retain`, `payload_encoding`
    (base64) and `properties`. A message without subscribers is not a failure. EMQX refuses a whole batch for
    one invalid message: the batch is then halved until that message is found. A batch whose response was
    lost is not sent again, and its messages are unknown: they may have been published. --resume publishes
    the messages that were not sent and leaves unknown ones alone, unless --retry-unknown is set; it brings
    the report up to date.

    Without --rate, at most 1000 messages are published per second: EMQX disconnects a subscriber that does
    not keep up with a faster burst (force_shutdown). If there are retained messages, the rate is 80 % of the
    retainer's max_publish_rate (800/s by default): EMQX drops retained messages above that rate without an
    error. --rate sets another rate, for retained messages at most the retainer's.
    """
    entries = read_entries(file, EXAMPLE, COLUMNS)
    messages = {str(number): parse_message(entry) for number, entry in enumerate(entries, 1)}
    targets: list[str] = list(messages)
    left_alone: list[TargetResult] = []
    if session.settings.resume:
        targets, left_alone = select_resumed_messages(session, messages, retry_unknown=retry_unknown)
    elif retry_unknown:
        message = "--retry-unknown requires --resume"
        raise UsageError(message)
    task = build_task(messages, targets, left_alone)
    retained = [messages[number] for number in targets if messages[number].get("retain") is True]
    return run_bulk(session, limit_rate(session, task, retained) if retained else task)


def select_resumed_messages(
    session: Session, messages: dict[str, Message], *, retry_unknown: bool
) -> tuple[list[str], list[TargetResult]]:
    """Return the numbers of the messages to publish, and the unknown ones, which are left alone.

    Raises UsageError when the report names messages that the file does not have.
    """
    settings = session.settings
    statuses = read_statuses(settings.resume, "publish", session.connection.url, "number")
    missing = [number for number in statuses if number not in messages]
    if missing:
        message = f"--resume {settings.resume}: the file has no message {missing[0]}"
        raise UsageError(message, hint="use the file of messages that the report was written for")
    wanted = {PENDING, UNKNOWN} if retry_unknown else {PENDING}
    reason = "may have been published by an earlier run"
    return (
        [number for number, status in statuses.items() if status in wanted],
        [
            TargetResult(number, UNKNOWN, reason)
            for number, status in statuses.items()
            if status == UNKNOWN and not retry_unknown
        ],
    )


def build_task(
    messages: dict[str, Message], targets: Sequence[str], left_alone: Sequence[TargetResult]
) -> BulkTask:
    """Build the task that publishes the messages whose numbers are the targets, in the file's order."""
    return BulkTask(
        "publish",
        "published",
        "message",
        "number",
        targets,
        publish_action(messages),
        batch_size=BATCH_SIZE,
        needs_confirmation=False,
        extra_fields=lambda number: {"number": int(number), "topic": messages[number]["topic"]},
        table_fields=("topic",),
        default_rate=DEFAULT_RATE,
        is_repeatable=False,
        left_alone=left_alone,
        notes=build_unknown_notes(left_alone),
        default_workers=1,  # messages are published in the order of the file
    )


def build_unknown_notes(left_alone: Sequence[TargetResult]) -> tuple[str, ...]:
    """Return the note about messages of unknown outcome that are left alone."""
    if not left_alone:
        return ()
    number = len(left_alone)
    note = f"{number} unknown left alone: they may have been published; to publish them, use --retry-unknown"
    return (note,)


def limit_rate(session: Session, task: BulkTask, retained: Sequence[Message]) -> BulkTask:
    """Return the task at a rate at which the retainer keeps the retained messages; warn of those it drops."""
    if session.settings.dry_run:
        return task
    limits = fetch_retainer_limits(session.client)
    for warning in iterate_retainer_warnings(limits, session.settings.rate, retained):
        session.info(f"warning: {warning}")
    if not (limits.enabled and limits.max_rate):
        return task
    batch_size = limits.safe_batch_size(session.settings.workers or 1)
    return task._replace(
        default_rate=min(task.default_rate, limits.safe_rate),
        max_rate=limits.safe_rate if session.settings.rate > limits.max_rate else limits.max_rate,
        batch_size=min(task.batch_size, batch_size),
    )


def iterate_retainer_warnings(
    limits: RetainerLimits, rate: float, retained: Sequence[Message]
) -> Iterator[str]:
    """Yield what will happen to retained messages that EMQX publishes, but does not keep."""
    if not limits.enabled:
        yield "the retainer is disabled: retained messages are published but not kept"
        return
    if limits.max_rate and rate > limits.max_rate:
        maximum = f"{limits.max_rate:g}/s (max_publish_rate)"
        reduced = f"--rate {rate:g}/s is reduced to {limits.safe_rate:g}/s"
        yield f"{reduced}: EMQX drops retained messages above {maximum} without an error"
    too_large = sum(payload_size(message) > limits.max_payload > 0 for message in retained)
    if too_large:
        yield f"retained messages above the retainer's max_payload_size, not kept: {too_large}"


def payload_size(message: Message) -> int:
    """Return the number of bytes of a message's payload, at most 2 too many for base64."""
    size = len(message["payload"].encode("utf-8", "surrogatepass"))
    return size * 3 // 4 if message.get("payload_encoding") == "base64" else size


def parse_message(entry: Entry) -> Message:
    """Return one message; a payload that is an object or a number becomes JSON. Raises UsageError."""
    fields = entry.fields
    if not isinstance(fields.get("topic"), str) or "payload" not in fields:
        message = f"{entry.location}: `topic` and `payload` are required"
        raise UsageError(message, hint=f"such as {EXAMPLE}")
    payload = fields["payload"]
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return {**fields, **parse_text_fields(fields), "payload": text}


def parse_text_fields(fields: Message) -> Message:
    """Return `qos` as a number and `retain` as a boolean if they are text, as they are in CSV.

    Text that is neither is kept: EMQX refuses it.
    """
    parsed: Message = {}
    qos, retain = fields.get("qos"), fields.get("retain")
    if isinstance(qos, str):
        parsed["qos"] = int(qos) if qos.isdecimal() else qos or 0
    if isinstance(retain, str):
        parsed["retain"] = {"true": True, "false": False, "": False}.get(retain, retain)
    return parsed


def publish_action(messages: dict[str, Message]) -> BatchAction:
    """Return the action that publishes a batch of messages by their numbers."""

    def publish_batch(client: "Client", batch: Sequence[str]) -> list[TargetResult]:
        return [
            result for chunk in split_batch(batch, messages) for result in publish(client, chunk, messages)
        ]

    return publish_batch


def split_batch(batch: Sequence[str], messages: dict[str, Message]) -> Iterator[list[str]]:
    """Split a batch into chunks whose bodies are not too large for EMQX."""
    chunk: list[str] = []
    size = 0
    for number in batch:
        length = len(json.dumps(messages[number]).encode())
        if chunk and size + length > MAX_BODY_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(number)
        size += length
    if chunk:
        yield chunk


def publish(client: "Client", chunk: Sequence[str], messages: dict[str, Message]) -> list[TargetResult]:
    """Publish messages; if EMQX rejects them, none was published, and the halves are tried."""
    request = build_request("POST", "/publish/bulk", body=[messages[number] for number in chunk])
    try:
        response = client.transport.send(request, expected_status=503)
        if len(chunk) > 1 and is_rejected_by_emqx(response):
            middle = len(chunk) // 2
            return [*publish(client, chunk[:middle], messages), *publish(client, chunk[middle:], messages)]
        # With 503 EMQX also reports on each message, if some could not be dispatched.
        if not (response.status == 503 and response.content.lstrip().startswith(b"[")):
            client.check_status(request, response)
        return parse_results(chunk, response.json())
    except EmqxctlError as error:
        return [failed_result(number, error) for number in chunk]


def is_rejected_by_emqx(response: Response) -> bool:
    """Return whether EMQX itself rejected a batch, so that no message of it was published.

    A proxy may answer with the same status after it has passed the batch on.
    """
    if response.status == 413 and response.headers.get("server", "").lower() == "cowboy":
        return True
    if response.status not in {400, 413}:
        return False
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and not body.keys().isdisjoint({"code", "reason_code"})


def parse_results(chunk: Sequence[str], body: object) -> list[TargetResult]:
    """Return the result of each message; unknown if the response does not report on each of them."""
    if isinstance(body, list) and len(body) == len(chunk) and all(isinstance(item, dict) for item in body):
        return [parse_result(number, item) for number, item in zip(chunk, body, strict=True)]
    reason = "the response does not report on each message: they may have been published"
    return [TargetResult(number, UNKNOWN, reason, ExitCode.SERVER) for number in chunk]


def parse_result(number: str, item: Message) -> TargetResult:
    """Return the result of one message: its id, no subscribers, or why it failed."""
    if "reason_code" not in item:
        return TargetResult(number, extra_fields={"id": item["id"]} if "id" in item else {})
    if item["reason_code"] == NO_SUBSCRIBERS:
        return TargetResult(number, reason="no subscribers")
    return TargetResult(number, "failed", str(item.get("message", "")), ExitCode.SERVER)
