"""Hints for a change whose outcome is unknown: how to check it."""

from emqxctl.api.command_groups import command_to_check
from emqxctl.api.request import Request
from emqxctl.emqx.config_writes import writes_configuration

# A change of the configuration waits for all nodes; one that failed on a node blocks all later ones (5.8.9).
CLUSTER_SYNC_HINT = "if changes of the configuration hang, run on a node: emqx ctl conf cluster_sync status"


def unknown_outcome_hint(request: Request, reason: str = "the change may have been made") -> str:
    """Return the hint for a change without a complete response, with the command that shows the state."""
    command = command_to_check(request.operation, request.arguments)
    return f"{reason}: check the current state before you retry{command and ': '}{command}"


def timed_out_hint(request: Request) -> str:
    """Return the hint for a change without a response in time."""
    hint = unknown_outcome_hint(request, "the change may have been made or may still be running")
    return add_cluster_sync(hint, request)


def completed_later_hint(request: Request) -> str:
    """Return the hint for a change whose connection EMQX closed after 60 seconds."""
    hint = unknown_outcome_hint(request, "EMQX completes requests closed after 60 s")
    return add_cluster_sync(hint, request)


def add_cluster_sync(hint: str, request: Request) -> str:
    """Return a hint with a second line on what blocks changes of the configuration, if this is one."""
    return f"{hint}\n{CLUSTER_SYNC_HINT}" if writes_configuration(request.operation) else hint
