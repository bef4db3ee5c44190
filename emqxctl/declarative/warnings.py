"""What an operator must know and REST does not say: overrides, restarts, nodes that lag."""

from collections.abc import Iterable, Mapping

from emqxctl.declarative.changes import Action, Plan
from emqxctl.declarative.documents import Json, Problem, format_path
from emqxctl.declarative.server import Server

# Roots that are often set in emqx.conf or EMQX_ variables, which override the API at the next restart.
OVERRIDABLE = frozenset(
    {"settings", "listeners", "gateways", "gateway_listeners", "authentication", "authorization", "exhooks"}
)
# Fields that a running node does not take over.
RESTART: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("settings", "global_zone"): ("durable_sessions",),
    ("settings", "broker"): ("enable_session_registry",),
    ("settings", "retainer"): ("backend",),
}


def add_warnings(plan: Plan, _server: Server) -> None:
    """Add the warnings that a plan's changes call for."""
    roots = sorted(
        {
            root_of(plan_change.kind.name, plan_change.key)
            for plan_change in plan.changes
            if plan_change.kind.name in OVERRIDABLE
        }
    )
    if roots:
        names = ", ".join(roots)
        message = f"emqx.conf and EMQX_ variables, if they set these, override them at a restart: {names}"
        plan.warnings.append(Problem("MAY_BE_OVERRIDDEN", message))
    for change in plan.changes:
        for field in change.fields if change.action is Action.UPDATE else ():
            if field.path and field.path[0] in RESTART.get((change.kind.name, change.key), ()):
                name = format_path(field.path)
                message = f"{change.kind.name} {change.key}: {name} takes effect when the nodes restart"
                plan.warnings.append(Problem("NEEDS_RESTART", message, "", name))


def root_of(kind: str, key: str) -> str:
    """Return the name of a configuration root."""
    return f"settings {key}" if kind == "settings" else kind


def find_lag(kind: str, key: str, row: Mapping[str, Json]) -> Iterable[Problem]:
    """Yield a warning for an object that is not the same on all nodes."""
    status = row.get("status")
    states = (status, status.get("running")) if isinstance(status, dict) else (status, row.get("running"))
    if "inconsistent" in states:
        message = f"{kind} {key} is not the same on all nodes: some lag behind, or refused the change"
        yield Problem("PEERS_LAG", message, "", key)
