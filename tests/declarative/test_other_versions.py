"""Kinds of Enterprise and of EMQX 6, and servers that are older: what is sent to them."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from emqxctl.declarative.apply import Applier
from emqxctl.declarative.changes import Options, Outcome, Plan
from emqxctl.declarative.export import Choice, read_export
from emqxctl.declarative.planner import Planner
from emqxctl.declarative.server import Server
from emqxctl.errors import UnsupportedError
from tests.support.memory_cluster import MemoryCluster
from tests.support.openapi import find_problems
from tests.support.state_files import outline, parse

CHECK = {
    "checks": [{"type": "avro", "schema": "s"}],
    "topics": ["t/#"],
    "strategy": "all_pass",
    "failure_action": "drop",
}
SCHEMA = {"type": "avro", "source": "{}"}
STATES: dict[str, Any] = {
    "schemas": {"a": SCHEMA, "b": SCHEMA},
    "external_registries": {
        "a": {"type": "confluent", "url": "http://a"},
        "b": {"type": "confluent", "url": "http://b"},
    },
    "schema_validations": [{"name": "a", **CHECK}, {"name": "b", **CHECK}],
    "message_transformations": [
        {
            "name": "a",
            "topics": ["t"],
            "payload_decoder": {"type": "avro", "schema": "s"},
            "failure_action": "drop",
        },
        {"name": "b", "topics": ["t"], "failure_action": "drop"},
    ],
    "cluster_links": {"a": {"server": "a:1883", "topics": ["t"]}, "b": {"server": "b:1883", "topics": ["t"]}},
    "message_queues": {"a": {"topic_filter": "t/#", "is_lastvalue": False}, "b": {"topic_filter": "u/#"}},
    "streams": {"a": {"topic_filter": "t/#", "is_lastvalue": False}, "b": {"topic_filter": "u/#"}},
}
CHANGES: dict[str, tuple[str, Any]] = {
    "schemas": ("description", "new"),
    "external_registries": ("url", "http://c"),
    "schema_validations": ("description", "new"),
    "message_transformations": ("description", "new"),
    "cluster_links": ("pool_size", 2),
    "message_queues": ("data_retention_period", "2h"),
    "streams": ("data_retention_period", "2h"),
}


def state_of(kind: str) -> dict[str, Any]:
    """Return a state of two objects of a kind, and of the schema they need."""
    needs = {"schemas": {"s": SCHEMA}} if kind in {"schema_validations", "message_transformations"} else {}
    return {"emqxctl": 1, **needs, kind: json.loads(json.dumps(STATES[kind]))}


def plan(cluster: MemoryCluster, state: dict[str, Any], options: Options = Options()) -> Plan:  # noqa: B008
    """Return the plan of a state."""
    return Planner(Server(cluster), parse(json.dumps(state)), None, options).build()


def apply(cluster: MemoryCluster, state: dict[str, Any], options: Options = Options()) -> Plan:  # noqa: B008
    """Apply a state."""
    server = Server(cluster)
    made = Planner(server, parse(json.dumps(state)), None, options).build()
    applier = Applier(server, made)
    applier.run()
    applier.finish()
    assert [one.error for one in made.changes if one.outcome is not Outcome.DONE] == []
    return made


@pytest.mark.parametrize("kind", STATES)
def test_a_kind_is_created_changed_and_deleted(kind: str) -> None:
    cluster = MemoryCluster("6.2.2")
    state = state_of(kind)
    assert {one.kind.name for one in apply(cluster, state).changes} == set(state) - {"emqxctl"}
    assert outline(plan(cluster, state)) == []
    field, value = CHANGES[kind]
    first = state[kind][0] if isinstance(state[kind], list) else state[kind]["a"]
    before = json.loads(json.dumps(cluster.held[kind]["a"]))
    first[field] = value
    cluster.sent.clear()
    assert outline(apply(cluster, state)) == [("update", kind, "a", (field,))]
    assert len(cluster.sent) == 1
    after = dict(cluster.held[kind]["a"])
    assert {name: one for name, one in after.items() if name != field} == {
        name: one for name, one in before.items() if name != field
    }
    state[kind] = state[kind][:1] if isinstance(state[kind], list) else {"a": state[kind]["a"]}
    assert outline(apply(cluster, state, Options(prune_all=(kind,)))) == [("delete", kind, "b", ())]
    assert outline(plan(cluster, state)) == []


@pytest.mark.parametrize("kind", STATES)
def test_a_kind_is_exported_as_it_was_applied(kind: str) -> None:
    cluster = MemoryCluster("6.2.2")
    apply(cluster, state_of(kind))
    found = read_export(Server(cluster), Choice(only=(kind,))).objects[kind]
    assert {one.key for one in found} == {"a", "b"}
    copied = MemoryCluster("6.2.2")
    copied.held["schemas"] = json.loads(json.dumps(cluster.held["schemas"]))
    rows = [{"name": one.key, **one.body} for one in found]
    is_list = isinstance(STATES[kind], list)
    apply(copied, {"emqxctl": 1, kind: rows if is_list else {one.key: one.body for one in found}})
    assert copied.held[kind] == cluster.held[kind]


# In the server's schema (it names them in its errors), but not in its document.
HIDDEN = {
    "busy_session_retry_interval",
    "consumer_max_inactive",
    "consumer_persistence_interval",
    "ping_interval",
}
HIDDEN |= {"local_max_inflight", "redispatch_interval", "stream_max_buffer_size", "stream_max_unacked"}
HIDDEN |= {"read_max_unacked"}


@pytest.mark.parametrize("kind", STATES)
def test_every_request_is_documented(kind: str) -> None:
    cluster = MemoryCluster("6.2.2")
    state = state_of(kind)
    apply(cluster, state)
    field, value = CHANGES[kind]
    (state[kind][0] if isinstance(state[kind], list) else state[kind]["a"])[field] = value
    apply(cluster, state)
    if isinstance(state[kind], list):
        state[kind].reverse()
    apply(cluster, state)
    apply(
        cluster, {"emqxctl": 1, kind: [] if isinstance(state[kind], list) else {}}, Options(prune_all=(kind,))
    )
    for operation, arguments, body in cluster.sent:
        method, _, path = operation.partition(" ")
        given = iter(arguments)
        path = "/api/v5" + re.sub(r"\{[^}]*\}", lambda _: quote(next(given), safe=""), path)  # noqa: B023
        shown = {name: one for name, one in body.items() if name not in HIDDEN} if body else body
        if operation == "PUT /cluster/links/link/{name}":
            del shown["name"]  # recorded 6.2.2: accepted; its document does not have it
        content = b"" if body is None else json.dumps(shown).encode()
        headers = {"content-type": "application/json", "accept": "application/json"}
        assert find_problems(method, path, [], headers, content) == [], (operation, body)


@pytest.mark.parametrize("kind", ["schema_validations", "message_transformations"])
def test_the_order_names_all_objects(kind: str) -> None:
    cluster = MemoryCluster("6.2.2")
    state = state_of(kind)
    apply(cluster, state)
    cluster.held[kind]["other"] = {**cluster.held[kind]["a"], "name": "other"}
    state[kind].reverse()
    assert outline(apply(cluster, state)) == [("reorder", kind, "", ("order",))]
    assert list(cluster.held[kind]) == ["b", "a", "other"]


def test_a_schema_comes_before_what_checks_with_it() -> None:
    made = apply(MemoryCluster("6.2.2"), state_of("schema_validations"))
    assert [one.kind.name for one in made.changes] == ["schemas", "schema_validations", "schema_validations"]


def test_a_field_of_a_queue_that_cannot_change_is_refused() -> None:
    cluster = MemoryCluster("6.2.2")
    apply(cluster, state_of("message_queues"))
    state = state_of("message_queues")
    state["message_queues"]["a"]["topic_filter"] = "other"
    made = plan(cluster, state)
    assert [one.code for one in made.refusals] == ["IMMUTABLE"]


def test_a_validation_is_disabled_by_its_own_call() -> None:
    cluster = MemoryCluster("6.2.2")
    apply(cluster, state_of("schema_validations"))
    state = state_of("schema_validations")
    state["schema_validations"][0]["enable"] = False
    cluster.sent.clear()
    apply(cluster, state)
    assert cluster.sent == [
        ("POST /schema_validations/validation/{name}/enable/{enable}", ("a", "false"), None)
    ]


@pytest.mark.parametrize(
    ("version", "operations"),
    [
        ("5.8.9", ["PUT /authentication/order"]),
        ("5.6.0", ["PUT /authentication/order"]),
        ("5.5.1", ["PUT /authentication/{id}/position/{position}"] * 2),
    ],
)
def test_an_older_server_is_ordered_move_by_move(version: str, operations: list[str]) -> None:
    cluster = MemoryCluster(version, "Opensource")
    rows = [{"mechanism": "jwt", "secret": "x"}, {"mechanism": "scram", "backend": "built_in_database"}]
    apply(cluster, {"emqxctl": 1, "authentication": rows})
    cluster.sent.clear()
    apply(cluster, {"emqxctl": 1, "authentication": rows[::-1]})
    assert [one[0] for one in cluster.sent] == operations
    assert list(cluster.held["authentication"]) == ["scram:built_in_database", "jwt"]


def test_bridges_are_a_kind_until_5_10() -> None:
    cluster = MemoryCluster("5.2.0", "Opensource")
    state = {"emqxctl": 1, "bridges": {"webhook:a": {"url": "http://a"}}}
    assert outline(apply(cluster, state)) == [("create", "bridges", "webhook:a", ("url",))]
    with pytest.raises(UnsupportedError, match=r"removed in EMQX 6\.0"):
        plan(MemoryCluster("6.0.0"), state)


def test_connectors_need_5_3_1() -> None:
    with pytest.raises(UnsupportedError, match="connectors requires EMQX"):
        plan(MemoryCluster("5.2.0", "Opensource"), {"emqxctl": 1, "connectors": {"http:a": {}}})


def test_objects_of_a_namespace_are_left_alone() -> None:
    cluster = MemoryCluster("6.2.2")
    cluster.held["rules"] = {
        "mine": {"id": "mine", "sql": "x", "namespace": None},
        "theirs": {"id": "theirs", "sql": "x", "namespace": "ns1"},
    }
    assert outline(plan(cluster, {"emqxctl": 1, "rules": {}}, Options(prune_all=("rules",)))) == [
        ("delete", "rules", "mine", ())
    ]


@pytest.mark.parametrize(("version", "refused"), [("6.0.0", False), ("5.9.0", True)])
def test_a_mask_in_a_list_is_kept_by_newer_servers_only(version: str, refused: bool) -> None:
    cluster = MemoryCluster(version)
    cluster.held["connectors"] = {
        "mqtt:a": {
            "type": "mqtt",
            "name": "a",
            "server": "s",
            "static_clientids": [{"ids": [{"password": "******"}]}],
        }
    }
    made = plan(cluster, {"emqxctl": 1, "connectors": {"mqtt:a": {"server": "t"}}})
    assert [one.code for one in made.refusals] == (["MASKED_SECRET"] if refused else [])


def test_a_write_that_changes_nothing_is_a_failure() -> None:
    cluster = MemoryCluster("6.0.2")
    apply(cluster, state_of("schemas"))
    state = state_of("schemas")
    state["schemas"]["a"]["description"] = "new"
    server = Server(cluster)
    made = Planner(server, parse(json.dumps(state)), None, Options()).build()
    cluster.put = lambda *_arguments, **_options: None  # type: ignore[method-assign]  # as a read-only cluster.hocon
    Applier(server, made).run()
    assert (made.changes[0].error or {})["code"] == "NOT_APPLIED"


def test_a_lost_answer_is_settled_by_reading() -> None:
    from emqxctl.errors import TimedOutError

    cluster = MemoryCluster("6.2.2")
    original = cluster.post

    def post(*arguments: Any, **options: Any) -> None:
        original(*arguments, **options)
        message = "no response"
        raise TimedOutError(message)

    cluster.post = post  # type: ignore[method-assign]
    made = apply(cluster, state_of("schemas"))
    assert {one.outcome for one in made.changes} == {Outcome.DONE}
