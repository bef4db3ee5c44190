"""`emqxctl bridges`: a connector and an action in one; deprecated since EMQX 5.3.1, removed in 6.0."""

from emqxctl.cli.group import new_group
from emqxctl.commands._data_integration import METRICS, STATUS_REASON, add_verbs, new_resource
from emqxctl.commands._node_operations import add_node_operation
from emqxctl.output.formatters import color_state
from emqxctl.resource import Column, Setting, ValueType
from emqxctl.verbs.metrics import add_metrics

BRIDGES = new_resource(
    noun="bridge",
    columns=(
        Column("id"),
        Column("enable", "ENABLED", style=color_state),
        Column("status", style=color_state),
        STATUS_REASON,
        Column("url", "URL", wide=True),
        Column("server", wide=True),
    ),
    settings=(
        Setting("url", "Target URL (webhook).", option="target-url"),  # --url is the cluster's
        Setting("method", "Request method, such as post (webhook)."),
        Setting("server", "Server address, HOST:PORT (MQTT and databases)."),
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
    ),
)
SAMPLE = "webhook:archive"

app = new_group("Manage bridges (deprecated; removed in EMQX 6.0).")
add_verbs(
    app,
    BRIDGES,
    sample=SAMPLE,
    draft="webhook:draft",
    list_example="--where 'status!=connected'",
    create_examples=(
        f"{SAMPLE} --target-url 'http://10.0.0.9/in/${{topic}}' --method post",
        "mqtt:plant -f bridge.yaml",
    ),
    create_summary=(
        "Create a bridge.\n\nSince EMQX 5.3.1 it becomes a connector and an action: create these instead."
    ),
    update_examples=(f"{SAMPLE} --method put", f"{SAMPLE} --set pool_size=16 --dry-run"),
    with_actions=True,
)
add_node_operation(app, BRIDGES, "stop", sample=SAMPLE)
add_node_operation(app, BRIDGES, "restart", sample=SAMPLE)
add_metrics(app, BRIDGES, columns=METRICS, line=f"emqxctl bridges {{}} {SAMPLE}")
