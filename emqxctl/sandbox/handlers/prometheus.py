"""Prometheus: its settings, and the three documents that it scrapes."""

from collections.abc import Callable, Iterable

from emqxctl.sandbox.data import default_settings
from emqxctl.sandbox.formats.prometheus import (
    Document,
    aggregate_nodes,
    auth_document,
    integration_document,
    shard_rows,
    stats_document,
    to_json,
    to_text,
    without_node,
)
from emqxctl.sandbox.handlers._rows import Settings
from emqxctl.sandbox.http.auth import UNSUPPORTED, unauthorized
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row, text_response
from emqxctl.sandbox.schema.config import check_known
from emqxctl.sandbox.schema.refusals import bad_request
from emqxctl.sandbox.schema.types import InvalidError
from emqxctl.sandbox.state.cluster import Cluster

Maker = Callable[[Cluster, Iterable[str]], Document]
DOCUMENTS: dict[str, Maker] = {
    "stats": stats_document,
    "auth": auth_document,
    "data_integration": integration_document,
}


def check_settings(call: Call, _settings: Row) -> Row:
    """Check the settings; missing fields take their defaults. Raises EarlyResponse (400)."""
    try:
        defaults = call.cluster.facts.get("settings", {}).get("prometheus", default_settings("prometheus"))
        return check_known(defaults, call.body, "prometheus", "root")
    except InvalidError as invalid:
        kind = invalid.details.pop("kind")
        matched = {"matched_type": "prometheus:recommend_setting", "kind": kind}
        raise bad_request({**invalid.details, **matched}) from None


SETTINGS = Settings("prometheus", check_settings)


def scrape(call: Call) -> Json:
    """Return a document; it needs no credentials, unless the settings say so."""
    guarded = call.cluster.settings["prometheus"]["enable_basic_auth"]
    if guarded and "authorization" not in call.request.headers:
        raise unauthorized(*UNSUPPORTED)
    return document_response(call, DOCUMENTS[call.request.path.rpartition("/")[2]])


def document_response(call: Call, make: Maker) -> Json:
    """Return a document of the answering node, or of all; JSON only for exactly that `Accept`."""
    cluster, mode = call.cluster, call.query["mode"]
    json = call.request.headers.get("accept") == "application/json"
    nodes = [cluster.self_node] if mode == "node" else cluster.running()
    document = make(cluster, nodes if json else nodes[::-1])
    if not json and make is stats_document:
        document["mria"] = shard_rows(nodes[::-1])
    if mode == "all_nodes_aggregated":
        document = aggregate_nodes(document, cluster.self_node)
    elif mode == "node":
        document = without_node(document)
    if json:
        return to_json(document, by_node=mode == "all_nodes_unaggregated")
    return text_response(to_text(document))
