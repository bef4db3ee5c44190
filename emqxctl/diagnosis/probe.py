"""Whether EMQX responds at a URL, and whether it is running: the check that comes before all others."""

from typing import TYPE_CHECKING

from emqxctl.api.other_ports import mqtt_port_hint
from emqxctl.api.status import BrokerStatus, request_status
from emqxctl.errors import ExitCode, NotReadyError, ServerError

if TYPE_CHECKING:
    from emqxctl.api.client import Client

NOT_EMQX = "NOT_EMQX"
BOOTING = "BOOTING"


def fetch_broker(client: "Client") -> BrokerStatus:
    """Return the broker's status, running or not.

    Raises ServerError if the URL is not an EMQX API, and for an error response as any other request.
    """
    outcome = request_status(client.transport)
    if isinstance(outcome, BrokerStatus):
        return outcome
    if not outcome.is_success and outcome.status not in {400, 404, 405} and not outcome.is_html:
        from emqxctl.api.error_responses import error_from_response

        raise error_from_response(outcome, client.redactor)
    from emqxctl.emqx.error_codes import exit_code_of

    message = f"{client.connection.url} is not an EMQX API"
    hint = mqtt_port_hint(client.connection.url) or "check the profile's URL and any proxies"
    exit_code = exit_code_of(outcome.status) if outcome.status in {401, 403} else ExitCode.SERVER
    raise ServerError(message, code=NOT_EMQX, hint=hint, exit_code=exit_code)


def require_running(client: "Client") -> BrokerStatus:
    """Return the status of a running broker.

    Raises NotReadyError if EMQX is still starting, ServerError if the URL is not an EMQX API.
    """
    broker = fetch_broker(client)
    if not broker.is_running:
        message = f"EMQX at {client.connection.url} is still starting"
        hint = "wait for the cluster: emqxctl wait --for cluster=healthy"
        raise NotReadyError(message, code=BOOTING, hint=hint)
    return broker
