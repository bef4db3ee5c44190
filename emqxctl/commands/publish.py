"""`emqxctl publish`: publish one message."""

import base64
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.completion.declared import complete_topic_names
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import is_stdin_redirected, read_bytes
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode, ServerError, UsageError
from emqxctl.output.results import Done

EMPTY_PAYLOAD_HINT = "an empty payload is ''; with --retain it deletes the retained message"
NO_SUBSCRIBERS = 16  # the MQTT 5 reason code of a message without subscribers; EMQX responds 202

app = new_group("Publish a message.")


@app.command()
@command(
    calls="POST /publish",
    examples=(
        "emqxctl publish cmd/dev-1 reboot --qos 1",
        "emqxctl publish firmware/dev-1 -f image.bin --retain",
        "echo '{\"on\": true}' | emqxctl publish lamp/1/set - --content-type application/json",
        "printf reboot | emqxctl publish cmd/dev-1 -",
    ),
    effect=Effect.WRITE,
    completes={"topic": complete_topic_names},
)
def publish(
    session: Session,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="Topic, without wildcards.")],
    payload: Annotated[str | None, typer.Argument(metavar="PAYLOAD", help="Payload (- for stdin).")] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", "-f", metavar="FILE", help="File that contains the payload (- for stdin)."),
    ] = None,
    is_base64: Annotated[bool, typer.Option("--base64", help="Decode the payload from base64.")] = False,
    qos: Annotated[int, typer.Option(metavar="0|1|2", min=0, max=2, help="QoS.")] = 0,
    retain: Annotated[bool, typer.Option("--retain", help="Retain the message.")] = False,
    content_type: Annotated[str | None, typer.Option(metavar="TEXT", help="MQTT 5 content type.")] = None,
    response_topic: Annotated[
        str | None, typer.Option(metavar="TOPIC", help="MQTT 5 response topic.")
    ] = None,
    correlation_data: Annotated[
        str | None, typer.Option(metavar="TEXT", help="MQTT 5 correlation data.")
    ] = None,
    message_expiry: Annotated[
        float | None,
        typer.Option(click_type=DURATION, help="MQTT 5 message expiry, such as 60s or 2h."),
    ] = None,
    payload_format: Annotated[
        int | None, typer.Option(metavar="0|1", min=0, max=1, help="MQTT 5 payload format (1: UTF-8 text).")
    ] = None,
    user_property: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="MQTT 5 user property. Repeatable.")
    ] = None,
) -> Done:
    """Publish a message.

    Without PAYLOAD and --file, a pipe or file on stdin is the payload. Succeeds even if the topic has no
    subscribers.
    """
    body: dict[str, Any] = {"topic": topic, "qos": qos, "retain": retain}
    content = read_payload(payload, file, reads_stdin=not session.settings.no_input)
    body |= build_payload_fields(content, is_base64=is_base64)
    properties = {
        "content_type": content_type,
        "response_topic": response_topic,
        "correlation_data": correlation_data,
        "message_expiry_interval": None if message_expiry is None else int(message_expiry),
        "payload_format_indicator": payload_format,
        "user_properties": parse_user_properties(user_property or []),
    }
    properties = {name: value for name, value in properties.items() if value not in (None, {})}
    if properties:
        body["properties"] = properties
    response = session.client.post("/publish", body=body)
    if not isinstance(response, dict) and not session.settings.dry_run:
        raise no_result_error(topic)
    return report_published(topic, response, note_without_subscribers(content, retain=retain))


def no_result_error(topic: str) -> ServerError:
    """Return the error for a response that does not say whether a message was published."""
    return ServerError(
        f"the response does not say whether the message to {topic!r} was published",
        code="NOT_AN_OBJECT",
        hint="it may have been published: check its subscribers before you retry; check that this is EMQX:"
        " emqxctl status",
        exit_code=ExitCode.SERVER,
        details={"operation": "POST /publish", "unknown": True},
    )


def build_payload_fields(content: bytes, *, is_base64: bool) -> dict[str, str]:
    """Return the fields of the payload; bytes that EMQX would refuse as text are sent in base64.

    EMQX refuses a plain payload with control characters other than line ends and tabs (recorded 5.8.9).
    Raises UsageError for invalid base64.
    """
    if is_base64:
        return {"payload": check_base64(content), "payload_encoding": "base64"}
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if all(character.isprintable() or character in "\n\r\t" for character in text):
        return {"payload": text, "payload_encoding": "plain"}
    return {"payload": base64.b64encode(content).decode(), "payload_encoding": "base64"}


def read_payload(payload: str | None, file: str | None, *, reads_stdin: bool) -> bytes:
    """Return the bytes of the payload or of the file; `-` is stdin in place of both.

    If neither is set, a pipe or file on stdin is read. Its content must not be empty, since an empty payload
    deletes a retained message. Raises UsageError.
    """
    if payload is not None and file is not None:
        message = "PAYLOAD and --file cannot be used together"
        raise UsageError(message, hint=EMPTY_PAYLOAD_HINT)
    if file is not None or payload == "-":
        return read_bytes(file or "-", "--file")
    if payload is not None:
        try:
            return payload.encode()
        except UnicodeEncodeError as error:
            message = "invalid payload: not Unicode text"
            raise UsageError(message, hint="read the bytes from a file: --file FILE") from error
    content = read_bytes("-", "--file") if reads_stdin and is_stdin_redirected() else b""
    if not content:
        message = "PAYLOAD or --file is required"
        raise UsageError(message, hint=EMPTY_PAYLOAD_HINT)
    return content


def check_base64(content: bytes) -> str:
    """Return base64 without line breaks. Raises UsageError if it is invalid."""
    compact = b"".join(content.split())
    try:
        base64.b64decode(compact, validate=True)
    except ValueError as error:
        message = f"invalid base64 payload: {error}"
        raise UsageError(message) from error
    return compact.decode()


def parse_user_properties(pairs: list[str]) -> dict[str, str]:
    """Parse KEY=VALUE pairs. Raises UsageError for one without `=`."""
    for pair in pairs:
        if "=" not in pair:
            message = f"--user-property: {pair!r} is not KEY=VALUE"
            raise UsageError(message)
    return dict(pair.split("=", 1) for pair in pairs)


def note_without_subscribers(content: bytes, *, retain: bool) -> str:
    """Return the note about a message without subscribers: what happens to it."""
    if not retain:
        return "no subscribers; the message is kept only if it is retained or delayed"
    if not content:
        return "no subscribers; the empty payload deletes the retained message"
    return "no subscribers; the message is retained, unless retained messages are disabled"


def report_published(topic: str, response: object, note: str) -> Done:
    """Return the result: an id if the message was delivered, reason code 16 if there was no subscriber.

    `note` is for that case.
    """
    row: dict[str, Any] = {"topic": topic, **(response if isinstance(response, dict) else {})}
    if "id" in row:
        return Done(f"published to {topic!r}", row, key="id")
    has_no_subscriber = row.get("reason_code") == NO_SUBSCRIBERS
    return Done(f"published to {topic!r}", row, key="topic", notes=(note,) if has_no_subscriber else ())
