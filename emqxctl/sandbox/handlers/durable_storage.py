"""Sites and replicas of the durable storage of EMQX Enterprise: `/ds`."""

from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Response, Row, json_response
from emqxctl.sandbox.schema.refusals import lookup, refuse_request, refuse_with
from emqxctl.sandbox.state.cluster import Cluster
from emqxctl.sandbox.state.records import stable_random

SHARDS = 12
TOO_SMALL = "Replica sets would become too small"


def sites_of(cluster: Cluster) -> dict[str, str]:
    """Return the sites with their nodes."""
    return {f"{stable_random(node):08X}{stable_random(node, 1):08X}": node for node in cluster.nodes}


def find_node(call: Call) -> str:
    """Return the node of the site of the path. Raises EarlyResponse (404)."""
    site = call.bindings["site"]
    return lookup(sites_of(call.cluster), site, 404, "NOT_FOUND", f"Site not found: {site}")


def replicas_of(call: Call) -> list[str]:
    """Return the sites that have replicas of the storage of the path. Raises EarlyResponse (404)."""
    name = call.bindings["ds"]
    if name not in call.cluster.facts["storages"]:
        refuse_with(404, "NOT_FOUND", f"DB ''{name}'' does not exist")
    default: Row = {"sites": list(sites_of(call.cluster))}
    sites: list[str] = call.cluster.collections["replicas"].setdefault(name, default)["sites"]
    return sites


def refuse_change(message: str) -> Response:
    """Respond 400 with a number as code, as EMQX does."""
    return json_response({"code": 400, "message": message}, 400)


def list_sites(call: Call) -> Json:
    """List the sites."""
    return list(sites_of(call.cluster))


def show_site(call: Call) -> Json:
    """Show a site with its shards."""
    node, storages = find_node(call), call.cluster.facts["storages"]
    status = "up" if node in call.cluster.running() else "down"
    shards = [{"id": str(at), "status": status, "storage": name} for name in storages for at in range(SHARDS)]
    return {"node": node, "shards": shards, "up": status == "up"}


def forget_site(call: Call) -> Response:
    """Remove a site, but none that runs."""
    running = find_node(call) in call.cluster.running()
    return refuse_change("Site is up and running") if running else Response(202)


def show_storage(call: Call) -> Json:
    """Show a storage with its shards."""
    replicas = [{"site": site, "status": "up"} for site in replicas_of(call)]
    shards = [{"id": str(at), "replicas": replicas} for at in range(SHARDS)]
    return {"name": call.bindings["ds"], "shards": shards}


def replace_replicas(call: Call) -> Json:
    """Replace the sites that have replicas of a storage."""
    replicas = replicas_of(call)
    if not call.body or not isinstance(call.body, list):
        return refuse_change(TOO_SMALL if call.body == [] else "Bad type")
    replicas[:] = call.body
    return "OK"


def add_replica(call: Call) -> Json:
    """Add a site to a storage."""
    replicas, site = replicas_of(call), call.bindings["site"]
    if site not in sites_of(call.cluster):
        return refuse_change(f"Unknown sites: {site}")
    replicas[:] = sorted({*replicas, site})
    return "OK"


def remove_replica(call: Call) -> Json:
    """Remove a site from a storage, but not the last one."""
    replicas, site = replicas_of(call), call.bindings["site"]
    if site not in replicas:
        refuse_request(f"Unknown sites: {site}")
    if len(replicas) == 1:
        return refuse_change(TOO_SMALL)
    replicas.remove(site)
    return "OK"
