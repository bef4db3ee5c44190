"""`emqxctl clients inflight`: list a client's in-flight messages."""

from emqxctl.cli.command import command
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.commands.clients._messages import Payload, PayloadOption, list_messages
from emqxctl.output.results import Rows

PATH = "/clients/{clientid}/inflight_messages"


@command(
    calls=f"GET {PATH}",
    examples=("emqxctl clients inflight dev-1", "emqxctl clients inflight dev-1 --payload plain --json"),
)
def inflight(session: Session, clientid: ClientArgument, payload: PayloadOption = Payload.base64) -> Rows:
    """List a client's in-flight messages (EMQX 5.6+).

    These were sent and not acknowledged. Tables decode a payload that is text; other formats contain base64,
    as EMQX sends it. Only sessions in memory are supported.
    """
    return list_messages(session, PATH, clientid, payload)
