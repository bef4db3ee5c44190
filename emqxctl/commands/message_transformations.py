"""`emqxctl message-transformations`: changes to messages before they are routed."""

import json
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, build_body, read_object, without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._smart_data import READ_ONLY_FIELDS, add_verbs, new_resource
from emqxctl.errors import UsageError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Record
from emqxctl.resource import Column, Setting, ValueType
from emqxctl.verbs.locate import fetch_object
from emqxctl.verbs.parameters import FileOption

PAYLOAD_TYPES = ("none", "json", "avro", "protobuf", "external_http")


def format_operations(value: object) -> str:
    """Format operations by the keys they set."""
    if not isinstance(value, list):
        return format_plain(value)
    keys = (str(operation.get("key")) for operation in value if isinstance(operation, dict))
    return ", ".join(keys) or "-"


def list_payload_settings(coder: str) -> tuple[Setting, ...]:
    """Return the settings of the payload's decoder or encoder."""
    field = f"payload_{coder}"
    return (
        Setting(f"{field}.type", f"Payload {coder}.", ValueType.CHOICE, PAYLOAD_TYPES, option=coder),
        Setting(
            f"{field}.schema", f"Schema of the payload {coder} (Avro, Protobuf).", option=f"{coder}-schema"
        ),
        Setting(
            f"{field}.message_type",
            f"Message type of the payload {coder} (Protobuf).",
            option=f"{coder}-message-type",
        ),
    )


TRANSFORMATIONS = new_resource(
    noun="message transformation",
    columns=(
        Column("operations", "SETS", format=format_operations),
        Column("payload_decoder.type", "DECODER", wide=True),
        Column("payload_encoder.type", "ENCODER", wide=True),
    ),
    settings=(*list_payload_settings("decoder"), *list_payload_settings("encoder")),
)

app = new_group("Manage message transformations (EMQX 5.7+).")
add_verbs(
    app,
    TRANSFORMATIONS,
    line="emqxctl message-transformations {} add-time",
    create="emqxctl message-transformations create add-time -f add-time.yaml --topic 't/#'",
    update="emqxctl message-transformations update add-time --decoder avro --decoder-schema telemetry",
)


@app.command()
@command(
    calls=("POST /message_transformations/dryrun", "GET /message_transformations/transformation/{name}"),
    examples=(
        "emqxctl message-transformations dryrun add-time --topic t/1 --payload '{\"a\": 1}'",
        "emqxctl message-transformations dryrun -f add-time.yaml --topic t/1 --payload 21",
    ),
    effect=Effect.WRITE,
)
def dryrun(
    session: Session,
    topic: Annotated[str, typer.Option(metavar="TOPIC", help="Topic of the test message.")],
    payload: Annotated[str, typer.Option(metavar="TEXT", help="Payload of the test message.")],
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Name of an existing transformation.")
    ] = None,
    file: FileOption = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="A.B=VALUE", help="Set a field of the test message, such as qos=1. Repeatable."
        ),
    ] = None,
) -> Record:
    """Apply a transformation to a test message.

    The transformation is an existing one, or the one in a file. Nothing is published.
    """
    transformation = read_transformation(session, name, file)
    transformation = {"topics": [topic], "failure_action": "ignore", **transformation}
    message = {"topic": topic, "payload": payload, **build_body(None, set_ or [], {})}
    body = {"transformation": transformation, "message": message}
    response = session.client.post("/message_transformations/dryrun", body=body)
    return Record(response if isinstance(response, dict) else {"result": json.dumps(response)})


def read_transformation(session: Session, name: str | None, file: str | None) -> Body:
    """Return the transformation in a file, or an existing one. Raises UsageError for both or neither."""
    if (name is None) == (file is None):
        message = "use either NAME or --file"
        raise UsageError(message, hint="list transformations: emqxctl message-transformations list")
    if file is not None:
        return {"name": "dryrun", **read_object(file)}
    return without_fields(fetch_object(session, TRANSFORMATIONS, [name or ""]), READ_ONLY_FIELDS)
