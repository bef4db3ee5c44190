"""`emqxctl authentication node-cache`: what each node caches of the responses from backends."""

from emqxctl.cli.group import new_group
from emqxctl.commands._node_cache import add_node_cache

app = new_group("Manage the authentication cache of nodes (EMQX 5.9+).")
add_node_cache(app, "authentication")
