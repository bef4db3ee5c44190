"""`emqxctl gateways lwm2m`: resources of clients of the LwM2M gateway."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Record
from emqxctl.resource import Column

CLIENT = "/gateways/lwm2m/clients/{clientid}"


class ResourceType(StrEnum):
    """The type of a LwM2M value, in EMQX's spelling."""

    integer = "Integer"
    float = "Float"
    time = "Time"
    string = "String"
    boolean = "Boolean"
    opaque = "Opaque"
    link = "Objlnk"


PathArgument = Annotated[str, typer.Argument(metavar="PATH", help="Resource path, such as /3/0/0.")]

app = new_group("Read and write resources of LwM2M clients.")


@app.command()
@command(
    calls=f"GET {CLIENT}/lookup",
    examples=("emqxctl gateways lwm2m lookup meter-1 /3/0/0 --action read",),
)
def lookup(
    session: Session,
    clientid: ClientArgument,
    path: PathArgument,
    action: Annotated[
        str,
        typer.Option(metavar="ACTION", help="Action: read, write, observe, discover ..."),
    ] = "read",
) -> Record:
    """Show the last response of a client to an action on a path."""
    query = {"path": check_path(path), "action": action}
    response = session.client.get_object(f"{CLIENT}/lookup", clientid, query=query)
    return Record(response, (Column("path"), Column("codeMsg", "RESPONSE")))


@app.command()
@command(
    calls=f"POST {CLIENT}/read",
    examples=("emqxctl gateways lwm2m read meter-1 /3/0/0",),
    effect=Effect.WRITE,
)
def read(session: Session, clientid: ClientArgument, path: PathArgument) -> Done:
    """Request a resource of a client.

    `lookup` shows the response.
    """
    session.client.post(f"{CLIENT}/read", clientid, query={"path": check_path(path)})
    return report_sent(clientid, path, "read")


@app.command()
@command(
    calls=f"POST {CLIENT}/observe",
    examples=(
        "emqxctl gateways lwm2m observe meter-1 /3/0/9",
        "emqxctl gateways lwm2m observe meter-1 /3/0/9 --stop",
    ),
    effect=Effect.WRITE,
)
def observe(
    session: Session,
    clientid: ClientArgument,
    path: PathArgument,
    stop: Annotated[bool, typer.Option("--stop", help="Stop observing.")] = False,
) -> Done:
    """Request notifications when a resource changes."""
    query = {"path": check_path(path), "enable": not stop}
    session.client.post(f"{CLIENT}/observe", clientid, query=query)
    return report_sent(clientid, path, "observe")


@app.command()
@command(
    calls=f"POST {CLIENT}/write",
    examples=("emqxctl gateways lwm2m write meter-1 /3/0/14 +02:00 --type String",),
    effect=Effect.WRITE,
)
def write(
    session: Session,
    clientid: ClientArgument,
    path: PathArgument,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="New value.")],
    type_: Annotated[
        ResourceType,
        typer.Option(
            "--type",
            metavar="TYPE",
            help="Value type: Integer, Float, Time, String, Boolean, Opaque or Objlnk.",
        ),
    ] = ResourceType.string,
) -> Done:
    """Write a resource of a client.

    `lookup` shows the response.
    """
    query = {"path": check_path(path), "type": type_.value, "value": value}
    session.client.post(f"{CLIENT}/write", clientid, query=query)
    return report_sent(clientid, path, "write")


def check_path(path: str) -> str:
    """Check a LwM2M path: without one EMQX's process for the client crashes (5.8). Raises UsageError."""
    if path.startswith("/") and path.strip("/"):
        return path
    message = f"{path!r} is not a LwM2M resource path"
    raise UsageError(message, hint="use /OBJECT/INSTANCE/RESOURCE, such as /3/0/0")


def report_sent(clientid: str, path: str, action: str) -> Done:
    """Return the result of a request whose response arrives later."""
    return Done(
        f"sent to client {clientid!r}: {action} {path}",
        {"clientid": clientid, "path": path, "action": action},
        key="path",
        notes=(f"show the response: emqxctl gateways lwm2m lookup {clientid!r} {path!r} --action {action}",),
    )
