"""`emqxctl publish-bulk`: publish messages from a file."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.api.request import build_request
from emqxctl.cli.bulk.targets import explicit_targets, run_bulk
from emqxctl.cli.bulk.task import BatchAction, BulkTask, TargetResult, failed_result
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.entries import Entry, read_entries
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Result

if TYPE_CHECKING:
    from emqxctl.api.client import Client

MAX_BODY_BYTES = 4_000_000  # EMQX crashes above 8 000 000 (api.md §0.8)
BATCH_SIZE = 500  # messages in a request, unless --batch is lower
NO_SUBSCRIBERS = 16  # the MQTT 5 reason code of a message without subscribers
EXAMPLE = '{"topic": "t/1", "payload": "hello", "qos": 1}'
Message = dict[str, Any]

app = new_group("Publish messages from a file.")


@app.command("publish-bulk")
@command(
    calls="POST /publish/bulk",
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
) -> Result:
    """Publish messages from a file.

    Each message is an object with `topic` and `payload`, and optionally `qos`, `retain`, `payload_encoding`
    (base64) and `properties`. A message without subscribers is not a failure. EMQX refuses a whole batch for
    one invalid message: the batch is then halved until that message is found. A batch whose response was
    lost is not sent again.
    """
    entries = read_entries(file, EXAMPLE)
    messages = {str(number): parse_message(entry) for number, entry in enumerate(entries, 1)}
    targets = list(messages)
    if session.settings.resume:
        numbers = explicit_targets(session, [], "publish", "number")
        targets = [number for number in numbers if number in messages]
    return run_bulk(
        session,
        BulkTask(
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
        ),
    )


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
    """Publish messages; if EMQX refuses them, none was published, and the halves are tried."""
    request = build_request("POST", "/publish/bulk", body=[messages[number] for number in chunk])
    try:
        response = client.transport.send(request, expected_status=503)
        # With 503 EMQX also reports on each message, if some could not be dispatched.
        if not (response.status == 503 and response.content.lstrip().startswith(b"[")):
            client.check_status(request, response)
    except EmqxctlError as error:
        if len(chunk) > 1 and error.exit_code is ExitCode.REJECTED and not error.details.get("unknown"):
            middle = len(chunk) // 2
            return [*publish(client, chunk[:middle], messages), *publish(client, chunk[middle:], messages)]
        return [failed_result(number, error) for number in chunk]
    return parse_results(chunk, response.json())


def parse_results(chunk: Sequence[str], body: object) -> list[TargetResult]:
    """Return the result of each message of a request that EMQX accepted."""
    items = body if isinstance(body, list) and len(body) == len(chunk) else [{}] * len(chunk)
    return [
        parse_result(number, item if isinstance(item, dict) else {})
        for number, item in zip(chunk, items, strict=True)
    ]


def parse_result(number: str, item: Message) -> TargetResult:
    """Return the result of one message: its id, no subscribers, or why it failed."""
    if "reason_code" not in item:
        return TargetResult(number, extra_fields={"id": item["id"]} if "id" in item else {})
    if item["reason_code"] == NO_SUBSCRIBERS:
        return TargetResult(number, reason="no subscribers")
    return TargetResult(number, "failed", str(item.get("message", "")), ExitCode.SERVER)
