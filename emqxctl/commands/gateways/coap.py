"""`emqxctl gateways coap`: requests to clients of the CoAP gateway."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Record
from emqxctl.resource import Column

REQUEST = "/gateways/coap/clients/{clientid}/request"


class Method(StrEnum):
    """The method of a CoAP request."""

    get = "get"
    put = "put"
    post = "post"
    delete = "delete"


class ContentType(StrEnum):
    """The content type of a CoAP payload."""

    text = "text/plain"
    json = "application/json"
    octets = "application/octet-stream"


app = new_group("Send requests to CoAP clients.")


@app.command()
@command(
    calls=f"POST {REQUEST}",
    examples=(
        "emqxctl gateways coap request lamp-7",
        "emqxctl gateways coap request lamp-7 --method put --payload on --wait 10s",
    ),
    effect=Effect.WRITE,
)
def request(
    session: Session,
    clientid: ClientArgument,
    method: Annotated[Method, typer.Option(metavar="METHOD", help="Method: get, put, post or delete.")] = (
        Method.get
    ),
    payload: Annotated[str, typer.Option(metavar="TEXT", help="Payload.")] = "",
    content_type: Annotated[
        ContentType,
        typer.Option(
            metavar="TYPE",
            help="Content type: text/plain, application/json or application/octet-stream.",
        ),
    ] = ContentType.text,
    token: Annotated[str, typer.Option(metavar="TEXT", help="Message token.")] = "",
    wait: Annotated[str, typer.Option(metavar="TIME", help="Time to wait for the response.")] = "10s",
) -> Record:
    """Send a request to a CoAP client and show the response."""
    body = {
        "token": token,
        "method": method.value,
        "timeout": wait,
        "content_type": content_type.value,
        "payload": payload,
    }
    response = session.client.post_object(REQUEST, clientid, body=body)
    return Record(response, (Column("payload"),), key="id")
