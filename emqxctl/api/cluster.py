"""What the broker is: whether it runs, which version and edition, what it therefore has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from emqxctl.api.call import Call, build
from emqxctl.errors import EmqxctlError, NotYetError, UnsupportedError

if TYPE_CHECKING:
    from emqxctl.api.client import Api


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker's state as `GET /status` tells it, without credentials.

    `version` is empty before 5.0.25, which answers in plain text; `edition` is known only from the version's
    prefix (`e5.8.9`: Enterprise) or from `/nodes`.
    """

    node: str = ""
    version: str = ""
    edition: str = ""
    running: bool = False


def status_call() -> Call:
    """Make the call of `GET /status`, which needs no key and is served while all else still boots."""
    return build("GET", "/status", query={"format": "json"})._replace(accept="*/*", base="")


def read_status(text: str) -> Broker:
    """Read an answer of `/status`: JSON (5.0.25+) or text (`Node emqx@host is started` ...)."""
    import json

    try:
        found = json.loads(text)
    except ValueError:
        words = text.split()
        node = words[1] if words[:1] == ["Node"] and len(words) > 1 else ""
        return Broker(node=node, running="emqx is running" in text)
    if not isinstance(found, dict):
        return Broker()
    version = str(found.get("rel_vsn", ""))
    edition = {"e": "Enterprise", "v": "Opensource"}.get(version[:1], "")
    running = found.get("app_status") == "running" and found.get("broker_status", "started") == "started"
    return Broker(str(found.get("node_name", "")), version, edition, running)


def explain_unknown_path(api: Api, call: Call, error: EmqxctlError) -> EmqxctlError:
    """Find out why a path is unknown to the server: still booting, not in this version, or no EMQX at all.

    EMQX 5.7.1+ answers 404 for every route while it boots (api.md §0.6), so `/status` is asked first.
    """
    try:
        answer = api.exchange(status_call())
    except EmqxctlError:
        return error
    broker = read_status(answer.text) if answer.status in {200, 503} else Broker()
    if not broker.running:
        if answer.status == 404:
            return error
        message = f"EMQX at {api.connection.url} is still starting"
        return NotYetError(
            message, code="BOOTING", hint="try again in a moment; emqxctl status tells when it is up"
        )
    missing = why_missing(api, call.operation, broker)
    if missing:
        hint = "emqxctl status shows the version"
        return UnsupportedError(f"{call.operation} {missing}", hint=hint, details=error.details)
    return error


def why_missing(api: Api, operation: str, broker: Broker) -> str:
    """Give the reason an operation does not exist on this broker, or nothing when it should."""
    from emqxctl.api.routes import missing_on

    version, edition = broker.version, broker.edition
    if not version or not edition:
        version, edition = version_of_nodes(api, version, edition)
    return (missing_on(operation, version, edition) or "") if version else ""


def version_of_nodes(api: Api, version: str, edition: str) -> tuple[str, str]:
    """Ask `/nodes` for version and edition where `/status` does not tell them."""
    try:
        nodes = api.get("/nodes")
    except EmqxctlError:
        return version, edition
    first = next((node for node in cast("list[object]", nodes or []) if isinstance(node, dict)), {})
    return version or str(first.get("version", "")), edition or str(first.get("edition", ""))
