"""`emqxctl cluster-links`: links to other clusters, over which messages travel."""

from emqxctl.cli.group import new_group
from emqxctl.commands._data_integration import format_names
from emqxctl.output.formatters import color_state
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
        Setting("server", "The other cluster: HOST:PORT."),
        Setting(
            "topics", "What is asked for there; repeatable, these are all.", multiple=True, option="topic"
        ),
        Setting("enable", "Whether it is used.", ValueType.BOOLEAN),
        Setting("username", "The user there."),
        Setting("clientid", "The client id there begins so."),
        Setting("pool_size", "How many connections.", ValueType.INTEGER),
    ),
    read_only_fields=("name", "node", "status", "node_status"),
    accepts_masked_secrets=True,
)
METRICS = (
    Column("node"),
    Column("router.routes", "ROUTES", align_right=True),
    Column("forwarding.matched", "MATCHED", align_right=True),
    Column("forwarding.success", "SUCCESS", align_right=True),
    Column("forwarding.failed", "FAILED", align_right=True),
    Column("forwarding.dropped", "DROPPED", align_right=True),
    Column("forwarding.queuing", "QUEUING", align_right=True),
    Column("forwarding.rate", "RATE", align_right=True),
)

app = new_group("Cluster links: messages from and to other clusters (5.8+).")
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
add_metrics(app, LINKS, columns=METRICS, line="emqxctl cluster-links {} berlin")
