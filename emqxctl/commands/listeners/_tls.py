"""The TLS ports of listeners, as they are reached from this machine."""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emqxctl.api.connection import CONNECT_SECONDS
from emqxctl.diagnosis.certificates import Certificate, Endpoint
from emqxctl.errors import UsageError

if TYPE_CHECKING:
    from emqxctl.cli.session import Session

TLS_TYPES = ("ssl", "wss")
WILDCARDS = ("", "0.0.0.0", "::")  # noqa: S104  # what listeners are bound to
MAX_PORT = 65535
PROBLEM_UNREACHABLE = "bound to {} on the nodes, which cannot be reached from here: use --host HOST:PORT"


def split_address(text: str) -> tuple[str, int | None]:
    """Return host and port of `HOST:PORT`, `[IPV6]:PORT`, `HOST` or a port alone; None without a port."""
    if text.isdigit():
        return "", int(text)
    if text.count(":") > 1 and not text.startswith("["):
        return text, None
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text.strip("[]"), None
    return host.strip("[]"), int(port) if port.isdigit() else None


def parse_hosts(hosts: Sequence[str] | None) -> list[tuple[str, int | None]]:
    """Parse --host. Raises UsageError."""
    addresses = [split_address(text) for text in hosts or ()]
    for text, (host, port) in zip(hosts or (), addresses, strict=True):
        if not host or (port is not None and not 0 < port <= MAX_PORT) or text.endswith(":"):
            message = f"invalid --host {text!r}"
            raise UsageError(
                message, hint="a host name or address, such as mqtt.example.com or 10.0.0.1:8883"
            )
    return addresses


def find_endpoints(
    session: "Session",
    listener: Mapping[str, Any],
    hosts: Sequence[tuple[str, int | None]],
    server_name: str = "",
) -> list[Endpoint]:
    """Return where a listener is reached: at `hosts`, else where it is bound, else the host of the URL.

    Empty if it is bound to the nodes' loopback interface, which this machine cannot reach.
    """
    bound_host, bound_port = split_address(str(listener.get("bind", "")))
    url_host = urlsplit(session.connection.url).hostname or ""
    if not hosts:
        is_elsewhere = is_loopback(bound_host) and not is_loopback(url_host)
        own_host = url_host if bound_host in WILDCARDS else bound_host
        hosts = [] if is_elsewhere else [(own_host, None)]
    timeout = min(CONNECT_SECONDS, session.settings.timeout)
    proxy_protocol = listener.get("proxy_protocol") is True
    return [
        Endpoint(host, port or bound_port or 0, server_name, proxy_protocol, timeout) for host, port in hosts
    ]


def list_node_hosts(listener: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    """Return the hosts in the names of the nodes on which a listener runs."""
    statuses = listener.get("node_status")
    names = [
        str(row.get("node", ""))
        for row in (statuses if isinstance(statuses, list) else [])
        if isinstance(row, dict) and isinstance(row.get("status"), dict) and row["status"].get("running")
    ]
    return [(name.partition("@")[2], None) for name in sorted(names) if "@" in name]


def is_loopback(host: str) -> bool:
    """Return whether a host is the machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def format_epoch(seconds: float) -> str:
    """Format epoch seconds as a time in UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def build_certificate_fields(certificate: Certificate) -> dict[str, object]:
    """Return what JSON shows of a certificate."""
    return {
        "subject": certificate.subject,
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "self_signed": certificate.is_self_signed,
        "not_before": format_epoch(certificate.starts_at),
        "not_after": format_epoch(certificate.expires_at),
        "serial": certificate.serial,
    }
