"""`emqxctl slow-subscriptions`: find subscriptions with slow delivery."""

from datetime import UTC, datetime

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import number_formatter
from emqxctl.output.results import Done
from emqxctl.resource import Column, Paging, Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.update import add_update


def format_epoch_milliseconds(milliseconds: float) -> str:
    """Format epoch milliseconds as RFC 3339 in UTC."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return str(milliseconds)


SLOW_SUBSCRIPTIONS = Resource(
    noun="slow subscription",
    path="/slow_subscriptions",
    key="clientid",
    columns=(
        Column("clientid", "CLIENT ID"),
        Column("topic"),
        Column(
            "timespan", "LATENCY", format=number_formatter(lambda value: f"{value:.0f}ms"), align_right=True
        ),
        Column("node"),
        Column("last_update_time", "LAST UPDATE", format=number_formatter(format_epoch_milliseconds)),
    ),
    paging=Paging.ENVELOPE,
)
SETTINGS = Resource(
    noun="slow subscription settings",
    path="/slow_subscriptions/settings",
    key="enable",
    item_template="/slow_subscriptions/settings",
    columns=(Column("enable", "ENABLED"),),
    settings=(
        Setting("enable", "Enable or disable the record of slow subscriptions.", ValueType.BOOLEAN),
        Setting("threshold", "Latency threshold, such as 500ms."),
        Setting("expire_interval", "Remove entries that are not updated for this long, such as 5m."),
        Setting("top_k_num", "Maximum number of entries, up to 1000.", ValueType.INTEGER),
        Setting("stats_type", "Latency to measure.", ValueType.CHOICE, ("whole", "internal", "response")),
    ),
)

app = new_group("Find subscriptions with slow delivery.")
settings = new_group("Manage the settings of slow subscriptions.")
app.add_typer(settings, name="settings")
add_list(
    app,
    SLOW_SUBSCRIPTIONS,
    summary="List slow subscriptions, the slowest first.",
    examples=("emqxctl slow-subscriptions list", "emqxctl slow-subscriptions list --where 'timespan>1000'"),
)


@app.command()
@command(
    calls="DELETE /slow_subscriptions",
    examples=("emqxctl slow-subscriptions clear --yes",),
    effect=Effect.DESTROY,
)
def clear(session: Session) -> Done:
    """Clear the record of slow subscriptions."""
    session.confirm("clear the record of slow subscriptions")
    session.client.delete("/slow_subscriptions")
    return Done("cleared the record of slow subscriptions", {"cleared": "slow subscriptions"})


add_get(
    settings,
    SETTINGS,
    summary="Show the settings of slow subscriptions.",
    examples=("emqxctl slow-subscriptions settings get",),
)
add_update(
    settings,
    SETTINGS,
    summary="Update the settings of slow subscriptions.",
    examples=("emqxctl slow-subscriptions settings update --enable --threshold 300ms",),
)
