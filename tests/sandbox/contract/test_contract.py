"""The sandbox answers as the real EMQX 5.8.9 was recorded to: status, headers, keys, types, error code."""

import base64
import json
import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest

from emqxctl.sandbox.http.routing import ROUTES
from emqxctl.sandbox.server import Sandbox
from tests.sandbox.contract.features import NOT_IMITATED, OTHER_FEATURE_WORDS, fill_features
from tests.sandbox.contract.integration import fill_integration
from tests.sandbox.contract.listeners import fill_listeners
from tests.sandbox.contract.management import fill_configs
from tests.sandbox.contract.playback import follow_cursor, play
from tests.sandbox.contract.recordings import build_recorded_sandbox
from tests.sandbox.contract.states import STATES, prepare_state
from tests.support.every_case import check_every, split_cases
from tests.support.recordings import Exchange, iter_exchanges

HEADERS = ("content-type", "content-disposition", "www-authenticate", "allow", "retry-after")
LAYER = {"DELETE /nodes", "GET /login", "GET /publish", "GET /{unknown}", "HEAD /nodes", "OPTIONS /clients"}
LAYER |= {"PATCH /clients/{clientid}", "POST /nodes", "PUT /banned", "TRACE /nodes"}

# What cannot be played back, and why: patterns of operations and titles.
NOT_APPLICABLE = {
    ("*", "node booting, * no response *"): "the sandbox is up as soon as its port is open",
    ("*", "node booting, * ms: 404"): "the same",
    ("GET /status", "node booting, * ms: 200*"): "it was asked of node 3, and names it",
    ("GET /{unknown}", "request line cut in the middle"): "five seconds of silence",
    ("POST /publish", "body cut: *"): "fifteen seconds of silence",
    ("PUT /listeners/{id}", "peers cannot apply the change*"): "a minute of silence",
    (
        "GET /prometheus/stats",
        "one node stopped, aggregated",
    ): "disconnections are not counted by their reasons",
    ("GET /configs", "HOCON, Accept text/plain"): "all there is in the cluster, gateways and exhooks too",
    ("GET /topics", "node filter names the stopped node"): "EMQX drops a stopped node's routes minutes later",
}

# Refusals whose words differ (500s are not compared: their stack traces are cut short).
OTHER_WORDS = {
    (
        "POST /listeners",
        "unknown field",
    ): "it names the fields of each kind of listener, of which some are missing",
    ("POST /banned", "clientid_re bad"): "the words of another library of regular expressions",
    ("POST /publish/bulk", "object instead of array"): "the order of keys is lost in the recordings",
    ("POST /rules", "empty SQL"): "it names the id that was drawn for the rule",
}
OTHER_WORDS |= OTHER_FEATURE_WORDS
NOT_APPLICABLE |= NOT_IMITATED


def is_applicable(exchange: Exchange) -> bool:
    return not any(
        fnmatchcase(exchange.operation, operation) and fnmatchcase(exchange.title, title)
        for operation, title in NOT_APPLICABLE
    )


@cache
def all_exchanges() -> list[Exchange]:
    return list(iter_exchanges())


COMPARED = [exchange for exchange in all_exchanges() if is_applicable(exchange)]
PARTS = 3


def name_exchange(exchange: Exchange) -> str:
    """Return the operation and the title of an exchange."""
    return f"{exchange.operation} - {exchange.title}"


Shape = dict[str, set[str]]


def find_types(value: Any, path: str = "$") -> Shape:
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
    types_by_place: Shape = {path: {type(value).__name__}}
    for where, child in children:
        for key, types in find_types(child, where).items():
            types_by_place.setdefault(key, set()).update(types)
    return types_by_place


@cache
def recorded_types(operation: str) -> Shape:
    """Gather the types that any recorded answer of an operation had at each place."""
    types_by_place: Shape = {}
    for exchange in all_exchanges():
        if exchange.operation == operation and exchange.body is not None:
            for place, types in find_types(exchange.body).items():
                types_by_place.setdefault(place, set()).update(types)
    return types_by_place


def assert_same_json(exchange: Exchange, played_json: Any) -> None:
    recorded_places, played_places = find_types(exchange.body), find_types(played_json)
    assert set(played_places) == set(recorded_places), "other keys"
    known_types = recorded_types(exchange.operation)
    other_types = {place: types for place, types in played_places.items() if not types <= known_types[place]}
    assert not other_types, "other types"
    if isinstance(exchange.body, dict) and "message" in exchange.body and exchange.response:
        assert played_json.get("code") == exchange.body.get("code")
        if exchange.response["status"] != 500 and (exchange.operation, exchange.title) not in OTHER_WORDS:
            assert played_json["message"] == exchange.body["message"]


HELD: tuple[str, ...] = (
    "nodes",
    "clients",
    "retained",
    "bans",
    "alarms",
    "past_alarms",
    "tokens",
    "monitor_since",
)
HELD += ("integration", "listeners", "configs", "settings", "removed_nodes", "invitations")
HELD += ("access", "features", "gateways", "users")


class Stage:
    """A sandbox in the recorded state, put back into it after each exchange that may have changed it."""

    def __init__(self) -> None:
        """Start, and keep a copy of the state."""
        self.sandbox = build_recorded_sandbox(all_exchanges()).start()
        fill_integration(self.sandbox.cluster, all_exchanges())
        fill_listeners(self.sandbox.cluster)
        fill_configs(self.sandbox.cluster, all_exchanges())
        fill_features(self.sandbox.cluster, all_exchanges())
        self.recorded_state = pickle.dumps({name: getattr(self.sandbox.cluster, name) for name in HELD})
        self.is_changed = False

    def set_for(self, exchange: Exchange) -> Sandbox:
        """Give the sandbox in the state that an exchange needs."""
        if self.is_changed:
            vars(self.sandbox.cluster).update(pickle.loads(self.recorded_state))
        self.is_changed = prepare_state(self.sandbox.cluster, exchange) or exchange.request["method"] != "GET"
        return self.sandbox


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.sandbox.stop()


@pytest.mark.parametrize(
    "exchanges", split_cases(COMPARED, PARTS), ids=[f"part {part + 1}" for part in range(PARTS)]
)
def test_every_response_is_as_recorded(exchanges: Sequence[Exchange], stage: Stage) -> None:
    check_every(exchanges, lambda exchange: check_response(exchange, stage), name=name_exchange)


def check_response(exchange: Exchange, stage: Stage) -> None:
    """Compare the sandbox's response with the recorded one."""
    sandbox = stage.set_for(exchange)
    played_response = play(sandbox, follow_cursor(sandbox, exchange))
    assert exchange.response is not None
    recorded_headers = exchange.response["headers"]
    assert played_response.status == exchange.response["status"], played_response.body
    assert {name: played_response.headers.get(name) for name in HEADERS} == {
        name: recorded_headers.get(name) for name in HEADERS
    }
    if "body" in exchange.response:
        assert_same_json(exchange, json.loads(played_response.body))
    elif "body_base64" in exchange.response:
        recorded_body = base64.b64decode(exchange.response["body_base64"])
        assert played_response.body[:3] == recorded_body[:3]  # the same kind of archive
    elif exchange.operation.startswith("GET /prometheus/"):
        assert metric_types(played_response.body.decode()) == metric_types(exchange.response["body_text"])
    else:
        assert played_response.body.decode() == exchange.response["body_text"]


def metric_types(text: str) -> list[str]:
    """List the metrics of Prometheus' text with their types; their values are those of the day."""
    return sorted(line for line in text.splitlines() if line.startswith("# TYPE"))


def test_every_exception_and_state_is_still_needed() -> None:
    for table in (NOT_APPLICABLE, OTHER_WORDS, STATES):
        for operation, title in table:
            exchanges = [
                exchange for exchange in all_exchanges() if fnmatchcase(exchange.operation, operation)
            ]
            assert any(fnmatchcase(exchange.title, title) for exchange in exchanges), (operation, title)


def test_hardly_anything_is_left_out(record_property: Callable[[str, object], None]) -> None:
    record_property("compared", len(COMPARED))
    record_property("not applicable", len(all_exchanges()) - len(COMPARED))
    assert len(COMPARED) >= 580
    assert len(all_exchanges()) - len(COMPARED) <= 26


LISTS = ("GET /clients", "GET /clients_v2")


CLIENT_LISTS = [
    exchange
    for exchange in COMPARED
    if exchange.operation in LISTS
    and "data" in (exchange.body or "")
    and not re.search("stopped|booting", exchange.title)
]


def test_filters_and_pages_return_the_recorded_clients(stage: Stage) -> None:
    def check(exchange: Exchange) -> None:
        sandbox = stage.set_for(exchange)
        body = json.loads(play(sandbox, follow_cursor(sandbox, exchange)).body)
        assert [row["clientid"] for row in body["data"]] == [row["clientid"] for row in exchange.body["data"]]
        assert {**body["meta"], "cursor": ""} == {**exchange.body["meta"], "cursor": ""}

    check_every(CLIENT_LISTS, check, name=name_exchange)


def test_all_operations_are_simulated() -> None:
    simulated = {f"{method} {path}" for edition, method, path in ROUTES if not edition}
    assert {exchange.operation for exchange in all_exchanges()} - LAYER <= simulated
    assert len(simulated) == 297
