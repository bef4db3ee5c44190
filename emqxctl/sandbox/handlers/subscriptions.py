"""Subscriptions and the topics they make: `/subscriptions`, `/clients/{clientid}/subscribe`, `/topics`."""

from emqxctl.emqx.topics import parse_subscription, topic_matches
from emqxctl.sandbox.handlers.clients import CLIENTS, selected_nodes
from emqxctl.sandbox.http.paging import cut_page
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import EarlyResponse, Json, Row
from emqxctl.sandbox.schema.refusals import refuse, refuse_with
from emqxctl.sandbox.state.records import Client, Subscription


def list_subscriptions(call: Call) -> Json:
    """List subscriptions, a page at a time; each node's shared ones come last."""
    query = call.query
    if query["match_topic"] and parse_subscription(query["match_topic"]).group:
        refuse_with(400, "INVALID_PARAMETER", "match_topic_invalid")
    nodes = selected_nodes(call)
    place = {node: at for at, node in enumerate(nodes)}
    pairs = [
        pair for pair in call.cluster.sessions() if pair[0].node in place and matches_filters(*pair, query)
    ]
    pairs.sort(key=lambda pair: (pair[1].filter, pair[0].clientid), reverse=True)
    pairs.sort(key=lambda pair: (place[pair[0].node], bool(pair[1].group)))
    page = cut_page(pairs, query, counted=not query["match_topic"])
    page["data"] = [subscription_row(client, subscription) for client, subscription in page["data"]]
    return page


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


def list_client_subscriptions(call: Call) -> Json:
    """List one client's subscriptions."""
    client = CLIENTS.find(call)
    return [subscription_row(client, subscription) for subscription in client.subscriptions.values()]


def lacks_filter(topic: str) -> bool:
    """Return whether a shared subscription names a group only."""
    return topic.startswith("$share/") and not all(parse_subscription(topic)[:2])


def subscribe_client(call: Call, client: Client, options: Row) -> Row:
    """Subscribe a client. Raises EarlyResponse (400) for `nl` on a shared subscription."""
    if options["nl"] and parse_subscription(options["topic"]).group:
        refuse("subscriptions.no_local")
    if lacks_filter(options["topic"]):
        reason = f'{{invalid_topic_filter,<<"{options["topic"]}">>}}'
        refuse_with(500, "UNKNOWN_ERROR", reason)
    subscription = call.cluster.add_subscription(client.clientid, **options)
    return subscription.row(client.clientid, client.node)


def subscribe(call: Call) -> Json:
    """Subscribe a client to one filter, even an invalid one."""
    return subscribe_client(call, CLIENTS.find(call), call.body)


def subscribe_many(call: Call) -> Json:
    """Subscribe a client to many filters; 200 also when some or all of them fail."""
    client = CLIENTS.find(call)
    succeeded: list[Row] = []
    failed: list[Row] = []
    for options in call.body:
        try:
            succeeded.append(subscribe_client(call, client, options))
        except EarlyResponse:
            values = {key: options[key] for key in ("nl", "qos", "rap", "rh")}
            reason = f'{{invalid_topic_filter,<<"{options["topic"]}">>}}'
            failed.append({"data": [client.clientid, options["topic"], values], "reason": reason})
    return {"succeed": succeeded, "failed": failed} if failed else succeeded


def unsubscribe(call: Call) -> None:
    """Unsubscribe a client; 204 also from what it was not subscribed to."""
    client = CLIENTS.find(call)
    if call.body.get("topic") is None:
        refuse("subscriptions.no_topic")
    client.subscriptions.pop(call.body["topic"], None)


def unsubscribe_many(call: Call) -> None:
    """Unsubscribe a client from many filters."""
    client = CLIENTS.find(call)
    for row in call.body:
        client.subscriptions.pop(row.get("topic"), None)


def list_topics(call: Call) -> Json:
    """List the filters that are subscribed to, once for each node; no count when filtered by a node."""
    topic, node = call.query["topic"], call.query["node"]
    if topic is not None and lacks_filter(topic):
        refuse_with(400, "INVALID_PARAMTER", "topic_filter_invalid")
    rows = [
        {"node": at, "topic": name}
        for name, nodes in call.cluster.topics().items()
        for at in nodes
        if topic in (None, name) and node in (None, at)
    ]
    return cut_page(rows, call.query, counted=node not in call.cluster.nodes)


def show_topic(call: Call) -> Json:
    """List the nodes that have subscribers of one filter."""
    topic = call.bindings["topic"]
    nodes = call.cluster.topics().get(topic)
    if not nodes:
        refuse_with(404, "TOPIC_NOT_FOUND", "Topic not found")
    return [{"node": node, "topic": topic} for node in nodes]
