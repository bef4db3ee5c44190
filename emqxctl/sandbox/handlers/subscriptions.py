"""Subscriptions and the topics they make: `/subscriptions`, `/clients/{clientid}/subscribe`, `/topics`."""

from emqxctl.emqx.topics import parse_subscription, topic_matches
from emqxctl.sandbox.handlers.clients import find_client, selected_nodes
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.records import Client, Subscription

NO_LOCAL = "Invalid Subscribe options: `no_local` not allowed for shared-sub. See [MQTT-3.8.3-4]"
NO_TOPIC = (
    'error, {badkey,<<"topic">>}, [{erlang,map_get,[<<"topic">>,#{}],[]},'
    '{emqx_mgmt_api_clients,unsubscribe,2,[{file,"emqx_mgmt_api_clients.erl"},{line,887}]}]'
)


@route("GET", "/subscriptions", query="subscriptions")
def list_subscriptions(call: Call) -> Response:
    """List subscriptions, a page at a time; each node's shared ones come last."""
    query = call.query
    if query["match_topic"] and parse_subscription(query["match_topic"]).group:
        return error_response(400, "INVALID_PARAMETER", "match_topic_invalid")
    nodes = selected_nodes(call)
    place = {node: at for at, node in enumerate(nodes)}
    pairs = [
        pair for pair in call.cluster.sessions() if pair[0].node in place and matches_filters(*pair, query)
    ]
    pairs.sort(key=lambda pair: (pair[1].filter, pair[0].clientid), reverse=True)
    pairs.sort(key=lambda pair: (place[pair[0].node], bool(pair[1].group)))
    page = cut_page(pairs, query, counted=not query["match_topic"])
    page["data"] = [subscription_row(client, subscription) for client, subscription in page["data"]]
    return json_response(page)


def matches_filters(client: Client, subscription: Subscription, query: Row) -> bool:
    """Return whether a subscription passes every filter.

    `topic` finds no shared ones, and `match_topic` is a filter that the subscription's topic must fit, not a
    topic (both recorded).
    """
    exact = (
        (query["clientid"], client.clientid),
        (query["qos"], subscription.qos),
        (query["topic"], subscription.topic if not subscription.group else None),
        (query["share_group"], subscription.group),
    )
    if any(filter_value is not None and filter_value != value for filter_value, value in exact):
        return False
    return not query["match_topic"] or topic_matches(subscription.filter, query["match_topic"])


def subscription_row(client: Client, subscription: Subscription) -> Row:
    """Return a subscription of a list."""
    return {**subscription.row(client.clientid, client.node), "durable": False}


@route("GET", "/clients/{clientid}/subscriptions")
def list_client_subscriptions(call: Call) -> Response:
    """List one client's subscriptions."""
    client = find_client(call)
    return json_response(
        [subscription_row(client, subscription) for subscription in client.subscriptions.values()]
    )


def lacks_filter(topic: str) -> bool:
    """Return whether a shared subscription names a group only."""
    return topic.startswith("$share/") and not all(parse_subscription(topic)[:2])


def subscribe_client(call: Call, client: Client, options: Row) -> Row:
    """Subscribe a client. Raises EarlyResponse (400) for `nl` on a shared subscription."""
    if options["nl"] and parse_subscription(options["topic"]).group:
        refuse_with(400, "INVALID_PARAMETER", NO_LOCAL)
    if lacks_filter(options["topic"]):
        reason = f'{{invalid_topic_filter,<<"{options["topic"]}">>}}'
        refuse_with(500, "UNKNOWN_ERROR", reason)
    subscription = call.cluster.add_subscription(client.clientid, **options)
    return subscription.row(client.clientid, client.node)


@route("POST", "/clients/{clientid}/subscribe", body=Body("subscription"))
def subscribe(call: Call) -> Response:
    """Subscribe a client to one filter, even an invalid one."""
    return json_response(subscribe_client(call, find_client(call), call.body))


@route("POST", "/clients/{clientid}/subscribe/bulk", body=Body("subscription", array=True))
def subscribe_many(call: Call) -> Response:
    """Subscribe a client to many filters; 200 also when some or all of them fail."""
    client = find_client(call)
    succeeded: list[Row] = []
    failed: list[Row] = []
    for options in call.body:
        try:
            succeeded.append(subscribe_client(call, client, options))
        except EarlyResponse:
            values = {key: options[key] for key in ("nl", "qos", "rap", "rh")}
            reason = f'{{invalid_topic_filter,<<"{options["topic"]}">>}}'
            failed.append({"data": [client.clientid, options["topic"], values], "reason": reason})
    return json_response({"succeed": succeeded, "failed": failed} if failed else succeeded)


@route("POST", "/clients/{clientid}/unsubscribe", body=Body("any_topic", loose=True))
def unsubscribe(call: Call) -> Response:
    """Unsubscribe a client; 204 also from what it was not subscribed to."""
    client = find_client(call)
    if call.body.get("topic") is None:
        return error_response(500, "INTERNAL_ERROR", NO_TOPIC)
    client.subscriptions.pop(call.body["topic"], None)
    return Response(204)


@route("POST", "/clients/{clientid}/unsubscribe/bulk", body=Body("any_topic", array=True))
def unsubscribe_many(call: Call) -> Response:
    """Unsubscribe a client from many filters."""
    client = find_client(call)
    for row in call.body:
        client.subscriptions.pop(row.get("topic"), None)
    return Response(204)


@route("GET", "/topics", query="topics")
def list_topics(call: Call) -> Response:
    """List the filters that are subscribed to, once for each node; no count when filtered by a node."""
    topic, node = call.query["topic"], call.query["node"]
    if topic is not None and lacks_filter(topic):
        return error_response(400, "INVALID_PARAMTER", "topic_filter_invalid")
    rows = [
        {"node": at, "topic": name}
        for name, nodes in call.cluster.topics().items()
        for at in nodes
        if topic in (None, name) and node in (None, at)
    ]
    return json_response(cut_page(rows, call.query, counted=node not in call.cluster.nodes))


@route("GET", "/topics/{topic}")
def show_topic(call: Call) -> Response:
    """List the nodes that have subscribers of one filter."""
    topic = call.bindings["topic"]
    nodes = call.cluster.topics().get(topic)
    if not nodes:
        return error_response(404, "TOPIC_NOT_FOUND", "Topic not found")
    return json_response([{"node": node, "topic": topic} for node in nodes])
