"""`emqxctl authorization`: what clients may publish and subscribe to."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._node_cache import add_node_cache
from emqxctl.commands.authorization import rules, sources
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs import edits, stock

SETTINGS = Resource(
    noun="settings of authorization",
    path="/authorization/settings",
    key="",
    item_template="/authorization/settings",
    columns=(Column("no_match", style=color_state), Column("deny_action")),
    settings=(
        Setting("no_match", "What holds if no rule fits.", ValueType.CHOICE, ("allow", "deny")),
        Setting("deny_action", "What a denied client meets.", ValueType.CHOICE, ("ignore", "disconnect")),
        Setting("cache.enable", "Whether decisions are remembered.", ValueType.BOOLEAN),
        Setting("cache.ttl", "How long they are remembered: 1m."),
        Setting("cache.max_size", "How many, for each client.", ValueType.INTEGER),
    ),
)
NODE_CACHE = Resource(
    noun="settings of the node cache",
    path="/authorization/node_cache",
    key="",
    item_template="/authorization/node_cache",
    columns=(Column("enable", "ENABLED", style=color_state), Column("cache_ttl"), Column("max_count")),
    settings=(
        Setting("enable", "Whether it is used.", ValueType.BOOLEAN),
        Setting("cache_ttl", "How long answers are remembered: 1m."),
        Setting("max_count", "How many answers each node remembers.", ValueType.INTEGER),
        Setting("max_memory", "How much memory they may take: 100MB, unlimited."),
    ),
)

app = new_group("Authorization: who may publish and subscribe to what.")
settings = new_group("What holds if no rule fits, and the clients' caches.")
cache = new_group("What each client's connection remembers of decisions.")
node_cache = new_group("What nodes remember of outside sources (EMQX 5.9+).")
app.add_typer(sources.app, name="sources")
app.add_typer(rules.app, name="rules")
app.add_typer(settings, name="settings")
app.add_typer(cache, name="cache")
app.add_typer(node_cache, name="node-cache")

stock.add_get(
    settings,
    SETTINGS,
    summary="Show the settings of authorization.",
    examples=("emqxctl authorization settings get",),
)
edits.add_update(
    settings,
    SETTINGS,
    summary="Change the settings of authorization.",
    examples=(
        "emqxctl authorization settings update --no-match deny --dry-run",
        "emqxctl authorization settings update --cache-ttl 5m --cache-max-size 64",
    ),
)


@cache.command("clean")
@command(
    calls="DELETE /authorization/cache",
    examples=("emqxctl authorization cache clean",),
    effect=Effect.WRITE,
)
def clean(session: Session) -> Done:
    """Make all clients' connections forget what was decided.

    Changed rules hold at once then; of one client: emqxctl clients authz-cache clean.
    """
    session.client.delete("/authorization/cache")
    return Done("cleaned the authorization caches of all clients", {"cleaned": True})


stock.add_get(
    node_cache,
    NODE_CACHE,
    summary="Show the settings of the node cache.",
    examples=("emqxctl authorization node-cache get",),
)
edits.add_update(
    node_cache,
    NODE_CACHE,
    summary="Change the settings of the node cache.",
    examples=("emqxctl authorization node-cache update --enable --cache-ttl 30s",),
)
add_node_cache(node_cache, "authorization")
