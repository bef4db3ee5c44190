"""`emqxctl opentelemetry`: metrics, logs and traces for OpenTelemetry."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

SETTINGS = Resource(
    noun="configuration of OpenTelemetry",
    path="/opentelemetry",
    key="",
    item_template="/opentelemetry",
    columns=(),
    settings=(
        Setting("exporter.endpoint", "Where it all goes: http://otel:4317.", option="endpoint"),
        Setting("metrics.enable", "Whether metrics are sent.", ValueType.BOOLEAN, option="metrics"),
        Setting("logs.enable", "Whether logs are sent.", ValueType.BOOLEAN, option="logs"),
        Setting("traces.enable", "Whether traces are sent.", ValueType.BOOLEAN, option="traces"),
    ),
)
PATH = "/opentelemetry/whitelist/{type}"


class What(StrEnum):
    """What is picked out for tracing from end to end."""

    clientid = "clientid"
    topic = "topic"


WhatArgument = Annotated[What, typer.Argument(metavar="clientid|topic", help="Clients, or topics.")]

app = new_group("OpenTelemetry: where metrics, logs and traces go.")
whitelist = new_group("Whom end-to-end tracing always samples (EMQX 5.8.3+).")
app.add_typer(whitelist, name="whitelist")
add_get(app, SETTINGS, summary="Show the settings.", examples=("emqxctl opentelemetry get -o yaml",))
add_update(
    app,
    SETTINGS,
    summary="Change the settings.",
    examples=("emqxctl opentelemetry update --metrics --endpoint http://otel.example.com:4317",),
)


@whitelist.command()
@command(calls=f"GET {PATH}", examples=("emqxctl opentelemetry whitelist get clientid",))
def get(session: Session, what: WhatArgument) -> Rows:
    """List the clients or topics."""
    found = session.client.get(PATH, what)
    rows: list[dict[str, object]] = [{what: one} for one in found] if isinstance(found, list) else []
    return Rows(rows, (Column(what),), key=what, plural_noun="entries")


@whitelist.command("set")
@command(
    calls=f"POST {PATH}",
    examples=("emqxctl opentelemetry whitelist set topic 'plant/#' 'fleet/1/#'",),
    effect=Effect.WRITE,
)
def set_(
    session: Session,
    what: WhatArgument,
    entries: Annotated[list[str], typer.Argument(metavar="ENTRY...", help="The ids or topic filters.")],
) -> Done:
    """Replace the clients or topics by those given."""
    session.client.post(PATH, what, body=entries)
    return Done(f"end-to-end tracing samples {len(entries)} entries by {what}", {what: entries})


@whitelist.command()
@command(
    calls=f"DELETE {PATH}",
    examples=("emqxctl opentelemetry whitelist clear clientid --yes",),
    effect=Effect.DESTROY,
)
def clear(session: Session, what: WhatArgument) -> Done:
    """Remove all clients, or all topics."""
    session.confirm(f"clear the list of end-to-end tracing by {what}")
    session.client.delete(PATH, what)
    return Done(f"end-to-end tracing samples nothing by {what}", {"cleared": what})
