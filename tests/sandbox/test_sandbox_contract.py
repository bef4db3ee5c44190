"""The sandbox answers as the real EMQX 5.8.9 was recorded to: status, headers, keys, types, error code."""

import base64
import http.client
import json
import pickle
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

import pytest
from sandbox_recordings import NODES, NOW, Exchange, fill_alarms, read_exchanges, recorded_sandbox

from emqxctl.sandbox.cluster import Cluster
from emqxctl.sandbox.records import Ban
from emqxctl.sandbox.routing import ROUTES
from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.unsimulated import BEARER_PATHS, UNSIMULATED

Preparation = Callable[[Cluster, Exchange], None]
HEADERS = ("content-type", "www-authenticate", "allow", "retry-after")
LAYER = {"DELETE /nodes", "GET /login", "GET /publish", "GET /{unknown}", "HEAD /nodes", "OPTIONS /clients"}
LAYER |= {"PATCH /clients/{clientid}", "POST /nodes", "PUT /banned", "TRACE /nodes"}
SIMULATED = {f"{method} {path}" for method, path in ROUTES} | LAYER

# What cannot be played back, and why: patterns of operations and titles.
NOT_APPLICABLE = {
    ("*", "node booting, *"): "the sandbox is up as soon as its port is open",
    ("GET /{unknown}", "request line cut in the middle"): "five seconds of silence",
    ("POST /publish", "body cut: *"): "fifteen seconds of silence",
    ("GET /topics", "node filter names the stopped node"): "EMQX drops a stopped node's routes minutes later",
}


# Refusals whose words differ (500s are not compared: their stack traces are cut short).
OTHER_WORDS = {
    ("POST /banned", "clientid_re bad"): "the words of another library of regular expressions",
    ("POST /publish/bulk", "object instead of array"): "the order of keys is lost in the recordings",
}


def is_applicable(exchange: Exchange) -> bool:
    return not any(
        fnmatchcase(exchange.operation.replace("[", "("), operation) and fnmatchcase(exchange.title, title)
        for operation, title in NOT_APPLICABLE
    )


@cache
def all_exchanges() -> list[Exchange]:
    return [each for each in read_exchanges() if each.operation in SIMULATED]


COMPARED = [exchange for exchange in all_exchanges() if is_applicable(exchange)]


def stop_nodes(*numbers: int) -> Preparation:
    def prepare(cluster: Cluster, _: Exchange) -> None:
        for number in numbers:
            cluster.stop_node(f"emqx{number}@127.0.0.1")

    return prepare


def forget(cluster: Cluster, _: Exchange) -> None:
    for held in (cluster.clients, cluster.bans, cluster.retained):
        held.clear()


def kick_named(cluster: Cluster, exchange: Exchange) -> None:
    cluster.kick(exchange.request["path"].rpartition("/")[2])


def ban_named(cluster: Cluster, exchange: Exchange) -> None:
    kind, who = exchange.request["path"].split("/")[-2:]
    cluster.bans[kind, unquote(who)] = Ban(kind, unquote(who), "ops", "test", int(NOW), "infinity")


def ban_already(cluster: Cluster, _: Exchange) -> None:
    cluster.bans["clientid", "rec-bad"] = Ban("clientid", "rec-bad", "ops", "test", int(NOW), 1924992000)


def retain_named(cluster: Cluster, exchange: Exchange) -> None:
    topic = unquote(exchange.request["path"].rpartition("/")[2]).replace("+", "one")
    cluster.publish(cluster.new_message(topic, b"x"), retain=True)


def delete_retained(cluster: Cluster, _: Exchange) -> None:
    cluster.retained.pop("config/sensor-001")


def fill_pages(cluster: Cluster, exchange: Exchange) -> None:
    """Add rows of which the recording shows only the number."""
    count = exchange.body["meta"]["count"]
    topics = sum(len(nodes) for nodes in cluster.topics().values())
    held = topics if exchange.operation == "GET /topics" else len(list(cluster.sessions()))
    for number in range(count - held):
        cluster.add_subscription("sensor-001", f"filler/{number}")
    for number in range(count - len(cluster.retained)):
        cluster.publish(cluster.new_message(f"filler/{number}", b"x"), retain=True)


def listen(cluster: Cluster, _: Exchange) -> None:
    cluster.add_subscription("sensor-002", "cmd/sensor-002")


def raise_recorded(cluster: Cluster, exchange: Exchange) -> None:
    cluster.alarms.clear()
    cluster.past_alarms.clear()
    fill_alarms(cluster, [exchange])


def end_recorded(cluster: Cluster, exchange: Exchange) -> None:
    cluster.end_alarm(exchange.request["body"]["name"], NODES[0])


# The state that an exchange needs beyond the common one, by patterns of operations and titles.
STATES: dict[tuple[str, str], Preparation] = {
    ("*", "*one node stopped*"): stop_nodes(3),
    ("*", "*the stopped node*"): stop_nodes(3),
    ("*", "two nodes stopped"): stop_nodes(2, 3),
    ("*", "nobody connected"): forget,
    ("*", "empty cluster"): forget,
    ("* /clients/{clientid}", "kicked again"): kick_named,
    ("* /clients/{clientid}", "after a kick"): kick_named,
    ("DELETE /banned/*", "[!a]*"): ban_named,
    ("POST /banned", "the same again"): ban_already,
    ("GET /banned", "none"): forget,
    ("GET /mqtt/retainer/messages", "none*"): forget,
    ("DELETE /mqtt/retainer/message/*", "[!b]*"): retain_named,
    ("GET /mqtt/retainer/message/*", "after the delete"): delete_retained,
    ("GET *", "*, last page [0-9]*"): fill_pages,
    ("POST /publish", "properties"): listen,
    ("POST /publish/bulk", "all delivered"): listen,
    ("GET /alarms", "*"): raise_recorded,
    ("POST /alarms/force_deactivate", "again"): end_recorded,
}


def prepare_state(cluster: Cluster, exchange: Exchange) -> bool:
    """Make the state that an exchange needs; tell whether it needs one of its own."""
    needed = [
        prepare
        for (operation, title), prepare in STATES.items()
        if fnmatchcase(exchange.operation, operation) and fnmatchcase(exchange.title, title)
    ]
    for prepare in needed:
        prepare(cluster, exchange)
    return bool(needed)


@dataclass(frozen=True)
class Played:
    """The sandbox's answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def credentials(sandbox: Sandbox, exchange: Exchange) -> str | None:
    """Make the Authorization header that the title speaks of."""
    cluster, title = sandbox.cluster, exchange.title
    now = cluster.now()
    cluster.tokens |= {"good": ("admin", now + 60), "old": ("admin", now - 1)}
    special = {
        "digest scheme": 'Digest username="x"',
        "Basic not base64": "Basic ***",
        "unknown key": basic("nope", "sandbox-secret"),
        "expired key": basic("nope", "sandbox-secret"),
        "wrong secret": basic("sandbox", "nope"),
        "empty secret": basic("sandbox", ""),
        "dashboard user in Basic": basic("admin", "public"),
        "lower-case basic": "basic" + basic("sandbox", "sandbox-secret")[5:],
        "wrong credentials are not looked at": basic("nope", "nope"),
        "bearer: bad token": "Bearer bad",
        "bearer: empty": "Bearer ",
        "bearer: expired, second use": "Bearer old",
        "bearer: after logout": "Bearer gone",
        "lower-case bearer": "bearer good",
    }
    if title in special:
        return special[title]
    kinds = {"none": None, "basic": basic("sandbox", "sandbox-secret"), "bearer": "Bearer good"}
    return kinds[exchange.request["headers"]["auth"]]


def basic(key: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def request_body(exchange: Exchange) -> bytes | None:
    request = exchange.request
    if exchange.title == "packet too large":
        return json.dumps({"topic": "a", "payload": "x" * 3_200_000}).encode()
    if "multipart" in request:
        parts = (
            f'--cut\r\ncontent-disposition: form-data; name="{part["name"]}"\r\n\r\n'
            for part in request["multipart"]
        )
        return "".join(f"{part}1\r\n" for part in parts).encode() + b"--cut--\r\n"
    if "body" in request:
        return json.dumps(request["body"]).encode()
    if "body_base64" in request:
        return base64.b64decode(request["body_base64"])
    return request["body_text"].encode() if "body_text" in request else None


def target(request: dict[str, Any]) -> str:
    if "raw_query" in request:
        return f"{request['path']}?{request['raw_query']}"
    pairs = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in request.get("query", ())
    )
    return f"{request['path']}?{pairs}" if pairs else str(request["path"])


def play(sandbox: Sandbox, exchange: Exchange) -> Played:
    """Send the recorded request to a sandbox."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    body, authorization = request_body(exchange), credentials(sandbox, exchange)
    connection.putrequest(exchange.request["method"], target(exchange.request), skip_accept_encoding=True)
    for name, value in exchange.request["headers"].items():
        if name != "auth":
            connection.putheader(name, value + "; boundary=cut" * ("multipart" in value))
    if authorization is not None:
        connection.putheader("Authorization", authorization)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    played = Played(response.status, headers, response.read())
    connection.close()
    return played


def follow_cursor(sandbox: Sandbox, exchange: Exchange) -> Exchange:
    """Put the sandbox's own cursor in place of a recorded one, by walking there."""
    page = re.fullmatch(r"cursor page (\d+), limit 40", exchange.title)
    cursor: list[list[str]] = []
    for _ in range(int(page[1]) - 1 if page else 0):
        request = {**exchange.request, "query": [["limit", "40"], *cursor]}
        played = play(sandbox, replace(exchange, request=request))
        cursor = [["cursor", json.loads(played.body)["meta"]["cursor"]]]
    return (
        replace(exchange, request={**exchange.request, "query": [["limit", "40"], *cursor]})
        if page
        else exchange
    )


Shape = dict[str, set[str]]


def shape(value: Any, path: str = "$") -> Shape:
    """Map each place in a JSON value to its types; the elements of an array share their places."""
    match value:
        case dict():
            children = [(f"{path}.{key}", child) for key, child in value.items()]
        case list():
            children = [(f"{path}[]", child) for child in value]
        case bool() | None | str():
            return {path: {type(value).__name__}}
        case _:
            return {path: {"number"}}
    found: Shape = {path: {type(value).__name__}}
    for where, child in children:
        for key, types in shape(child, where).items():
            found.setdefault(key, set()).update(types)
    return found


@cache
def known_types(operation: str) -> Shape:
    """Gather the types that any recorded answer of an operation had at each place."""
    found: Shape = {}
    for exchange in all_exchanges():
        if exchange.operation == operation and exchange.body is not None:
            for place, types in shape(exchange.body).items():
                found.setdefault(place, set()).update(types)
    return found


def assert_same_json(exchange: Exchange, answered: Any) -> None:
    recorded, played = shape(exchange.body), shape(answered)
    assert set(played) == set(recorded), "other keys"
    known = known_types(exchange.operation)
    odd = {place: types for place, types in played.items() if not types <= known[place]}
    assert not odd, "other types"
    if isinstance(exchange.body, dict) and "message" in exchange.body and exchange.response:
        assert answered.get("code") == exchange.body.get("code")
        if exchange.response["status"] != 500 and (exchange.operation, exchange.title) not in OTHER_WORDS:
            assert answered["message"] == exchange.body["message"]


HELD = ("nodes", "clients", "retained", "bans", "alarms", "past_alarms", "tokens", "monitor_since")


class Stage:
    """A sandbox in the recorded state, put back into it after each exchange that may have changed it."""

    def __init__(self) -> None:
        """Start, and keep a copy of the state."""
        self.sandbox = recorded_sandbox(all_exchanges()).start()
        self.recorded = pickle.dumps({name: getattr(self.sandbox.cluster, name) for name in HELD})
        self.spent = False

    def set_for(self, exchange: Exchange) -> Sandbox:
        """Give the sandbox in the state that an exchange needs."""
        if self.spent:
            vars(self.sandbox.cluster).update(pickle.loads(self.recorded))
        self.spent = prepare_state(self.sandbox.cluster, exchange) or exchange.request["method"] != "GET"
        return self.sandbox


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.sandbox.stop()


@pytest.mark.parametrize("exchange", COMPARED, ids=lambda each: f"{each.operation} - {each.title}")
def test_answers_as_recorded(exchange: Exchange, stage: Stage) -> None:
    sandbox = stage.set_for(exchange)
    played = play(sandbox, follow_cursor(sandbox, exchange))
    assert exchange.response is not None
    recorded_headers = exchange.response["headers"]
    assert played.status == exchange.response["status"], played.body
    assert {name: played.headers.get(name) for name in HEADERS} == {
        name: recorded_headers.get(name) for name in HEADERS
    }
    if "body" in exchange.response:
        assert_same_json(exchange, json.loads(played.body))
    else:
        assert played.body.decode() == exchange.response["body_text"]


def test_every_exception_is_still_needed() -> None:
    for operation, title in NOT_APPLICABLE:
        found = [each for each in all_exchanges() if fnmatchcase(each.operation, operation)]
        assert any(fnmatchcase(each.title, title) for each in found), (operation, title)
    for operation, title in STATES:
        found = [each for each in COMPARED if fnmatchcase(each.operation, operation)]
        assert any(fnmatchcase(each.title, title) for each in found), (operation, title)


def test_hardly_anything_is_left_out(record_property: Callable[[str, object], None]) -> None:
    record_property("compared", len(COMPARED))
    record_property("not applicable", len(all_exchanges()) - len(COMPARED))
    assert len(COMPARED) >= 570
    assert len(all_exchanges()) - len(COMPARED) <= 22


LISTS = ("GET /clients", "GET /clients_v2")


@pytest.mark.parametrize(
    "exchange",
    [
        each
        for each in COMPARED
        if each.operation in LISTS and "data" in (each.body or "") and "stopped" not in each.title
    ],
    ids=lambda each: f"{each.operation} - {each.title}",
)
def test_filters_and_pages_find_what_the_real_one_found(exchange: Exchange, stage: Stage) -> None:
    sandbox = stage.set_for(exchange)
    answered = json.loads(play(sandbox, follow_cursor(sandbox, exchange)).body)
    assert [row["clientid"] for row in answered["data"]] == [row["clientid"] for row in exchange.body["data"]]
    assert {**answered["meta"], "cursor": ""} == {**exchange.body["meta"], "cursor": ""}


OTHER_OPERATIONS = sorted({each.operation for each in read_exchanges()} - SIMULATED)


@pytest.mark.parametrize("operation", OTHER_OPERATIONS)
def test_the_rest_is_declined(operation: str, stage: Stage) -> None:
    method, path = operation.split()
    headers = {"auth": "bearer" if path in BEARER_PATHS else "basic"}
    request = {
        "method": method,
        "path": "/api/v5" + path.replace("{", "").replace("}", ""),
        "headers": headers,
    }
    exchange = Exchange(operation, "", "", request, None)
    played = play(stage.set_for(exchange), exchange)
    assert played.status == 501
    answered = json.loads(played.body)
    assert answered["code"] == "NOT_SIMULATED"
    assert operation in answered["message"]


def test_all_operations_are_known() -> None:
    unsimulated = {f"{method} {path}" for path, methods in UNSIMULATED.items() for method in methods.split()}
    simulated = {f"{method} {path}" for method, path in ROUTES}
    assert not unsimulated & simulated
    assert len(unsimulated | simulated) == 297
    assert set(OTHER_OPERATIONS) <= unsimulated
