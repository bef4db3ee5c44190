"""Listeners: the ports where MQTT clients connect."""

from emqxctl.declarative.kind import Kind, Level

KIND = Kind(
    name="listeners",
    noun="listener",
    level=Level.CONNECTIONS,
    list_path="/listeners",
    item="/listeners/{id}",
    key=("type", "name"),
    whole_list=False,
    create="POST /listeners",
    update="PUT /listeners/{id}",
    delete="DELETE /listeners/{id}",
    update_key=("id", "type"),
    added=frozenset({"id", "running", "current_connections", "status", "node_status", "number"}),
    unique=("bind",),
    disruptive=True,
    cannot_unset=True,
    protected=frozenset({"tcp:default", "ssl:default", "ws:default", "wss:default"}),
    defaults={"enable": True, "enable_authn": True, "acceptors": 16, "access_rules": ["allow all"]}
    | {"max_conn_rate": "infinity", "mountpoint": "", "proxy_protocol": False, "zone": "default"}
    | {"proxy_protocol_timeout": "3s"},
)
