"""`emqxctl connectors`: connections to the systems that actions and sources use."""

from collections.abc import Mapping, Sequence
from typing import Any

from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body
from emqxctl.commands._data_integration import STATUS_REASON, TAGS, add_verbs, new_resource
from emqxctl.commands._node_operations import add_restart
from emqxctl.errors import UsageError
from emqxctl.output.formatters import color_state, format_names
from emqxctl.resource import Column, Setting, ValueType


def nest_connector_fields(body: Body) -> Body:
    """Return a connector as its type has it: Redis has `server` in `parameters`, with `redis_type`."""
    from emqxctl.emqx.connector_bodies import complete_connector
    from emqxctl.emqx.connector_types import nest_fields

    return complete_connector(nest_fields(body)).body


def check_required_fields(body: Mapping[str, Any]) -> None:
    """Raise UsageError for the required fields that a new connector lacks, with the options that set them."""
    from emqxctl.emqx.connector_bodies import complete_connector

    kind = str(body.get("type"))
    missing = complete_connector(body).missing
    if missing:
        fields = " ".join(format_assignment(kind, field.path, field.values) for field in missing)
        message = f"{kind} connectors require {fields}"
        raise UsageError(message, hint=f"all its fields: emqxctl explain connectors {kind}")


def format_assignment(kind: str, path: str, values: Sequence[str]) -> str:
    """Return what sets a field on the command line: its option, or `--set PATH=...`."""
    from emqxctl.emqx.connector_types import unnest_path

    name = unnest_path(kind, path)
    setting = next((item for item in CONNECTORS.settings if item.param in (name, path)), None)
    choices = "|".join(values)
    return f"{setting.flag} {choices or '...'}" if setting else f"--set {path}={choices or '...'}"


CONNECTORS = new_resource(
    noun="connector",
    columns=(
        Column("id"),
        Column("enable", "ENABLED", style=color_state),
        Column("status", style=color_state),
        Column("actions", format=format_names),
        Column("sources", format=format_names),
        STATUS_REASON,
        Column("url", "URL", wide=True),
        Column("server", wide=True),
        Column("description", wide=True),
    ),
    settings=(
        # --url is the cluster's
        Setting("url", "Server URL, such as https://example.com:8443 (HTTP).", option="target-url"),
        Setting("server", "Server address, HOST:PORT (MQTT and databases)."),
        Setting("servers", "Server addresses, HOST:PORT, comma-separated (Cassandra, MongoDB, Redis ...)."),
        Setting("bootstrap_hosts", "Bootstrap servers, HOST:PORT, comma-separated (Kafka)."),
        Setting(
            "parameters.redis_type",
            "Redis deployment (default with --server: single).",
            ValueType.CHOICE,
            ("single", "sentinel", "cluster"),
            option="redis-type",
        ),
        Setting("parameters.sentinel", "Name of the Redis sentinel group.", option="sentinel"),
        Setting(
            "parameters.mongo_type",
            "MongoDB deployment (default with --server: single).",
            ValueType.CHOICE,
            ("single", "rs", "sharded"),
            option="mongo-type",
        ),
        Setting("parameters.replica_set_name", "Replica set (MongoDB).", option="replica-set"),
        Setting(
            "parameters.influxdb_type",
            "InfluxDB API (default with --username: v1, with --bucket: v2).",
            ValueType.CHOICE,
            ("influxdb_api_v1", "influxdb_api_v2", "influxdb_api_v3"),
            option="influxdb-type",
        ),
        Setting("parameters.bucket", "Bucket (InfluxDB v2).", option="bucket"),
        Setting("parameters.org", "Organization (InfluxDB v2).", option="org"),
        Setting(
            "parameters.token",
            "File with the token (InfluxDB v2 and v3; - for stdin).",
            ValueType.FIRST_LINE,
            option="token-file",
        ),
        Setting("keyspace", "Keyspace (Cassandra)."),
        Setting("database", "Database name."),
        Setting("username", "Username."),
        Setting(
            "password", "File with the password (- for stdin).", ValueType.FIRST_LINE, option="password-file"
        ),
        Setting(
            "authentication.mechanism",
            "SASL mechanism (Kafka).",
            ValueType.CHOICE,
            ("plain", "scram_sha_256", "scram_sha_512"),
            option="mechanism",
        ),
        Setting("description", "Description."),
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
        Setting("pool_size", "Connection pool size per node.", ValueType.INTEGER),
        Setting("connect_timeout", "Timeout of the connection, such as 15s."),
        Setting("clientid_prefix", "Prefix of the client IDs (MQTT)."),
        Setting("proto_ver", "MQTT version: 3.1, 3.1.1 or 5.0.", ValueType.CHOICE, ("v3", "v4", "v5")),
        Setting("keepalive", "Keepalive interval, such as 60s (MQTT)."),
        Setting("clean_start", "Enable or disable a clean start (MQTT).", ValueType.BOOLEAN),
        Setting("ssl.enable", "Enable or disable TLS.", ValueType.BOOLEAN, option="tls"),
        Setting("ssl.cacertfile", "CA certificate, a file on the nodes.", option="cacertfile"),
        Setting("ssl.certfile", "Client certificate, a file on the nodes.", option="certfile"),
        Setting("ssl.keyfile", "Private key of the client certificate.", option="keyfile"),
        Setting(
            "ssl.verify",
            "Server certificate verification.",
            ValueType.CHOICE,
            ("verify_none", "verify_peer"),
            option="verify",
        ),
        TAGS,
    ),
    more_read_only=("actions", "sources"),
    finish_body=nest_connector_fields,
)
SAMPLE = "http:warehouse"

app = new_group("Manage connectors.")
add_verbs(
    app,
    CONNECTORS,
    sample=SAMPLE,
    draft="mqtt:draft",
    list_example="--where 'status!=connected' -o wide",
    create_examples=(
        f"{SAMPLE} --target-url https://warehouse.example.com --pool-size 16",
        "mqtt:plant --server 10.0.0.9:1883 --username bridge --password-file bridge.pw",
        "redis:cache --redis-type cluster --servers 10.0.0.7:6379,10.0.0.8:6379",
        "kafka_producer:k --bootstrap-hosts k:9092 --username e --password-file k.pw --mechanism plain",
    ),
    create_summary=(
        "Create a connector.\n\nRequired fields that are missing are an error before anything is sent. The "
        "deployment of Redis and MongoDB and the API of InfluxDB can be omitted if only one has the other "
        "options. Fields without an option: --set FIELD=VALUE; `emqxctl explain connectors TYPE` lists them."
    ),
    update_examples=(f"{SAMPLE} --pool-size 32", f"{SAMPLE} --set ssl.verify=verify_peer --dry-run"),
    update_summary=(
        "Update a connector.\n\nThe connector reconnects. Secrets that are shown as ****** are not changed."
    ),
    with_actions=False,
    check_new_body=check_required_fields,
)
add_restart(app, CONNECTORS, sample=SAMPLE)
app.lazy("types", "List the connector types, and which this EMQX supports.")
app.lazy("why", "Explain why a connector does not work.")
