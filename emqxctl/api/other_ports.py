"""The ports of EMQX that do not serve the REST API, and the error for a URL with one of them."""

from urllib.parse import urlsplit

from emqxctl.api.connection import Connection
from emqxctl.errors import UnreachableError

MQTT_PORTS = {
    1883: "MQTT",
    8083: "MQTT over WebSocket",
    8084: "MQTT over WebSocket with TLS",
    8883: "MQTT with TLS",
}
API_PORT_HINT = "EMQX's API is at port 18083 (http://) or 18084 (https://)"


def mqtt_port_hint(url: str) -> str:
    """Return the hint for a URL whose port is one of MQTT, empty for any other port."""
    try:
        port = urlsplit(url).port
    except ValueError:
        return ""
    return f"{port} is the port of {MQTT_PORTS[port]}; {API_PORT_HINT}" if port in MQTT_PORTS else ""


def no_http_error(connection: Connection) -> UnreachableError | None:
    """Return the error for a server that closes the connection to a port of MQTT; None for other ports."""
    hint = mqtt_port_hint(connection.url)
    if not hint:
        return None
    return UnreachableError(f"{connection.url} does not speak HTTP", code="NOT_HTTP", hint=hint)
