"""`emqxctl connectors`: the other systems that actions and sources reach."""

from emqxctl.cli.group import new_group
from emqxctl.commands import _data_integration, _data_integration_list, _data_integration_state
from emqxctl.commands._data_integration import COMPUTED, STATUS_REASON, identity, words
from emqxctl.output.formatters import state
from emqxctl.resource import Column, Kind, Resource, Setting

CONNECTORS = Resource(
    noun="connector",
    path="/connectors",
    key="id",
    columns=(
        Column("id"),
        Column("enable", "ENABLED", style=state),
        Column("status", style=state),
        Column("actions", write=words),
        Column("sources", write=words),
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
        Setting("enable", "Whether it runs.", Kind.BOOLEAN),
        Setting("pool_size", "How many connections each node holds.", Kind.INTEGER),
        Setting("ssl.enable", "Whether TLS is used.", Kind.BOOLEAN, option="tls"),
        Setting("ssl.cacertfile", "The CA to trust, a file on the nodes.", option="cacertfile"),
        Setting(
            "ssl.verify",
            "Whether the certificate is verified.",
            Kind.CHOICE,
            ("verify_none", "verify_peer"),
            option="verify",
        ),
    ),
    filters=_data_integration_list.NAMESPACES,
    computed=(*COMPUTED, "actions", "sources"),
    identify=identity,
    keeps_masks=True,
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
