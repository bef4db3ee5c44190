"""`emqxctl cluster-links`: manage links to other clusters."""

from emqxctl.cli.group import new_group
from emqxctl.output.formatters import color_state, format_names
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.create import add_create
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.metrics import add_metrics
from emqxctl.verbs.update import add_update

LINKS = Resource(
    noun="cluster link",
    path="/cluster/links",
    key="name",
    item_template="/cluster/links/link/{name}",
    columns=(
        Column("name"),
        Column("enable", "ENABLED", style=color_state),
        Column("status", style=color_state),
        Column("server"),
        Column("topics", format=format_names),
        Column("username", wide=True),
        Column("clientid", "CLIENT ID", wide=True),
        Column("pool_size", "POOL", align_right=True, wide=True),
    ),
    settings=(
        Setting("server", "Address of the other cluster, HOST:PORT."),
        Setting("topics", "Topic to receive. Repeatable; replaces the list.", multiple=True, option="topic"),
        Setting("enable", "Enable or disable the link.", ValueType.BOOLEAN),
        Setting("username", "Username in the other cluster."),
        Setting(
            "password",
            "File with the password in the other cluster (- for stdin).",
            ValueType.FIRST_LINE,
            option="password-file",
        ),
        Setting("ssl.enable", "Enable or disable TLS.", ValueType.BOOLEAN, option="tls"),
        Setting("clientid", "Prefix of the client IDs in the other cluster."),
        Setting("pool_size", "Connection pool size.", ValueType.INTEGER),
        Setting("max_inflight", "Maximum number of messages in flight.", ValueType.INTEGER),
        Setting("retry_interval", "Time after which unacknowledged messages are sent again, such as 15s."),
    ),
    read_only_fields=("name", "node", "status", "node_status"),
    accepts_masked_secrets=True,
)
METRIC_COLUMNS = (
    Column("node"),
    Column("router.routes", "ROUTES", align_right=True),
    Column("forwarding.matched", "MATCHED", align_right=True),
    Column("forwarding.success", "SUCCESS", align_right=True),
    Column("forwarding.failed", "FAILED", align_right=True),
    Column("forwarding.dropped", "DROPPED", align_right=True),
    Column("forwarding.queuing", "QUEUING", align_right=True),
    Column("forwarding.rate", "RATE", align_right=True),
)

app = new_group("Manage links to other clusters (EMQX 5.8+).")
add_list(app, LINKS, examples=("emqxctl cluster-links list",))
add_get(app, LINKS, examples=("emqxctl cluster-links get berlin",))
add_create(
    app,
    LINKS,
    examples=(
        "emqxctl cluster-links create berlin --server berlin.example.com:1883 --topic 'plant/#'",
        "emqxctl cluster-links create berlin -f berlin.yaml",
    ),
)
add_update(app, LINKS, examples=("emqxctl cluster-links update berlin --no-enable",))
add_delete(app, LINKS, examples=("emqxctl cluster-links delete berlin --yes",))
add_metrics(app, LINKS, columns=METRIC_COLUMNS, line="emqxctl cluster-links {} berlin")
