"""`emqxctl opentelemetry`: manage the export of metrics, logs and traces to OpenTelemetry."""

from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.completion.declared import complete_by_type
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.text.nouns import count_noun
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

SETTINGS = Resource(
    noun="OpenTelemetry configuration",
    path="/opentelemetry",
    key="",
    item_template="/opentelemetry",
    columns=(),
    settings=(
        Setting(
            "exporter.endpoint", "Endpoint of the collector, such as http://otel:4317.", option="endpoint"
        ),
        Setting("metrics.enable", "Enable or disable metrics.", ValueType.BOOLEAN, option="metrics"),
        Setting("logs.enable", "Enable or disable logs.", ValueType.BOOLEAN, option="logs"),
        Setting("traces.enable", "Enable or disable traces.", ValueType.BOOLEAN, option="traces"),
        Setting(
            "traces.filter.trace_mode",
            "Mode of tracing (EMQX 5.8.3+).",
            ValueType.CHOICE,
            ("legacy", "e2e"),
            option="trace-mode",
            since=(5, 8, 3),
        ),
        Setting(
            "traces.filter.trace_all",
            "Enable or disable tracing of all messages (legacy mode).",
            ValueType.BOOLEAN,
            option="trace-all",
        ),
        Setting(
            "traces.filter.e2e_tracing_options.sample_ratio",
            "Share of the events to trace, such as 10% (e2e mode).",
            option="sample-ratio",
        ),
    ),
)
WHITELIST_PATH = "/opentelemetry/whitelist/{type}"


class WhitelistType(StrEnum):
    """What end-to-end tracing selects by."""

    clientid = "clientid"
    topic = "topic"


TypeArgument = Annotated[
    WhitelistType, typer.Argument(metavar="TYPE", help="Type of entries: clientid or topic.")
]

app = new_group("Manage the OpenTelemetry configuration.")
whitelist = new_group("Manage the whitelist of end-to-end tracing (EMQX 5.8.3+).")
app.add_typer(whitelist, name="whitelist")
add_get(
    app,
    SETTINGS,
    summary="Show the OpenTelemetry configuration.",
    examples=("emqxctl opentelemetry get -o yaml",),
)
add_update(
    app,
    SETTINGS,
    summary="Update the OpenTelemetry configuration.",
    examples=("emqxctl opentelemetry update --metrics --endpoint http://otel.example.com:4317",),
)


@whitelist.command()
@command(calls=f"GET {WHITELIST_PATH}", examples=("emqxctl opentelemetry whitelist get clientid",))
def get(session: Session, what: TypeArgument) -> Rows:
    """List the client IDs or topics that are always traced."""
    response = session.client.get(WHITELIST_PATH, what)
    entries = response if isinstance(response, list) else []
    rows: list[dict[str, object]] = [{what: entry} for entry in entries]
    return Rows(rows, (Column(what),), key=what, plural_noun="entries")


@whitelist.command("set")
@command(
    calls=f"POST {WHITELIST_PATH}",
    completes={"entries": complete_by_type},
    examples=("emqxctl opentelemetry whitelist set topic 'plant/#' 'fleet/1/#'",),
    effect=Effect.WRITE,
)
def set_(
    session: Session,
    what: TypeArgument,
    entries: Annotated[list[str], typer.Argument(metavar="ENTRY", help="Client IDs or topic filters.")],
) -> Done:
    """Replace the client IDs or topics that are always traced."""
    session.client.post(WHITELIST_PATH, what, body=entries)
    message = f"set the {what} whitelist of end-to-end tracing: {count_noun(len(entries), 'entry')}"
    return Done(message, {what: entries})


@whitelist.command()
@command(
    calls=f"DELETE {WHITELIST_PATH}",
    examples=("emqxctl opentelemetry whitelist clear clientid --yes",),
    effect=Effect.DESTROY,
)
def clear(session: Session, what: TypeArgument) -> Done:
    """Clear the client IDs or topics that are always traced."""
    session.confirm(f"clear the {what} whitelist of end-to-end tracing")
    session.client.delete(WHITELIST_PATH, what)
    return Done(f"cleared the {what} whitelist of end-to-end tracing", {"cleared": what})
