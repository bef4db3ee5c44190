"""What nodes remember of outside sources, for authentication and authorization alike: status and reset."""

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.authorization._status import numbers
from emqxctl.output.formatters import format_byte_count
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column

COUNTERS = (
    Column("node"),
    Column("hits.value", "HITS", align_right=True),
    Column("misses.value", "MISSES", align_right=True),
    Column("inserts.value", "INSERTS", align_right=True),
    Column("count", align_right=True),
    Column("memory", format=format_byte_count, align_right=True),
    Column("hits.rate", "HIT RATE", wide=True),
    Column("misses.rate", "MISS RATE", wide=True),
)


def add_node_cache(group: Group, what: str) -> None:
    """Add `status` and `reset`; `what` is authentication or authorization."""
    path, line = f"/{what}/node_cache", f"emqxctl {what} node-cache"

    def status(session: Session) -> Rows:
        """List how well the cache of each node does."""
        found = session.client.get(f"{path}/status")
        nodes = page_rows(found.get("node_metrics") if isinstance(found, dict) else found)
        rows = ({"node": one.get("node"), **numbers(one)} for one in nodes)
        return Rows(rows, COUNTERS, key="node", plural_noun="nodes")

    def reset(session: Session) -> Done:
        """Make all nodes forget what outside sources answered."""
        session.client.post(f"{path}/reset")
        return Done(f"emptied the {what} cache of all nodes", {"reset": True})

    group.command("status")(
        command(calls=f"GET {path}/status", examples=(f"{line} status", f"{line} status -o json"))(status)
    )
    group.command("reset")(
        command(calls=f"POST {path}/reset", examples=(f"{line} reset",), effect=Effect.WRITE)(reset)
    )
