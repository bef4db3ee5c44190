"""Whether EMQX responds at a URL, and whether it is running: the check that comes before all others."""

from typing import TYPE_CHECKING

from emqxctl.api.other_ports import mqtt_port_hint
from emqxctl.api.status import BrokerStatus, fetch_status
from emqxctl.errors import EmqxctlError, NotReadyError

if TYPE_CHECKING:
    from emqxctl.api.client import Client

NOT_EMQX = "NOT_EMQX"
BOOTING = "BOOTING"


def fetch_broker(client: "Client") -> BrokerStatus:
    """Return the broker's status, running or not. Raises EmqxctlError if the URL is not an EMQX API."""
    broker = fetch_status(client.transport)
    if broker is None:
        message = f"{client.connection.url} is not an EMQX API"
        hint = mqtt_port_hint(client.connection.url) or "check the profile's URL and any proxies"
        raise EmqxctlError(message, code=NOT_EMQX, hint=hint)
    return broker


def require_running(client: "Client") -> BrokerStatus:
    """Return the status of a running broker.

    Raises NotReadyError if EMQX is still starting, EmqxctlError if the URL is not an EMQX API.
    """
    broker = fetch_broker(client)
    if not broker.is_running:
        message = f"EMQX at {client.connection.url} is still starting"
        hint = "wait for the cluster: emqxctl wait --for cluster=healthy"
        raise NotReadyError(message, code=BOOTING, hint=hint)
    return broker
