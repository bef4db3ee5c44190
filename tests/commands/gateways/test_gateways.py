"""`emqxctl gateways`: gateways, loaded, updated and switched."""

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

STOMP = {
    "name": "stomp",
    "status": "running",
    "enable": True,
    "mountpoint": "",
    "frame": {"max_headers": 10},
    "listeners": [],
}


def test_the_list_shows_state_and_listeners(run: Run) -> None:
    outcome = replay(run, [find_exchange("GET /gateways", "plain")], "gateways", "list")
    lines = [line.split() for line in outcome.result.out.splitlines()]
    assert ["coap", "running", "0", "3072", "coap:udp:default"] in [line[:5] for line in lines]
    assert ["exproto", "unloaded"] in [line[:2] for line in lines]
    assert replay(
        run, [find_exchange("GET /gateways", "plain")], "gateways", "list", "--json"
    ).result.json == (find_exchange("GET /gateways", "plain").body)


def test_the_state_is_a_filter_of_the_server(run: Run) -> None:
    script = [find_exchange("GET /gateways", "status unloaded")]
    outcome = replay(run, script, "gateways", "list", "--status", "unloaded", "-o", "name")
    assert (outcome.calls, outcome.result.out) == (["GET /gateways?status=unloaded"], "exproto\n")


def test_update_sends_what_belongs_to_the_gateway_alone(run: Run) -> None:
    script = [make_exchange("GET /gateways/stomp", 200, STOMP), make_exchange("PUT /gateways/stomp", 204)]
    outcome = replay(
        run, script, "gateways", "update", "stomp", "--mountpoint", "s/", "--set", "frame.max_headers=20"
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"enable": True, "mountpoint": "s/", "frame": {"max_headers": 20}}]


def test_why_an_update_is_refused_can_be_read(run: Run) -> None:
    script = [
        make_exchange("GET /gateways/stomp", 200, STOMP),
        find_exchange("PUT /gateways/{name}", "unknown field"),
    ]
    outcome = replay(run, script, "gateways", "update", "stomp", "--set", "colour=1", "--json")
    assert (outcome.result.code, outcome.result.stdout) == (7, b"")
    assert "colour" in outcome.result.error["message"]
    assert '\\"' not in outcome.result.error["message"]


@pytest.mark.parametrize(("verb", "value", "title"), [("enable", "true", "on"), ("disable", "false", "off")])
def test_gateways_are_switched(run: Run, verb: str, value: str, title: str) -> None:
    outcome = replay(
        run, [find_exchange("PUT /gateways/{name}/enable/{enable}", title)], "gateways", verb, "mqttsn"
    )
    assert (outcome.result.code, outcome.calls) == (0, [f"PUT /gateways/mqttsn/enable/{value}"])


def test_what_is_not_loaded_cannot_be_enabled(run: Run) -> None:
    script = [find_exchange("PUT /gateways/{name}/enable/{enable}", "unloaded")]
    assert replay(run, script, "gateways", "enable", "exproto").result.code == 6


def test_load_and_unload(run: Run) -> None:
    outcome = replay(
        run,
        [make_exchange("PUT /gateways/stomp", 204)],
        "gateways",
        "load",
        "stomp",
        "--set",
        "mountpoint=s/",
    )
    assert outcome.bodies == [{"mountpoint": "s/"}]
    assert replay(run, [], "gateways", "unload", "stomp").result.code == 14
    script = [
        make_exchange(
            "DELETE /gateway/stomp", 404, {"code": "NOT_FOUND", "message": "Request Path Not Found"}
        ),
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.8.9", "app_status": "running"}),
    ]
    assert replay(run, script, "gateways", "unload", "stomp", "--yes").result.code == 13


def test_before_5_0_8_load_takes_the_other_form(run: Run) -> None:
    script = [
        make_exchange("PUT /gateways/stomp", 404),
        make_exchange("GET /status", 200, {"node_name": "e@x", "rel_vsn": "v5.0.3", "app_status": "running"}),
        make_exchange("POST /gateway", 204),
    ]
    outcome = replay(run, script, "gateways", "load", "stomp")
    assert outcome.result.code == 0, outcome.result.err
    assert (outcome.calls[-1], outcome.bodies[-1]) == ("POST /gateway", {"name": "stomp"})


def test_an_unknown_gateway_is_told_in_words(run: Run) -> None:
    outcome = replay(
        run,
        [find_exchange("GET /gateways/{name}/clients", "name nope")],
        "gateways",
        "clients",
        "list",
        "nope",
    )
    assert outcome.result.code == 7
    assert "not one of the allowed values" in outcome.result.err
