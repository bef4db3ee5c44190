"""The verbs of the node caches of authentication and authorization: `status` and `reset`."""

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import format_byte_count
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column
from emqxctl.verbs.status import list_objects, node_metrics

COLUMNS = (
    Column("node"),
    Column("hits.value", "HITS", align_right=True),
    Column("misses.value", "MISSES", align_right=True),
    Column("inserts.value", "INSERTS", align_right=True),
    Column("count", align_right=True),
    Column("memory", format=format_byte_count, align_right=True),
    Column("hits.rate", "HIT RATE", wide=True),
    Column("misses.rate", "MISS RATE", wide=True),
)


def add_node_cache(group: Group, feature: str) -> None:
    """Add `status` and `reset` for a feature, authentication or authorization."""
    path, line = f"/{feature}/node_cache", f"emqxctl {feature} node-cache"

    def status(session: Session) -> Rows:
        response = session.client.get(f"{path}/status")
        nodes = list_objects(response.get("node_metrics") if isinstance(response, dict) else response)
        rows = ({"node": node.get("node"), **node_metrics(node)} for node in nodes)
        return Rows(rows, COLUMNS, key="node", plural_noun="nodes")

    def reset(session: Session) -> Done:
        session.client.post(f"{path}/reset")
        return Done(f"cleared the {feature} cache of all nodes", {"reset": True})

    status.__doc__ = f"Show the {feature} cache of each node."
    reset.__doc__ = f"Clear the {feature} cache of all nodes."
    examples = (f"{line} status", f"{line} status -o json")
    group.command("status")(command(calls=f"GET {path}/status", examples=examples)(status))
    group.command("reset")(
        command(calls=f"POST {path}/reset", examples=(f"{line} reset",), effect=Effect.WRITE)(reset)
    )
