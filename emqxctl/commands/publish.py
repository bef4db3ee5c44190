"""`emqxctl publish`: publish one message."""

import base64
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import read_bytes
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Done

app = new_group("Publish a message.")


@app.command()
@command(
    calls="POST /publish",
    examples=(
        "emqxctl publish cmd/dev-1 reboot --qos 1",
        "emqxctl publish firmware/dev-1 -f image.bin --retain",
        "echo '{\"on\": true}' | emqxctl publish lamp/1/set -f - --content-type application/json",
    ),
    effect=Effect.WRITE,
)
def publish(
    session: Session,
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="The topic; no wildcards.")],
    payload: Annotated[str | None, typer.Argument(metavar="PAYLOAD", help="The payload, as text.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", metavar="FILE", help="The payload from a file; - for stdin.")
    ] = None,
    is_base64: Annotated[bool, typer.Option("--base64", help="The payload is base64 of bytes.")] = False,
    qos: Annotated[int, typer.Option(min=0, max=2, help="Quality of service.")] = 0,
    retain: Annotated[bool, typer.Option("--retain", help="Keep it for later subscribers.")] = False,
    content_type: Annotated[str | None, typer.Option(metavar="TEXT", help="MQTT 5 content type.")] = None,
    response_topic: Annotated[
        str | None, typer.Option(metavar="TOPIC", help="MQTT 5 response topic.")
    ] = None,
    correlation_data: Annotated[
        str | None, typer.Option(metavar="TEXT", help="MQTT 5 correlation data.")
    ] = None,
    message_expiry: Annotated[
        str | None, typer.Option(metavar="TIME", help="MQTT 5 message expiry: 60s, 2h.")
    ] = None,
    payload_format: Annotated[
        int | None, typer.Option(metavar="0|1", min=0, max=1, help="MQTT 5 payload format: 1 is UTF-8 text.")
    ] = None,
    user_property: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="MQTT 5 user property; repeatable.")
    ] = None,
) -> Done:
    """Publish a message; success too when nobody subscribes."""
    body: dict[str, Any] = {"topic": topic, "qos": qos, "retain": retain}
    body |= payload_fields(payload, file, is_base64=is_base64)
    properties = {
        "content_type": content_type,
        "response_topic": response_topic,
        "correlation_data": correlation_data,
        "message_expiry_interval": expiry(message_expiry),
        "payload_format_indicator": payload_format,
        "user_properties": user_properties(user_property or []),
    }
    given = {name: value for name, value in properties.items() if value not in (None, {})}
    if given:
        body["properties"] = given
    return outcome(topic, session.client.post("/publish", body=body))


def payload_fields(payload: str | None, file: str | None, *, is_base64: bool) -> dict[str, str]:
    """Give the payload's fields; bytes that EMQX would not take as text go as base64.

    EMQX refuses a plain payload with control characters other than line ends, tabs and escapes (recorded
    5.8.9). Raises UsageError for both a payload and a file, for neither, and for base64 that is none.
    """
    if (payload is None) == (file is None):
        message = (
            "give one payload: PAYLOAD or --file"
            if payload is None
            else "PAYLOAD and --file exclude each other"
        )
        raise UsageError(
            message, hint="an empty payload is '' (with --retain it deletes the retained message)"
        )
    try:
        content = read_bytes(file, "--file") if file is not None else (payload or "").encode()
    except UnicodeEncodeError as error:
        message = "the payload is not valid Unicode text"
        raise UsageError(message, hint="put the bytes into a file: --file FILE") from error
    if is_base64:
        return {"payload": checked_base64(content), "payload_encoding": "base64"}
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if all(character.isprintable() or character in "\n\r\t" for character in text):
        return {"payload": text, "payload_encoding": "plain"}
    return {"payload": base64.b64encode(content).decode(), "payload_encoding": "base64"}


def checked_base64(content: bytes) -> str:
    """Check that a payload is base64, line breaks apart. Raises UsageError."""
    compact = b"".join(content.split())
    try:
        base64.b64decode(compact, validate=True)
    except ValueError as error:
        message = f"the payload is not base64: {error}"
        raise UsageError(message) from error
    return compact.decode()


def expiry(text: str | None) -> int | None:
    """Read --message-expiry as whole seconds. Raises UsageError."""
    if text is None:
        return None
    from emqxctl.text.units import parse_duration

    try:
        return int(parse_duration(text))
    except ValueError as error:
        message = f"--message-expiry: {error}"
        raise UsageError(message) from error


def user_properties(pairs: list[str]) -> dict[str, str]:
    """Read KEY=VALUE pairs. Raises UsageError for one without `=`."""
    for pair in pairs:
        if "=" not in pair:
            message = f"--user-property {pair}: not KEY=VALUE"
            raise UsageError(message)
    return dict(pair.split("=", 1) for pair in pairs)


def outcome(topic: str, answer: object) -> Done:
    """Say what came of it: an id when delivered, reason code 16 (202, no failure) when nobody was there."""
    found: dict[str, Any] = {"topic": topic, **(answer if isinstance(answer, dict) else {})}
    if "id" in found:
        return Done(f"published to {topic!r}", found, key="id")
    nobody = found.get("reason_code") == 16
    notes = ("no subscriber now; kept if retained or delayed",) if nobody else ()
    return Done(f"published to {topic!r}", found, key="topic", notes=notes)
