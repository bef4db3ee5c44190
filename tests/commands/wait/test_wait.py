"""`emqxctl wait`: when it ends, its exit codes, and its messages."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from emqxctl.api.request import Request
from emqxctl.commands.wait import WaitLoop
from emqxctl.commands.wait._conditions import WaitCondition, parse_condition
from emqxctl.commands.wait._evaluate import ConditionResult
from emqxctl.errors import UsageError
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.replay import make_exchange, replay

THIRD = "emqx3@sandbox.local"
STABLE_LINE = "conditions met; must stay met for 5s"
STATUS = {"node_name": "emqx@a", "rel_vsn": "v5.8.9", "broker_status": "started", "app_status": "running"}
UP = make_exchange("GET /status", 200, STATUS)
RESOURCE_CALLS = ("GET /clients/x", "GET /rules/x", "GET /nodes", "GET /alarms")
SetAction = Callable[[Callable[[], object]], None]


@pytest.fixture
def on_next_pause(monkeypatch: pytest.MonkeyPatch) -> SetAction:
    """Run an action instead of the next pause; the test has no other pause."""

    def set_action(action: Callable[[], object]) -> None:
        actions = [action]

        def sleep(_seconds: float) -> None:
            actions.pop()()

        monkeypatch.setattr("emqxctl.commands.wait.WaitLoop", partial(WaitLoop, sleep=sleep))

    return set_action


def set_running(cluster: Sandbox, name: str, *, running: bool) -> None:
    """Stop or start a node."""
    with cluster.cluster.lock:
        cluster.cluster.nodes[name].running = running


@pytest.mark.parametrize(
    "condition",
    [
        "nodes=3",
        "nodes>=2",
        "version=5.8.9",
        "version=v5.8",
        "version=5",
        "connector/http:telemetry-store=connected",
        "connector/http:billing-webhook=disconnected",
        "connector/http:old-crm=disabled",
        "action/mqtt:forward-alerts=connected",
        "source/mqtt:cloud-commands=enabled",
        "rule/store-telemetry=enabled",
        "rule/debug-alerts=disabled",
        "rule/never=gone",
        "listener/tcp:default=running",
        "client/never=gone",
        'query:/stats?aggregate=true "connections.count" > `10`',
        "query:/nodes [?node_status=='running']",
    ],
)
def test_what_is_so_ends_it_at_once(run: Run, cluster: Sandbox, condition: str) -> None:
    result = run("wait", "--for", condition, "--timeout", "0", "-o", "json")
    assert (result.code, result.json["conditions"]) == (
        0,
        [{"condition": condition, "met": True, "state": None}],
    )


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("nodes=2", "3 running"),
        ("nodes>=4", "3 running"),
        ("version=5.8.1", "emqx1@sandbox.local has 5.8.9"),
        ("version=5.8.90", "has 5.8.9"),
        ("connector/http:billing-webhook=connected", "disconnected: Connection refused"),
        ("connector/http:old-crm=connected", "disabled, stopped"),
        ("connector/http:never=connected", "connector http:never not found"),
        ("action/http:never=disconnected", "action http:never not found"),
        ("rule/never=disabled", "rule never not found"),
        ("rule/store-telemetry=gone", "still exists"),
        ("listener/tcp:never=stopped", "listener tcp:never not found"),
        ("client/never=disconnected", "client never not found"),
        ("alarms=none", "active: action:http:forward-billing"),
        ("cluster=healthy", "connector http:billing-webhook is disconnected"),
        ("query:/nodes length(@) > `3`", "result: false"),
        ("query:/nodes [?node=='x']", "result: []"),
        ("query:/stats?aggregate=true length(never)", "invalid --query"),
        ("query:/clients/never connected", "not found"),
    ],
)
def test_what_is_not_so_ends_in_8_and_says_what_is(
    run: Run, cluster: Sandbox, condition: str, state: str
) -> None:
    result = run("wait", "--for", condition, "--timeout", "0", "--json")
    assert (result.code, result.out) == (8, "")
    assert result.error["code"] == "NOT_READY"
    assert state in result.error["conditions"][0]["state"]
    assert condition in result.error["message"]
    assert state in result.error["message"]


def test_a_client_that_comes_ends_it(run: Run, cluster: Sandbox, on_next_pause: SetAction) -> None:
    on_next_pause(lambda: cluster.cluster.add_client("dev/1 +"))
    result = run("wait", "--for", "client/dev/1 +=connected", "--stable", "0")
    assert (result.code, result.out) == (0, "")
    assert result.err.splitlines()[0] == ("waiting for client/dev/1 +=connected (client dev/1 + not found)")
    assert result.err.splitlines()[1].startswith("client/dev/1 +=connected after ")
    assert "/api/v5/clients/dev%2F1%20%2B" in {request.path for request in cluster.requests}


def test_a_node_that_comes_back_ends_it(run: Run, cluster: Sandbox, on_next_pause: SetAction) -> None:
    set_running(cluster, THIRD, running=False)
    on_next_pause(lambda: set_running(cluster, THIRD, running=True))
    result = run("wait", "--for", "nodes=3")
    assert result.code == 0
    assert result.err.splitlines()[0] == f"waiting for nodes=3 (2 running; node {THIRD} is stopped)"


def test_all_conditions_have_to_hold(run: Run, cluster: Sandbox) -> None:
    result = run("wait", "--for", "nodes=3", "--for", "rule/never=enabled", "--timeout", "0")
    assert result.code == 8
    assert "nodes=3" not in result.err
    assert "rule/never=enabled" in result.err


def test_a_cluster_without_troubles_is_healthy(run: Run, cluster: Sandbox) -> None:
    state = cluster.cluster
    with state.lock:
        state.alarms.clear()
        state.integration.connectors.clear()
        state.integration.actions.clear()
        state.integration.sources.clear()
    assert run("wait", "--for", "cluster=healthy", "--for", "alarms=none", "--timeout", "0").code == 0


def test_quiet_says_nothing_meanwhile(run: Run, cluster: Sandbox, on_next_pause: SetAction) -> None:
    on_next_pause(lambda: cluster.cluster.add_client("dev-1"))
    result = run("wait", "--for", "client/dev-1=connected", "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")


@pytest.mark.parametrize(
    "condition",
    [
        "", "nodes", "nodes=", "nodes=x", "nodes=-1", "nodes=0", "nodes<3", "cluster=fine", "alarms=some",
        "version=",
        "version=new", "connector/http:x", "connector/x=connected", "connector/:x=connected",
        "connector/http:x=running", "rule/=enabled", "client/..=gone", "client/.=connected", "clients/x=gone",
        "listener/tcp=running", "query:", "query:/nodes", "query:nodes x", "query:/nodes [",
        "query:/a/../b x",
        "query:/a b x y",
    ],
)  # fmt: skip
def test_a_bad_condition_is_refused_before_anything_is_sent(
    run: Run, cluster: Sandbox, condition: str
) -> None:
    result = run("wait", "--for", "nodes=3", "--for", condition)
    assert result.code == 2, result.err
    assert "hint: " in result.err
    assert cluster.requests == []


@pytest.mark.parametrize(
    "options",
    [
        ("--timeout", "soon"),
        ("--stable", "x"),
        ("--interval", "0"),
        ("--interval", "50ms"),
        ("--stable", "10s", "--timeout", "5s"),
    ],
)
def test_bad_times_are_refused_before_anything_is_sent(
    run: Run, cluster: Sandbox, options: tuple[str, ...]
) -> None:
    assert run("wait", "--for", "nodes=3", *options).code == 2
    assert cluster.requests == []


def test_a_wrong_key_ends_it_at_once(run: Run, cluster: Sandbox) -> None:
    result = run("wait", "--for", "nodes=3", env={"EMQXCTL_API_SECRET": "wrong"})
    assert (result.code, "BAD_API_KEY_OR_SECRET" in result.err) == (4, True)


@pytest.mark.parametrize("waiting_for", ["client/x=gone", "rule/x=gone", "nodes=1", "alarms=none"])
@pytest.mark.parametrize(
    "script",
    [
        [make_exchange("GET /status", 503)],
        [make_exchange("GET /status", 200, {**STATUS, "app_status": "not_running"})],
        [UP, *(make_exchange(call, 500, {"code": "NODE_DOWN"}) for call in RESOURCE_CALLS)],
        [UP, *(make_exchange(call, 503) for call in RESOURCE_CALLS)],
    ],
    ids=["503", "starting", "node down", "busy"],
)
def test_a_cluster_in_trouble_is_not_yet_so(run: Run, script: Any, waiting_for: str) -> None:
    outcome = replay(run, script, "wait", "--for", waiting_for, "--timeout", "0")
    assert outcome.result.code == 8, outcome.result.err
    assert "[NOT_READY]" in outcome.result.err


def test_a_route_that_is_not_registered_yet_makes_nothing_gone(run: Run) -> None:
    not_found = {"code": "NOT_FOUND", "message": "Request Path Not Found"}
    script = [make_exchange("GET /status", 200, STATUS), make_exchange("GET /clients/x", 404, not_found)]
    assert replay(run, script, "wait", "--for", "client/x=gone", "--timeout", "0").result.code == 8


def test_a_refused_connection_is_not_yet_so(run: Run) -> None:
    with Sandbox() as gone:
        env = {"EMQXCTL_URL": gone.url, "EMQXCTL_API_KEY": "k", "EMQXCTL_API_SECRET": "s"}
    result = run("wait", "--for", "client/x=gone", "--timeout", "0", env=env)
    assert (result.code, "refused" in result.err) == (8, True)


def test_what_this_version_lacks_ends_it_in_13(run: Run) -> None:
    not_found = {"code": "NOT_FOUND", "message": "Request Path Not Found"}
    old = {**STATUS, "rel_vsn": "v5.0.26"}
    script = [make_exchange("GET /status", 200, old), make_exchange("GET /actions/http%3Ax", 404, not_found)]
    result = replay(run, script, "wait", "--for", "action/http:x=connected").result
    assert result.code == 13, result.err


def test_ctrl_c_ends_in_130(run: Run, cluster: Sandbox, on_next_pause: SetAction) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    on_next_pause(interrupt)
    assert run("wait", "--for", "client/never=connected").code == 130


class FakeClock:
    """A clock that only sleep() advances."""

    def __init__(self) -> None:
        """Start at a fixed time."""
        self.now = 1000.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the time."""
        assert seconds > 0
        self.pauses.append(seconds)
        self.now += seconds


def run_loop(
    is_met_at: Callable[[float], bool], timeout: float, stable: float = 0, interval: float = 2
) -> tuple[bool, float, list[str], FakeClock]:
    """Wait for a condition that is met or not at each second; return result, time, log and clock."""
    clock, log_lines = FakeClock(), list[str]()

    def check(_left: float) -> Sequence[tuple[WaitCondition, ConditionResult]]:
        return [(WaitCondition("it", "nodes", "1"), ConditionResult(is_met_at(clock.now - 1000), "not it"))]

    is_met, elapsed, _ = WaitLoop(timeout, stable, interval, clock.clock, clock.sleep).run(
        check, log_lines.append
    )
    return is_met, elapsed, log_lines, clock


def test_it_looks_once_more_when_the_time_is_up() -> None:
    is_met, elapsed, log_lines, clock = run_loop(lambda _at: False, 5)
    assert (is_met, elapsed, clock.pauses) == (False, 5, [2, 2, 1])
    assert log_lines == ["waiting for it (not it)"]


def test_it_ends_as_soon_as_it_is_so() -> None:
    assert run_loop(lambda at: at >= 4, 60)[:2] == (True, 4)


def test_it_has_to_stay_so() -> None:
    is_met, elapsed, log_lines, _ = run_loop(lambda at: at != 4, 60, stable=5)
    assert (is_met, elapsed) == (True, 11)  # met at 0, not at 4, from 6 on for 5 seconds
    assert log_lines == [STABLE_LINE, "waiting for it (not it)", STABLE_LINE]


def test_not_long_enough_is_not_so() -> None:
    is_met, elapsed, _, _ = run_loop(lambda at: at >= 8, 10, stable=5)
    assert (is_met, elapsed) == (False, 10)


def test_a_request_may_not_take_longer_than_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, remaining_times = FakeClock(), list[float]()

    def check(remaining: float) -> Sequence[tuple[WaitCondition, ConditionResult]]:
        remaining_times.append(remaining)
        return [(WaitCondition("it", "nodes", "1"), ConditionResult(is_met=False, state=""))]

    WaitLoop(5, 0, 2, clock.clock, clock.sleep).run(check, lambda _line: None)
    assert remaining_times == [5, 3, 1, 0]


def test_a_name_may_hold_signs() -> None:
    condition = parse_condition("client/a=b/c=gone")
    assert (condition.kind, condition.name, condition.target) == ("client", "a=b/c", "gone")


def test_a_query_keeps_its_parameters() -> None:
    request = parse_condition("query:/clients?limit=1 meta.count").request
    assert isinstance(request, Request)
    assert request.url_path == "/api/v5/clients?limit=1"


def test_a_bad_condition_tells_the_good_ones() -> None:
    with pytest.raises(UsageError, match="connected, disconnected, enabled") as error_info:
        parse_condition("connector/http:x=up")
    assert "rule/ID=enabled" in error_info.value.hint


@pytest.mark.parametrize(
    ("condition", "options"),
    [
        ("nodes=abc", "nodes=3 or 'nodes>=3'"),
        ("nodes>=0", "'nodes>=3'"),
        ("version=new", "version=5.8.9"),
        ("cluster=ok", "cluster=healthy"),
        ("alarms=0", "alarms=none"),
    ],
)
def test_a_condition_that_is_nearly_one_is_told_how_it_is_written(
    run: Run, cluster: Sandbox, condition: str, options: str
) -> None:
    result = run("wait", "--for", condition)
    assert (result.code, cluster.requests) == (2, [])
    assert f"must be {options}" in result.err.splitlines()[0]
