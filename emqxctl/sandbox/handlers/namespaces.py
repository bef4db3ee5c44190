"""Namespaces of EMQX Enterprise: `/mt`."""

from collections.abc import Sequence

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE

BOTH = "`last_{0}` and `first_{0}` are mutually exclusive; use at most one."
BAD_DELETE = "error, function_clause, [{emqx_mt_api,handle_bulk_delete_ns,[#{}],[]}]"


def namespaces_of(call: Call) -> dict[str, Row]:
    """Return the namespaces by name."""
    return call.cluster.collections["namespaces"]


def cut_names(names: Sequence[str], call: Call, key: str) -> list[str]:
    """Cut a page after `last_…` or before `first_…`. Raises EarlyResponse (400) for both together."""
    last, first, limit = call.query[f"last_{key}"], call.query[f"first_{key}"], call.query["limit"]
    if last is not None and first is not None:
        refuse_request(BOTH.format(key))
    if first is not None:
        return [name for name in sorted(names) if name < first][-limit:]
    return [name for name in sorted(names) if name > (last or "")][:limit]


def find_namespace(call: Call, message: str = "Namespace not found") -> Row:
    """Return the namespace of the path. Raises EarlyResponse (404)."""
    namespace = namespaces_of(call).get(call.bindings["ns"])
    if namespace is None:
        refuse_with(404, "NOT_FOUND", message)
    return namespace


@route("GET", "/mt/ns_list", edition=ENTERPRISE, query="namespaces")
@route("GET", "/mt/managed_ns_list", edition=ENTERPRISE, query="namespaces")
def list_namespaces(call: Call) -> Response:
    """List the names of the namespaces."""
    return json_response(cut_names(list(namespaces_of(call)), call, "ns"))


@route("GET", "/mt/ns_list_details", edition=ENTERPRISE, query="namespaces")
@route("GET", "/mt/managed_ns_list_details", edition=ENTERPRISE, query="namespaces")
def list_details(call: Call) -> Response:
    """List the namespaces; the managed ones with their configuration."""
    namespaces, managed = namespaces_of(call), "managed" in call.request.path
    rows = [{"name": name, **namespaces[name]} for name in cut_names(list(namespaces), call, "ns")]
    return json_response([{key: row[key] for key in row if managed or key != "config"} for row in rows])


@route("POST", "/mt/ns/{ns}", edition=ENTERPRISE)
def create_namespace(call: Call) -> Response:
    """Create a namespace; any name will do."""
    name = call.bindings["ns"]
    if name in namespaces_of(call):
        refuse_request("already_exists")
    namespaces_of(call)[name] = {"created_at": int(call.cluster.now()), "config": {}}
    return Response(204)


@route("DELETE", "/mt/ns/{ns}", edition=ENTERPRISE)
def delete_namespace(call: Call) -> Response:
    """Delete a namespace, even an unknown one."""
    namespaces_of(call).pop(call.bindings["ns"], None)
    return Response(204)


@route("DELETE", "/mt/bulk_delete_ns", edition=ENTERPRISE, body=Body(loose=True))
def delete_namespaces(call: Call) -> Response:
    """Delete several namespaces, even unknown ones."""
    if "nss" not in call.body:
        refuse_with(500, "INTERNAL_ERROR", BAD_DELETE)
    for name in call.body["nss"]:
        namespaces_of(call).pop(name, None)
    return Response(204)


@route("GET", "/mt/ns/{ns}/config", edition=ENTERPRISE)
def show_config(call: Call) -> Response:
    """Show the limits of a namespace."""
    return json_response(find_namespace(call, "Managed namespace not found")["config"])


@route("PUT", "/mt/ns/{ns}/config", edition=ENTERPRISE, body=Body(loose=True))
def update_config(call: Call) -> Response:
    """Change the limits of a namespace that the body names; they are not checked here."""
    namespace = find_namespace(call, "Managed namespace not found")
    namespace["config"] = namespace["config"] | call.body
    return json_response(namespace["config"])


@route("GET", "/mt/ns/{ns}/metrics", edition=ENTERPRISE)
def show_metrics(call: Call) -> Response:
    """Show the counters of a namespace, which are all zero."""
    find_namespace(call)
    return json_response(call.cluster.facts["namespace_metrics"])


def clients_of(call: Call) -> list[str]:
    """Return the IDs of the clients in the namespace of the path. Raises EarlyResponse (404)."""
    find_namespace(call)
    clients, name = call.cluster.clients.values(), call.bindings["ns"]
    return [client.clientid for client in clients if client.fields.get("client_attrs", {}).get("tns") == name]


@route("GET", "/mt/ns/{ns}/client_count", edition=ENTERPRISE)
def count_clients(call: Call) -> Response:
    """Count the clients of a namespace."""
    return json_response({"count": len(clients_of(call))})


@route("GET", "/mt/ns/{ns}/client_list", edition=ENTERPRISE, query="namespace_clients")
def list_clients(call: Call) -> Response:
    """List the IDs of the clients of a namespace."""
    return json_response(cut_names(clients_of(call), call, "clientid"))


@route("POST", "/mt/ns/{ns}/kick_all_clients", edition=ENTERPRISE)
def kick_clients(call: Call) -> Response:
    """Kick all clients of a namespace."""
    for clientid in clients_of(call):
        call.cluster.kick(clientid)
    return Response(202)
