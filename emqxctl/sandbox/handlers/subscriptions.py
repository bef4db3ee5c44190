"""Subscriptions and the topics they make: `/subscriptions`, `/clients/{clientid}/subscribe`, `/topics`."""

from emqxctl.emqx.topics import parse_subscription, topic_matches
from emqxctl.sandbox.handlers.clients import known_client, wanted_nodes
from emqxctl.sandbox.http.paging import one_page
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Row, answer_error, answer_json
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.records import Client, Subscription

NO_LOCAL = "Invalid Subscribe options: `no_local` not allowed for shared-sub. See [MQTT-3.8.3-4]"
NO_TOPIC = (
    'error, {badkey,<<"topic">>}, [{erlang,map_get,[<<"topic">>,#{}],[]},'
    '{emqx_mgmt_api_clients,unsubscribe,2,[{file,"emqx_mgmt_api_clients.erl"},{line,887}]}]'
)


@route("GET", "/subscriptions", query="subscriptions")
def list_subscriptions(call: Call) -> Answer:
    """List subscriptions, a page at a time; each node's shared ones come last."""
    query = call.query
    if query["match_topic"] and parse_subscription(query["match_topic"]).group:
        return answer_error(400, "INVALID_PARAMETER", "match_topic_invalid")
    nodes = wanted_nodes(call)
    place = {node: at for at, node in enumerate(nodes)}
    found = [pair for pair in call.cluster.sessions() if pair[0].node in place and fits(*pair, query)]
    found.sort(key=lambda pair: (pair[1].filter, pair[0].clientid), reverse=True)
    found.sort(key=lambda pair: (place[pair[0].node], bool(pair[1].group)))
    page = one_page(found, query, counted=not query["match_topic"])
    page["data"] = [subscription_row(client, each) for client, each in page["data"]]
    return answer_json(page)


def fits(client: Client, subscription: Subscription, query: Row) -> bool:
    """Tell whether a subscription passes every filter.

    `topic` finds no shared ones, and `match_topic` is a filter that the subscription's topic must fit, not a
    topic (both recorded).
    """
    exact = (
        (query["clientid"], client.clientid),
        (query["qos"], subscription.qos),
        (query["topic"], subscription.topic if not subscription.group else None),
        (query["share_group"], subscription.group),
    )
    if any(wanted is not None and wanted != found for wanted, found in exact):
        return False
    return not query["match_topic"] or topic_matches(subscription.filter, query["match_topic"])


def subscription_row(client: Client, subscription: Subscription) -> Row:
    """Write a subscription of a list."""
    return {**subscription.row(client.clientid, client.node), "durable": False}


@route("GET", "/clients/{clientid}/subscriptions")
def list_of_client(call: Call) -> Answer:
    """List one client's subscriptions."""
    client = known_client(call)
    return answer_json([subscription_row(client, each) for each in client.subscriptions.values()])


def lacks_filter(topic: str) -> bool:
    """Return whether a shared subscription names a group only."""
    return topic.startswith("$share/") and not all(parse_subscription(topic)[:2])


def subscribe_client(call: Call, client: Client, wish: Row) -> Row:
    """Subscribe a client. Raises AnswerNow (400) for `nl` on a shared subscription."""
    if wish["nl"] and parse_subscription(wish["topic"]).group:
        raise AnswerNow(answer_error(400, "INVALID_PARAMETER", NO_LOCAL))
    if lacks_filter(wish["topic"]):
        reason = f'{{invalid_topic_filter,<<"{wish["topic"]}">>}}'
        raise AnswerNow(answer_error(500, "UNKNOWN_ERROR", reason))
    made = call.cluster.add_subscription(client.clientid, **wish)
    return made.row(client.clientid, client.node)


@route("POST", "/clients/{clientid}/subscribe", body=Body("subscription"))
def subscribe(call: Call) -> Answer:
    """Subscribe a client to one filter, even an invalid one."""
    return answer_json(subscribe_client(call, known_client(call), call.body))


@route("POST", "/clients/{clientid}/subscribe/bulk", body=Body("subscription", array=True))
def subscribe_many(call: Call) -> Answer:
    """Subscribe a client to many filters; 200 also when some or all of them fail."""
    client = known_client(call)
    done: list[Row] = []
    failed: list[Row] = []
    for wish in call.body:
        try:
            done.append(subscribe_client(call, client, wish))
        except AnswerNow:
            options = {key: wish[key] for key in ("nl", "qos", "rap", "rh")}
            reason = f'{{invalid_topic_filter,<<"{wish["topic"]}">>}}'
            failed.append({"data": [client.clientid, wish["topic"], options], "reason": reason})
    return answer_json({"succeed": done, "failed": failed} if failed else done)


@route("POST", "/clients/{clientid}/unsubscribe", body=Body("any_topic", loose=True))
def unsubscribe(call: Call) -> Answer:
    """Unsubscribe a client; 204 also from what it was not subscribed to."""
    client = known_client(call)
    if call.body.get("topic") is None:
        return answer_error(500, "INTERNAL_ERROR", NO_TOPIC)
    client.subscriptions.pop(call.body["topic"], None)
    return Answer(204)


@route("POST", "/clients/{clientid}/unsubscribe/bulk", body=Body("any_topic", array=True))
def unsubscribe_many(call: Call) -> Answer:
    """Unsubscribe a client from many filters."""
    client = known_client(call)
    for wish in call.body:
        client.subscriptions.pop(wish.get("topic"), None)
    return Answer(204)


@route("GET", "/topics", query="topics")
def list_topics(call: Call) -> Answer:
    """List the filters that are subscribed to, once for each node; no count for one known node's."""
    topic, node = call.query["topic"], call.query["node"]
    if topic is not None and lacks_filter(topic):
        return answer_error(400, "INVALID_PARAMTER", "topic_filter_invalid")
    rows = [
        {"node": at, "topic": each}
        for each, nodes in call.cluster.topics().items()
        for at in nodes
        if topic in (None, each) and node in (None, at)
    ]
    return answer_json(one_page(rows, call.query, counted=node not in call.cluster.nodes))


@route("GET", "/topics/{topic}")
def get_topic(call: Call) -> Answer:
    """List the nodes that have subscribers of one filter."""
    topic = call.bindings["topic"]
    nodes = call.cluster.topics().get(topic)
    if not nodes:
        return answer_error(404, "TOPIC_NOT_FOUND", "Topic not found")
    return answer_json([{"node": node, "topic": topic} for node in nodes])
