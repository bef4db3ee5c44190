"""`emqxctl wait`: until something is so."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.commands.wait._conditions import PATHS, Condition, Look, Verdict, judge, parse
from emqxctl.diagnosis.snapshot import HEALTH_PARTS, PART_CALLS
from emqxctl.errors import NotYetError, UsageError
from emqxctl.output.results import Done
from emqxctl.text.units import format_duration, parse_duration

app = new_group("Wait until something is so: nodes, health, a connector.")

SHORTEST = 0.1  # seconds between two looks
Seen = Sequence[tuple[Condition, Verdict]]


class Vigil(NamedTuple):
    """How long to wait: at most `timeout` seconds, until it has been so for `stable`, looking now and then.

    `clock` and `sleep` are those of the machine; tests have their own.
    """

    timeout: float
    stable: float
    interval: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def keep(self, look: Callable[[float], Seen], tell: Callable[[str], None]) -> tuple[bool, float, Seen]:
        """Look until all is so. Gives whether it became so, the seconds it took, and what was seen last.

        `look` takes the seconds that are left; `tell` gets a line whenever something changes.
        """
        start = self.clock()
        since: float | None = None
        told = ""
        while True:
            seen = look(self.timeout - (self.clock() - start))
            now = self.clock()
            missing = [f"{one.text} ({verdict.words})" for one, verdict in seen if not verdict.holds]
            since = None if missing else now if since is None else since
            if since is not None and now - since >= self.stable:
                return True, now - start, seen
            if now - start >= self.timeout:
                return False, now - start, seen
            line = (
                f"waiting for {'; '.join(missing)}"
                if missing
                else f"so; for {format_duration(self.stable)} more"
            )
            if line != told:
                tell(line)
                told = line
            pause = min(self.interval, self.timeout - (now - start))
            self.sleep(pause if since is None else min(pause, max(since + self.stable - now, 0.01)))


@app.command()
@command(
    calls=(
        "GET /status",
        *(PART_CALLS[name] for name in HEALTH_PARTS),
        *(f"GET {path}" for path in PATHS.values()),
    ),
    examples=(
        "emqxctl wait --for nodes=3 --stable 10s",
        "emqxctl wait --for cluster=healthy --timeout 10m",
        "emqxctl wait --for connector/http:archive=connected --for rule/archive=enabled",
        "emqxctl wait --for client/dev-1=connected --timeout 30s",
        "emqxctl wait --for 'query:/stats?aggregate=true \"connections.count\" > `100`'",
    ),
)
def wait(
    session: Session,
    for_: Annotated[
        list[str],
        typer.Option("--for", metavar="CONDITION", help="What has to be so; repeatable: all of it."),
    ],
    timeout: Annotated[
        str, typer.Option("--timeout", metavar="TIME", help="How long to wait in all; 0: look once.")
    ] = "5m",
    stable: Annotated[str, typer.Option(metavar="TIME", help="How long it has to stay so.")] = "0",
    interval: Annotated[str, typer.Option(metavar="TIME", help="How often to look.")] = "2s",
) -> Done:
    """Wait until all conditions are so; exit 8 when they are not.

    A CONDITION is nodes=3 (or 'nodes>=3'), cluster=healthy (what `status` calls well), version=5.8,
    alarms=none, connector/TYPE:NAME=connected (action, source; disconnected, enabled, disabled, gone),
    rule/ID=enabled, listener/TYPE:NAME=running (stopped), client/ID=connected (disconnected, gone), or
    'query:PATH JMESPATH': an answer of the API, so unless it gives false, null, 0 or nothing.

    A cluster that refuses connections or is still starting, and a thing that does not exist, are not yet so;
    a wrong key ends the waiting at once.
    """
    conditions = [parse(text) for text in for_]
    vigil = Vigil(seconds("--timeout", timeout), seconds("--stable", stable), seconds("--interval", interval))
    if vigil.interval < SHORTEST:
        message = f"--interval {interval}: at least 100ms"
        raise UsageError(message)
    if vigil.stable > vigil.timeout:
        message = f"--stable {stable} is longer than --timeout {timeout}"
        raise UsageError(message)
    api = session.client_for(session.connection._replace(retries=0))
    longest = api.connection.timeout

    def look(left: float) -> Seen:
        api.set_timeout(max(1.0, min(longest, left)))
        seen = Look(api)
        return [(one, judge(one, seen)) for one in conditions]

    return outcome(*vigil.keep(look, session.info), vigil)


def seconds(option: str, text: str) -> float:
    """Read a duration. Raises UsageError."""
    try:
        return parse_duration(text)
    except ValueError as error:
        message = f"{option}: {error}"
        raise UsageError(message) from error


def outcome(became_so: bool, waited: float, seen: Seen, vigil: Vigil) -> Done:
    """Say that it is so. Raises NotYetError saying what is not."""
    facts = [
        {"condition": one.text, "so": verdict.holds, "found": None if verdict.holds else verdict.words}
        for one, verdict in seen
    ]
    if became_so:
        said = ", ".join(one.text for one, _ in seen)
        return Done(
            f"{said} after {format_duration(waited)}", {"waited": round(waited, 1), "conditions": facts}
        )
    missing = [f"{one.text} ({verdict.words})" for one, verdict in seen if not verdict.holds]
    missing = missing or [f"it is so, but not for {format_duration(vigil.stable)} yet"]
    message = f"not so after {format_duration(waited)}: {'; '.join(missing)}"
    hint = "emqxctl status shows the whole cluster; a longer --timeout waits on"
    raise NotYetError(message, hint=hint, details={"waited": round(waited, 1), "conditions": facts})
