"""How authentication does and what nodes remember of it: status, metrics, settings, node cache."""

from typing import Annotated

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._node_cache import add_node_cache
from emqxctl.commands.authorization._status import by_node
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Result, Rows
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock


def first_reason(value: object) -> str:
    """Write the first line of an error; EMQX adds the Erlang term of it."""
    return format_plain(value).partition("\n")[0]


SETTINGS = Resource(
    noun="settings of authentication",
    path="/authentication/settings",
    key="",
    item_template="/authentication/settings",
    columns=(),
    settings=(
        Setting(
            "node_cache.enable", "Whether nodes remember answers.", ValueType.BOOLEAN, option="node-cache"
        ),
        Setting("node_cache.cache_ttl", "How long they remember them: 1m.", option="cache-ttl"),
        Setting(
            "node_cache.max_count",
            "How many each node remembers.",
            ValueType.INTEGER,
            option="cache-max-count",
        ),
        Setting("node_cache.max_memory", "Memory they may take: 100MB.", option="cache-max-memory"),
    ),
)
STATUS = (
    Column("node"),
    Column("status", style=color_state),
    Column("metrics.success", "SUCCESS", align_right=True),
    Column("metrics.failed", "FAILED", align_right=True),
    Column("metrics.nomatch", "NO MATCH", align_right=True),
    Column("metrics.total", "TOTAL", align_right=True),
    Column("metrics.rate", "RATE", align_right=True),
    Column("resource_metrics.success", "ANSWERED", align_right=True, wide=True),
    Column("resource_metrics.failed", "UNANSWERED", align_right=True, wide=True),
    Column("error", format=first_reason, wide=True),
)

Authenticator = Annotated[str, typer.Argument(metavar="ID", help="The authenticator.")]
Several = Annotated[list[str], typer.Argument(metavar="ID...", help="The authenticators.")]

settings = new_group("Settings of authentication as a whole (EMQX 5.9+).")
node_cache = new_group("What nodes remember of outside sources (EMQX 5.9+).")
stock.add_get(
    settings,
    SETTINGS,
    summary="Show the settings of authentication.",
    examples=("emqxctl authentication settings get -o yaml",),
)
edits.add_update(
    settings,
    SETTINGS,
    summary="Change the settings of authentication.",
    examples=(
        "emqxctl authentication settings update --node-cache --cache-ttl 30s --dry-run",
        "emqxctl authentication settings update --set node_cache.max_count=unlimited",
    ),
)


@command(
    calls="GET /authentication/{id}/status",
    examples=(
        "emqxctl authentication status password_based:http",
        "emqxctl authentication status jwt -o wide",
    ),
)
def status(session: Session, key: Authenticator) -> Rows:
    """List how an authenticator does, node by node."""
    found = session.client.get("/authentication/{id}/status", key)
    return Rows(by_node(found), STATUS, key="node", plural_noun="nodes")


@command(
    calls="POST /authentication/{id}/metrics/reset",
    examples=("emqxctl authentication reset-metrics password_based:http --yes",),
    effect=Effect.DESTROY,
)
def reset_metrics(session: Session, keys: Several) -> Result:
    """Set the metrics of authenticators to zero (EMQX 6.2+)."""
    session.confirm(f"reset the metrics of {', '.join(map(repr, keys))}")
    path = "/authentication/{id}/metrics/reset"
    return run_each(
        keys, "id", "reset the metrics of authenticator", lambda key: session.client.post(path, key)
    )


add_node_cache(node_cache, "authentication")
