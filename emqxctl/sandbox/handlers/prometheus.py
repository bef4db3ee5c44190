"""Prometheus: its settings, and the three documents that it scrapes."""

from collections.abc import Callable, Iterable

from emqxctl.sandbox.data import default_settings
from emqxctl.sandbox.formats.prometheus import (
    Document,
    aggregate,
    auth_document,
    integration_document,
    shard_rows,
    stats_document,
    without_node,
    write_json,
    write_text,
)
from emqxctl.sandbox.handlers._settings import serve_settings
from emqxctl.sandbox.http.auth import UNSUPPORTED, challenge
from emqxctl.sandbox.http.routing import Access, Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_json, answer_text
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
    """Check the settings; what the body does not name gets its default. Raises AnswerNow (400)."""
    try:
        return check_known(default_settings("prometheus"), call.body, "prometheus", "root")
    except InvalidError as invalid:
        kind = invalid.details.pop("kind")
        matched = {"matched_type": "prometheus:recommend_setting", "kind": kind}
        raise bad_request({**invalid.details, **matched}) from None


serve_settings("/prometheus", "prometheus", Body(loose=True), check_settings)


def serve_document(name: str, make: Maker) -> None:
    """Register one document: it needs no credentials, unless the settings say so."""

    @route("GET", f"/prometheus/{name}", access=Access.OPEN, query="prometheus_mode")
    def scrape(call: Call) -> Answer:
        guarded = call.cluster.settings["prometheus"]["enable_basic_auth"]
        if guarded and "authorization" not in call.request.headers:
            raise challenge(*UNSUPPORTED)
        return answer(call, make)


def answer(call: Call, make: Maker) -> Answer:
    """Write a document of the answering node, or of all; JSON only for exactly that `Accept`."""
    cluster, mode = call.cluster, call.query["mode"]
    json = call.request.headers.get("accept") == "application/json"
    nodes = [cluster.self_node] if mode == "node" else cluster.running()
    document = make(cluster, nodes if json else nodes[::-1])
    if not json and make is stats_document:
        document["mria"] = shard_rows(nodes[::-1])
    if mode == "all_nodes_aggregated":
        document = aggregate(document, cluster.self_node)
    elif mode == "node":
        document = without_node(document)
    if json:
        return answer_json(write_json(document, by_node=mode == "all_nodes_unaggregated"))
    return answer_text(write_text(document))


for path, maker in DOCUMENTS.items():
    serve_document(path, maker)
