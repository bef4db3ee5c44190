"""`emqxctl gateways coap` and `gateways lwm2m`: requests to devices behind these gateways."""

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

coap = new_group("Requests to CoAP clients.")
lwm2m = new_group("Reading and writing the resources of LwM2M clients.")

CLIENT = "/gateways/lwm2m/clients/{clientid}"


class Method(StrEnum):
    """What a CoAP request does."""

    get = "get"
    put = "put"
    post = "post"
    delete = "delete"


class Content(StrEnum):
    """What a CoAP payload is."""

    text = "text/plain"
    json = "application/json"
    octets = "application/octet-stream"


class Kind(StrEnum):
    """What type a LwM2M value has; EMQX spells Objlnk so."""

    integer = "Integer"
    float = "Float"
    time = "Time"
    string = "String"
    boolean = "Boolean"
    opaque = "Opaque"
    link = "Objlnk"


@coap.command()
@command(
    calls="POST /gateways/coap/clients/{clientid}/request",
    examples=(
        "emqxctl gateways coap request lamp-7",
        "emqxctl gateways coap request lamp-7 --method put --payload on --wait 10s",
    ),
    effect=Effect.WRITE,
)
def request(
    session: Session,
    clientid: ClientArgument,
    method: Annotated[Method, typer.Option(help="What it does.")] = Method.get,
    payload: Annotated[str, typer.Option(metavar="TEXT", help="What it sends.")] = "",
    content_type: Annotated[Content, typer.Option(help="What that is.")] = Content.text,
    token: Annotated[str, typer.Option(metavar="TEXT", help="The token of the message.")] = "",
    wait: Annotated[str, typer.Option(metavar="TIME", help="How long to wait for an answer: 10s.")] = "10s",
) -> Record:
    """Send a request to a CoAP client and show its answer."""
    body = {
        "token": token,
        "method": method.value,
        "timeout": wait,
        "content_type": content_type.value,
        "payload": payload,
    }
    found = session.client.post("/gateways/coap/clients/{clientid}/request", clientid, body=body)
    return Record(found if isinstance(found, dict) else {}, (Column("payload"),), key="id")


def checked(path: str) -> str:
    """Check a LwM2M path: EMQX's process of the client dies of a missing one (5.8). Raises UsageError."""
    if path.startswith("/") and path.strip("/"):
        return path
    message = f"{path!r} is no path of a LwM2M resource"
    raise UsageError(message, hint="/OBJECT/INSTANCE/RESOURCE, like /3/0/0")


Path = Annotated[str, typer.Argument(metavar="PATH", help="The resource: /3/0/0.")]
LOOK = "the answer comes later: emqxctl gateways lwm2m lookup {!r} {!r} --action {}"


@lwm2m.command()
@command(
    calls=f"GET {CLIENT}/lookup",
    examples=("emqxctl gateways lwm2m lookup meter-1 /3/0/0 --action read",),
)
def lookup(
    session: Session,
    clientid: ClientArgument,
    path: Path,
    action: Annotated[
        str, typer.Option(metavar="ACTION", help="To what: read, write, observe, discover ...")
    ] = "read",
) -> Record:
    """Show what a client last answered to an action on a path."""
    query = {"path": checked(path), "action": action}
    found = session.client.get(f"{CLIENT}/lookup", clientid, query=query)
    return Record(found if isinstance(found, dict) else {}, (Column("path"), Column("codeMsg", "ANSWER")))


@lwm2m.command()
@command(
    calls=f"POST {CLIENT}/read",
    examples=("emqxctl gateways lwm2m read meter-1 /3/0/0",),
    effect=Effect.WRITE,
)
def read(session: Session, clientid: ClientArgument, path: Path) -> Done:
    """Ask a client for a resource; `lookup` shows its answer."""
    session.client.post(f"{CLIENT}/read", clientid, query={"path": checked(path)})
    return asked(clientid, path, "read")


@lwm2m.command()
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
    path: Path,
    stop: Annotated[bool, typer.Option("--stop", help="Observe it no longer.")] = False,
) -> Done:
    """Ask a client to tell whenever a resource changes."""
    session.client.post(f"{CLIENT}/observe", clientid, query={"path": checked(path), "enable": not stop})
    return asked(clientid, path, "observe")


@lwm2m.command()
@command(
    calls=f"POST {CLIENT}/write",
    examples=("emqxctl gateways lwm2m write meter-1 /3/0/14 +02:00 --type String",),
    effect=Effect.WRITE,
)
def write(
    session: Session,
    clientid: ClientArgument,
    path: Path,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The value.")],
    kind: Annotated[Kind, typer.Option("--type", help="Its type.")] = Kind.string,
) -> Done:
    """Write a resource of a client; `lookup` shows its answer."""
    query = {"path": checked(path), "type": kind.value, "value": value}
    session.client.post(f"{CLIENT}/write", clientid, query=query)
    return asked(clientid, path, "write")


def asked(clientid: str, path: str, action: str) -> Done:
    """Say that a client was asked."""
    return Done(
        f"asked client {clientid!r}: {action} {path}",
        {"clientid": clientid, "path": path, "action": action},
        key="path",
        notes=(LOOK.format(clientid, path, action),),
    )
