"""The checks to run with their thresholds, from the options of `emqxctl check`."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from emqxctl.commands.check._limits import (
    NEEDS_LOGIN,
    CheckOptions,
    Limits,
    build_limits,
    select_checks,
    split_commas,
)


class CheckPlan(NamedTuple):
    """The checks to run, their thresholds, and the seconds to measure counters over.

    `with_limits` are the checks with thresholds on the command line. `is_login_requested`: the check that
    needs a dashboard user was selected, and fails without one.
    """

    names: Sequence[str]
    limits: Mapping[str, Limits]
    with_limits: frozenset[str]
    over: float = 0.0
    is_login_requested: bool = False


def build_plan(options: CheckOptions) -> CheckPlan:
    """Return the plan for the options. Raises UsageError."""
    limits, with_limits = build_limits(options.warn, options.crit)
    names = select_checks(options.only, options.skip)
    is_login_requested = NEEDS_LOGIN in with_limits or NEEDS_LOGIN in split_commas(options.only)
    return CheckPlan(names, limits, with_limits, options.over, is_login_requested)
