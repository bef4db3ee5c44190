"""Checks of many cases inside one test: all of them run, and the message names each one that failed."""

from collections.abc import Callable, Iterable, Sequence
from textwrap import indent
from typing import TypeVar

import pytest

Case = TypeVar("Case")
MAX_LINES = 12  # of the message of one case


def check_every(
    cases: Iterable[Case], check: Callable[[Case], None], *, name: Callable[[Case], str] = str
) -> None:
    """Run `check` on every case; fail with the name and the message of each case that it raised for.

    No case at all is a failure too: a test of nothing would pass.
    """
    count, failures = 0, []
    for case in cases:
        count += 1
        try:
            check(case)
        except Exception as error:  # noqa: BLE001  # whatever it is, the other cases run
            failures.append(describe_failure(name(case), error))
    if failures or not count:
        pytest.fail(f"{len(failures)} of {count} cases failed\n" + "\n".join(failures), pytrace=False)


def describe_failure(name: str, error: Exception) -> str:
    """Format a case's name, where its check failed, and why."""
    trace = error.__traceback__
    while trace and trace.tb_next and "/tests/" in trace.tb_next.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    line = f" (line {trace.tb_lineno})" if trace else ""
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    reason = "\n".join(f"{kind}{error}".splitlines()[:MAX_LINES])
    return f"{name}{line}\n{indent(reason, '    ')}"


def split_cases(cases: Sequence[Case], count: int) -> list[Sequence[Case]]:
    """Split cases into parts of equal size, for parametrized tests that run in parallel."""
    return [cases[start::count] for start in range(count)]
