"""Addresses of the external system of a connector, from its configuration. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

ADDRESS_FIELDS = ("url", "server", "servers", "bootstrap_hosts", "base_url", "endpoint", "host")
MAX_TARGETS = 5  # servers of a cluster that are checked
URL_PORTS = {"http": 80, "https": 443, "mqtt": 1883, "mqtts": 8883, "pulsar": 6650, "pulsar+ssl": 6651}
DEFAULT_PORTS = {
    "mqtt": 1883,
    "redis": 6379,
    "mysql": 3306,
    "doris": 9030,
    "mongodb": 27017,
    "cassandra": 9042,
    "clickhouse": 8123,
    "influxdb": 8086,
    "aws_timestream": 8086,
    "greptimedb": 4001,
    "emqx_tables": 4001,
    "datalayers": 8361,
    "elasticsearch": 9200,
    "opents": 4242,
    "iotdb": 18080,
    "couchbase": 8093,
    "oracle": 1521,
    "sqlserver": 1433,
    "tdengine": 6041,
    "rocketmq": 9876,
    "rabbitmq": 5672,
    "pulsar": 6650,
    "azure_event_grid": 8883,
    "azure_event_hub_producer": 9093,
    "snowflake": 443,
    "snowflake_streaming": 443,
    "s3": 443,
    **dict.fromkeys(("kafka_producer", "kafka_consumer", "confluent_producer"), 9092),
    **dict.fromkeys(("pgsql", "timescale", "matrix", "alloydb", "cockroachdb"), 5432),
    "redshift": 5439,
}
# These begin in plain text and switch to TLS later: no TLS handshake directly after connecting.
STARTTLS_TYPES = frozenset(
    (
        "pgsql",
        "timescale",
        "matrix",
        "alloydb",
        "cockroachdb",
        "redshift",
        "mysql",
        "doris",
        "sqlserver",
        "oracle",
    )
)
LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost"})


class Target(NamedTuple):
    """A server that a connector uses.

    `tls` says whether EMQX begins with a TLS handshake (None: the protocol decides that later),
    `verified` whether EMQX checks the certificate, `server_name` which name it must be for.
    """

    host: str
    port: int
    tls: bool | None
    verified: bool = False
    server_name: str = ""

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is the computer itself, which is another one for each node and for a container."""
        return self.host.lower() in LOOPBACK_NAMES or self.host.startswith("127.") or self.host == "::1"


def find_targets(kind: str, config: Mapping[str, object]) -> list[Target]:
    """Return the servers of a connector of type `kind`, at most MAX_TARGETS; empty if it names none."""
    texts = list(list_addresses(config))
    targets = dict.fromkeys(filter(None, (parse_target(kind, config, text) for text in texts)))
    return list(targets)[:MAX_TARGETS]


def list_addresses(config: Mapping[str, object]) -> Iterator[str]:
    """Yield the addresses in a configuration: comma-separated in one field, or a list."""
    parameters = config.get("parameters")
    for part in (config, parameters if isinstance(parameters, Mapping) else {}):
        if part.get("srv_record") is True:  # the servers are in the DNS
            return
        for field in ADDRESS_FIELDS:
            value = part.get(field)
            texts = value if isinstance(value, list) else str(value or "").split(",")
            yield from (str(text).strip() for text in texts if str(text).strip())


def parse_target(kind: str, config: Mapping[str, object], text: str) -> Target | None:
    """Parse `HOST`, `HOST:PORT` or a URL as a target; None for anything else."""
    has_scheme = "://" in text
    try:
        parts = urlsplit(text if has_scheme else f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    port = port or read_port(config) or URL_PORTS.get(parts.scheme) or DEFAULT_PORTS.get(kind)
    if not port:
        return None
    ssl = config.get("ssl")
    settings = ssl if isinstance(ssl, Mapping) else {}
    tls = parts.scheme in {"https", "mqtts", "pulsar+ssl"} or settings.get("enable") is True
    name = settings.get("server_name_indication")
    return Target(
        host,
        port,
        None if kind in STARTTLS_TYPES else tls,
        verified=tls and settings.get("verify") == "verify_peer",
        server_name=str(name) if name and name not in {"disable", "auto"} else host,
    )


def read_port(config: Mapping[str, object]) -> int:
    """Return the port that a configuration has beside its host; 0 for none."""
    port = config.get("port")
    return port if isinstance(port, int) and not isinstance(port, bool) else 0
