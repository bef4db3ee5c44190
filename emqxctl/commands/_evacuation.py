"""The evacuation of a node (Enterprise): its options and paths, and how far it is.

The defaults are those of EMQX's source, `emqx_node_rebalance.hrl`, the same since 5.0.25.
"""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from emqxctl.api.client import Client

EVACUATION_PATH = "/load_rebalance/{node}/evacuation/start"
EVACUATION_STOP_PATH = "/load_rebalance/{node}/evacuation/stop"
GLOBAL_STATUS_PATH = "/load_rebalance/global_status"
FINISHED_STATE = "prohibiting"  # no connection and no session is left, and no client is accepted

HealthCheckWaitOption = Annotated[
    str | None,
    typer.Option(
        "--wait-health-check",
        metavar="TIME",
        help="Time for load balancers to see that the node is not available (default 60s).",
    ),
]
TakeoverWaitOption = Annotated[
    str | None,
    typer.Option(
        "--wait-takeover",
        metavar="TIME",
        help="Time for clients to reconnect elsewhere before sessions are moved (default 60s).",
    ),
]
ConnectionRateOption = Annotated[
    int | None,
    typer.Option(
        "--conn-evict-rate", metavar="N", min=1, help="Connections to disconnect per second (default 500)."
    ),
]
SessionRateOption = Annotated[
    int | None,
    typer.Option("--sess-evict-rate", metavar="N", min=1, help="Sessions to move per second (default 500)."),
]
MigrateOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NODE", help="Node to move sessions to (default all others). Repeatable."),
]
RedirectOption = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Server that MQTT 5 clients are redirected to.")
]


class Evacuation(NamedTuple):
    """How far the evacuation of a node is; a count that EMQX does not report is None."""

    state: str
    connections: int | None
    sessions: int | None

    @property
    def is_finished(self) -> bool:
        """Whether the node can be stopped without a loss of connections or sessions."""
        return self.state == FINISHED_STATE

    def describe(self) -> str:
        """Return the state and what is left in words."""
        counts = [(self.connections, "connections"), (self.sessions, "sessions")]
        parts = [f"{count} {noun}" for count, noun in counts if count is not None]
        return self.state.replace("_", " ") + (f", {', '.join(parts)} left" if parts else "")


def build_body(**values: object) -> dict[str, object]:
    """Return the fields that have a value."""
    return {name: value for name, value in values.items() if value not in (None, [])}


def read_evacuation(client: "Client", node: str) -> Evacuation | None:
    """Return how far the evacuation of a node is, None if there is none.

    Raises UnsupportedError if this EMQX has no evacuations.
    """
    response = client.get_object(GLOBAL_STATUS_PATH)
    rows = response.get("evacuations")
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and row.get("node") == node:
            stats = row.get("stats")
            stats = stats if isinstance(stats, dict) else {}
            return Evacuation(
                str(row.get("state") or "unknown"),
                read_count(stats.get("current_connected")),
                read_count(stats.get("current_sessions")),
            )
    return None


def read_count(value: object) -> int | None:
    """Return a count, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
