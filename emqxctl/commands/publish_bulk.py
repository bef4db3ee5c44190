"""`emqxctl publish-bulk`: publish many messages, of a file."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from emqxctl.api.call import build
from emqxctl.cli.body import parse
from emqxctl.cli.command import Effect, command
from emqxctl.cli.files import read_lines, read_text
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Partial, Result, Row
from emqxctl.resource import Column

LARGEST = 4_000_000  # bytes of a body; EMQX crashes above 8 000 000 (api.md §0.8)
COLUMNS = (Column("number", "#", right=True), Column("topic"), Column("status"), Column("reason"))
Message = dict[str, Any]

app = new_group("Publish many messages, of a file.")


@app.command("publish-bulk")
@command(
    calls="POST /publish/bulk",
    examples=(
        "emqxctl publish-bulk messages.jsonl",
        "generate | emqxctl publish-bulk - --batch 1000 -o jsonl",
    ),
    effect=Effect.WRITE,
)
def publish_bulk(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON Lines, or a JSON or YAML list; - for stdin.")
    ],
    batch: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="So many in a request.")] = 500,
) -> Result:
    """Publish messages, batch by batch.

    Each is an object with `topic` and `payload`, and `qos`, `retain`, `payload_encoding` (base64) or
    `properties` if wanted. A message that nobody is subscribed to is no failure. EMQX refuses a batch whole;
    those after it are not sent then.
    """
    messages = read(file)
    rows: list[Row] = []
    failures: list[EmqxctlError] = []
    for piece in batches(messages, batch):
        try:
            answer = sent(session, piece)
        except EmqxctlError as error:
            failures.append(error)
            rows += refused(piece, error, len(rows))
            break
        rows += told(piece, answer, len(rows))
    if failures and not any(row["status"] == "done" for row in rows):
        raise failures[0]
    start = len(rows)
    rows += [row(number, one, "skipped", "") for number, one in enumerate(messages[start:], start)]
    done = sum(one["status"] == "done" for one in rows)
    note = f"published {done} of {len(messages)} messages"
    code = ExitCode.OK if done == len(messages) else ExitCode.PARTIAL if done else ExitCode.SERVER
    return Partial(rows, COLUMNS, key="number", notes=(note,), exit_code=code, calm=("done",))


def sent(session: Session, piece: list[Message]) -> object:
    """Send a batch; an answer of 503 tells of each message too when some could not be dispatched."""
    call = build("POST", "/publish/bulk", body=piece)
    answer = session.api.exchange(call, telling=503)
    if not (answer.status == 503 and answer.content.lstrip().startswith(b"[")):
        session.api.check(answer, call)
    return answer.json()


def read(file: str) -> list[Message]:
    """Read the messages. Raises UsageError naming the line of what is none."""
    if file.endswith((".yaml", ".yml", ".json")):
        found = parse(file, read_text(file, "FILE"))
    else:
        found = [line_of(file, number, text) for number, text in enumerate(read_lines(file, "FILE"), 1)]
        found = found[0] if len(found) == 1 and isinstance(found[0], list) else found
    if not isinstance(found, list) or not found:
        message = f"{file}: it holds no messages"  # EMQX crashes at an empty list
        raise UsageError(message, hint='one a line: {"topic": "t/1", "payload": "hello"}')
    return [checked(file, number, one) for number, one in enumerate(found, 1)]


def line_of(file: str, number: int, text: str) -> object:
    """Read one line. Raises UsageError."""
    try:
        return json.loads(text)
    except ValueError as error:
        message = f"{file}, line {number}: not JSON: {error}"
        raise UsageError(message) from error


def checked(file: str, number: int, one: object) -> Message:
    """Check one message; a payload that is an object or a number goes as its JSON. Raises UsageError."""
    if not isinstance(one, dict) or not isinstance(one.get("topic"), str) or "payload" not in one:
        message = f"{file}, message {number}: no object with `topic` and `payload`"
        raise UsageError(message, hint='{"topic": "t/1", "payload": "hello", "qos": 1}')
    payload = one["payload"]
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return {**one, "payload": text}


def batches(messages: Sequence[Message], most: int) -> Iterator[list[Message]]:
    """Cut messages into bodies of at most so many, and none too large for EMQX."""
    piece: list[Message] = []
    size = 0
    for one in messages:
        length = len(json.dumps(one).encode())
        if piece and (len(piece) == most or size + length > LARGEST):
            yield piece
            piece, size = [], 0
        piece.append(one)
        size += length
    if piece:
        yield piece


def told(piece: Sequence[Message], answer: object, before: int) -> list[Row]:
    """Say what became of each message of a batch; without an answer (a dry run) nothing is known."""
    items = answer if isinstance(answer, list) else [{}] * len(piece)
    rows = []
    for number, (one, item) in enumerate(zip(piece, items, strict=False), before):
        known = item if isinstance(item, dict) else {}
        nobody = known.get("reason_code") == 16
        reason = "no subscriber" if nobody else str(known.get("message", ""))
        failed = "reason_code" in known and not nobody
        rows.append(row(number, one, "failed" if failed else "done", reason) | id_of(known))
    return rows


def refused(piece: Sequence[Message], error: EmqxctlError, before: int) -> list[Row]:
    """Say that a batch was refused, or that nobody knows."""
    status = "unknown" if error.details.get("unknown") else "failed"
    return [row(number, one, status, error.message) for number, one in enumerate(piece, before)]


def id_of(known: Row) -> Row:
    """Give the id of a message that was delivered."""
    return {"id": known["id"]} if "id" in known else {}


def row(number: int, one: Message, status: str, reason: str) -> Row:
    """Make a row of the report; messages are counted from 1."""
    return {"number": number + 1, "topic": one["topic"], "status": status, "reason": reason}
