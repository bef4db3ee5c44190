"""Hints for a change whose outcome is unknown."""

from emqxctl.api.request import Request
from emqxctl.emqx.config_writes import writes_configuration

OUTCOME_UNKNOWN_HINT = "the change may have been made: check the current state before you retry"
TIMED_OUT_HINT = (
    "the change may have been made or may still be running: check the current state before you retry"
)
COMPLETED_LATER_HINT = "EMQX completes requests closed after 60 s: check the current state before you retry"
# A change of the configuration waits for all nodes; one that failed on a node blocks all later ones (5.8.9).
CLUSTER_SYNC_HINT = "if changes of the configuration hang, run on a node: emqx ctl conf cluster_sync status"


def timed_out_hint(request: Request) -> str:
    """Return the hint for a change without a response in time."""
    return add_cluster_sync(TIMED_OUT_HINT, request)


def completed_later_hint(request: Request) -> str:
    """Return the hint for a change whose connection EMQX closed after 60 seconds."""
    return add_cluster_sync(COMPLETED_LATER_HINT, request)


def add_cluster_sync(hint: str, request: Request) -> str:
    """Return a hint with a second line on what blocks changes of the configuration, if this is one."""
    return f"{hint}\n{CLUSTER_SYNC_HINT}" if writes_configuration(request.operation) else hint
