"""`emqxctl message-transformations`: changes made to messages before they go on."""

import json
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body, read_object
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._smart_data import COMPUTED, SETTINGS, add_verbs, columns, lookup
from emqxctl.errors import UsageError
from emqxctl.output.formatters import format_plain
from emqxctl.output.results import Record
from emqxctl.resource import Column, Resource
from emqxctl.verbs import edits


def operations(value: object) -> str:
    """Write the operations by the keys they set."""
    if not isinstance(value, list):
        return format_plain(value)
    return ", ".join(str(one.get("key")) for one in value if isinstance(one, dict)) or "-"


TRANSFORMATIONS = Resource(
    noun="message transformation",
    path="/message_transformations",
    key="name",
    item_template="/message_transformations/transformation/{name}",
    columns=columns(
        Column("operations", "SETS", format=operations),
        Column("payload_decoder.type", "DECODER", wide=True),
        Column("payload_encoder.type", "ENCODER", wide=True),
    ),
    settings=SETTINGS,
    read_only_fields=COMPUTED,
)

app = new_group("Message transformations: change messages by rules (5.7+).")
add_verbs(
    app,
    TRANSFORMATIONS,
    line="emqxctl message-transformations {} add-time",
    create="emqxctl message-transformations create add-time -f add-time.yaml --topic 't/#'",
    update="emqxctl message-transformations update add-time --set payload_encoder.type=json",
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
    topic: Annotated[str, typer.Option(metavar="TOPIC", help="The topic of the message to try.")],
    payload: Annotated[str, typer.Option(metavar="TEXT", help="Its payload.")],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One that exists.")] = None,
    file: edits.File = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="A.B=VALUE", help="Set a field of the message, qos=1; repeatable."),
    ] = None,
) -> Record:
    """Try a transformation on a message; nothing is published.

    The transformation is one that exists, or one of a file.
    """
    chosen = transformation(session, name, file)
    message = {"topic": topic, "payload": payload, **build_body(None, set_ or [], {})}
    body = {"transformation": chosen, "message": message}
    found = session.client.post("/message_transformations/dryrun", body=body)
    return Record(found if isinstance(found, dict) else {"result": json.dumps(found)})


def transformation(session: Session, name: str | None, file: str | None) -> dict[str, Any]:
    """Give the transformation to try: of a file, or one that exists. Raises UsageError for both or none."""
    if (name is None) == (file is None):
        message = "say which transformation: NAME or --file, not both"
        raise UsageError(message, hint="emqxctl message-transformations list")
    if file is not None:
        return {"name": "dryrun", **read_object(file)}
    found = lookup(session, TRANSFORMATIONS, name or "")
    return {key: value for key, value in found.items() if key not in COMPUTED}
