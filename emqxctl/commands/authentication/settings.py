"""`emqxctl authentication settings`: failures of backends, and the cache of their responses."""

from emqxctl.cli.group import new_group
from emqxctl.resource import Resource, Setting, ValueType
from emqxctl.verbs.get import add_get
from emqxctl.verbs.update import add_update

SETTINGS = Resource(
    noun="authentication settings",
    path="/authentication/settings",
    key="",
    item_template="/authentication/settings",
    columns=(),
    settings=(
        Setting(
            "ignore_backend_failures",
            "Ask the next authenticator if one fails, or deny (EMQX 6.2.2+).",
            ValueType.BOOLEAN,
            since=(6, 2, 2),
        ),
        Setting(
            "node_cache.enable",
            "Enable or disable the cache of responses from backends.",
            ValueType.BOOLEAN,
            option="node-cache",
        ),
        Setting("node_cache.cache_ttl", "Cache TTL, such as 1m.", option="cache-ttl"),
        Setting(
            "node_cache.max_count",
            "Maximum number of cached responses per node.",
            ValueType.INTEGER,
            option="cache-max-count",
        ),
        Setting(
            "node_cache.max_memory",
            "Maximum memory for the cache per node, such as 100MB.",
            option="cache-max-memory",
        ),
    ),
)

app = new_group("Manage authentication settings (EMQX 5.9+).")
add_get(
    app,
    SETTINGS,
    summary="Show the authentication settings.",
    examples=("emqxctl authentication settings get -o yaml",),
)
add_update(
    app,
    SETTINGS,
    summary="Update the authentication settings.",
    examples=(
        "emqxctl authentication settings update --node-cache --cache-ttl 30s --dry-run",
        "emqxctl authentication settings update --set node_cache.max_count=unlimited",
    ),
)
