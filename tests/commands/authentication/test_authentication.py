"""`emqxctl authentication`: authenticators, against recorded answers and the sandbox."""

import json
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.recordings import Exchange, find_exchange
from tests.support.replay import make_exchange, replay

PATH = "/authentication"
ONE = f"{PATH}/{{id}}"
LIST = find_exchange(f"GET {PATH}", "plain")
JWT = find_exchange(f"GET {ONE}", "id jwt")
HTTP = find_exchange(f"GET {ONE}", "id password_based:http")
DATABASE = find_exchange(f"GET {ONE}", "id password_based:built_in_database")
KEPT = "password_based:built_in_database"
QUOTED = "password_based%3Abuilt_in_database"
A = ("authentication",)
NO_ID = {"code": "NOT_FOUND", "message": "Authenticator 'settings' does not exist"}
OF_5_8 = make_exchange(
    "GET /status",
    200,
    {"app_status": "running", "broker_status": "started", "rel_vsn": "5.8.9", "node_name": "n"},
)


def changed(key: str) -> Exchange:
    """Make the answer to a change."""
    return make_exchange(f"PUT {PATH}/{key}", 204)


def body_of(found: Exchange) -> dict[str, object]:
    """Give an authenticator as it is to be sent back."""
    return {field: value for field, value in found.body.items() if field != "id"}


def test_the_list_is_in_the_order_they_are_asked(run: Run) -> None:
    lines = replay(run, [LIST], *A, "list").result.out.splitlines()
    assert lines[0].split() == ["ID", "ENABLED", "MECHANISM", "BACKEND"]
    assert [line.split()[:2] for line in lines[1:]] == [
        [KEPT, "true"],
        ["jwt", "true"],
        ["password_based:http", "true"],
    ]
    assert replay(run, [LIST], *A, "list", "--json").result.json == LIST.body
    wide = replay(run, [LIST], *A, "list", "-o", "wide").result.out
    assert "HASH" in wide
    assert "sha256" in wide


def test_one_is_shown_and_an_unknown_one_is_not(run: Run) -> None:
    assert replay(run, [DATABASE], *A, "get", KEPT, "--json").result.json == DATABASE.body
    told = replay(run, [find_exchange(f"GET {ONE}", "id nonsense")], *A, "get", "nonsense", "--json")
    assert (told.result.code, told.result.stdout) == (6, b"")
    assert "Authenticator 'nonsense' does not exist" in told.result.error["message"]


@pytest.mark.parametrize(
    "words", [("scram:built_in_database",), ("--mechanism", "scram", "--backend", "built_in_database")]
)
def test_create_names_the_kind_by_id_or_by_options(run: Run, words: tuple[str, ...]) -> None:
    script = [find_exchange(f"POST {PATH}", "scram")]
    told = replay(run, script, *A, "create", *words, "--algorithm", "sha256", "--set", "iteration_count=4096")
    assert told.result.code == 0, told.result.err
    assert told.bodies == [
        {
            "mechanism": "scram",
            "backend": "built_in_database",
            "algorithm": "sha256",
            "iteration_count": 4096,
        }
    ]
    assert told.result.err.splitlines() == [
        "created authenticator 'scram:built_in_database'",
        "it has no users yet: emqxctl authentication users create NAME --provider scram:built_in_database",
    ]


def test_secrets_come_from_files_and_are_shown_nowhere(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("very-secret-word\nmore\n")
    made_of = {**body_of(JWT), "id": "jwt", "secret": "******"}
    words = ("create", "jwt", "--algorithm", "hmac-based", "--secret-file", str(file))
    told = replay(run, [make_exchange(f"POST {PATH}", 200, made_of)], *A, *words, "--json", "--debug")
    assert told.bodies == [{"mechanism": "jwt", "algorithm": "hmac-based", "secret": "very-secret-word"}]
    assert told.result.json == made_of
    dry = replay(run, [], *A, *words, "--dry-run")
    changing = replay(
        run, [JWT, changed("jwt")], *A, "update", "jwt", "--secret-file", str(file), "--json", "--debug"
    )
    assert changing.bodies[-1]["secret"] == "very-secret-word"
    assert changing.result.json["secret"] == "******"
    for ran in (told.result, dry.result, changing.result):
        assert ran.code == 0, ran.err
        assert "very-secret-word" not in ran.out + ran.err


def test_an_empty_secret_is_not_sent(run: Run) -> None:
    told = replay(run, [], *A, "create", "jwt", "--secret-file", "-", stdin=b"\nx")
    assert (told.result.code, told.calls) == (2, [])
    assert "its first line is empty" in told.result.err


def test_options_and_files_make_one_body(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "http.json"
    file.write_text(json.dumps({**body_of(HTTP), "id": "password_based:http"}))
    script = [make_exchange(f"POST {PATH}", 200, HTTP.body)]
    words = ("--http-url", "http://10.0.0.9/auth", "--method", "get", "--no-enable")
    told = replay(run, script, *A, "create", "password_based:http", "-f", str(file), *words)
    assert told.result.code == 0, told.result.err
    same = {**body_of(HTTP), "url": "http://10.0.0.9/auth", "method": "get", "enable": False}
    assert told.bodies == [same]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "which authenticator?"),
        (("jwt", "--mechanism", "scram"), "the body is about mechanism 'scram', not 'jwt'"),
        (("password_based:http", "--backend", "mysql"), "the body is about backend 'mysql', not 'http'"),
        (("jwt", "--set", "id=scram"), "the body is about id 'scram', not 'jwt'"),
    ],
)
def test_a_body_about_another_one_is_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    told = replay(run, [], *A, "create", *words)
    assert (told.result.code, told.calls) == (2, [])
    assert said in told.result.err


def test_a_mask_is_no_secret_of_a_new_one(run: Run) -> None:
    told = replay(run, [], *A, "create", "jwt", "--set", "secret=******")
    assert (told.result.code, told.calls) == (14, [])
    assert "secret of this new authenticator masked" in told.result.err


@pytest.mark.parametrize(
    ("title", "words", "code", "said"),
    [
        ("already exists", ("scram:built_in_database",), 7, "already exist"),
        ("unknown field", ("scram:built_in_database", "--set", "colour=1"), 7, "colour"),
    ],
)
def test_why_emqx_refuses_can_be_read(
    run: Run, title: str, words: tuple[str, ...], code: int, said: str
) -> None:
    told = replay(run, [find_exchange(f"POST {PATH}", title)], *A, "create", *words, "--json")
    assert (told.result.code, told.result.stdout) == (code, b"")
    assert said in told.result.error["message"]


def test_update_sends_the_whole_with_its_masks(run: Run) -> None:
    told = replay(run, [JWT, changed("jwt")], *A, "update", "jwt", "--set", "from=username", "--json")
    assert told.result.code == 0, told.result.err
    assert told.calls == [f"GET {PATH}/jwt", f"PUT {PATH}/jwt"]
    assert told.bodies == [{**body_of(JWT), "from": "username", "secret": "******"}]
    assert told.result.json == {**JWT.body, "from": "username"}
    dry = replay(run, [JWT], *A, "update", "jwt", "--set", "from=username", "--dry-run")
    assert [line for line in dry.result.out.splitlines() if line[:1] in "+-"] == [
        "--- now",
        "+++ then",
        '-  "from": "password",',
        '+  "from": "username",',
    ]
    assert dry.calls == [f"GET {PATH}/jwt"]


def test_another_hash_does_not_keep_the_settings_of_the_former(run: Run) -> None:
    told = replay(run, [DATABASE, changed(QUOTED)], *A, "update", KEPT, "--hash", "bcrypt")
    assert told.bodies[-1]["password_hash_algorithm"] == {"name": "bcrypt"}
    told = replay(run, [DATABASE, changed(QUOTED)], *A, "update", KEPT, "--salt-position", "prefix")
    assert told.bodies[-1]["password_hash_algorithm"] == {"name": "sha256", "salt_position": "prefix"}
    told = replay(run, [DATABASE, changed(QUOTED)], *A, "update", KEPT, "--hash", "sha256")
    assert told.bodies[-1]["password_hash_algorithm"] == {"name": "sha256", "salt_position": "suffix"}


def test_replace_sends_what_was_given_alone(run: Run) -> None:
    words = ("update", "jwt", "--replace", "--set", "algorithm=hmac-based", "--set", "secret=abc")
    told = replay(run, [JWT, changed("jwt")], *A, *words)
    assert told.bodies == [{"mechanism": "jwt", "algorithm": "hmac-based", "secret": "abc"}]


def test_an_update_of_nothing_or_of_nobody(run: Run) -> None:
    told = replay(run, [], *A, "update", "jwt")
    assert (told.result.code, told.calls) == (2, [])
    told = replay(run, [find_exchange(f"GET {ONE}", "id nonsense")], *A, "update", "nonsense", "--set", "a=1")
    assert (told.result.code, told.calls) == (6, [f"GET {PATH}/nonsense"])


def test_enable_and_disable_send_the_whole(run: Run) -> None:
    told = replay(run, [JWT, changed("jwt")], *A, "enable", "jwt")
    assert (told.bodies, told.result.err) == ([body_of(JWT)], "enabled authenticator 'jwt'\n")
    told = replay(run, [JWT, changed("jwt"), LIST], *A, "disable", "jwt")
    assert told.bodies == [{**body_of(JWT), "enable": False}]
    assert told.result.err == "disabled authenticator 'jwt'\n"


def test_it_is_told_when_nobody_is_asked_any_more(run: Run) -> None:
    off = make_exchange(f"GET {PATH}", 200, [{**one, "enable": False} for one in LIST.body])
    told = replay(run, [JWT, changed("jwt"), off], *A, "disable", "jwt")
    assert told.result.err.splitlines()[-1] == "no authenticator is enabled now: every client is let in"
    one = make_exchange(f"GET {PATH}", 200, [JWT.body])
    told = replay(run, [one], *A, "delete", "jwt")
    assert told.result.code == 14
    assert "no other is enabled, and every client would be let in" in told.result.err
    script = [one, JWT, make_exchange(f"DELETE {PATH}/jwt", 204), make_exchange(f"GET {PATH}", 200, [])]
    told = replay(run, script, *A, "delete", "jwt", "--yes")
    assert told.result.err.splitlines() == [
        "deleted authenticator 'jwt'",
        "no authenticator is enabled now: every client is let in",
    ]


def test_delete_refuses_one_that_is_not_there(run: Run) -> None:
    told = replay(run, [LIST, find_exchange(f"GET {ONE}", "id nonsense")], *A, "delete", "nonsense", "--yes")
    assert (told.result.code, told.calls) == (6, [f"GET {PATH}", f"GET {PATH}/nonsense"])
    told = replay(run, [LIST], *A, "delete", KEPT)
    assert told.result.code == 14
    assert f"delete authenticator '{KEPT}' and its users on" in told.result.err


@pytest.mark.parametrize("position", ["front", "rear", "before:jwt", f"after:{KEPT}"])
def test_move_says_where(run: Run, position: str) -> None:
    script = [find_exchange(f"PUT {ONE}/position/{{position}}", f"position {position}")]
    told = replay(run, script, *A, "move", "scram:built_in_database", position)
    assert told.result.code == 0, told.result.err
    assert told.result.err == f"moved authenticator 'scram:built_in_database' to {position}\n"


def test_a_move_to_nowhere(run: Run) -> None:
    told = replay(run, [], *A, "move", "jwt", "sideways")
    assert (told.result.code, told.calls) == (2, [])
    script = [find_exchange(f"PUT {ONE}/position/{{position}}", "position after:nope")]
    told = replay(run, script, *A, "move", "scram:built_in_database", "after:nope", "--json")
    assert told.result.code == 6
    assert told.result.error["message"] == (
        "authenticator 'nope' not found, and so 'scram:built_in_database' was not moved"
    )


def test_the_former_move_is_followed(run: Run) -> None:
    lost = make_exchange(
        f"PUT {PATH}/jwt/position/front", 404, {"code": "NOT_FOUND", "message": "Request Path Not Found"}
    )
    old = make_exchange("GET /status", 200, {**OF_5_8.body, "rel_vsn": "5.0.5"})
    told = replay(run, [lost, old, make_exchange(f"POST {PATH}/jwt/move", 204)], *A, "move", "jwt", "front")
    assert told.result.code == 0, told.result.err
    assert told.calls[-1] == f"POST {PATH}/jwt/move"
    assert told.bodies == [{"position": "front"}]


def test_the_order_is_sent_whole(run: Run) -> None:
    reorder = find_exchange(f"PUT {PATH}/order", "reorder")
    keys = [one["id"] for one in reorder.request["body"]]
    told = replay(run, [reorder], *A, "order", *keys, "--json")
    assert (told.result.json, told.bodies) == ({"order": keys}, [reorder.request["body"]])
    told = replay(run, [find_exchange(f"PUT {PATH}/order", "one missing"), OF_5_8], *A, "order", *keys[:-1])
    assert told.result.code == 7
    assert "No positions are specified for authenticators: scram:built_in_database" in told.result.err


def test_the_status_is_told_node_by_node(run: Run) -> None:
    status = find_exchange(f"GET {ONE}/status", "redis that cannot connect")
    told = replay(run, [status], *A, "status", "password_based:redis")
    lines = [line.split() for line in told.result.out.splitlines()]
    assert lines[0] == ["NODE", "STATUS", "SUCCESS", "FAILED", "NO", "MATCH", "TOTAL", "RATE"]
    assert [line[0] for line in lines[1:]] == [one["node"] for one in status.body["node_status"]]
    assert {line[1] for line in lines[1:]} == {one["status"] for one in status.body["node_status"]}
    counted = find_exchange(f"GET {ONE}/status", f"id {KEPT}")
    rows = replay(run, [counted], *A, "status", KEPT, "--json").result.json
    assert [row["metrics"] for row in rows] == [one["metrics"] for one in counted.body["node_metrics"]]
    told = replay(run, [find_exchange(f"GET {ONE}/status", "id nonsense")], *A, "status", "nonsense")
    assert told.result.code == 6


@pytest.mark.parametrize("answer", [{}, [], {"status": "empty_metrics_and_status"}, {"node_status": 1}])
def test_a_status_of_nothing_is_no_failure(run: Run, answer: object) -> None:
    told = replay(run, [make_exchange(f"GET {PATH}/jwt/status", 200, answer)], *A, "status", "jwt")
    assert (told.result.code, told.result.out) == (0, "")


def test_metrics_are_reset_from_6_2_on(run: Run) -> None:
    assert replay(run, [], *A, "reset-metrics", "jwt").result.code == 14
    script = [make_exchange(f"POST {PATH}/jwt/metrics/reset", 204)]
    told = replay(run, script, *A, "reset-metrics", "jwt", "--yes")
    assert (told.result.code, told.calls) == (0, [f"POST {PATH}/jwt/metrics/reset"])


def test_settings_and_node_cache_of_5_9(run: Run) -> None:
    now = {"node_cache": {"enable": False, "cache_ttl": "1m", "max_count": 1000000, "max_memory": "100MB"}}
    got = make_exchange(f"GET {PATH}/settings", 200, now)
    told = replay(
        run,
        [got, make_exchange(f"PUT {PATH}/settings", 204)],
        *(*A, "settings", "update", "--node-cache", "--cache-ttl", "30s", "--cache-max-count", "5"),
    )
    assert told.result.code == 0, told.result.err
    cache = {"enable": True, "cache_ttl": "30s", "max_count": 5, "max_memory": "100MB"}
    assert told.bodies == [{"node_cache": cache}]
    assert replay(run, [got], *A, "settings", "get", "--json").result.json == now
    told = replay(run, [make_exchange(f"POST {PATH}/node_cache/reset", 204)], *A, "node-cache", "reset")
    assert (told.result.code, told.calls) == (0, [f"POST {PATH}/node_cache/reset"])
    counted = {"hits": {"value": 7}, "misses": {"value": 3}, "memory": 2048}
    status = {"metrics": counted, "node_metrics": [{"node": "n1", "metrics": counted}, {"node": "n2"}]}
    told = replay(
        run, [make_exchange(f"GET {PATH}/node_cache/status", 200, status)], *A, "node-cache", "status"
    )
    assert [line.split() for line in told.result.out.splitlines()[1:]] == [
        ["n1", "7", "3", "-", "-", "2K"],
        ["n2", "-", "-", "-", "-", "-"],
    ]


@pytest.mark.parametrize(
    ("words", "call"),
    [
        (("settings", "get"), f"GET {PATH}/settings"),
        (("settings", "update", "--node-cache"), f"GET {PATH}/settings"),
        (("node-cache", "status"), f"GET {PATH}/node_cache/status"),
        (("order", "jwt"), f"PUT {PATH}/order"),
    ],
)
def test_an_older_broker_takes_them_for_an_id(run: Run, words: tuple[str, ...], call: str) -> None:
    old = make_exchange("GET /status", 200, {**OF_5_8.body, "rel_vsn": "5.5.1"})
    nodes = make_exchange("GET /nodes", 200, [{"node": "n", "version": "5.5.1", "edition": "Opensource"}])
    told = replay(run, [make_exchange(call, 404, NO_ID), old, nodes], *A, *words, "--json")
    assert told.result.code == 13
    assert "requires EMQX 5." in told.result.error["message"]
    assert "this is 5.5.1" in told.result.error["message"]


@pytest.mark.usefixtures("bare")
def test_a_whole_life_on_the_sandbox(run: Run, cluster: Sandbox) -> None:
    def said(code: int, *words: str, **more: bytes) -> str:
        ran = run(*A, *words, **more)
        assert ran.code == code, (words, ran.err)
        return ran.out

    assert said(0, "create", KEPT, "--user-id-type", "username") == ""
    said(7, "create", KEPT)
    said(0, "create", "jwt", "--algorithm", "hmac-based", "--secret-file", "-", stdin=b"abc\n")
    assert json.loads(said(0, "get", "jwt", "--json"))["secret"] == "******"
    said(0, "update", "jwt", "--set", "from=username")
    said(0, "move", "jwt", "front")
    said(0, "disable", "jwt")
    assert said(0, "list", "-o", "csv", "--fields", "id,enable").splitlines()[1:] == [
        "jwt,false",
        f"{KEPT},true",
    ]
    said(0, "order", KEPT, "jwt")
    assert said(0, "list", "-o", "name").splitlines() == [KEPT, "jwt"]
    assert len(said(0, "status", KEPT, "-o", "name").splitlines()) == len(cluster.cluster.running())
    said(0, "delete", "jwt", KEPT, "--yes")
    said(6, "delete", "jwt", "--yes")
    assert json.loads(said(0, "list", "--json")) == []
