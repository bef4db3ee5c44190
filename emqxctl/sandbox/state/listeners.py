"""The MQTT listeners: what they are configured for, where they run, and their schemas."""

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.integration import duration, listing, mapping
from emqxctl.sandbox.schema.validation import Field, anything, boolean, refuse, text, whole

TYPES = ("tcp", "ssl", "ws", "wss", "quic")
PORTS = {"tcp": 1883, "ssl": 8883, "ws": 8083, "wss": 8084}  # of the defaults
ENDLESS = "infinity"
COMMON: Row = {
    "acceptors": 16,
    "access_rules": ["allow all"],
    "enable": True,
    "enable_authn": True,
    "max_conn_rate": ENDLESS,
    "max_connections": ENDLESS,
    "mountpoint": "",
    "proxy_protocol": False,
    "proxy_protocol_timeout": "3s",
    "zone": "default",
}
TCP_OPTIONS: Row = {
    "active_n": 100,
    "backlog": 1024,
    "buffer": "4KB",
    "high_watermark": "1MB",
    "keepalive": "none",
    "nodelay": True,
    "nolinger": False,
    "reuseaddr": True,
    "send_timeout": "15s",
    "send_timeout_close": True,
}
SSL_OPTIONS: Row = {
    "cacertfile": "${EMQX_ETC_DIR}/certs/cacert.pem",
    "certfile": "${EMQX_ETC_DIR}/certs/cert.pem",
    "ciphers": [],
    "client_renegotiation": True,
    "depth": 10,
    "fail_if_no_peer_cert": False,
    "handshake_timeout": "15s",
    "hibernate_after": "5s",
    "honor_cipher_order": True,
    "keyfile": "${EMQX_ETC_DIR}/certs/key.pem",
    "log_level": "notice",
    "reuse_sessions": True,
    "secure_renegotiate": True,
    "verify": "verify_none",
    "versions": ["tlsv1.3", "tlsv1.2"],
}
STAPLING: Row = {
    "enable_crl_check": False,
    "gc_after_handshake": False,
    "ocsp": {"enable_ocsp_stapling": False, "refresh_http_timeout": "15s", "refresh_interval": "5m"},
}
WEBSOCKET: Row = {
    "allow_origin_absence": True,
    "check_origin_enable": False,
    "check_origins": "http://localhost:18083, http://127.0.0.1:18083",
    "compress": False,
    "deflate_opts": {
        "client_context_takeover": "takeover",
        "client_max_window_bits": 15,
        "mem_level": 8,
        "server_context_takeover": "takeover",
        "server_max_window_bits": 15,
        "strategy": "default",
    },
    "fail_if_no_subprotocol": True,
    "idle_timeout": "7200s",
    "max_frame_size": ENDLESS,
    "mqtt_path": "/mqtt",
    "mqtt_piggyback": "multiple",
    "proxy_address_header": "x-forwarded-for",
    "proxy_port_header": "x-forwarded-port",
    "supported_subprotocols": "mqtt, mqtt-v3, mqtt-v3.1.1, mqtt-v5",
    "validate_utf8": True,
}
NESTED: dict[str, dict[str, Row]] = {
    "tcp": {"tcp_options": TCP_OPTIONS},
    "ssl": {"tcp_options": TCP_OPTIONS, "ssl_options": SSL_OPTIONS | STAPLING},
    "ws": {"tcp_options": TCP_OPTIONS, "websocket": WEBSOCKET},
    "wss": {"tcp_options": TCP_OPTIONS, "ssl_options": SSL_OPTIONS, "websocket": WEBSOCKET},
    "quic": {"ssl_options": SSL_OPTIONS},
}


@dataclass
class Listener:
    """One listener; `unbound` names the nodes on which its port could not be had."""

    type: str
    name: str
    config: Row
    unbound: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """Write its id."""
        return f"{self.type}:{self.name}"

    def runs_on(self, node: str) -> bool:
        """Tell whether it takes connections on a node."""
        return bool(self.config["enable"]) and node not in self.unbound


def complete(kind: str, given: Row) -> Row:
    """Fill in the defaults of a type."""
    config = copy.deepcopy(COMMON)
    for name, defaults in NESTED[kind].items():
        config[name] = copy.deepcopy(defaults)
    for name, value in given.items():
        config[name] = config[name] | value if isinstance(config.get(name), dict) else value
    return config


def default_listeners() -> dict[str, Listener]:
    """Make the four listeners that EMQX comes with."""
    made = (
        Listener(kind, "default", complete(kind, {"bind": f"0.0.0.0:{PORTS[kind]}"}))
        for kind in sorted(PORTS)
    )
    return {listener.id: listener for listener in made}


def bind(value: Json, path: str) -> Json:
    """Take a port, alone or after an address and a colon."""
    port = str(value).rpartition(":")[2]
    if not re.fullmatch(r"\d+", port):
        raise refuse(value, "bad_port_number", path)
    return value


def number_or_endless(value: Json, path: str) -> Json:
    """Take a whole number, or `infinity`."""
    return value if value == ENDLESS else whole("pos_integer()", 1)(value, path)


CHECKS = {
    "acceptors": whole("pos_integer()", 1),
    "access_rules": listing,
    "bytes_burst": anything,
    "bytes_rate": anything,
    "enable": boolean,
    "enable_authn": anything,
    "id": text,
    "limiter": anything,
    "max_conn_burst": anything,
    "max_conn_rate": anything,
    "max_connections": number_or_endless,
    "messages_burst": anything,
    "messages_rate": anything,
    "mountpoint": text,
    "proxy_protocol": boolean,
    "proxy_protocol_timeout": duration,
    "ssl_options": mapping,
    "tcp_options": mapping,
    "websocket": mapping,
    "zone": text,
}
READ_ONLY = ("current_connections", "running")
SOCKETS = ("access_rules", "proxy_protocol", "proxy_protocol_timeout", "tcp_options")


def fields_of(kind: str, first: Iterable[Field]) -> tuple[Field, ...]:
    """Give the schema of a type, after the fields that name the listener."""
    lacking = {"ssl_options", "websocket"} - set(NESTED[kind])
    lacking |= set(SOCKETS) if kind == "quic" else set()
    checked = (Field(name, check) for name, check in CHECKS.items() if name not in lacking)
    ignored = (Field(name, anything) for name in READ_ONLY)
    return (*first, Field("bind", bind), *checked, *ignored)
