"""The state of a broker from `GET /status`: whether it runs, its version and edition."""

import json
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.request import Request, build_request

if TYPE_CHECKING:
    from emqxctl.api.response import Response
    from emqxctl.api.transport import Transport


MAX_STATUS_CHARACTERS = 10_000


class BrokerStatus(NamedTuple):
    """A broker's state as `GET /status` reports it, which needs no credentials.

    `version` is empty before 5.0.25, which responds in plain text; `edition` is only known from the version's
    prefix (`e5.8.9`: Enterprise) or from `/nodes`.
    """

    node: str = ""
    version: str = ""
    edition: str = ""
    is_running: bool = False


def status_request(*, without_prefix: bool = False) -> Request:
    """Build the request of `GET /status`, which needs no key; without `/api/v5` it works during the boot."""
    request = build_request("GET", "/status", query={"format": "json"})._replace(accept="*/*")
    return request._replace(prefix="") if without_prefix else request


def fetch_status(transport: "Transport") -> BrokerStatus | None:
    """Return the state of a broker, None if the server is not EMQX. Raises as `Transport.send`."""
    outcome = request_status(transport)
    return outcome if isinstance(outcome, BrokerStatus) else None


def request_status(transport: "Transport") -> "BrokerStatus | Response":
    """Return the state of a broker, or the response of a server that is not EMQX, or does not work.

    During the boot 5.7.1+ returns 404 below `/api/v5` and text without that prefix, earlier versions 503
    (recorded 5.8.9, api.md §0.6): in both cases it is not running yet. Raises as `Transport.send`.
    """
    response = transport.send(status_request(), expected_status=503)
    if response.status == 200 and not response.is_html:
        broker = parse_status(response.text)
        return broker if broker.node or broker.version else response
    if response.status == 503:
        return BrokerStatus()
    root_response = transport.send(status_request(without_prefix=True), expected_status=503)
    broker = parse_status(root_response.text)
    if root_response.status == 503 or (root_response.status == 200 and broker.node):
        return broker._replace(is_running=broker.is_running and response.status != 404)
    return root_response if response.status == 404 else response


def parse_status(text: str) -> BrokerStatus:
    """Parse a body of `/status`: JSON (5.0.25+) or text (`Node emqx@host is started` ...)."""
    if len(text) > MAX_STATUS_CHARACTERS:
        return BrokerStatus()
    try:
        body = json.loads(text)
    except RecursionError:
        return BrokerStatus()
    except ValueError:
        words = text.split()
        node = words[1] if words[:1] == ["Node"] and len(words) > 1 else ""
        return BrokerStatus(node=node, is_running="emqx is running" in text)
    if not isinstance(body, dict):
        return BrokerStatus()
    version = str(body.get("rel_vsn", ""))
    edition = {"e": "Enterprise", "v": "Opensource"}.get(version[:1], "")
    is_running = body.get("app_status") == "running" and body.get("broker_status", "started") == "started"
    return BrokerStatus(str(body.get("node_name", "")), version, edition, is_running)
