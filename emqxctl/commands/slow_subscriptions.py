"""`emqxctl slow-subscriptions`: subscribers that messages take long to reach."""

from datetime import UTC, datetime

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import number_formatter
from emqxctl.output.results import Done
from emqxctl.resource import Column, Paging, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock

MILLISECONDS = 1000


def moment(milliseconds: float) -> str:
    """Write epoch milliseconds as RFC 3339 in UTC."""
    try:
        return datetime.fromtimestamp(milliseconds / MILLISECONDS, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return str(milliseconds)


SLOW = Resource(
    noun="slow subscription",
    path="/slow_subscriptions",
    key="clientid",
    columns=(
        Column("clientid", "CLIENT ID"),
        Column("topic"),
        Column("timespan", "TOOK", format=number_formatter(lambda took: f"{took:.0f}ms"), align_right=True),
        Column("node"),
        Column("last_update_time", "LAST", format=number_formatter(moment)),
    ),
    paging=Paging.ENVELOPE,
)
SETTINGS = Resource(
    noun="settings of slow subscriptions",
    path="/slow_subscriptions/settings",
    key="enable",
    item_template="/slow_subscriptions/settings",
    columns=(Column("enable", "ENABLED"),),
    settings=(
        Setting("enable", "Whether slow subscriptions are recorded.", ValueType.BOOLEAN),
        Setting("threshold", "From which latency on one is slow: 500ms."),
        Setting("expire_interval", "After how long without news one is forgotten: 5m."),
        Setting("top_k_num", "How many are kept, the slowest; 1000 at most.", ValueType.INTEGER),
        Setting(
            "stats_type", "How latency is measured.", ValueType.CHOICE, ("whole", "internal", "response")
        ),
    ),
)

app = new_group("Slow subscriptions: whom messages take long to reach.")
settings = new_group("When a subscription counts as slow.")
app.add_typer(settings, name="settings")
stock.add_list(
    app,
    SLOW,
    summary="List the slow subscriptions, the slowest first.",
    examples=("emqxctl slow-subscriptions list", "emqxctl slow-subscriptions list --where 'timespan>1000'"),
)


@app.command()
@command(
    calls="DELETE /slow_subscriptions",
    examples=("emqxctl slow-subscriptions clear --yes",),
    effect=Effect.DESTROY,
)
def clear(session: Session) -> Done:
    """Forget the recorded ones; new ones are recorded."""
    session.confirm("clear the record of slow subscriptions")
    session.client.delete("/slow_subscriptions")
    return Done("cleared the record of slow subscriptions", {"cleared": "slow subscriptions"})


stock.add_get(
    settings,
    SETTINGS,
    summary="Show when a subscription counts as slow.",
    examples=("emqxctl slow-subscriptions settings get",),
)
edits.add_update(
    settings,
    SETTINGS,
    summary="Change when a subscription counts as slow.",
    examples=("emqxctl slow-subscriptions settings update --enable --threshold 300ms",),
)
