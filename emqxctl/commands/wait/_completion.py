"""Completion of `emqxctl wait --for`: conditions, the names in them, and their states."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emqxctl.commands.wait._conditions import RESOURCE_PATHS, STATES

if TYPE_CHECKING:
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.request import CompletionRequest

CLUSTER_CONDITIONS = ("cluster=healthy", "alarms=none")
CLUSTER_FIELDS = ("nodes=", "nodes>=", "version=")
PATHS = {**RESOURCE_PATHS, "listener": "/listeners/{id}"}


def complete_conditions(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return conditions: `cluster=healthy`, `connector/`, then its name and its state."""
    from emqxctl.cli.completion.candidates import Candidate

    kind, slash, rest = request.typed.partition("/")
    if not slash:
        fixed = [Candidate(text) for text in CLUSTER_CONDITIONS]
        fixed += [Candidate(text, partial=True) for text in CLUSTER_FIELDS]
        return [*fixed, *(Candidate(f"{kind}/", f"state of a {kind}", partial=True) for kind in STATES)]
    if kind not in STATES:
        return []
    name, equals, _ = rest.rpartition("=")
    if equals:
        return [Candidate(f"{kind}/{name}={state}") for state in STATES[kind]]
    names = request.names(PATHS[kind], rest)
    return [Candidate(f"{kind}/{item.value}=", item.description, partial=True) for item in names]
