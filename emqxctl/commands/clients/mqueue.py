"""`emqxctl clients mqueue`: list a client's queued messages."""

from emqxctl.cli.command import command
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.commands.clients._messages import Payload, PayloadOption, list_messages
from emqxctl.output.results import Rows

PATH = "/clients/{clientid}/mqueue_messages"


@command(
    calls=f"GET {PATH}",
    examples=(
        "emqxctl clients mqueue dev-1",
        "emqxctl clients mqueue dev-1 --payload none -o csv",
        "emqxctl clients mqueue dev-1 --limit 10 --json",
    ),
)
def mqueue(session: Session, clientid: ClientArgument, payload: PayloadOption = Payload.base64) -> Rows:
    """List a client's queued messages (EMQX 5.6+).

    Tables decode a payload that is text; other formats contain base64, as EMQX sends it. Only sessions in
    memory are supported.
    """
    return list_messages(session, PATH, clientid, payload)
