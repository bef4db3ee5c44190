"""`emqxctl gateways` against recorded answers: the gateway, its clients, listeners, users and devices."""

from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
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
AUTHN = find_exchange("GET /gateways/{name}/authentication", "name stomp")
AUTHN_OF_LISTENER = find_exchange(
    "GET /gateways/{name}/listeners/{id}/authentication", "listener stomp:tcp:internal"
)
NONE = find_exchange("GET /gateways/{name}/authentication", "none (204)")
USERS = "/gateways/{name}/authentication/users"
USERS_OF_LISTENER = "/gateways/{name}/listeners/{id}/authentication/users"
INTERNAL = ("--listener", "stomp:tcp:internal")
INTERNAL_PATH = "/gateways/stomp/listeners/stomp%3Atcp%3Ainternal/authentication"
CLIENT = "t3ApxQ9BqVJ2l6FC"


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


def test_clients_are_listed_with_the_filters_of_the_server(run: Run) -> None:
    script = [find_exchange("GET /gateways/{name}/clients", "lwm2m endpoint")]
    outcome = replay(
        run, script, "gateways", "clients", "list", "lwm2m", "--endpoint-name", "lwm2m-meter-01", "-o", "name"
    )
    assert outcome.result.out == "lwm2m-meter-01\n"
    assert outcome.calls == ["GET /gateways/lwm2m/clients?endpoint_name=lwm2m-meter-01&page=1&limit=1000"]


def test_a_client_is_shown_and_kicked(run: Run) -> None:
    client = find_exchange("GET /gateways/{name}/clients/{clientid}", f"stomp client {CLIENT}")
    assert (
        replay(run, [client], "gateways", "clients", "get", "stomp", CLIENT, "--json").result.json
        == client.body
    )
    assert replay(run, [], "gateways", "clients", "kick", "mqttsn", "sn/node 02").result.code == 14
    deletion = find_exchange("DELETE /gateways/{name}/clients/{clientid}", "odd id")
    outcome = replay(run, [deletion], "gateways", "clients", "kick", "mqttsn", "sn/node 02", "--yes")
    assert (outcome.result.code, outcome.calls) == (
        0,
        ["DELETE /gateways/mqttsn/clients/sn%2Fnode%2002"],
    )
    unknown = find_exchange("DELETE /gateways/{name}/clients/{clientid}", "unknown client")
    assert replay(run, [unknown], "gateways", "clients", "kick", "stomp", "nobody", "-y").result.code == 6


def test_subscriptions_of_a_client(run: Run) -> None:
    path = "/gateways/{name}/clients/{clientid}/subscriptions"
    stomp = find_exchange(f"POST {path}", "stomp client")
    client = "Wz6jSriJUbcAIMsq"
    words = (
        "gateways",
        "clients",
        "subscribe",
        "stomp",
        client,
        "rec/gw",
        "--qos",
        "1",
        "--subid",
        "10",
        "--json",
    )
    outcome = replay(run, [stomp], *words)
    assert outcome.bodies == [
        {"topic": "rec/gw", "qos": 1, "nl": 0, "rap": 0, "rh": 0, "sub_props": {"subid": "10"}}
    ]
    assert outcome.result.json["topic"] == "stomp/rec/gw"
    deletion = find_exchange(f"DELETE {path}/{{topic}}", "done")
    unsubscribe = replay(run, [deletion], "gateways", "clients", "unsubscribe", "stomp", client, "rec/gw")
    assert unsubscribe.calls == [f"DELETE /gateways/stomp/clients/{client}/subscriptions/rec%2Fgw"]
    subscriptions = find_exchange(f"GET {path}", "mqttsn client sn/node 02")
    rows = replay(
        run, [subscriptions], "gateways", "clients", "subscriptions", "mqttsn", "sn/node 02", "-o", "name"
    )
    assert rows.result.out == "sn/sn/t\n"


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


def test_authentication_is_the_gateways_or_a_listeners(run: Run) -> None:
    group = ("gateways", "authentication", "get", "stomp", "--json")
    assert replay(run, [AUTHN], *group).result.json == AUTHN.body
    outcome = replay(run, [AUTHN_OF_LISTENER], *group, *INTERNAL)
    assert (outcome.calls, outcome.result.json) == ([f"GET {INTERNAL_PATH}"], AUTHN_OF_LISTENER.body)


def test_none_is_not_found(run: Run) -> None:
    outcome = replay(run, [NONE], "gateways", "authentication", "get", "mqttsn", "--json")
    assert (outcome.result.code, outcome.result.stdout) == (6, b"")
    assert "mqttsn" in outcome.result.error["message"]
    removal = [NONE, find_exchange("DELETE /gateways/{name}/authentication", "again")]
    assert replay(run, removal, "gateways", "authentication", "delete", "mqttsn", "--yes").result.code == 6


def test_authentication_is_created(run: Run) -> None:
    script = [find_exchange("POST /gateways/{name}/authentication", "create")]
    outcome = replay(
        run,
        script,
        *("gateways", "authentication", "create", "mqttsn", "--mechanism", "password_based"),
        *("--backend", "built_in_database", "--user-id-type", "username", "--hash", "sha256"),
        *("--set", "password_hash_algorithm.salt_position=suffix"),
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [
        {
            "mechanism": "password_based",
            "backend": "built_in_database",
            "user_id_type": "username",
            "password_hash_algorithm": {"name": "sha256", "salt_position": "suffix"},
        }
    ]
    duplicate = [find_exchange("POST /gateways/{name}/authentication", "already exists")]
    rejection = replay(run, duplicate, "gateways", "authentication", "create", "mqttsn", "--mechanism", "jwt")
    assert rejection.result.code == 7
    assert "already exist" in rejection.result.err


def test_authentication_is_changed_whole_and_masks_are_kept(run: Run) -> None:
    before = {
        "mechanism": "password_based",
        "backend": "redis",
        "redis_type": "single",
        "server": "10.0.0.5:6379",
        "password": "******",
        "cmd": "HMGET mqtt:${username} password_hash",
        "id": "password_based:redis",
        "chain_name": "stomp:tcp:internal",
        "enable": True,
    }
    script = [
        make_exchange(f"GET {INTERNAL_PATH}", 200, before),
        make_exchange(f"PUT {INTERNAL_PATH}", 200, before),
    ]
    outcome = replay(run, script, "gateways", "authentication", "update", "stomp", *INTERNAL, "--no-enable")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == f"PUT {INTERNAL_PATH}"
    unchanged_fields = {key: value for key, value in before.items() if key not in {"id", "chain_name"}}
    assert outcome.bodies == [{**unchanged_fields, "enable": False}]


def test_authentication_is_deleted_when_confirmed(run: Run) -> None:
    script = [
        make_exchange("GET /gateways/stomp/authentication", 200, AUTHN.body),
        make_exchange("DELETE /gateways/stomp/authentication", 204),
    ]
    assert replay(run, script, "gateways", "authentication", "delete", "stomp").result.code == 14
    outcome = replay(run, script, "gateways", "authentication", "delete", "stomp", "-y")
    assert outcome.calls[-1] == "DELETE /gateways/stomp/authentication"


def test_users_are_listed(run: Run) -> None:
    pages = [find_exchange(f"GET {USERS}", f"paging, limit=2, page {number}") for number in (1, 2)]
    outcome = replay(run, pages, "gateways", "users", "list", "stomp", "-o", "name")
    assert outcome.result.out.splitlines() == ["stomp/user 2", "stomp-用户", "stomp-user-1"]
    script = [find_exchange(f"GET {USERS_OF_LISTENER}", "listener stomp:tcp:internal")]
    listener_users = replay(run, script, "gateways", "users", "list", "stomp", *INTERNAL)
    assert "inner/2" in listener_users.result.out
    assert listener_users.calls == [f"GET {INTERNAL_PATH}/users?page=1&limit=1000"]


def test_a_filter_that_emqx_would_ignore_is_refused(run: Run) -> None:
    outcome = replay(run, [], "gateways", "users", "list", "stomp", *INTERNAL, "--like-user-id", "x")
    assert (outcome.result.code, outcome.calls) == (2, [])
    script = [find_exchange(f"GET {USERS}", "like_user_id")]
    listener_user = replay(
        run, script, "gateways", "users", "list", "stomp", "--like-user-id", "2", "--no-is-superuser"
    )
    assert listener_user.calls == [
        "GET /gateways/stomp/authentication/users?like_user_id=2&is_superuser=false&page=1&limit=1000"
    ]


def test_a_user_is_created_with_a_password_nobody_sees(run: Run) -> None:
    script = [find_exchange(f"POST {USERS}", "create")]
    words = ("gateways", "users", "create", "stomp", "rec-g", "--password-file", "-", "--debug")
    outcome = replay(run, script, *words, stdin=b"correct horse\n")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{"user_id": "rec-g", "password": "correct horse", "is_superuser": False}]
    assert "correct horse" not in outcome.result.err + outcome.result.out


@pytest.mark.parametrize("stdin", [b"", b"\n"])
def test_without_a_password_nothing_is_sent(run: Run, stdin: bytes) -> None:
    assert (
        replay(
            run, [], "gateways", "users", "create", "stomp", "x", "--password-file", "-", stdin=stdin
        ).result.code
        == 2
    )
    assert replay(run, [], "gateways", "users", "create", "stomp", "x", "--no-input").result.code == 2


def test_a_user_that_exists_is_refused(run: Run) -> None:
    script = [find_exchange(f"POST {USERS}", "already exists")]
    outcome = replay(
        run, script, "gateways", "users", "create", "stomp", "rec-g", "--password-file", "-", stdin=b"x"
    )
    assert outcome.result.code == 7


@pytest.mark.parametrize(("words", "superuser"), [((), True), (("--no-superuser",), False)])
def test_a_superuser_stays_one_unless_said(
    run: Run, words: tuple[str, ...], superuser: bool, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("new\n")
    client = f"{INTERNAL_PATH}/users/inner-1"
    script = [
        find_exchange(f"GET {USERS_OF_LISTENER}/{{uid}}", "user inner-1"),
        make_exchange(f"PUT {client}", 200, {"user_id": "inner-1"}),
    ]
    outcome = replay(
        run,
        script,
        "gateways",
        "users",
        "update",
        "stomp",
        "inner-1",
        *INTERNAL,
        "--password-file",
        str(file),
        *words,
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == [f"GET {client}", f"PUT {client}"]
    assert outcome.bodies == [{"password": "new", "is_superuser": superuser}]


def test_an_unknown_user_is_not_made_by_update(run: Run) -> None:
    script = [find_exchange(f"GET {USERS}/{{uid}}", "user nobody")]
    outcome = replay(
        run, script, "gateways", "users", "update", "stomp", "nobody", "--password-file", "-", stdin=b"x"
    )
    assert (outcome.result.code, outcome.calls) == (
        6,
        ["GET /gateways/stomp/authentication/users/nobody"],
    )


def test_users_are_deleted_each_accounted_for(run: Run) -> None:
    unsubscribe = find_exchange(f"DELETE {USERS}/{{uid}}", "delete")
    not_found = make_exchange(
        "DELETE /gateways/stomp/authentication/users/x",
        404,
        {"code": "NOT_FOUND", "message": "User not found"},
    )
    assert replay(run, [], "gateways", "users", "delete", "stomp", "rec-g").result.code == 14
    outcome = replay(
        run, [unsubscribe, not_found], "gateways", "users", "delete", "stomp", "rec-g", "x", "--yes", "--json"
    )
    assert outcome.result.code == 9
    assert [(row["user_id"], row["status"]) for row in outcome.result.json] == [
        ("rec-g", "done"),
        ("x", "failed"),
    ]


def test_users_are_imported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("user_id,password_hash,salt,is_superuser\nann,7a1f,abc,false\n")
    path = "/gateways/{name}/listeners/{id}/authentication/import_users"
    script = [find_exchange(f"POST {path}", "csv hash")]
    words = ("gateways", "users", "import", "stomp", str(file), "--listener", "stomp:tcp:rec", "--json")
    outcome = replay(run, script, *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.result.json["success"] == 1
    assert b'name="filename"; filename="users.csv"' in outcome.received[0].body
    failing = make_exchange(
        "POST /gateways/stomp/authentication/import_users", 200, {"total": 2, "success": 1, "failed": 1}
    )
    assert replay(run, [failing], "gateways", "users", "import", "stomp", str(file)).result.code == 9


def test_a_coap_request_waits_for_its_answer(run: Run) -> None:
    path = "POST /gateways/coap/clients/{clientid}/request"
    answer = make_exchange(
        "POST /gateways/coap/clients/lamp/request", 200, {"payload": "on", "token": "t", "method": "content"}
    )
    words = (
        "gateways",
        "coap",
        "request",
        "lamp",
        "--method",
        "put",
        "--payload",
        "on",
        "--wait",
        "3s",
        "--json",
    )
    outcome = replay(run, [answer], *words)
    assert outcome.result.json["payload"] == "on"
    assert outcome.bodies == [
        {"token": "", "method": "put", "timeout": "3s", "content_type": "text/plain", "payload": "on"}
    ]
    assert (
        replay(
            run, [find_exchange(path, "unknown client")], "gateways", "coap", "request", "nobody"
        ).result.code
        == 6
    )
    without_count = replay(
        run, [find_exchange(path, "silent client")], "gateways", "coap", "request", "coap-silent", "--json"
    )
    assert without_count.result.code == 12
    assert without_count.result.error["code"] == "CLIENT_NOT_RESPONSE"


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (("read", "lwm2m-meter-01", "/3/0/0"), "path=%2F3%2F0%2F0"),
        (("observe", "lwm2m-meter-01", "/3/0/0"), "path=%2F3%2F0%2F0&enable=true"),
        (("observe", "lwm2m-meter-01", "/3/0/0", "--stop"), "path=%2F3%2F0%2F0&enable=false"),
        (
            ("write", "lwm2m-meter-01", "/3/0/0", "7", "--type", "Integer"),
            "path=%2F3%2F0%2F0&type=Integer&value=7",
        ),
    ],
)
def test_lwm2m_requests(run: Run, words: tuple[str, ...], query: str) -> None:
    verb = words[0]
    script = [find_exchange(f"POST /gateways/lwm2m/clients/{{clientid}}/{verb}", "sent")]
    outcome = replay(run, script, "gateways", "lwm2m", *words)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == [f"POST /gateways/lwm2m/clients/lwm2m-meter-01/{verb}?{query}"]
    assert f"--action {verb}" in outcome.result.err


@pytest.mark.parametrize("path", ["", "/", "3/0/0"])
@pytest.mark.parametrize("verb", ["read", "observe", "lookup"])
def test_a_path_that_would_kill_the_clients_process_is_not_sent(run: Run, verb: str, path: str) -> None:
    outcome = replay(run, [], "gateways", "lwm2m", verb, "lwm2m-meter-01", "--", path)
    assert (outcome.result.code, outcome.calls) == (2, [])


def test_lookup_shows_the_answer(run: Run) -> None:
    script = [find_exchange("GET /gateways/lwm2m/clients/{clientid}/lookup", "after a read")]
    outcome = replay(run, script, "gateways", "lwm2m", "lookup", "lwm2m-meter-01", "/3/0/0", "--json")
    assert outcome.result.json["content"] == [{"path": "/3/0/0", "value": "42"}]


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
