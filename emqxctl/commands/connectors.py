"""`emqxctl connectors`: the other systems that actions and sources reach."""

from emqxctl.cli.group import new_group
from emqxctl.commands import _data_integration, _data_integration_list, _data_integration_state
from emqxctl.commands._data_integration import COMPUTED, STATUS_REASON, identity, words
from emqxctl.output.formatters import color_state
from emqxctl.resource import Column, Resource, Setting, ValueType

CONNECTORS = Resource(
    noun="connector",
    path="/connectors",
    key="id",
    columns=(
        Column("id"),
        Column("enable", "ENABLED", style=color_state),
        Column("status", style=color_state),
        Column("actions", format=words),
        Column("sources", format=words),
        STATUS_REASON,
        Column("url", "URL", wide=True),
        Column("server", wide=True),
        Column("description", wide=True),
    ),
    settings=(
        # --url is the cluster's
        Setting("url", "The URL, of HTTP: https://example.com:8443.", option="target-url"),
        Setting("server", "Host and port, of MQTT, databases ..."),
        Setting("username", "The user to log in as; for the password use -f."),
        Setting("description", "What it is for."),
        Setting("enable", "Whether it runs.", ValueType.BOOLEAN),
        Setting("pool_size", "How many connections each node holds.", ValueType.INTEGER),
        Setting("ssl.enable", "Whether TLS is used.", ValueType.BOOLEAN, option="tls"),
        Setting("ssl.cacertfile", "The CA to trust, a file on the nodes.", option="cacertfile"),
        Setting(
            "ssl.verify",
            "Whether the certificate is verified.",
            ValueType.CHOICE,
            ("verify_none", "verify_peer"),
            option="verify",
        ),
    ),
    filters=_data_integration_list.NAMESPACES,
    read_only_fields=(*COMPUTED, "actions", "sources"),
    key_to_fields=identity,
    accepts_masked_secrets=True,
)
SAMPLE = "http:warehouse"

app = new_group("Connectors: the systems that actions and sources reach.")
_data_integration_list.add_list(
    app,
    CONNECTORS,
    examples=("emqxctl connectors list", "emqxctl connectors list --where 'status!=connected' -o wide"),
)
_data_integration.add_get(app, CONNECTORS, examples=(f"emqxctl connectors get {SAMPLE}",))
_data_integration.add_create(
    app,
    CONNECTORS,
    examples=(
        f"emqxctl connectors create {SAMPLE} --target-url https://warehouse.example.com --pool-size 16",
        "emqxctl connectors create mqtt:plant --server 10.0.0.9:1883 --username bridge -f secret.yaml",
    ),
)
_data_integration.add_update(
    app,
    CONNECTORS,
    summary=(
        "Change a connector; one that does not exist is refused.\n\n"
        "It connects anew. Secrets that are shown as ****** stay as they are."
    ),
    examples=(
        f"emqxctl connectors update {SAMPLE} --pool-size 32",
        f"emqxctl connectors update {SAMPLE} --set ssl.verify=verify_peer --dry-run",
    ),
)
_data_integration.add_delete(
    app, CONNECTORS, cascade=False, examples=(f"emqxctl connectors delete {SAMPLE} --yes",)
)
_data_integration_state.add_switch(app, CONNECTORS, sample=SAMPLE)
_data_integration_state.add_operation(
    app,
    CONNECTORS,
    "start",
    sample=SAMPLE,
    summary="Start connectors that are enabled but not connected.",
)
_data_integration_state.add_restart(app, CONNECTORS, sample=SAMPLE)
_data_integration_state.add_test(app, CONNECTORS, sample=SAMPLE, example="mqtt:draft -f connector.yaml")
