"""Completion of `emqxctl check`: the names of the checks."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emqxctl.commands.check._limits import CHECKS

if TYPE_CHECKING:
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.request import CompletionRequest


def complete_checks(request: "CompletionRequest") -> "Iterable[Candidate]":  # noqa: ARG001
    """Return the names of the checks."""
    from emqxctl.cli.completion.candidates import Candidate

    return [Candidate(name, check.summary) for name, check in CHECKS.items()]


def complete_limits(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return the beginnings of thresholds, `memory=`; after a comma the next one."""
    head = request.typed[: request.typed.rfind(",") + 1]
    return [item._replace(value=f"{head}{item.value}=", partial=True) for item in complete_checks(request)]
