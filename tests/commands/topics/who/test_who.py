"""`emqxctl topics who`: the receivers of a message, resolved here, and what else takes it."""

import json

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run, RunResult
from tests.support.recordings import Exchange, find_exchange
from tests.support.replay import make_exchange, replay

pytestmark = pytest.mark.usefixtures("bare")
NONE = {"code": "NOT_FOUND", "message": "Not Found"}


def broker(topic: str, subscriptions: list[dict[str, object]], **answers: object) -> list[Exchange]:
    """Give a broker that has nothing but these subscriptions, and what is given."""
    path = topic.replace("/", "%2F").replace("$", "%24")
    empty: dict[str, object] = {
        "GET /subscriptions": {"data": subscriptions, "meta": {"hasnext": False}},
        "GET /mqtt/topic_rewrite": [],
        "GET /mqtt/delayed": {"enable": True},
        "GET /mqtt/auto_subscribe": [],
        "GET /rules": {"data": [], "meta": {"hasnext": False}},
        "GET /sources": [],
    }
    missing = [f"GET /mqtt/retainer/message/{path}", f"GET /mqtt/topic_metrics/{path}"]
    findings = [make_exchange(name, 200, answers.get(name, result)) for name, result in empty.items()]
    return findings + [
        make_exchange(name, 200, answers[name]) if name in answers else make_exchange(name, 404, NONE)
        for name in missing
    ]


def sub(clientid: str, topic: str, **more: object) -> dict[str, object]:
    """Make a subscription as the API gives it."""
    return {"clientid": clientid, "topic": topic, "qos": 1, "nl": 0, "node": "n1", "durable": False} | more


def who(run: Run, topic: str, *words: str, **answers: object) -> RunResult:
    """Ask who receives a topic."""
    return replay(
        run, broker(topic, SUBSCRIPTIONS, **answers), "topics", "who", topic, *words, "-o", "json"
    ).result


SUBSCRIPTIONS = [
    sub("a", "t/1"),
    sub("b", "t/+"),
    sub("c", "#"),
    sub("d", "+/1/#"),
    sub("e", "t/2"),
    sub("f", "$share/g/t/#"),
    sub("g", "$share/g/t/#"),
    sub("h", "$share/h/t/1"),
    sub("i", "$queue/t/1"),
    sub("j", "$exclusive/t/1"),
    sub("k", "$SYS/#"),
    sub("l", "t/#/1"),
]


def test_wildcards_shared_groups_and_the_rest(run: Run) -> None:
    """Each that matches, one copy for each shared group; `$` topics are not for leading wildcards."""
    findings = who(run, "t/1").json
    assert [row["clientid"] for row in findings["clients"]] == ["a", "b", "c", "d", "j"]
    assert [(row["group"], row["filter"], row["members"], row["clients"]) for row in findings["shared"]] == [
        ("$queue", "t/1", 1, ["i"]),
        ("g", "t/#", 2, ["f", "g"]),
        ("h", "t/1", 1, ["h"]),
    ]
    assert (findings["subscriptions"], findings["deliveries"]) == (9, 8)
    assert [row["clientid"] for row in who(run, "$SYS/x").json["clients"]] == ["k"]


def test_the_table(run: Run) -> None:
    """A sentence first, then who, with what is retained."""
    retained_message = {
        "topic": "t/1",
        "payload": "b25saW5l",
        "qos": 1,
        "from_clientid": "pub",
        "publish_at": "2026-11-22T00:00:00Z",
    }
    rules = {"data": [{"id": "r1", "enable": True, "from": ["t/#"], "actions": ["http:x"]}], "meta": {}}
    answers = {"GET /mqtt/retainer/message/t%2F1": retained_message, "GET /rules": rules}
    result = replay(run, broker("t/1", SUBSCRIPTIONS, **answers), "topics", "who", "t/1").result
    assert result.code == 0, result.err
    assert result.out.splitlines()[0] == (
        "5 subscriptions and 3 shared groups receive t/1; 1 rule processes it."
    )
    assert "Retained  6 bytes, QoS 1, by pub at 2026-11-22T00:00:00Z" in result.out
    assert "GROUP   SUBSCRIBED TO  MEMBERS  SAMPLE" in result.out
    assert "r1  true     t/#   http:x" in result.out


def test_nobody(run: Run) -> None:
    """Exit 8, unless a rule that is on takes it."""
    assert replay(run, broker("q", []), "topics", "who", "q").result.code == 8
    for enabled, code in ((True, 0), (False, 8)):
        rules = {"data": [{"id": "r", "enable": enabled, "from": ["q"], "actions": []}], "meta": {}}
        replayed = replay(run, broker("q", [], **{"GET /rules": rules}), "topics", "who", "q")
        assert replayed.result.code == code
        assert replayed.result.out.startswith("No client receives q")


def test_rewriting_comes_first(run: Run) -> None:
    """What is subscribed to the topic that it becomes receives it; what is retained is looked for there."""
    rule = {"action": "publish", "source_topic": "old/#", "re": "^old/(.+)$", "dest_topic": "t/$1"}
    script = broker("t/1", SUBSCRIPTIONS, **{"GET /mqtt/topic_rewrite": [rule]})
    result = replay(run, script, "topics", "who", "old/1").result
    assert result.code == 0, result.err
    assert "Rewritten  old/1 to t/1 (rule for old/#)" in result.out
    findings = replay(run, script, "topics", "who", "old/1", "-o", "json").result.json
    assert findings["real_topic"] == "t/1"
    assert findings["rewrite"] == rule
    assert findings["deliveries"] == 8


def test_delayed_messages(run: Run) -> None:
    """The prefix goes, unless delayed messages are off: then the topic is just that."""
    findings = replay(
        run, broker("t/1", SUBSCRIPTIONS), "topics", "who", "$delayed/60/t/1", "-o", "json"
    ).result.json
    assert (findings["real_topic"], findings["delayed_seconds"], findings["deliveries"]) == ("t/1", 60.0, 8)
    script = broker("$delayed/60/t/1", SUBSCRIPTIONS, **{"GET /mqtt/delayed": {"enable": False}})
    result = replay(run, script, "topics", "who", "$delayed/60/t/1", "-o", "json").result
    assert (result.code, result.json["real_topic"], result.json["deliveries"]) == (8, "$delayed/60/t/1", 0)


def test_sources_and_automatic_subscriptions(run: Run) -> None:
    """Those that match: a source by the topic it reads elsewhere, an automatic one with any client's id."""
    result = who(
        run,
        "t/1",
        **{
            "GET /sources": [
                {"name": "up", "type": "mqtt", "parameters": {"topic": "t/#"}},
                {"name": "other", "type": "mqtt", "parameters": {"topic": "x/#"}},
                {"name": "odd", "type": "kafka"},
            ],
            "GET /mqtt/auto_subscribe": [
                {"topic": "t/${clientid}", "qos": 1},
                {"topic": "u/${clientid}", "qos": 1},
            ],
        },
    )
    assert [row["name"] for row in result.json["sources"]] == ["up"]
    assert [row["topic"] for row in result.json["auto_subscribe"]] == ["t/${clientid}"]


def test_only_so_many_are_listed_but_all_are_counted(run: Run) -> None:
    """--limit cuts the list, and says so."""
    result = who(run, "t/1", "--limit", "2")
    assert len(result.json["clients"]) == 2
    assert result.json["truncated"] is True
    assert result.json["subscriptions"] == 9
    assert "showing the first 2 of 5 clients; use --limit N to show more" in result.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("a/#",), "subscriptions list --match-topic 'a/#'"),
        (("a/#/b",), ""),
        (("",), ""),
        (("a", "--action", "publish"), "--client"),
        (("a", "--client", "x", "--action", "fly"), ""),
    ],
)
def test_what_is_no_topic_is_refused_before_any_request(
    run: Run, arguments: tuple[str, ...], hint: str
) -> None:
    """Exit 2, nothing sent."""
    replayed = replay(run, [], "topics", "who", *arguments)
    assert replayed.result.code == 2
    assert replayed.calls == []
    assert hint in replayed.result.err


def allowed(result: RunResult) -> dict[str, str]:
    """Give what the client may do."""
    return {row["action"]: row["result"] for row in result.json["authorization"]}


def rules(run: Run, *definitions: tuple[str, str, str]) -> None:
    """Give the simulated cluster these rules for all, and nothing else to decide."""
    rule_rows = [{"permission": row, "action": action, "topic": topic} for row, action, topic in definitions]
    for path, body in (
        ("/authorization/sources", {"type": "built_in_database", "enable": True}),
        ("/authorization/sources/built_in_database/rules/all", {"rules": rule_rows}),
    ):
        assert run("api", "POST", path, "--input", "-", stdin=json.dumps(body).encode()).code == 0


def test_what_a_client_may_do(cluster: Sandbox, run: Run) -> None:
    """Both are judged without --action; with it a denial is exit 8."""
    rules(run, ("deny", "publish", "cmd/#"), ("allow", "subscribe", "cmd/${clientid}"), ("deny", "all", "#"))
    ask = ("topics", "who", "cmd/sensor-001", "--client", "sensor-001", "-o", "json")
    result = run(*ask)
    assert result.code == 0, result.err
    assert allowed(result) == {"publish": "deny", "subscribe": "allow"}
    assert run(*ask, "--action", "publish").code == 8
    assert run(*ask, "--action", "subscribe").code == 0
    verdicts = run(*ask, "--action", "publish").json["authorization"]
    assert verdicts == [
        {
            "clientid": "sensor-001",
            "topic": "cmd/sensor-001",
            "qos": None,
            "action": "publish",
            "result": "deny",
            "source": "built_in_database",
            "rule": "deny publish cmd/#",
            "reason": "of all",
        }
    ]
    table = run("topics", "who", "cmd/sensor-001", "--client", "sensor-001").out
    assert "sensor-001 may not publish  deny: built_in_database of all: deny publish cmd/#" in table


def test_a_delayed_topic_is_judged_without_its_prefix(cluster: Sandbox, run: Run) -> None:
    """As EMQX does."""
    rules(run, ("deny", "publish", "cmd/1"))
    result = run("topics", "who", "$delayed/5/cmd/1", "--client", "x", "-o", "json")
    assert allowed(result) == {"publish": "deny", "subscribe": "allow"}


def test_what_cannot_be_told(cluster: Sandbox, run: Run) -> None:
    """A rule by user name, for a client that is not there, until --username says it."""
    rules(run, ("deny", "publish", "u/${username}/#"))
    ask = ("topics", "who", "u/ann/x", "--client", "gone-1", "-o", "json")
    assert allowed(run(*ask)) == {"publish": "unknown", "subscribe": "allow"}
    assert allowed(run(*ask, "--username", "ann")) == {"publish": "deny", "subscribe": "allow"}
    assert allowed(run(*ask, "--username", "bob")) == {"publish": "allow", "subscribe": "allow"}
    table = run("topics", "who", "u/ann/x", "--client", "gone-1").out
    assert "gone-1 to publish     unknown (built_in_database: deny publish u/${username}/#)" in table


def test_a_superuser_may_do_all(cluster: Sandbox, run: Run) -> None:
    """As the database of users says."""
    rules(run, ("deny", "all", "#"))
    name = "password_based:built_in_database"
    for path, body in (
        (
            "/authentication",
            {
                "mechanism": "password_based",
                "backend": "built_in_database",
                "password_hash_algorithm": {"name": "sha256"},
            },
        ),
        (f"/authentication/{name}/users", {"user_id": "root", "password": "x" * 9, "is_superuser": True}),
        (f"/authentication/{name}/users", {"user_id": "ann", "password": "x" * 9}),
    ):
        assert run("api", "POST", path, "--input", "-", stdin=json.dumps(body).encode()).code == 0
    ask = ("topics", "who", "a", "--client", "x", "-o", "json", "--username")
    assert allowed(run(*ask, "root")) == {"publish": "allow", "subscribe": "allow"}
    assert allowed(run(*ask, "ann")) == {"publish": "deny", "subscribe": "deny"}


def test_rules_that_came_with_the_login_are_not_shown(run: Run) -> None:
    """A JWT may carry its own; so it is said, unless a database before it lets the client in."""
    name = "password_based:built_in_database"
    database = {"id": name, "backend": "built_in_database", "user_id_type": "username"}
    rules_of = "GET /authorization/sources/built_in_database/rules"
    path = f"GET /authentication/{name.replace(':', '%3A')}/users/ann"
    for user, is_mentioned in (
        (make_exchange(path, 404, NONE), True),
        (make_exchange(path, 200, {"user_id": "ann"}), False),
    ):
        script = [
            *broker("t/1", SUBSCRIPTIONS),
            user,
            make_exchange("GET /authentication", 200, [database, {"id": "jwt", "mechanism": "jwt"}]),
            make_exchange("GET /clients/x", 404, {"code": "CLIENTID_NOT_FOUND", "message": "x"}),
            make_exchange("GET /authorization/settings", 200, {"no_match": "deny"}),
            make_exchange("GET /authorization/sources", 200, {"sources": []}),
            *(make_exchange(f"{rules_of}/{row}", 404, NONE) for row in ("all", "clients/x", "users/ann")),
        ]
        result = replay(run, script, "topics", "who", "t/1", "--client", "x", "--username", "ann").result
        assert result.code == 0, result.err
        assert ("unless jwt assigned rules to the client" in result.out) is is_mentioned
        assert "x may not publish    deny: no matching rule" in result.out


def test_the_publisher_gets_nothing_with_no_local(cluster: Sandbox, run: Run) -> None:
    """Its own subscription, if it asked for that; others' are as ever."""
    for name in ("pub", "else"):
        cluster.cluster.add_client(name)
        cluster.cluster.add_subscription(name, "nl/1", nl=1)
    result = run("topics", "who", "nl/1", "--client", "pub", "-o", "json")
    assert [row["clientid"] for row in result.json["clients"]] == ["else"]
    assert result.json["no_local"] == 1


def test_parts_that_may_not_be_read_are_notes(run: Run) -> None:
    """But the subscriptions are what was asked for."""
    script = [
        row for row in broker("t/1", SUBSCRIPTIONS) if row.operation not in ("GET /rules", "GET /sources")
    ]
    script += [
        make_exchange("GET /rules", 403, {"code": "FORBIDDEN"}),
        make_exchange("GET /sources", 500, {"code": "INTERNAL_ERROR"}),
    ]
    result = replay(run, script, "topics", "who", "t/1").result
    assert result.code == 0, result.err
    assert "rules    not permitted for this API key" in result.out
    script = [row for row in script if row.operation != "GET /subscriptions"]
    refused = make_exchange("GET /subscriptions", 403, {"code": "FORBIDDEN"})
    assert replay(run, [*script, refused], "topics", "who", "t/1").result.code == 5


def test_hostile_topics_never_reach_the_terminal(cluster: Sandbox, run: Run) -> None:
    """Neither in the sentence nor in the table."""
    cluster.cluster.add_client("x\x1b[1m")
    cluster.cluster.add_subscription("x\x1b[1m", "h/\x1b[31m")
    result = run("topics", "who", "h/\x1b[31m", terminal=True, env={"NO_COLOR": "1"})
    assert result.code == 0, result.err
    assert "\x1b" not in result.out


def test_a_real_brokers_rules(run: Run) -> None:
    """Its recorded answers, of a page that says there are more."""
    first = find_exchange("GET /rules", "paging, limit=5, page 1").body
    rule_rows = {"data": first["data"], "meta": {"hasnext": False}}
    result = who(run, "telemetry/x/temp", **{"GET /rules": rule_rows})
    assert [row["id"] for row in result.json["rules"]][:2] == ["to-webhook", "temp-alert"]


def test_the_address_of_a_client_that_is_not_connected_is_that_of_the_option(
    cluster: Sandbox, run: Run
) -> None:
    text = '{deny, {ipaddr, "10.9.0.0/16"}, publish, ["#"]}. {allow, all}.'
    source = {"type": "file", "enable": True, "rules": text}
    assert (
        run("authorization", "sources", "create", "file", "-f", "-", stdin=json.dumps(source).encode()).code
        == 0
    )
    ask = ("topics", "who", "a", "--client", "gone-1", "-o", "json")
    assert allowed(run(*ask))["publish"] == "unknown"
    assert allowed(run(*ask, "--ip", "10.9.1.2")) == {"publish": "deny", "subscribe": "allow"}
    assert allowed(run(*ask, "--ip", "10.8.1.2")) == {"publish": "allow", "subscribe": "allow"}


@pytest.mark.parametrize(
    "option", [("--action", "publish"), ("--username", "ann"), ("--ip", "10.0.0.1"), ("--qos", "1")]
)
def test_what_is_only_said_of_a_client_requires_one(
    cluster: Sandbox, run: Run, option: tuple[str, str]
) -> None:
    result = run("topics", "who", "a", *option)
    assert (result.code, f"{option[0]} requires --client" in result.err) == (2, True), result.err
    assert cluster.requests == []


@pytest.mark.parametrize("command", [("topics", "who", "a", "--client", "here"), ("clients", "why", "here")])
def test_a_connected_client_has_its_own_username_and_address(
    cluster: Sandbox, run: Run, command: tuple[str, ...]
) -> None:
    cluster.cluster.add_client("here")
    client = run("clients", "get", "here", "-o", "json").json
    for option, field in (("--username", "username"), ("--ip", "ip_address")):
        actual = client.get(field) or ""
        assert run(*command, option, actual).code in {0, 8}
        result = run(*command, option, "10.255.0.9")
        assert result.code == 2
        assert f"is {actual!r}, not '10.255.0.9'" in result.err


def test_a_stopped_node_is_named(run: Run, cluster: Sandbox) -> None:
    node = list(cluster.cluster.nodes)[1]
    assert run("topics", "who", "a/b", "-o", "json").json["unavailable"] == {}
    cluster.cluster.stop_node(node)
    unavailable = run("topics", "who", "a/b", "-o", "json").json["unavailable"]
    assert unavailable == {f"node {node}": "stopped, so nothing is known of it"}
    assert f"node {node}" in run("topics", "who", "a/b").out
