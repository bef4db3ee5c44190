"""`emqxctl telemetry`: manage the reports that EMQX sends to its vendor."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Done, Record, Value
from emqxctl.resource import Column

STATUS_PATH = "/telemetry/status"
SWITCH_CALLS = (f"GET {STATUS_PATH}", f"PUT {STATUS_PATH}")

app = new_group("Manage telemetry reporting.")


@app.command()
@command(calls=f"GET {STATUS_PATH}", examples=("emqxctl telemetry get",))
def get(session: Session) -> Record:
    """Show whether telemetry is enabled."""
    return Record(session.client.get_object(STATUS_PATH), (Column("enable", "ENABLED"),))


@app.command()
@command(calls="GET /telemetry/data", examples=("emqxctl telemetry data -o json",))
def data(session: Session) -> Value:
    """Show the data that EMQX reports if telemetry is enabled."""
    return Value(session.client.get("/telemetry/data"))


@app.command()
@command(calls=SWITCH_CALLS, examples=("emqxctl telemetry enable",), effect=Effect.WRITE)
def enable(session: Session) -> Done:
    """Enable telemetry."""
    return switch_telemetry(session, enable=True)


@app.command()
@command(calls=SWITCH_CALLS, examples=("emqxctl telemetry disable",), effect=Effect.WRITE)
def disable(session: Session) -> Done:
    """Disable telemetry."""
    return switch_telemetry(session, enable=False)


def switch_telemetry(session: Session, *, enable: bool) -> Done:
    """Enable or disable telemetry, unless it is already: EMQX refuses that (api.md §5.2)."""
    state = "enabled" if enable else "disabled"
    status = session.client.get_object(STATUS_PATH)
    if status.get("enable") is enable:
        return Done(f"telemetry is already {state}", status)
    session.client.put(STATUS_PATH, body={"enable": enable})
    return Done(f"{state} telemetry", {"enable": enable})
