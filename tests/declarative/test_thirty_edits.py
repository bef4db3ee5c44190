"""Thirty edits of a file: the diff shows exactly that, the apply sends exactly that and nothing else."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from emqxctl.declarative.changes import Options, Outcome
from emqxctl.declarative.kinds import all_kinds
from emqxctl.sandbox.server import Sandbox
from tests.support.openapi import find_problems
from tests.support.state_files import State, apply, exported_state, outline, plan, server_of, writes

Outline = list[tuple[str, str, str, tuple[str, ...]]]


class Edit(NamedTuple):
    """One edit: what is changed in the state, what the diff shows, what is sent."""

    name: str
    change: Callable[[State], Any]
    shown: Outline
    sent: list[str]
    options: Options = Options()


def put(*path: Any) -> Callable[[State], None]:
    """Return an edit that sets the value at a path; the last argument is the value."""

    def edit(state: State) -> None:
        place: Any = state
        for step in path[:-2]:
            place = place[step]
        place[path[-2]] = path[-1]

    return edit


def drop(*path: Any) -> Callable[[State], None]:
    """Return an edit that removes the value at a path."""

    def edit(state: State) -> None:
        place: Any = state
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return edit


def rename_connector(state: State) -> None:
    """Rename a connector, and point its action at the new one."""
    state["connectors"]["http:tsdb"] = state["connectors"].pop("http:telemetry-store")
    state["actions"]["http:store-telemetry"]["connector"] = "tsdb"


def swap(kind: str) -> Callable[[State], None]:
    """Return an edit that reverses a list."""
    return lambda state: state[kind].reverse()


def move_port(state: State) -> None:
    """Give the port of one listener to another, which is new."""
    state["listeners"]["tcp:default"]["bind"] = "0.0.0.0:2883"
    state["listeners"]["tcp:new"] = {"bind": "0.0.0.0:1883"}


SQL = 'SELECT * FROM "usage/#" WHERE qos > 0'
CONNECTOR, ACTION = "http:billing-webhook", "http:forward-billing"
EDITS = (
    Edit(
        "a rule's SQL",
        put("rules", "bill-usage", "sql", SQL),
        [("update", "rules", "bill-usage", ("sql",))],
        ["PUT /rules/bill-usage"],
    ),
    Edit(
        "a rule is disabled",
        put("rules", "bill-usage", "enable", False),
        [("update", "rules", "bill-usage", ("enable",))],
        ["PUT /rules/bill-usage"],
    ),
    Edit(
        "a rule's description",
        put("rules", "hot-sensors", "description", "60s"),
        [("update", "rules", "hot-sensors", ("description",))],
        ["PUT /rules/hot-sensors"],
    ),
    Edit(
        "a rule gets another action",
        put("rules", "bill-usage", "actions", ["http:forward-billing", "http:store-telemetry"]),
        [("update", "rules", "bill-usage", ("actions",))],
        ["PUT /rules/bill-usage"],
    ),
    Edit(
        "one argument of a rule's function",
        put("rules", "hot-sensors", "actions", 0, "args", "topic", "hot/${clientid}"),
        [("update", "rules", "hot-sensors", ("actions[0].args.topic",))],
        ["PUT /rules/hot-sensors"],
    ),
    Edit(
        "a rule's actions are swapped",
        lambda state: state["rules"]["hot-sensors"]["actions"].reverse(),
        [("update", "rules", "hot-sensors", ("actions[0]", "actions[1]"))],
        ["PUT /rules/hot-sensors"],
    ),
    Edit(
        "a new rule",
        put("rules", "new", {"sql": SQL, "actions": [{"function": "console"}]}),
        [("create", "rules", "new", ("sql", "actions"))],
        ["POST /rules"],
    ),
    Edit(
        "a connector's URL",
        put("connectors", CONNECTOR, "url", "http://billing.internal:80"),
        [("update", "connectors", CONNECTOR, ("url",))],
        ["PUT /connectors/http%3Abilling-webhook"],
    ),
    Edit(
        "a connector is disabled",
        put("connectors", CONNECTOR, "enable", False),
        [("disable", "connectors", CONNECTOR, ("enable",))],
        ["PUT /connectors/http%3Abilling-webhook/enable/false"],
    ),
    Edit(
        "a connector is enabled",
        drop("connectors", "http:old-crm", "enable"),
        [],
        [],
    ),
    Edit(
        "a connector is enabled by stating it",
        put("connectors", "http:old-crm", "enable", True),
        [("enable", "connectors", "http:old-crm", ("enable",))],
        ["PUT /connectors/http%3Aold-crm/enable/true"],
    ),
    Edit(
        "a duration",
        put("connectors", CONNECTOR, "connect_timeout", "3s"),
        [("update", "connectors", CONNECTOR, ("connect_timeout",))],
        ["PUT /connectors/http%3Abilling-webhook"],
    ),
    Edit("the same duration", put("connectors", CONNECTOR, "connect_timeout", "2000ms"), [], []),
    Edit("a default written out", put("connectors", CONNECTOR, "enable_pipelining", 100), [], []),
    Edit(
        "a nested default written out",
        put("connectors", CONNECTOR, "ssl", {"enable": False, "depth": 10}),
        [],
        [],
    ),
    Edit(
        "a nested field",
        put("connectors", CONNECTOR, "ssl", {"enable": True}),
        [("update", "connectors", CONNECTOR, ("ssl.enable",))],
        ["PUT /connectors/http%3Abilling-webhook"],
    ),
    Edit(
        "a header in clear",
        put("connectors", "http:telemetry-store", "headers", "x-tenant", "a"),
        [("update", "connectors", "http:telemetry-store", ("headers.x-tenant",))],
        ["PUT /connectors/http%3Atelemetry-store"],
    ),
    Edit(
        "a changed secret, which cannot be seen",
        put("connectors", "mqtt:cloud-broker", "password", "other"),
        [],
        [],
    ),
    Edit(
        "a changed secret, sent again",
        put("connectors", "mqtt:cloud-broker", "password", "other"),
        [
            ("update", "connectors", "http:telemetry-store", ("headers.authorization",)),
            ("update", "connectors", "mqtt:cloud-broker", ("password",)),
            ("update", "authentication", "jwt", ("secret",)),
        ],
        [
            "PUT /connectors/http%3Atelemetry-store",
            "PUT /connectors/mqtt%3Acloud-broker",
            "PUT /authentication/jwt",
        ],
        Options(send_secrets=True),
    ),
    Edit(
        "a renamed connector",
        rename_connector,
        [
            (
                "create",
                "connectors",
                "http:tsdb",
                ("description", "headers.authorization", "headers.content-type", "url"),
            ),
            ("update", "actions", "http:store-telemetry", ("connector",)),
            ("delete", "connectors", "http:telemetry-store", ()),
        ],
        [
            "POST /connectors",
            "PUT /actions/http%3Astore-telemetry",
            "DELETE /connectors/http%3Atelemetry-store",
        ],
        Options(prune_all=("connectors",)),
    ),
    Edit(
        "a removed rule, pruned",
        drop("rules", "debug-alerts"),
        [("delete", "rules", "debug-alerts", ())],
        ["DELETE /rules/debug-alerts"],
        Options(prune_all=("rules",)),
    ),
    Edit("a removed rule, not pruned", drop("rules", "debug-alerts"), [], []),
    Edit(
        "an action's template",
        put("actions", ACTION, "parameters", "path", "/usage/${clientid}"),
        [("update", "actions", ACTION, ("parameters.path",))],
        ["PUT /actions/http%3Aforward-billing"],
    ),
    Edit(
        "a source's topic",
        put("sources", "mqtt:cloud-commands", "parameters", "topic", "cmd/#"),
        [("update", "sources", "mqtt:cloud-commands", ("parameters.topic",))],
        ["PUT /sources/mqtt%3Acloud-commands"],
    ),
    Edit(
        "the order of authenticators",
        swap("authentication"),
        [("reorder", "authentication", "", ("order",))],
        ["PUT /authentication/order"],
    ),
    Edit(
        "the order of authorization sources",
        swap("authorization"),
        [("reorder", "authorization", "", ("order",))],
        ["PUT /authorization/sources/order"],
    ),
    Edit(
        "the order of exhooks",
        swap("exhooks"),
        [("reorder", "exhooks", "", ("order",))],
        ["POST /exhooks/enrichment/move", "POST /exhooks/audit/move"],
    ),
    Edit(
        "a listener's limit",
        put("listeners", "tcp:default", "max_connections", 500),
        [("update", "listeners", "tcp:default", ("max_connections",))],
        ["PUT /listeners/tcp%3Adefault"],
    ),
    Edit(
        "a port that one listener gives to another",
        move_port,
        [
            ("update", "listeners", "tcp:default", ("bind",)),
            ("create", "listeners", "tcp:new", ("bind",)),
        ],
        ["PUT /listeners/tcp%3Adefault", "POST /listeners"],
    ),
    Edit(
        "the text of the ACL file",
        put("authorization", 1, "rules", "{allow, all}.\n"),
        [("update", "authorization", "file", ("rules",))],
        ["PUT /authorization/sources/file"],
    ),
    Edit(
        "a setting",
        put("settings", "retainer", "max_payload_size", "2MB"),
        [("update", "settings", "retainer", ("max_payload_size",))],
        ["PUT /mqtt/retainer"],
    ),
    Edit("the same size", put("settings", "retainer", "max_payload_size", 1048576), [], []),
    Edit(
        "a setting of the zone, applied last",
        put("settings", "global_zone", {"mqtt": {"max_inflight": 64}}),
        [("update", "settings", "global_zone", ("mqtt.max_inflight",))],
        ["PUT /configs/global_zone"],
    ),
    Edit(
        "an auto-subscription more",
        lambda state: state["auto_subscribe"].append({"topic": "c/${clientid}", "qos": 1}),
        [("update", "auto_subscribe", "", ("items",))],
        ["PUT /mqtt/auto_subscribe"],
    ),
    Edit(
        "a topic that is counted",
        put("topic_metrics", "a/b", {}),
        [("create", "topic_metrics", "a/b", ())],
        ["POST /mqtt/topic_metrics"],
    ),
    Edit(
        "a gateway's mountpoint",
        put("gateways", "stomp", "mountpoint", "s/"),
        [("update", "gateways", "stomp", ("mountpoint",))],
        ["PUT /gateways/stomp"],
    ),
    Edit(
        "a gateway's listener",
        put("gateway_listeners", "stomp:tcp:default", "max_connections", 7),
        [("update", "gateway_listeners", "stomp:tcp:default", ("max_connections",))],
        ["PUT /gateways/stomp/listeners/stomp%3Atcp%3Adefault"],
    ),
)


def objects(sandbox: Sandbox) -> dict[str, Any]:
    """Return every object of a sandbox as the server shows it, without what changes by itself."""
    server = server_of(sandbox)
    server.read_version()
    found = {}
    for name, kind in all_kinds().items():
        if name == "bridges" or (kind.members is None and server.missing_reason(kind)):
            continue  # bridges show connectors and actions once more
        for key, row in server.read_kind(kind).items():
            own = {field: value for field, value in row.items() if field not in kind.added} if key else row
            found[f"{name} {key}"] = own
    return found


@pytest.mark.parametrize("edit", EDITS, ids=[one.name for one in EDITS])
def test_an_edit(edit: Edit, sandbox: Sandbox) -> None:
    state = exported_state(sandbox)
    edit.change(state)
    assert outline(plan(sandbox, state, options=edit.options)) == edit.shown
    before, since = objects(sandbox), len(sandbox.requests)
    made = apply(sandbox, state, options=edit.options)
    assert [one.error for one in made.changes if one.outcome is not Outcome.DONE] == []
    assert writes(sandbox, since) == edit.sent
    for one in sandbox.requests[since:]:
        assert find_problems(one.method, one.path, one.query, one.headers, one.body) == []
    after = objects(sandbox)
    touched = {f"{kind} {key}" for _, kind, key, _ in edit.shown}
    assert {name for name in before if before[name] != after.get(name)} <= touched
    assert set(after) - set(before) <= touched
    if not edit.options.send_secrets:
        assert outline(plan(sandbox, state, options=edit.options)) == []
    for action, kind, key, fields in edit.shown:
        if action == "update" and "." not in "".join(fields) and "[" not in "".join(fields):
            old, new = before[f"{kind} {key}"], after[f"{kind} {key}"]
            assert {name for name in {*old, *new} if old.get(name) != new.get(name)} <= {*fields}
