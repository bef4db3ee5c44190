"""ExHooks: gRPC servers that EMQX calls at its hooks, in their order."""

from emqxctl.declarative.kind import Form, Kind, Level

KIND = Kind(
    name="exhooks",
    noun="exhook",
    level=Level.EXTENSIONS,
    form=Form.LIST,
    list_path="/exhooks",
    item="/exhooks/{name}",
    create="POST /exhooks",
    update="PUT /exhooks/{name}",
    delete="DELETE /exhooks/{name}",
    move="POST /exhooks/{name}/move",
    update_key=("name",),
    added=frozenset({"hooks", "metrics", "node_metrics", "node_status"}),
    defaults={"enable": True, "auto_reconnect": "60s", "failed_action": "deny", "request_timeout": "5s"}
    | {"socket_options": {"keepalive": True, "nodelay": True}},
)
