"""`emqxctl gateways listeners`: listeners of a gateway."""

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay


def test_listeners_say_on_how_many_nodes_they_run(run: Run) -> None:
    script = [find_exchange("GET /gateways/{name}/listeners", "name stomp")]
    outcome = replay(run, script, "gateways", "listeners", "list", "stomp")
    row = next(line for line in outcome.result.out.splitlines() if line.startswith("stomp:tcp:default"))
    assert "on 1 of 3" in row
    replacement = replay(
        run,
        [find_exchange("GET /gateways/{name}/listeners", "name coap")],
        "gateways",
        "listeners",
        "list",
        "coap",
    )
    assert "running" in replacement.result.out


@pytest.mark.parametrize("name", ["tcp:rec", "stomp:tcp:rec"])
def test_a_listener_is_created_by_type_and_name(run: Run, name: str) -> None:
    script = [find_exchange("POST /gateways/{name}/listeners", "create")]
    outcome = replay(
        run, script, "gateways", "listeners", "create", "stomp", name, "--bind", "127.0.0.1:61700", "--json"
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"type": "tcp", "name": "rec", "bind": "127.0.0.1:61700"}]
    assert outcome.result.json["id"] == "stomp:tcp:rec"


@pytest.mark.parametrize(
    ("title", "code", "words"),
    [
        ("already exists", 7, "occupied"),
        ("no bind", 7, "bind is required"),
        ("bad bind", 7, "bad_port_number"),
        ("bad type", 10, "udp"),
    ],
)
def test_why_a_listener_is_refused_can_be_read(run: Run, title: str, code: int, words: str) -> None:
    script = [find_exchange("POST /gateways/{name}/listeners", title)]
    outcome = replay(run, script, "gateways", "listeners", "create", "stomp", "tcp:rec", "--json")
    assert outcome.result.code == code, outcome.result.err
    assert words in outcome.result.error["message"]
    assert "<<" not in outcome.result.error["message"]


def test_a_listener_is_changed_whole(run: Run) -> None:
    path = "/gateways/stomp/listeners/stomp%3Atcp%3Adefault"
    before = find_exchange("GET /gateways/{name}/listeners/{id}", "listener stomp:tcp:default")
    script = [before, make_exchange(f"PUT {path}", 200, {**before.body, "max_connections": 7})]
    outcome = replay(
        run, script, "gateways", "listeners", "update", "stomp", "stomp:tcp:default", "--max-connections", "7"
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == [f"GET {path}", f"PUT {path}"]
    unchanged_fields = {key: value for key, value in before.body.items() if key not in {"id", "running"}}
    assert outcome.bodies == [{**unchanged_fields, "max_connections": 7}]
    renaming = replay(
        run, script, "gateways", "listeners", "update", "stomp", "stomp:tcp:default", "--set", "name=x"
    )
    assert (renaming.result.code, renaming.calls) == (2, [])


def test_a_listener_is_deleted(run: Run) -> None:
    script = [find_exchange("DELETE /gateways/{name}/listeners/{id}", "delete")]
    assert replay(run, script, "gateways", "listeners", "delete", "stomp", "stomp:tcp:rec").result.code == 14
    outcome = replay(run, script, "gateways", "listeners", "delete", "stomp", "stomp:tcp:rec", "-y")
    assert outcome.calls == ["DELETE /gateways/stomp/listeners/stomp%3Atcp%3Arec"]


def test_a_listener_answers_to_the_name_it_was_created_with(run: Run, cluster: Sandbox) -> None:
    creation = run("gateways", "listeners", "create", "stomp", "tcp:plant", "--bind", "61615")
    assert creation.err == "created gateway listener 'stomp:tcp:plant'\n"
    for name in ("tcp:plant", "stomp:tcp:plant"):
        shown = run("gateways", "listeners", "get", "stomp", name, "--json")
        assert (shown.code, shown.json["id"]) == (0, "stomp:tcp:plant")
    changed = run("gateways", "listeners", "update", "stomp", "tcp:plant", "--max-connections", "7")
    assert changed.code == 0
    without_authentication = run("gateways", "authentication", "get", "stomp", "--listener", "tcp:plant")
    assert (
        without_authentication.code,
        "'stomp:tcp:plant' has no authentication" in without_authentication.err,
    ) == (6, True)
    unsubscribe = run("gateways", "listeners", "delete", "stomp", "tcp:plant", "--yes")
    assert unsubscribe.code == 0
    assert cluster.requests[-1].path == "/api/v5/gateways/stomp/listeners/stomp%3Atcp%3Aplant"
