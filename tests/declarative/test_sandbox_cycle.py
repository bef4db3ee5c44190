"""Export, diff and apply against a simulated cluster: what must hold for every cluster."""

import json
from pathlib import Path

import pytest

from emqxctl.declarative.changes import Options, Outcome
from emqxctl.declarative.record import Record
from emqxctl.sandbox.server import Sandbox
from tests.support.openapi import find_problems
from tests.support.state_files import (
    SECRET,
    State,
    apply,
    clear,
    export,
    exported_state,
    outline,
    parse,
    plan,
    server_of,
    to_state,
    writes,
)


def test_an_export_differs_from_its_cluster_in_nothing(sandbox: Sandbox) -> None:
    assert outline(plan(sandbox, export(sandbox))) == []


def test_an_export_needs_no_variable_to_be_compared(sandbox: Sandbox) -> None:
    from emqxctl.declarative.planner import Planner

    made = Planner(server_of(sandbox), parse(export(sandbox), {}), None, Options()).build()
    assert (outline(made), made.missing, made.hidden) == ([], [], 3)


def test_two_exports_are_the_same_bytes(sandbox: Sandbox) -> None:
    assert export(sandbox) == export(sandbox)


def test_an_export_writes_nothing(sandbox: Sandbox) -> None:
    export(sandbox)
    assert writes(sandbox) == []


def test_an_export_holds_no_secret(sandbox: Sandbox) -> None:
    connectors = sandbox.cluster.integration.connectors
    secrets = [
        str(one.config[name]) for one in connectors.values() for name in one.config if name == "password"
    ]
    assert secrets
    text = export(sandbox)
    assert [one for one in secrets if one in text] == []
    assert "******" not in text


def test_what_is_applied_to_an_empty_cluster_is_exported_again() -> None:
    with Sandbox() as full, Sandbox() as empty:
        clear(empty)
        text = export(full)
        made = apply(empty, text)
        assert {one.outcome for one in made.changes} == {Outcome.DONE}
        assert len(made.changes) >= 20
        for one in empty.requests:
            assert find_problems(one.method, one.path, one.query, one.headers, one.body) == []
        assert export(empty) == text


def test_a_second_apply_sends_nothing() -> None:
    with Sandbox() as full, Sandbox() as empty:
        clear(empty)
        text = export(full)
        apply(empty, text)
        before = len(empty.requests)
        made = apply(empty, text)
        assert made.changes == []
        assert writes(empty, before) == []


def test_secrets_of_a_file_reach_the_server(sandbox: Sandbox) -> None:
    text = export(sandbox)
    clear(sandbox)
    apply(sandbox, text)
    assert sandbox.cluster.integration.connectors["mqtt", "cloud-broker"].config["password"] == SECRET


def test_a_change_of_one_field_leaves_the_rest_of_the_object(sandbox: Sandbox) -> None:
    found = sandbox.cluster.integration.connectors["mqtt", "cloud-broker"]
    before = dict(found.config)
    state = {"emqxctl": 1, "connectors": {"mqtt:cloud-broker": {"pool_size": 3}}}
    assert outline(apply(sandbox, state)) == [("update", "connectors", "mqtt:cloud-broker", ("pool_size",))]
    assert found.config == {**before, "pool_size": 3}


def test_a_stated_default_is_no_change(sandbox: Sandbox) -> None:
    state = exported_state(sandbox)
    state["connectors"]["http:telemetry-store"]["pool_type"] = "random"
    state["rules"]["bill-usage"]["enable"] = True
    state["rules"]["bill-usage"]["description"] = ""
    assert outline(plan(sandbox, state)) == []


def test_values_are_compared_by_meaning(sandbox: Sandbox) -> None:
    state = {
        "emqxctl": 1,
        "connectors": {
            "http:telemetry-store": {"connect_timeout": 15000, "resource_opts": {"start_timeout": "5000ms"}}
        },
        "settings": {
            "retainer": {"max_payload_size": 1048576},
            "rule_engine": {"jq_function_default_timeout": "10s"},
        },
    }
    assert outline(plan(sandbox, state)) == []


def test_a_thousand_rules_and_two_hundred_connectors_are_compared_in_ten_requests(sandbox: Sandbox) -> None:
    import tracemalloc

    clear(sandbox)
    state = {
        "emqxctl": 1,
        "connectors": {f"http:c{n}": {"url": f"http://h{n}:80"} for n in range(200)},
        "rules": {f"r{n}": {"sql": f'SELECT * FROM "t/{n}"', "actions": []} for n in range(1000)},
    }
    assert len(apply(sandbox, state).changes) == 1200
    before = len(sandbox.requests)
    tracemalloc.start()
    assert outline(plan(sandbox, state)) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    asked = [f"{one.method} {one.path}" for one in sandbox.requests[before:]]
    assert len(asked) <= 10, asked
    assert peak < 64 << 20, peak


@pytest.mark.parametrize("nth", range(1, 90, 10))
def test_a_run_that_is_killed_is_completed_by_the_next(nth: int, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    with Sandbox() as full, Sandbox() as empty:
        clear(empty)
        text = export(full)
        path = tmp_path / "cluster.yaml.applied.json"
        count = 0
        from emqxctl.api.transport import Transport

        original = Transport.send

        def send(self: Transport, *arguments: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == nth:
                raise Killed
            return original(self, *arguments, **options)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Transport, "send", send)
            with pytest.raises(Killed):
                apply(empty, text, Record(path, "test"))
        apply(empty, text, Record(path, "test"))
        assert export(empty) == text
        assert apply(empty, text, Record(path, "test")).changes == []
        known = Record(path, "test").objects
        assert set(known["rules"]) == set(to_state(parse(text))["rules"])


def test_a_refused_object_stops_only_what_needs_it(sandbox: Sandbox) -> None:
    from emqxctl.declarative.apply import exit_code

    clear(sandbox)
    state: State = {
        "emqxctl": 1,
        "connectors": {"http:good": {"url": "http://a:80"}, "http:bad": {"url": "no url"}},
        "actions": {
            "http:one": {"connector": "good", "parameters": {"method": "post"}},
            "http:two": {"connector": "bad", "parameters": {"method": "post"}},
        },
        "rules": {
            "on-one": {"sql": 'SELECT * FROM "t"', "actions": ["http:one"]},
            "on-two": {"sql": 'SELECT * FROM "t"', "actions": ["http:two"]},
        },
    }
    made = apply(sandbox, state)
    outcomes = {f"{one.kind.name} {one.key}": one.outcome for one in made.changes}
    assert outcomes == {
        "connectors http:bad": Outcome.FAILED,
        "connectors http:good": Outcome.DONE,
        "actions http:one": Outcome.DONE,
        "actions http:two": Outcome.NOT_TRIED,
        "rules on-one": Outcome.DONE,
        "rules on-two": Outcome.NOT_TRIED,
    }
    assert exit_code(made.changes) == 9
    state["connectors"]["http:bad"]["url"] = "http://b:80"
    assert {one.outcome for one in apply(sandbox, state).changes} == {Outcome.DONE}
    assert apply(sandbox, state).changes == []


def test_ctrl_c_finishes_the_object_in_hand(sandbox: Sandbox) -> None:
    clear(sandbox)
    state = {"emqxctl": 1, "rules": {f"r{n}": {"sql": 'SELECT * FROM "t"', "actions": []} for n in range(5)}}
    asked = iter([False, False, True])
    made = apply(sandbox, state, should_stop=lambda: next(asked, True))
    assert [one.outcome for one in made.changes] == [Outcome.DONE] * 2 + [Outcome.NOT_TRIED] * 3
    assert [one.error for one in made.changes] == [None] * 5
    assert len(sandbox.cluster.integration.rules) == 2


def test_an_object_that_moved_since_the_plan_is_left(sandbox: Sandbox) -> None:
    from emqxctl.declarative.apply import Applier
    from emqxctl.declarative.planner import Planner

    server = server_of(sandbox)
    document = parse(json.dumps({"emqxctl": 1, "rules": {"bill-usage": {"description": "mine"}}}))
    made = Planner(server, document, None, Options()).build()
    sandbox.cluster.integration.rules["bill-usage"].description = "theirs"
    Applier(server, made).run()
    assert made.changes[0].outcome is Outcome.FAILED
    assert (made.changes[0].error or {})["code"] == "CHANGED_MEANWHILE"
    assert sandbox.cluster.integration.rules["bill-usage"].description == "theirs"
