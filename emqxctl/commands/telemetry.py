"""`emqxctl telemetry`: what EMQX tells its makers about this cluster."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Done, Record, Value
from emqxctl.resource import Column

STATUS = "/telemetry/status"

app = new_group("Telemetry: what EMQX tells its makers; not in Enterprise.")


@app.command()
@command(calls=f"GET {STATUS}", examples=("emqxctl telemetry get",))
def get(session: Session) -> Record:
    """Show whether it is enabled."""
    return Record(session.client.get_object(STATUS), (Column("enable", "ENABLED"),))


@app.command()
@command(calls="GET /telemetry/data", examples=("emqxctl telemetry data -o json",))
def data(session: Session) -> Value:
    """Show what is told, when it is enabled."""
    return Value(session.client.get("/telemetry/data"))


@app.command()
@command(
    calls=(f"GET {STATUS}", f"PUT {STATUS}"), examples=("emqxctl telemetry enable",), effect=Effect.WRITE
)
def enable(session: Session) -> Done:
    """Enable it."""
    return switched(session, wanted=True)


@app.command()
@command(
    calls=(f"GET {STATUS}", f"PUT {STATUS}"), examples=("emqxctl telemetry disable",), effect=Effect.WRITE
)
def disable(session: Session) -> Done:
    """Disable it."""
    return switched(session, wanted=False)


def switched(session: Session, *, wanted: bool) -> Done:
    """Switch it, unless it is so already: EMQX refuses that (api.md §5.2)."""
    words = "enabled" if wanted else "disabled"
    found = session.client.get(STATUS)
    if isinstance(found, dict) and found.get("enable") is wanted:
        return Done(f"telemetry is {words} already", found)
    session.client.put(STATUS, body={"enable": wanted})
    return Done(f"telemetry is {words}", {"enable": wanted})
