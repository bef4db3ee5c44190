"""`emqxctl license`: manage the license of EMQX Enterprise, and of every EMQX since 5.9."""

from enum import StrEnum
from typing import Annotated

import typer

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
    noun="license settings",
    path="/license/setting",
    key="",
    item_template="/license/setting",
    columns=(),
    settings=(
        Setting(
            "connection_high_watermark",
            "Raise an alarm at this usage, such as 80%.",
            option="high-watermark",
        ),
        Setting(
            "connection_low_watermark", "Clear the alarm at this usage, such as 75%.", option="low-watermark"
        ),
        Setting(
            "high_watermark_timezone",
            "Time zone of the daily high watermarks, such as +02:00 (EMQX 6.1+).",
            since=(6, 1, 0),
        ),
    ),
)


class Period(StrEnum):
    """The period of one row of the history."""

    daily = "daily"
    monthly = "monthly"


app = new_group("Manage the license.")
settings = new_group("Manage the alarm settings of the license.")
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
    key_file: Annotated[
        str, typer.Option(metavar="FILE", help="File that contains the license key (- for stdin).")
    ],
) -> Done:
    """Install a license key.

    The key `default` installs the trial license.
    """
    key = read_text(key_file, "--key-file").strip()
    if not key:
        message = f"--key-file: {key_file} is empty"
        raise UsageError(message, hint="write the license key to the file, on one line")
    session.client.redactor.add_secrets(key)
    row = session.client.post_object("/license", body={"key": key})
    expiry = row.get("expiry_at")
    message = "installed the license key" + (f", valid until {expiry}" if expiry else "")
    return Done(message, row, key="customer")


add_get(
    settings,
    SETTINGS,
    summary="Show the alarm settings of the license.",
    examples=("emqxctl license settings get",),
)
add_update(
    settings,
    SETTINGS,
    summary="Update the alarm settings of the license.",
    examples=("emqxctl license settings update --high-watermark 85%",),
)


@app.command()
@command(
    calls="GET /license/session_hwm_history",
    examples=("emqxctl license history", "emqxctl license history --period daily --days 90 -o csv"),
)
def history(
    session: Session,
    period: Annotated[Period, typer.Option(help="Period of a row.")] = Period.monthly,
    days: Annotated[int, typer.Option(metavar="N", min=1, help="Number of days, with --period daily.")] = 30,
) -> Rows:
    """List peak session counts by day or month (EMQX 6.0+)."""
    query = {"period": str(period), "limit": days if period is Period.daily else None}
    path = "/license/session_hwm_history"
    rows = session.client.get_list(path, query=query)
    columns = (
        Column("period"),
        Column("high_watermark", "SESSIONS", align_right=True),
        Column("observed_at", "AT", format=format_relative_time),
    )
    return Rows(rows, columns, key="period", plural_noun="records", path=path)
