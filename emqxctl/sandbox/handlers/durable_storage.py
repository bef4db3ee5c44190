"""Sites and replicas of the durable storage of EMQX Enterprise: `/ds`."""

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Json, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster
from emqxctl.sandbox.state.records import stable_random

SHARDS = 12
TOO_SMALL = "Replica sets would become too small"


def sites_of(cluster: Cluster) -> dict[str, str]:
    """Return the sites with their nodes."""
    return {f"{stable_random(node):08X}{stable_random(node, 1):08X}": node for node in cluster.nodes}


def find_site(call: Call) -> str:
    """Return the site of the path. Raises EarlyResponse (404)."""
    site = call.bindings["site"]
    if site not in sites_of(call.cluster):
        refuse_with(404, "NOT_FOUND", f"Site not found: {site}")
    return site


def find_storage(call: Call) -> str:
    """Return the storage of the path. Raises EarlyResponse (404)."""
    name = call.bindings["ds"]
    if name not in call.cluster.facts["storages"]:
        refuse_with(404, "NOT_FOUND", f"DB ''{name}'' does not exist")
    return name


def replicas_of(call: Call) -> list[str]:
    """Return the sites that have replicas of the storage of the path. Raises EarlyResponse (404)."""
    name = find_storage(call)
    default: Row = {"sites": list(sites_of(call.cluster))}
    sites: list[str] = call.cluster.collections["replicas"].setdefault(name, default)["sites"]
    return sites


def refuse_change(message: str) -> Response:
    """Respond 400 with a number as code, as EMQX does."""
    return json_response({"code": 400, "message": message}, 400)


@route("GET", "/ds/sites", edition=ENTERPRISE)
def list_sites(call: Call) -> Response:
    """List the sites."""
    return json_response(list(sites_of(call.cluster)))


@route("GET", "/ds/sites/{site}", edition=ENTERPRISE)
def show_site(call: Call) -> Response:
    """Show a site with its shards."""
    node, storages = sites_of(call.cluster)[find_site(call)], call.cluster.facts["storages"]
    status = "up" if node in call.cluster.running() else "down"
    shards = [{"id": str(at), "status": status, "storage": name} for name in storages for at in range(SHARDS)]
    return json_response({"node": node, "shards": shards, "up": status == "up"})


@route("PUT", "/ds/sites/{site}/forget", edition=ENTERPRISE)
def forget_site(call: Call) -> Response:
    """Remove a site, but none that runs."""
    if sites_of(call.cluster)[find_site(call)] in call.cluster.running():
        return refuse_change("Site is up and running")
    return Response(202)


@route("GET", "/ds/storages", edition=ENTERPRISE)
def list_storages(call: Call) -> Response:
    """List the storages."""
    return json_response(call.cluster.facts["storages"])


@route("GET", "/ds/storages/{ds}", edition=ENTERPRISE)
def show_storage(call: Call) -> Response:
    """Show a storage with its shards."""
    replicas = [{"site": site, "status": "up"} for site in replicas_of(call)]
    shards = [{"id": str(at), "replicas": replicas} for at in range(SHARDS)]
    return json_response({"name": call.bindings["ds"], "shards": shards})


@route("GET", "/ds/storages/{ds}/replicas", edition=ENTERPRISE)
def list_replicas(call: Call) -> Response:
    """List the sites that have replicas of a storage."""
    return json_response(replicas_of(call))


@route("PUT", "/ds/storages/{ds}/replicas", edition=ENTERPRISE, body=Body(loose=True))
def replace_replicas(call: Call) -> Response:
    """Replace the sites that have replicas of a storage."""
    replicas, sites = replicas_of(call), decode_sites(call)
    if not isinstance(sites, list):
        return refuse_change("Bad type")
    if not sites:
        return refuse_change(TOO_SMALL)
    replicas[:] = sites
    return json_response("OK", 202)


def decode_sites(call: Call) -> Json:
    """Return the body, which a loose schema would turn into an object."""
    import json

    return json.loads(call.request.body or b"null")


@route("PUT", "/ds/storages/{ds}/replicas/{site}", edition=ENTERPRISE)
def add_replica(call: Call) -> Response:
    """Add a site to a storage."""
    replicas, site = replicas_of(call), call.bindings["site"]
    if site not in sites_of(call.cluster):
        return refuse_change(f"Unknown sites: {site}")
    replicas[:] = sorted({*replicas, site})
    return json_response("OK", 202)


@route("DELETE", "/ds/storages/{ds}/replicas/{site}", edition=ENTERPRISE)
def remove_replica(call: Call) -> Response:
    """Remove a site from a storage, but not the last one."""
    replicas, site = replicas_of(call), call.bindings["site"]
    if site not in replicas:
        return error_response(400, "BAD_REQUEST", f"Unknown sites: {site}")
    if len(replicas) == 1:
        return refuse_change(TOO_SMALL)
    replicas.remove(site)
    return json_response("OK", 202)
