"""What the broker is: whether it runs, which version and edition, what it therefore has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emqxctl.api.request import Request, build_request

if TYPE_CHECKING:
    from emqxctl.api.client import Client


class BrokerStatus(NamedTuple):
    """One broker's state as `GET /status` tells it, without credentials.

    `version` is empty before 5.0.25, which answers in plain text; `edition` is known only from the version's
    prefix (`e5.8.9`: Enterprise) or from `/nodes`.
    """

    node: str = ""
    version: str = ""
    edition: str = ""
    running: bool = False


def status_request(*, without_prefix: bool = False) -> Request:
    """Make the call of `GET /status`, which needs no key; `outside` of `/api/v5` it answers while booting."""
    call = build_request("GET", "/status", query={"format": "json"})._replace(accept="*/*")
    return call._replace(prefix="") if without_prefix else call


def fetch_status(api: Client) -> BrokerStatus | None:
    """Ask a broker for its state, None when what answers is no EMQX.

    While it boots, 5.7.1+ answers 404 below `/api/v5` and a text outside of it, earlier ones 503 (recorded
    5.8.9, api.md §0.6): either way it does not run yet. Raises what `Api.exchange` raises.
    """
    answer = api.exchange(status_request(), expected_status=503)
    if answer.status == 200 and not answer.is_html:
        return parse_status(answer.text)
    if answer.status == 503:
        return BrokerStatus()
    outside = api.exchange(status_request(without_prefix=True), expected_status=503)
    known = outside.status in {200, 503} and (parse_status(outside.text).node or outside.status == 503)
    if not known:
        return None
    broker = parse_status(outside.text)
    return broker._replace(running=broker.running and answer.status != 404)


def parse_status(text: str) -> BrokerStatus:
    """Read an answer of `/status`: JSON (5.0.25+) or text (`Node emqx@host is started` ...)."""
    import json

    try:
        found = json.loads(text)
    except ValueError:
        words = text.split()
        node = words[1] if words[:1] == ["Node"] and len(words) > 1 else ""
        return BrokerStatus(node=node, running="emqx is running" in text)
    if not isinstance(found, dict):
        return BrokerStatus()
    version = str(found.get("rel_vsn", ""))
    edition = {"e": "Enterprise", "v": "Opensource"}.get(version[:1], "")
    running = found.get("app_status") == "running" and found.get("broker_status", "started") == "started"
    return BrokerStatus(str(found.get("node_name", "")), version, edition, running)
