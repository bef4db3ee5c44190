"""`emqxctl license`: the license of EMQX Enterprise, and of every EMQX since 5.9."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.formatters import format_relative_time
from emqxctl.output.results import Done, Record, Rows
from emqxctl.resource import Column, Resource, Setting
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

COLUMNS = (
    Column("customer"),
    Column("type"),
    Column("expiry", "EXPIRED"),
    Column("expiry_at", "UNTIL"),
    Column("max_connections", "CONNECTIONS", align_right=True),
)
SETTINGS = Resource(
    noun="settings of the license",
    path="/license/setting",
    key="",
    item_template="/license/setting",
    columns=(),
    settings=(
        Setting("connection_high_watermark", "An alarm comes at this share: 80%.", option="high-watermark"),
        Setting("connection_low_watermark", "It goes again at this: 75%.", option="low-watermark"),
    ),
)


class Period(StrEnum):
    """What one row of the history stands for."""

    daily = "daily"
    monthly = "monthly"


app = new_group("The license: show, renew, settings, history of use.")
settings = new_group("When the license raises an alarm.")
app.add_typer(settings, name="settings")


@app.command()
@command(calls="GET /license", examples=("emqxctl license get", "emqxctl license get -o json"))
def get(session: Session) -> Record:
    """Show the license."""
    return Record(session.client.get_object("/license"), COLUMNS, key="customer")


@app.command()
@command(
    calls="POST /license",
    examples=(
        "emqxctl license update --key-file emqx.lic",
        "vault read emqx.lic | emqxctl license update --key-file -",
    ),
    effect=Effect.WRITE,
)
def update(
    session: Session,
    key_file: Annotated[str, typer.Option(metavar="FILE", help="The file with the key; - for stdin.")],
) -> Done:
    """Put in another license key, of a file or of stdin.

    A file that holds the word `default` puts in the trial license again.
    """
    key = read_text(key_file, "--key-file").strip()
    if not key:
        message = f"--key-file {key_file}: it is empty"
        raise UsageError(message, hint="the key as you got it, on one line")
    session.client.redactor.literals.append(key)
    made = session.client.post("/license", body={"key": key})
    found = made if isinstance(made, dict) else {}
    until = found.get("expiry_at")
    return Done("the license key is in use" + (f", until {until}" if until else ""), found, key="customer")


add_get(settings, SETTINGS, summary="Show the settings.", examples=("emqxctl license settings get",))
add_update(
    settings,
    SETTINGS,
    summary="Change the settings.",
    examples=("emqxctl license settings update --high-watermark 85%",),
)


@app.command()
@command(
    calls="GET /license/session_hwm_history",
    examples=("emqxctl license history", "emqxctl license history --period daily --days 90 -o csv"),
)
def history(
    session: Session,
    period: Annotated[Period, typer.Option(help="A row for each day or month.")] = Period.monthly,
    days: Annotated[int, typer.Option(metavar="N", min=1, help="How far back, with daily.")] = 30,
) -> Rows:
    """List the peaks of sessions by day or month (EMQX 6.0+)."""
    query = {"period": str(period), "limit": days if period is Period.daily else None}
    found = page_rows(session.client.get("/license/session_hwm_history", query=query))
    columns = (
        Column("period"),
        Column("high_watermark", "SESSIONS", align_right=True),
        Column("observed_at", "AT", format=format_relative_time),
    )
    return Rows(found, columns, key="period", plural_noun="records", path="/license/session_hwm_history")
