"""`emqxctl clients why`: the true cause for each way of being absent, from what the API returns."""

import json
from typing import Any

import pytest

from emqxctl.commands.clients.why import _causes
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run, RunResult
from tests.support.recordings import Exchange, find_exchange
from tests.support.replay import make_exchange, replay

pytestmark = pytest.mark.usefixtures("bare")
BUILT_IN = "password_based:built_in_database"
RULES = "GET /authorization/sources/built_in_database/rules"
NONE = {"code": "NOT_FOUND", "message": "Not Found"}


def call(run: Run, method: str, path: str, body: object) -> None:
    """Change the simulated cluster over its API."""
    done = run("api", method, path, "--input", "-", stdin=json.dumps(body).encode())
    assert done.code == 0, done.err


def causes(result: RunResult) -> list[tuple[str, str]]:
    """Give the causes that were named, each with how sure it is."""
    return [(item["cause"], item["certainty"]) for item in result.json["causes"]]


def with_database(run: Run, **more: object) -> None:
    """Let clients in by a database of users, in which there is ann."""
    settings = {
        "mechanism": "password_based",
        "backend": "built_in_database",
        "user_id_type": "username",
        "password_hash_algorithm": {"name": "sha256", "salt_position": "suffix"},
    }
    call(run, "POST", "/authentication", settings | more)
    call(run, "POST", f"/authentication/{BUILT_IN}/users", {"user_id": "ann", "password": "x" * 9})


def test_a_connected_client_has_one_page(cluster: Sandbox, run: Run) -> None:
    """Where, since when, its session, its subscriptions with what authorization says of them."""
    result = run("clients", "why", "sensor-001")
    assert result.code == 0, result.err
    assert result.out.startswith("sensor-001 is connected to emqx")
    assert "No problems found." in result.out.splitlines()[0]
    assert "180 s without a packet" in result.out
    titles = [line for line in result.out.splitlines() if line.isupper() and " " not in line]
    assert titles[:3] == ["CLIENT", "SUBSCRIPTIONS", "AUTHORIZATION"]
    assert "NEXT STEPS" not in result.out


def test_the_keys_of_the_object_are_always_the_same(cluster: Sandbox, run: Run) -> None:
    """For one that is connected, one that is gone, one that never was."""
    causes_found = [
        run("clients", "why", item, "-o", "json") for item in ("sensor-001", "offline-meter-007", "nobody")
    ]
    assert [item.code for item in causes_found] == [0, 8, 8]
    assert [item.json["state"] for item in causes_found] == ["connected", "disconnected", "no session"]
    assert len({tuple(item.json) for item in causes_found}) == 1
    assert causes_found[2].json["client"] is None


@pytest.mark.parametrize(
    ("kind", "who", "options"),
    [
        ("clientid", "dev-1", ()),
        ("clientid_re", "^dev-[0-9]+$", ()),
        ("username", "ann", ("--username", "ann")),
        ("username_re", "^a", ("--username", "ann")),
        ("peerhost", "10.7.0.1", ("--ip", "10.7.0.1")),
        ("peerhost_net", "10.7.0.0/16", ("--ip", "10.7.0.1")),
    ],
)
def test_a_ban_is_the_cause(
    cluster: Sandbox, run: Run, kind: str, who: str, options: tuple[str, ...]
) -> None:
    """Each kind of ban is found, with its end and reason, and how to lift it."""
    assert run("banned", "add", kind, who, "--for", "2h", "--reason", "floods").code == 0
    result = run("clients", "why", "dev-1", *options)
    assert result.code == 8
    assert "banned by" in result.out.splitlines()[0]
    assert who in result.out.splitlines()[0]
    assert "reason: floods" in result.out
    assert f"emqxctl banned delete {kind} " in result.out
    assert causes(run("clients", "why", "dev-1", *options, "-o", "json")) == [("banned", "certain")]


def test_a_stopped_node_may_have_taken_the_session_with_it(cluster: Sandbox, run: Run) -> None:
    node = list(cluster.cluster.nodes)[1]
    assert "node_stopped" not in [cause for cause, _ in causes(run("clients", "why", "dev-1", "-o", "json"))]
    cluster.cluster.stop_node(node)
    result = run("clients", "why", "dev-1", "-o", "json")
    assert causes(result)[0] == ("node_stopped", "likely")
    assert f"a node is stopped: {node};" in result.json["causes"][0]["message"]
    connected = next(client for client in cluster.cluster.clients.values() if client.connected)
    found = causes(run("clients", "why", connected.clientid, "-o", "json"))
    assert "node_stopped" not in [cause for cause, _ in found]


def test_a_session_on_a_stopped_node_ended_with_it(run: Run) -> None:
    nodes = make_exchange("GET /nodes", 200, [{"node": "n1", "node_status": "stopped", "role": "core"}])
    session = gone(node="n1", durable=True)
    script = parts(**{"GET /nodes": nodes, "GET /clients/dev-1": session})
    result = replay(run, script, "clients", "why", "dev-1", "-o", "json", check_requests=False).result
    assert causes(result) == [("node_stopped", "certain")]


def test_a_ban_of_what_is_not_known_is_possible(cluster: Sandbox, run: Run) -> None:
    """It is named, and so are the options that would tell."""
    cluster.cluster.bans.clear()
    run("banned", "add", "peerhost_net", "10.7.0.0/16")
    run("banned", "add", "username", "ann")
    result = run("clients", "why", "dev-1")
    first = result.out.split("CAUSES\n")[1].splitlines()[0]
    assert first.startswith("possible  possibly banned by username or address (")
    assert {"peerhost_net 10.7.0.0/16", "username ann"} == set(first.split("(")[1][:-1].split(", "))
    assert (
        "emqxctl clients why dev-1 --username NAME --ip ADDRESS"
        in result.out.split("NEXT STEPS\n")[1].splitlines()
    )
    causes_found = run("clients", "why", "dev-1", "--username", "bob", "-o", "json").json
    assert causes_found["bans"] == []
    assert causes_found["possible_bans"] == 1
    assert causes_found["causes"][0]["next_step"] == "emqxctl clients why dev-1 --ip ADDRESS"
    facts = run("clients", "why", "dev-1", "--username", "bob", "--ip", "10.8.0.1", "-o", "json").json
    assert facts["possible_bans"] == 0
    assert "banned" not in [item["cause"] for item in facts["causes"]]


def test_a_ban_by_a_pattern_that_only_erlang_reads_is_possible() -> None:
    pattern: dict[str, object] = {"as": "clientid_re", "who": "(?|a|b)"}
    causes_found = _causes.list_causes(_causes.ClientFacts("dev-1", None, possible_bans=[pattern]), "trace")[
        0
    ]
    assert (causes_found.cause, causes_found.certainty, causes_found.next_step) == (
        "banned",
        "possible",
        "emqxctl banned list",
    )
    assert causes_found.evidence == "clientid_re (?|a|b)"


def test_a_ban_of_a_connected_client_waits_for_it(cluster: Sandbox, run: Run) -> None:
    """It is a finding, not an absence: exit 0."""
    cluster.cluster.add_client("live-1", username="ann")
    run("banned", "add", "username", "ann")
    result = run("clients", "why", "live-1")
    assert result.code == 0
    assert "the ban applies at its next connect" in result.out


def test_a_user_that_nobody_knows(cluster: Sandbox, run: Run) -> None:
    """Authentication refuses it: likely, as nothing else can let it in."""
    with_database(run)
    result = run("clients", "why", "dev-1", "--username", "bob", "-o", "json")
    assert causes(result)[0] == ("unknown_user", "likely")
    assert "'bob'" in result.json["causes"][0]["message"]
    assert result.json["authentication"][0]["user_exists"] is False
    other = run("clients", "why", "dev-1", "--username", "ann", "-o", "json")
    assert "unknown_user" not in dict(causes(other))
    assert other.json["authentication"][0]["user_exists"] is True


def test_without_a_user_name_authentication_cannot_be_told(cluster: Sandbox, run: Run) -> None:
    """Nothing is claimed of a user that is not named."""
    with_database(run)
    result = run("clients", "why", "dev-1", "-o", "json")
    assert result.json["authentication"][0]["user_exists"] is None
    assert "unknown_user" not in dict(causes(result))


def test_a_database_of_client_ids(cluster: Sandbox, run: Run) -> None:
    """It is asked for the id."""
    with_database(run, user_id_type="clientid")
    assert causes(run("clients", "why", "bob", "-o", "json"))[0] == ("unknown_user", "likely")
    assert run("clients", "why", "ann", "-o", "json").json["authentication"][0]["user_exists"] is True


def test_one_that_never_was(cluster: Sandbox, run: Run) -> None:
    """No cause is made up; the next step is to watch the next attempt."""
    result = run("clients", "why", "it's new")
    assert result.code == 8
    assert (
        result.out.splitlines()[0]
        == "it's new is not connected and has no session. The cause is not certain."
    )
    assert "never connected, or its session has ended" in result.out
    assert result.out.splitlines()[-1] == """emqxctl traces tail --client 'it'"'"'s new'"""


def trace(run: Run, cluster: Sandbox, clientid: str, *lines: str) -> None:
    """Have a trace of a client with these lines in its log."""
    cluster.cluster.bans.clear()
    assert run("traces", "create", "t1", "clientid", clientid).code == 0
    cluster.cluster.features.traces["t1"].logs["emqx1@sandbox.local"] = "\n".join(lines).encode()


AT = "2026-11-22T23:37:46.865582+00:00"
RECEIVED = f"{AT} [MQTT] dev-1@10.0.0.1:41191 msg: mqtt_packet_received, packet: "
ENDED = f"{AT} [SOCKET] dev-1@10.0.0.1:4 msg: terminate, reason: "
SENT = f"{AT} [MQTT] dev-1@10.0.0.1:41191 msg: mqtt_packet_sent, packet: "


def in_json(clientid: str) -> str:
    """Give a line of a trace in JSON."""
    meta = {"clientid": clientid, "reason": "{shutdown,kicked}"}
    return json.dumps({"time": AT, "msg": "terminate", "meta": meta})


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (ENDED + "{shutdown,keepalive_timeout}", "keepalive_timeout"),
        (ENDED + "{shutdown,kicked}", "kicked"),
        (ENDED + "{shutdown,takenover}", "taken_over"),
        (ENDED + "tcp_closed", "connection_lost"),
        (ENDED + "bad_username_or_password", "wrong_password"),
        (SENT + "CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=134)", "wrong_password"),
        (SENT + "CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=135)", "not_authorized"),
        (SENT + "DISCONNECT(Q0, R0, D0, ReasonCode=141)", "keepalive_timeout"),
        (SENT + "DISCONNECT(Q0, R0, D0, ReasonCode=152)", "kicked"),
        (RECEIVED + "DISCONNECT(Q0, R0, D0, ReasonCode=0), username: kicked", "client_disconnected"),
        (in_json("dev-1"), "kicked"),
    ],
)  # fmt: skip
def test_a_trace_tells_for_certain(cluster: Sandbox, run: Run, line: str, cause: str) -> None:
    """The reason that EMQX wrote down, in text and in JSON."""
    trace(run, cluster, "dev-1", SENT + "CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=0)", line)
    result = run("clients", "why", "dev-1", "-o", "json")
    assert causes(result) == [(cause, "certain")]
    assert result.json["causes"][0]["evidence"] == f"trace t1, {AT}"
    assert result.json["causes"][0]["next_step"] == "emqxctl traces log t1"


@pytest.mark.parametrize(
    "line",
    [
        RECEIVED + "PUBLISH(Q0, R0, D0, Topic=reason: kicked, PacketId=1, Payload(text)=msg: kicked)",
        f"{AT} [SOCKET] other@10.0.0.1:4 msg: terminate, reason: {{shutdown,kicked}}",
        f"{AT} [MQTT] dev-1@10.0.0.1:4 msg: mqtt_packet_received, packet: PINGREQ(), username: kicked",
        in_json("other"),
        "{ no json",
        "",
    ],
)
def test_what_a_client_says_of_itself_is_no_reason(cluster: Sandbox, run: Run, line: str) -> None:
    """Topics, payloads and names are its own words, and other clients' reasons are theirs."""
    trace(run, cluster, "dev-1", line or " ")
    assert causes(run("clients", "why", "dev-1", "-o", "json")) == [("no_session", "possible")]


def test_a_reason_before_it_was_let_in_again_is_old(cluster: Sandbox, run: Run) -> None:
    """Whatever came before the last acceptance explains nothing."""
    accepted = (SENT + "CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=0)").replace(":46.", ":47.")
    trace(run, cluster, "dev-1", SENT + "CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=134)", accepted)
    assert causes(run("clients", "why", "dev-1", "-o", "json")) == [("no_session", "possible")]


def test_one_that_is_gone_with_a_session_left(cluster: Sandbox, run: Run) -> None:
    """When it disconnected is shown; why is not claimed: usual causes are possible, with the keep-alive."""
    result = run("clients", "why", "offline-meter-007")
    assert result.code == 8
    assert "is disconnected since 20" in result.out.splitlines()[0]
    assert "The cause is not certain" in result.out.splitlines()[0]
    assert "no packet for 90 s (1.5 times the keepalive interval)" in result.out


def test_queues_that_overflow_are_findings(cluster: Sandbox, run: Run) -> None:
    """Of a client that does not acknowledge; the commands that look into them are next."""
    cluster.cluster.add_client("slow-1", mqueue_len=1000, mqueue_max=1000, inflight_cnt=32, inflight_max=32)
    result = run("clients", "why", "slow-1")
    assert result.code == 0
    assert "messages are not acknowledged: 32 of 32 in flight" in result.out
    assert "queue is full (1000 of 1000)" in result.out
    assert "emqxctl clients mqueue slow-1" in result.out


def test_a_denied_subscription_is_a_finding(cluster: Sandbox, run: Run) -> None:
    """By the rule that denies it."""
    call(run, "POST", "/authorization/sources", {"type": "built_in_database", "enable": True})
    rule = {"topic": "cmd/${clientid}", "permission": "deny", "action": "subscribe"}
    call(run, "POST", "/authorization/sources/built_in_database/rules/all", {"rules": [rule]})
    result = run("clients", "why", "sensor-001", "-o", "json")
    verdicts = {item["topic"]: item["authorization"] for item in result.json["subscriptions"]}
    assert verdicts["cmd/sensor-001"]["result"] == "deny"
    assert verdicts["cmd/sensor-001"]["reason"] == "of all"
    assert verdicts["fleet/announce"]["source"] == "no_match"
    assert causes(result) == [("subscription_denied", "likely")]


def test_ids_that_no_path_can_name(cluster: Sandbox, run: Run) -> None:
    """`..` is looked up in the list; what cannot be read of it is said, and nothing else is asked."""
    cluster.cluster.add_client("..", username="ann")
    result = run("clients", "why", "..", "-o", "json")
    assert result.code == 0
    assert result.json["client"]["username"] == "ann"
    assert {"subscriptions", "rules of the client"} <= set(result.json["unavailable"])


def test_hostile_names_never_reach_the_terminal(cluster: Sandbox, run: Run) -> None:
    """Neither the client's own nor those of bans."""
    cluster.cluster.add_client("\x1b[31mred", username="\x1b]0;x\x07")
    run("banned", "add", "username_re", "\x1b.*", "--reason", "a\nb\x1b[1m")
    result = run("clients", "why", "\x1b[31mred", terminal=True, env={"NO_COLOR": "1"})
    assert result.code == 0, result.err
    assert "\x1b" not in result.out
    assert "\\x1b[31mred" in result.out


def parts(**answers: Exchange) -> list[Exchange]:
    """Give a broker that has nothing, but for what is given."""
    empty: dict[str, Any] = {
        "GET /clients/dev-1": (404, {"code": "CLIENTID_NOT_FOUND", "message": "Client ID not found"}),
        "GET /clients/dev-1/subscriptions": (404, {"code": "CLIENTID_NOT_FOUND", "message": "x"}),
        "GET /listeners": (200, []),
        "GET /nodes": (200, []),
        "GET /configs/global_zone": (200, {"mqtt": {"keepalive_multiplier": 2}}),
        "GET /alarms": (200, {"data": [], "meta": {}}),
        "GET /banned": (200, {"data": [], "meta": {}}),
        "GET /slow_subscriptions": (200, {"data": []}),
        "GET /trace": (200, []),
        "GET /audit": (200, {"data": [], "meta": {}}),
        "GET /authentication": (200, []),
        "GET /authorization/settings": (200, {"no_match": "deny"}),
        "GET /authorization/sources": (200, {"sources": []}),
        f"{RULES}/all": (200, {"rules": []}),
        f"{RULES}/clients/dev-1": (404, NONE),
    }  # fmt: skip
    return [answers.get(name, make_exchange(name, *result)) for name, result in empty.items()]


def test_parts_that_may_not_be_read_are_notes(run: Run) -> None:
    """A key with few rights still gets the rest, and the report names what is unknown."""
    refused = make_exchange("GET /banned", 403, {"code": "FORBIDDEN", "message": "no"})
    broken = make_exchange("GET /trace", 500, {"code": "INTERNAL_ERROR", "message": "x"})
    replayed = replay(run, parts(**{"GET /banned": refused, "GET /trace": broken}), "clients", "why", "dev-1")
    assert replayed.result.code == 8, replayed.result.err
    assert "bans    not permitted for this API key" in replayed.result.out
    assert "traces  " in replayed.result.out


def test_a_client_that_may_not_be_read_is_an_error(run: Run) -> None:
    """Without it nothing can be said."""
    refused = make_exchange("GET /clients/dev-1", 401, {"code": "BAD_API_KEY_OR_SECRET", "message": "Check"})
    replayed = replay(run, parts(**{"GET /clients/dev-1": refused}), "clients", "why", "dev-1")
    assert replayed.result.code == 4
    assert replayed.result.out == ""


def kick(at: str, **request: object) -> dict[str, object]:
    """Make an entry of the audit log."""
    entry = {"created_at": at, "from": "dashboard", "source": "eve", "operation_id": "/clients/:clientid"}
    return entry | {"http_method": "delete", "http_request": {"bindings": {"clientid": "dev-1"}} | request}


def gone(**more: object) -> Exchange:
    """Give a session whose client is gone."""
    session = {"clientid": "dev-1", "connected": False, "keepalive": 30, "username": None}
    times = {
        "connected_at": "2026-11-22T10:00:00.000+00:00",
        "disconnected_at": "2026-11-22T12:00:00.100+00:00",
    }
    return make_exchange("GET /clients/dev-1", 200, session | times | more)


def test_how_long_it_may_be_silent_is_configured(run: Run) -> None:
    """Twice its keep-alive here."""
    result = replay(run, parts(**{"GET /clients/dev-1": gone()}), "clients", "why", "dev-1").result.out
    assert "no packet for 60 s (2 times the keepalive interval)" in result
    assert "30 s; disconnected after 60 s without a packet" in result


def test_rules_that_may_not_be_read_leave_it_open(run: Run) -> None:
    """Nothing is claimed of what they would say."""
    sources = make_exchange(
        "GET /authorization/sources", 200, {"sources": [{"type": "built_in_database", "enable": True}]}
    )
    script = parts(**{"GET /authorization/sources": sources, "GET /clients/dev-1": gone(connected=True)})
    script = [
        item for item in script if item.operation not in {f"{RULES}/all", "GET /clients/dev-1/subscriptions"}
    ]
    script.append(make_exchange(f"{RULES}/all", 403, {"code": "FORBIDDEN"}))
    script.append(make_exchange("GET /clients/dev-1/subscriptions", 200, [{"topic": "a", "qos": 0}]))
    result = replay(run, script, "clients", "why", "dev-1", "-o", "json").result
    assert result.json["subscriptions"][0]["authorization"]["result"] == "unknown"
    assert result.json["unavailable"] == {"rules of all": "not permitted for this API key"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (kick("2026-11-22T12:59:59.900+01:00"), ("kicked", "certain")),
        (kick("2026-11-22T11:00:00Z"), ("kicked", "likely")),
        (kick("2026-11-22T09:00:00Z"), ("keepalive_timeout", "possible")),
        (kick("2026-11-22T12:00:00Z", bindings={"clientid": "dev-2"}), ("keepalive_timeout", "possible")),
        (
            kick("2026-11-22T12:00:00Z", body=["dev-1"])
            | {"operation_id": "/clients/kickout/bulk", "http_method": "post"},
            ("kicked", "certain"),
        ),
    ],
)
def test_the_audit_log_tells_who_kicked_it(
    run: Run, entry: dict[str, object], expected: tuple[str, str]
) -> None:
    """For certain when it went at that moment; a kick before it came back explains nothing."""
    log = make_exchange("GET /audit", 200, {"data": [entry], "meta": {"count": 1, "hasnext": False}})
    script = parts(**{"GET /clients/dev-1": gone(), "GET /audit": log})
    replayed = replay(run, script, "clients", "why", "dev-1", "-o", "json")
    assert causes(replayed.result)[0] == expected
    if expected[0] == "kicked":
        assert replayed.result.json["causes"][0]["message"] == "kicked by eve"


def test_nowhere_to_connect_to(run: Run) -> None:
    """No listener runs, or each is full."""
    stopped = make_exchange(
        "GET /listeners", 200, [{"id": "tcp:default", "enable": True, "status": {"running": False}}]
    )
    replayed = replay(run, parts(**{"GET /listeners": stopped}), "clients", "why", "dev-1", "-o", "json")
    assert causes(replayed.result) == [("no_listener", "certain")]
    full = {"running": True, "max_connections": 5, "current_connections": 5}
    busy = make_exchange("GET /listeners", 200, [{"id": "tcp:default", "enable": True, "status": full}])
    replayed = replay(run, parts(**{"GET /listeners": busy}), "clients", "why", "dev-1", "-o", "json")
    assert causes(replayed.result)[0] == ("listeners_full", "likely")


def test_a_wrong_password_is_possible_where_attempts_failed(run: Run) -> None:
    """The counter is the whole cluster's, and said to be."""
    chain = [{"id": BUILT_IN, "backend": "built_in_database", "enable": True, "user_id_type": "username"}]
    script = parts(**{"GET /authentication": make_exchange("GET /authentication", 200, chain)})
    user = f"GET /authentication/{BUILT_IN}/users/ann".replace(":", "%3A")
    status = f"GET /authentication/{BUILT_IN}/status".replace(":", "%3A")
    script += [
        make_exchange(user, 200, {"user_id": "ann", "is_superuser": False}),
        make_exchange(status, 200, {"metrics": {"failed": 14, "success": 3}, "status": "connected"}),
        make_exchange(f"{RULES}/users/ann", 404, NONE),
    ]  # fmt: skip
    replayed = replay(run, script, "clients", "why", "dev-1", "--username", "ann", "-o", "json")
    first = replayed.result.json["causes"][0]
    assert (first["cause"], first["certainty"]) == ("wrong_password", "possible")
    assert "user 'ann' exists" in first["message"]
    assert "14 failed attempts; EMQX does not count them by client" in first["evidence"]


def test_a_real_broker(run: Run) -> None:
    """Its recorded answers, field for field."""
    sources = find_exchange("GET /authorization/sources", "one node stopped")
    script = [
        *parts(**{"GET /authorization/sources": sources})[2:],
        find_exchange("GET /clients/{clientid}", 'client "sensor-001"'),
        find_exchange("GET /clients/{clientid}/subscriptions", 'client "sensor-001"'),
        make_exchange(f"{RULES}/clients/sensor-001", 404, NONE),
        find_exchange(
            "GET /authorization/sources/built_in_database/rules/users/{username}", "user fleet-berlin"
        ),
    ]
    replayed = replay(run, script, "clients", "why", "sensor-001")
    assert replayed.result.code == 0, replayed.result.err
    assert (
        "sensor-001 is connected to emqx1@127.0.0.1 since 2026-11-22T23:36:18.977+00:00"
        in replayed.result.out
    )
    assert "127.0.0.1:41191, listener tcp:default" in replayed.result.out
    assert "MQTT 5" in replayed.result.out
    assert "http               decisions not available through the API" in replayed.result.out


def test_a_client_whose_session_waits_was_not_kicked(cluster: Sandbox, run: Run) -> None:
    """A kick ends the session, which a client without a session may have lost this way."""
    waiting = next(client for client in cluster.cluster.clients.values() if not client.connected)
    found = run("clients", "why", waiting.clientid, "-o", "json").json
    assert found["state"] == "disconnected"
    assert "kicked" not in {cause["cause"] for cause in found["causes"]}
    unknown = run("clients", "why", "never-there", "-o", "json").json
    assert any("kicked" in cause["message"] for cause in unknown["causes"])
