"""`emqxctl wait`: wait for conditions of the cluster."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.session import Session
from emqxctl.commands.wait._completion import complete_conditions
from emqxctl.commands.wait._conditions import RESOURCE_PATHS, WaitCondition, parse_condition
from emqxctl.commands.wait._evaluate import ClusterReader, ConditionResult, evaluate
from emqxctl.diagnosis.snapshot import HEALTH_PARTS, PART_CALLS
from emqxctl.errors import NotReadyError, UsageError
from emqxctl.output.formatters import format_duration_seconds, format_names
from emqxctl.output.results import Done
from emqxctl.resource import Column
from emqxctl.text.units import format_duration

app = new_group("Wait for a condition.")

MIN_INTERVAL = 0.1  # seconds
MIN_REQUEST_TIMEOUT = 1.0  # seconds
ConditionResults = Sequence[tuple[WaitCondition, ConditionResult]]


class WaitLoop(NamedTuple):
    """A loop that checks every `interval` seconds, until the conditions are met for `stable` seconds.

    It ends after `timeout` seconds. `clock` and `sleep` are replaced in tests.
    """

    timeout: float
    stable: float
    interval: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def run(
        self, check: Callable[[float], ConditionResults], log: Callable[[str], None]
    ) -> tuple[bool, float, ConditionResults]:
        """Return whether the conditions were met in time, the elapsed seconds and the last results.

        `check` takes the remaining seconds; `log` gets a line at every change.
        """
        start = self.clock()
        met_since: float | None = None
        logged_line = ""
        while True:
            results = check(self.timeout - (self.clock() - start))
            now = self.clock()
            unmet = format_unmet(results)
            met_since = None if unmet else now if met_since is None else met_since
            if met_since is not None and now - met_since >= self.stable:
                return True, now - start, results
            if now - start >= self.timeout:
                return False, now - start, results
            stable_line = f"conditions met; must stay met for {format_duration(self.stable)}"
            line = f"waiting for {'; '.join(unmet)}" if unmet else stable_line
            if line != logged_line:
                log(line)
                logged_line = line
            pause = min(self.interval, self.timeout - (now - start))
            if met_since is not None:
                pause = min(pause, max(met_since + self.stable - now, 0.01))
            self.sleep(pause)


@app.command()
@command(
    calls=(
        "GET /status",
        *(PART_CALLS[name] for name in HEALTH_PARTS),
        *(f"GET {path}" for path in RESOURCE_PATHS.values()),
    ),
    examples=(
        "emqxctl wait --for nodes=3 --stable 10s",
        "emqxctl wait --for cluster=healthy --timeout 10m",
        "emqxctl wait --for connector/http:archive=connected --for rule/archive=enabled",
        "emqxctl wait --for client/dev-1=connected --timeout 30s",
        "emqxctl wait --for 'query:/stats?aggregate=true \"connections.count\" > `100`'",
    ),
    completes={"for_": complete_conditions},
)
def wait(
    session: Session,
    for_: Annotated[
        list[str],
        typer.Option(
            "--for", metavar="CONDITION", help="Condition to wait for. Repeatable; all must be met."
        ),
    ],
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", click_type=DURATION, help="Total time to wait (default 5m); 0 checks once."
        ),
    ] = 300.0,
    stable: Annotated[
        float,
        typer.Option(click_type=DURATION, help="Time the conditions must stay met, such as 10s (default 0)."),
    ] = 0.0,
    interval: Annotated[
        float, typer.Option(click_type=DURATION, help="Time between checks (default 2s).")
    ] = 2.0,
) -> Done:
    """Wait until all conditions are met.

    On timeout the exit code is 8.

    A CONDITION is nodes=3 (or 'nodes>=3'), cluster=healthy (as in emqxctl status), version=5.8, alarms=none,
    connector/TYPE:NAME=connected (also action, source; disconnected, enabled, disabled, gone),
    rule/ID=enabled, listener/TYPE:NAME=running (stopped), client/ID=connected (disconnected, gone), or
    'query:PATH JMESPATH': a response of the API, met unless the result is false, null, 0 or empty.

    While the cluster refuses connections or is starting, and while an object does not exist, conditions are
    not met. A wrong API key ends the command at once.
    """
    conditions = [parse_condition(text) for text in for_]
    if interval < MIN_INTERVAL:
        message = f"--interval {format_duration(interval)}: must be at least 100ms"
        raise UsageError(message)
    if stable > timeout:
        limit = format_duration(timeout)
        message = f"--stable {format_duration(stable)}: must not be longer than --timeout {limit}"
        raise UsageError(message)
    loop = WaitLoop(timeout, stable, interval)
    client = session.client_for(session.connection._replace(retries=0))
    max_request_timeout = client.connection.timeout

    def check(remaining: float) -> ConditionResults:
        client.set_timeout(max(MIN_REQUEST_TIMEOUT, min(max_request_timeout, remaining)))
        reader = ClusterReader(client)
        return [(condition, evaluate(condition, reader)) for condition in conditions]

    return build_result(*loop.run(check, session.info), loop)


def format_conditions(value: object) -> str:
    """Format the conditions of a result on one line."""
    return format_names([item["condition"] for item in value] if isinstance(value, list) else value)


COLUMNS = (
    Column("conditions", format=format_conditions),
    Column("elapsed", format=format_duration_seconds, align_right=True),
)


def format_unmet(results: ConditionResults) -> list[str]:
    """Return the conditions that are not met, each with the current state."""
    return [f"{condition.text} ({result.state})" for condition, result in results if not result.is_met]


def build_result(are_met: bool, elapsed: float, results: ConditionResults, loop: WaitLoop) -> Done:
    """Return the result when all conditions are met. Raises NotYetError that names the others."""
    details: dict[str, object] = {
        "elapsed": round(elapsed, 1),
        "conditions": [
            {
                "condition": condition.text,
                "met": result.is_met,
                "state": None if result.is_met else result.state,
            }
            for condition, result in results
        ],
    }
    if are_met:
        conditions = ", ".join(condition.text for condition, _ in results)
        return Done(f"{conditions} after {format_duration(elapsed)}", details, columns=COLUMNS)
    unmet = format_unmet(results) or [f"conditions met, but not yet for {format_duration(loop.stable)}"]
    message = f"timed out after {format_duration(elapsed)}: {'; '.join(unmet)}"
    hint = "show the whole cluster: emqxctl status; or use a longer --timeout"
    raise NotReadyError(message, hint=hint, details=details)
