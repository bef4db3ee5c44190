"""`emqxctl connectors`: connections to the systems that actions and sources use."""

from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body
from emqxctl.commands._data_integration import STATUS_REASON, TAGS, add_verbs, new_resource
from emqxctl.commands._node_operations import add_restart
from emqxctl.output.formatters import color_state, format_names
from emqxctl.resource import Column, Setting, ValueType


def nest_connector_fields(body: Body) -> Body:
    """Return a connector as its type has it: the server of Redis is in `parameters`."""
    from emqxctl.emqx.connector_types import nest_fields

    return nest_fields(body)


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
        Setting("servers", "Server addresses, HOST:PORT, comma-separated (Cassandra, Pulsar, RocketMQ)."),
        Setting("bootstrap_hosts", "Bootstrap servers, HOST:PORT, comma-separated (Kafka)."),
        Setting("database", "Database name."),
        Setting("username", "Username."),
        Setting(
            "password", "File with the password (- for stdin).", ValueType.FIRST_LINE, option="password-file"
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
    ),
    update_examples=(f"{SAMPLE} --pool-size 32", f"{SAMPLE} --set ssl.verify=verify_peer --dry-run"),
    update_summary=(
        "Update a connector.\n\nThe connector reconnects. Secrets that are shown as ****** are not changed."
    ),
    with_actions=False,
)
add_restart(app, CONNECTORS, sample=SAMPLE)
app.lazy("types", "List the connector types, and which this EMQX supports.")
app.lazy("why", "Explain why a connector does not work.")
