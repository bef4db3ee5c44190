"""Namespaces of EMQX Enterprise: `/mt`."""

from collections.abc import Sequence

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json
from emqxctl.sandbox.schema.refusals import refuse, refuse_request

NAMESPACES = Items("namespaces")


def cut_names(names: Sequence[str], call: Call, key: str) -> list[str]:
    """Cut a page after `last_…` or before `first_…`. Raises EarlyResponse (400) for both together."""
    last, first, limit = call.query[f"last_{key}"], call.query[f"first_{key}"], call.query["limit"]
    if last is not None and first is not None:
        refuse("namespaces.both", key)
    if first is not None:
        return [name for name in sorted(names) if name < first][-limit:]
    return [name for name in sorted(names) if name > (last or "")][:limit]


def list_namespaces(call: Call) -> Json:
    """List the names of the namespaces."""
    return cut_names(list(NAMESPACES.objects(call)), call, "ns")


def list_details(call: Call) -> Json:
    """List the namespaces; the managed ones with their configuration."""
    namespaces, managed = NAMESPACES.objects(call), "managed" in call.request.path
    rows = [{"name": name, **namespaces[name]} for name in cut_names(list(namespaces), call, "ns")]
    return [{key: row[key] for key in row if managed or key != "config"} for row in rows]


def create_namespace(call: Call) -> None:
    """Create a namespace; any name will do."""
    name = call.bindings["ns"]
    if name in NAMESPACES.objects(call):
        refuse_request("already_exists")
    NAMESPACES.objects(call)[name] = {"created_at": int(call.cluster.now()), "config": {}}


def delete_namespaces(call: Call) -> None:
    """Delete several namespaces, even unknown ones."""
    if "nss" not in call.body:
        refuse("namespaces.bad_delete")
    for name in call.body["nss"]:
        NAMESPACES.objects(call).pop(name, None)


def update_config(call: Call) -> Json:
    """Change the limits of a namespace that the body names; they are not checked here."""
    namespace = NAMESPACES.find(call, message="Managed namespace not found")
    namespace["config"] = namespace["config"] | call.body
    return namespace["config"]


def show_metrics(call: Call) -> Json:
    """Show the counters of a namespace, which are all zero."""
    NAMESPACES.find(call)
    return call.cluster.facts["namespace_metrics"]


def clients_of(call: Call) -> list[str]:
    """Return the IDs of the clients in the namespace of the path. Raises EarlyResponse (404)."""
    NAMESPACES.find(call)
    clients, name = call.cluster.clients.values(), call.bindings["ns"]
    return [client.clientid for client in clients if client.fields.get("client_attrs", {}).get("tns") == name]


def kick_clients(call: Call) -> None:
    """Kick all clients of a namespace."""
    for clientid in clients_of(call):
        call.cluster.kick(clientid)


def show_config(call: Call) -> Json:
    """Show the limits of a namespace."""
    return NAMESPACES.find(call, message="Managed namespace not found")["config"]


def count_clients(call: Call) -> Json:
    """Count the clients of a namespace."""
    return {"count": len(clients_of(call))}


def list_clients(call: Call) -> Json:
    """List the IDs of the clients of a namespace."""
    return cut_names(clients_of(call), call, "clientid")
