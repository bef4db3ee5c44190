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
from emqxctl.sandbox.handlers._settings import serve_settings
from emqxctl.sandbox.http.auth import UNSUPPORTED, unauthorized
from emqxctl.sandbox.http.routing import Call, Credentials, route
from emqxctl.sandbox.messages import Response, Row, json_response, text_response
from emqxctl.sandbox.schema.config import check_known
from emqxctl.sandbox.schema.refusals import bad_request
from emqxctl.sandbox.schema.types import InvalidError
from emqxctl.sandbox.schema.validation import Body
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
        return check_known(default_settings("prometheus"), call.body, "prometheus", "root")
    except InvalidError as invalid:
        kind = invalid.details.pop("kind")
        matched = {"matched_type": "prometheus:recommend_setting", "kind": kind}
        raise bad_request({**invalid.details, **matched}) from None


serve_settings("/prometheus", "prometheus", Body(loose=True), check_settings)


def serve_document(name: str, make: Maker) -> None:
    """Register one document: it needs no credentials, unless the settings say so."""

    @route("GET", f"/prometheus/{name}", credentials=Credentials.OPEN, query="prometheus_mode")
    def scrape(call: Call) -> Response:
        guarded = call.cluster.settings["prometheus"]["enable_basic_auth"]
        if guarded and "authorization" not in call.request.headers:
            raise unauthorized(*UNSUPPORTED)
        return document_response(call, make)


def document_response(call: Call, make: Maker) -> Response:
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
        return json_response(to_json(document, by_node=mode == "all_nodes_unaggregated"))
    return text_response(to_text(document))


for path, maker in DOCUMENTS.items():
    serve_document(path, maker)
