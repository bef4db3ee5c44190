"""`emqxctl authorization`: what clients may publish and subscribe to."""

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._node_cache import add_node_cache
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

SETTINGS = Resource(
    noun="authorization settings",
    path="/authorization/settings",
    key="",
    item_template="/authorization/settings",
    columns=(Column("no_match", style=color_state), Column("deny_action")),
    settings=(
        Setting("no_match", "Permission when no rule matches.", ValueType.CHOICE, ("allow", "deny")),
        Setting("deny_action", "Action when a client is denied.", ValueType.CHOICE, ("ignore", "disconnect")),
        Setting("cache.enable", "Cache authorization results.", ValueType.BOOLEAN),
        Setting("cache.ttl", "Cache TTL, such as 1m."),
        Setting("cache.max_size", "Maximum number of cached results per client.", ValueType.INTEGER),
        Setting(
            "ignore_backend_failures",
            "Ask the next source if one fails, or deny (EMQX 6.2.2+).",
            ValueType.BOOLEAN,
            since=(6, 2, 2),
        ),
        Setting(
            "include_mountpoint",
            "Include or omit the mountpoint of the listener in checked topics (EMQX 6.1+).",
            ValueType.BOOLEAN,
            since=(6, 1, 0),
        ),
    ),
)
NODE_CACHE = Resource(
    noun="node cache settings",
    path="/authorization/node_cache",
    key="",
    item_template="/authorization/node_cache",
    columns=(Column("enable", "ENABLED", style=color_state), Column("cache_ttl"), Column("max_count")),
    settings=(
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
        Setting("cache_ttl", "Cache TTL, such as 1m."),
        Setting("max_count", "Maximum number of cached responses per node.", ValueType.INTEGER),
        Setting("max_memory", "Maximum memory per node: 100MB or unlimited."),
    ),
)

app = new_group("Manage authorization.")
settings = new_group("Manage authorization settings.")
cache = new_group("Manage the authorization caches of clients.")
node_cache = new_group("Manage the authorization cache of nodes (EMQX 5.9+).")
app.lazy("sources", "Manage authorization sources.")
app.lazy("rules", "Manage ACL rules in the built-in database.")
app.add_typer(settings, name="settings")
app.add_typer(cache, name="cache")
app.add_typer(node_cache, name="node-cache")

add_get(
    settings,
    SETTINGS,
    summary="Show the authorization settings.",
    examples=("emqxctl authorization settings get",),
)
add_update(
    settings,
    SETTINGS,
    summary="Update the authorization settings.",
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
    """Clear the authorization caches of all clients.

    Changed rules then apply immediately. For one client: emqxctl clients authz-cache clean.
    """
    session.client.delete("/authorization/cache")
    return Done("cleared the authorization caches of all clients", {"cleaned": True})


add_get(
    node_cache,
    NODE_CACHE,
    summary="Show the node cache settings.",
    examples=("emqxctl authorization node-cache get",),
)
add_update(
    node_cache,
    NODE_CACHE,
    summary="Update the node cache settings.",
    examples=("emqxctl authorization node-cache update --enable --cache-ttl 30s",),
)
add_node_cache(node_cache, "authorization")
