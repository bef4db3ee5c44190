"""`emqxctl bridges`: connectors and actions in one, as EMQX had them before 5.3.1; gone in 6.0."""

from emqxctl.cli.group import new_group
from emqxctl.commands import _data_integration, _data_integration_list, _data_integration_state
from emqxctl.commands._data_integration import COMPUTED, STATUS_REASON, identity
from emqxctl.output.formatters import color_state
from emqxctl.resource import Column, Resource, Setting, ValueType

BRIDGES = Resource(
    noun="bridge",
    path="/bridges",
    key="id",
    columns=(
        Column("id"),
        Column("enable", "ENABLED", style=color_state),
        Column("status", style=color_state),
        STATUS_REASON,
        Column("url", "URL", wide=True),
        Column("server", wide=True),
    ),
    settings=(
        Setting("url", "The URL, of webhooks.", option="target-url"),  # --url is the cluster's
        Setting("method", "The method, of webhooks: post."),
        Setting("server", "Host and port, of MQTT, databases ..."),
        Setting("enable", "Whether it runs.", ValueType.BOOLEAN),
    ),
    read_only_fields=COMPUTED,
    key_to_fields=identity,
    accepts_masked_secrets=True,
)
SAMPLE = "webhook:archive"

app = new_group("Bridges, the former actions: deprecated, gone in EMQX 6.0.")
_data_integration_list.add_list(app, BRIDGES, examples=("emqxctl bridges list",))
_data_integration.add_get(app, BRIDGES, examples=(f"emqxctl bridges get {SAMPLE}",))
_data_integration.add_create(
    app,
    BRIDGES,
    summary=(
        "Create a bridge; an existing one is refused.\n\n"
        "From 5.3.1 it becomes a connector and an action; better create these."
    ),
    examples=(
        f"emqxctl bridges create {SAMPLE} --target-url 'http://10.0.0.9/in/${{topic}}' --method post",
        "emqxctl bridges create mqtt:plant -f bridge.yaml",
    ),
)
_data_integration.add_update(
    app,
    BRIDGES,
    examples=(
        f"emqxctl bridges update {SAMPLE} --method put",
        f"emqxctl bridges update {SAMPLE} --set pool_size=16 --dry-run",
    ),
)
_data_integration.add_delete(
    app,
    BRIDGES,
    cascade=True,
    examples=(
        f"emqxctl bridges delete {SAMPLE} --yes",
        f"emqxctl bridges delete {SAMPLE} --with-actions --yes",
    ),
)
_data_integration_state.add_switch(app, BRIDGES, sample=SAMPLE)
for verb, summary in (
    ("start", "Start bridges that are enabled but stopped."),
    ("stop", "Stop bridges; they stay enabled."),
    ("restart", "Restart bridges."),
):
    _data_integration_state.add_operation(app, BRIDGES, verb, sample=SAMPLE, summary=summary)
_data_integration_state.add_test(app, BRIDGES, sample=SAMPLE, example="webhook:draft -f bridge.yaml")
_data_integration_state.add_metrics(app, BRIDGES, sample=SAMPLE)
