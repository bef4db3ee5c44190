"""`emqxctl publish-bulk`: publish many messages, of a file."""

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

LARGEST = 4_000_000  # bytes of a body; EMQX crashes above 8 000 000 (api.md §0.8)
TOGETHER = 500  # messages in a request, unless --batch says less
NOBODY = 16  # the reason code of MQTT 5 for a message without a subscriber
EXAMPLE = '{"topic": "t/1", "payload": "hello", "qos": 1}'
Message = dict[str, Any]

app = new_group("Publish many messages, of a file.")


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
        str, typer.Argument(metavar="FILE", help="JSON Lines, CSV, or a JSON or YAML list; - for stdin.")
    ],
) -> Result:
    """Publish messages, batch by batch.

    Each is an object with `topic` and `payload`, and `qos`, `retain`, `payload_encoding` (base64) or
    `properties` if wanted. A message that nobody is subscribed to is no failure. EMQX refuses a batch whole
    for one bad message: it is then halved until that one stands alone. A batch whose answer was lost is not
    sent again.
    """
    messages = {str(number): checked(one) for number, one in enumerate(read_entries(file, EXAMPLE), 1)}
    targets = list(messages)
    if session.settings.resume:
        targets = [one for one in explicit_targets(session, [], "publish", "number") if one in messages]
    return run_bulk(
        session,
        BulkTask(
            "publish",
            "published",
            "message",
            "number",
            targets,
            publishing(messages),
            batch_size=TOGETHER,
            needs_confirmation=False,
            extra_fields=lambda number: {"number": int(number), "topic": messages[number]["topic"]},
            table_fields=("topic",),
        ),
    )


def checked(one: Entry) -> Message:
    """Check one message; a payload that is an object or a number goes as its JSON. Raises UsageError."""
    fields = one.fields
    if not isinstance(fields.get("topic"), str) or "payload" not in fields:
        message = f"{one.location}: no message with `topic` and `payload`"
        raise UsageError(message, hint=EXAMPLE)
    payload = fields["payload"]
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return {**fields, **of_table(fields), "payload": text}


def of_table(fields: Message) -> Message:
    """Read the cells of a table that EMQX wants as a number or a boolean; what is neither EMQX refuses."""
    found: Message = {}
    if isinstance(fields.get("qos"), str):
        found["qos"] = int(fields["qos"]) if fields["qos"].isdecimal() else fields["qos"] or 0
    if isinstance(fields.get("retain"), str):
        found["retain"] = {"true": True, "false": False, "": False}.get(fields["retain"], fields["retain"])
    return found


def publishing(messages: dict[str, Message]) -> BatchAction:
    """Make the deed that publishes messages by their numbers."""

    def publish(api: "Client", batch: Sequence[str]) -> list[TargetResult]:
        return [one for piece in pieces(batch, messages) for one in sent(api, piece, messages)]

    return publish


def pieces(batch: Sequence[str], messages: dict[str, Message]) -> Iterator[list[str]]:
    """Cut a batch into bodies of which none is too large for EMQX."""
    piece: list[str] = []
    size = 0
    for number in batch:
        length = len(json.dumps(messages[number]).encode())
        if piece and size + length > LARGEST:
            yield piece
            piece, size = [], 0
        piece.append(number)
        size += length
    if piece:
        yield piece


def sent(api: "Client", piece: Sequence[str], messages: dict[str, Message]) -> list[TargetResult]:
    """Publish a piece; one that is refused was not published at all, and is halved to find out why."""
    call = build_request("POST", "/publish/bulk", body=[messages[number] for number in piece])
    try:
        answer = api.transport.send(call, expected_status=503)
        # With 503 EMQX tells of each message too, when some could not be dispatched.
        if not (answer.status == 503 and answer.content.lstrip().startswith(b"[")):
            api.check_status(call, answer)
    except EmqxctlError as error:
        if len(piece) > 1 and error.exit_code is ExitCode.REFUSED and not error.details.get("unknown"):
            half = len(piece) // 2
            return [*sent(api, piece[:half], messages), *sent(api, piece[half:], messages)]
        return [failed_result(number, error) for number in piece]
    return told(piece, answer.json())


def told(piece: Sequence[str], answer: object) -> list[TargetResult]:
    """Say what became of each message of a batch that was taken."""
    items = answer if isinstance(answer, list) and len(answer) == len(piece) else [{}] * len(piece)
    return [
        outcome(number, item if isinstance(item, dict) else {})
        for number, item in zip(piece, items, strict=True)
    ]


def outcome(number: str, item: Message) -> TargetResult:
    """Say what became of one message: its id, nobody there, or the reason why not."""
    if "reason_code" not in item:
        return TargetResult(number, extra_fields={"id": item["id"]} if "id" in item else {})
    if item["reason_code"] == NOBODY:
        return TargetResult(number, reason="no subscriber")
    return TargetResult(number, "failed", str(item.get("message", "")), ExitCode.SERVER)
