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


def updated_exchange(key: str) -> Exchange:
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
    outcome = replay(run, [find_exchange(f"GET {ONE}", "id nonsense")], *A, "get", "nonsense", "--json")
    assert (outcome.result.code, outcome.result.stdout) == (6, b"")
    assert "Authenticator 'nonsense' does not exist" in outcome.result.error["message"]


@pytest.mark.parametrize(
    "words", [("scram:built_in_database",), ("--mechanism", "scram", "--backend", "built_in_database")]
)
def test_create_names_the_kind_by_id_or_by_options(run: Run, words: tuple[str, ...]) -> None:
    script = [find_exchange(f"POST {PATH}", "scram")]
    outcome = replay(
        run, script, *A, "create", *words, "--algorithm", "sha256", "--set", "iteration_count=4096"
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [
        {
            "mechanism": "scram",
            "backend": "built_in_database",
            "algorithm": "sha256",
            "iteration_count": 4096,
        }
    ]
    assert outcome.result.err.splitlines() == [
        "created authenticator 'scram:built_in_database'",
        "create users: emqxctl authentication users create NAME --provider scram:built_in_database",
    ]


@pytest.mark.parametrize(
    ("words", "algorithm"),
    [
        ((), {"name": "sha256", "salt_position": "suffix"}),
        (("--salt-position", "prefix"), {"name": "sha256", "salt_position": "prefix"}),
        (("--hash", "bcrypt"), {"name": "bcrypt"}),
        (("--set", "password_hash_algorithm.name=plain"), {"name": "plain"}),
    ],
)
def test_a_built_in_database_always_has_a_hash_algorithm(
    run: Run, words: tuple[str, ...], algorithm: dict[str, str]
) -> None:
    script = [make_exchange(f"POST {PATH}", 200, {"id": KEPT})]
    outcome = replay(run, script, *A, "create", KEPT, "--user-id-type", "username", *words)
    assert outcome.bodies[0]["password_hash_algorithm"] == algorithm


def test_secrets_come_from_files_and_are_shown_nowhere(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("very-secret-word\nmore\n")
    made_of = {**body_of(JWT), "id": "jwt", "secret": "******"}
    words = ("create", "jwt", "--algorithm", "hmac-based", "--secret-file", str(file))
    outcome = replay(run, [make_exchange(f"POST {PATH}", 200, made_of)], *A, *words, "--json", "--debug")
    assert outcome.bodies == [{"mechanism": "jwt", "algorithm": "hmac-based", "secret": "very-secret-word"}]
    assert outcome.result.json == made_of
    dry_run = replay(run, [], *A, *words, "--dry-run")
    changing = replay(
        run,
        [JWT, updated_exchange("jwt")],
        *A,
        "update",
        "jwt",
        "--secret-file",
        str(file),
        "--json",
        "--debug",
    )
    assert changing.bodies[-1]["secret"] == "very-secret-word"
    assert changing.result.json["secret"] == "******"
    for result in (outcome.result, dry_run.result, changing.result):
        assert result.code == 0, result.err
        assert "very-secret-word" not in result.out + result.err


def test_an_empty_secret_is_not_sent(run: Run) -> None:
    outcome = replay(run, [], *A, "create", "jwt", "--secret-file", "-", stdin=b"\nx")
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "the first line is empty" in outcome.result.err


def test_options_and_files_make_one_body(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "http.json"
    file.write_text(json.dumps({**body_of(HTTP), "id": "password_based:http"}))
    script = [make_exchange(f"POST {PATH}", 200, HTTP.body)]
    words = ("--http-url", "http://10.0.0.9/auth", "--method", "get", "--no-enable")
    outcome = replay(run, script, *A, "create", "password_based:http", "-f", str(file), *words)
    assert outcome.result.code == 0, outcome.result.err
    fields = {**body_of(HTTP), "url": "http://10.0.0.9/auth", "method": "get", "enable": False}
    assert outcome.bodies == [fields]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "authenticator id required"),
        (("jwt", "--mechanism", "scram"), "the body has mechanism 'scram', but the authenticator is 'jwt'"),
        (
            ("password_based:http", "--backend", "mysql"),
            "the body has backend 'mysql', but the authenticator is 'http'",
        ),
        (("jwt", "--set", "id=scram"), "the body has id 'scram', but the authenticator is 'jwt'"),
    ],
)
def test_a_body_about_another_one_is_refused(run: Run, words: tuple[str, ...], text: str) -> None:
    outcome = replay(run, [], *A, "create", *words)
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert text in outcome.result.err


def test_a_mask_is_no_secret_of_a_new_one(run: Run) -> None:
    outcome = replay(run, [], *A, "create", "jwt", "--set", "secret=******")
    assert (outcome.result.code, outcome.calls) == (14, [])
    assert "EMQX masks secret of this authenticator" in outcome.result.err


@pytest.mark.parametrize(
    ("title", "words", "code", "text"),
    [
        ("already exists", ("scram:built_in_database",), 7, "already exist"),
        ("unknown field", ("scram:built_in_database", "--set", "colour=1"), 7, "colour"),
    ],
)
def test_why_emqx_refuses_can_be_read(
    run: Run, title: str, words: tuple[str, ...], code: int, text: str
) -> None:
    outcome = replay(run, [find_exchange(f"POST {PATH}", title)], *A, "create", *words, "--json")
    assert (outcome.result.code, outcome.result.stdout) == (code, b"")
    assert text in outcome.result.error["message"]


def test_update_sends_the_whole_with_its_masks(run: Run) -> None:
    outcome = replay(
        run, [JWT, updated_exchange("jwt")], *A, "update", "jwt", "--set", "from=username", "--json"
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls == [f"GET {PATH}/jwt", f"PUT {PATH}/jwt"]
    assert outcome.bodies == [{**body_of(JWT), "from": "username", "secret": "******"}]
    assert outcome.result.json == {**JWT.body, "from": "username"}
    dry_run = replay(run, [JWT], *A, "update", "jwt", "--set", "from=username", "--dry-run")
    assert [line for line in dry_run.result.out.splitlines() if line[:1] in "+-"] == [
        "--- now",
        "+++ then",
        '-  "from": "password",',
        '+  "from": "username",',
    ]
    assert dry_run.calls == [f"GET {PATH}/jwt"]


def test_another_hash_does_not_keep_the_settings_of_the_former(run: Run) -> None:
    outcome = replay(run, [DATABASE, updated_exchange(QUOTED)], *A, "update", KEPT, "--hash", "bcrypt")
    assert outcome.bodies[-1]["password_hash_algorithm"] == {"name": "bcrypt"}
    outcome = replay(
        run, [DATABASE, updated_exchange(QUOTED)], *A, "update", KEPT, "--salt-position", "prefix"
    )
    assert outcome.bodies[-1]["password_hash_algorithm"] == {"name": "sha256", "salt_position": "prefix"}
    outcome = replay(run, [DATABASE, updated_exchange(QUOTED)], *A, "update", KEPT, "--hash", "sha256")
    assert outcome.bodies[-1]["password_hash_algorithm"] == {"name": "sha256", "salt_position": "suffix"}


def test_replace_sends_what_was_given_alone(run: Run) -> None:
    words = ("update", "jwt", "--replace", "--set", "algorithm=hmac-based", "--set", "secret=abc")
    outcome = replay(run, [JWT, updated_exchange("jwt")], *A, *words)
    assert outcome.bodies == [{"mechanism": "jwt", "algorithm": "hmac-based", "secret": "abc"}]


def test_an_update_of_nothing_or_of_nobody(run: Run) -> None:
    outcome = replay(run, [], *A, "update", "jwt")
    assert (outcome.result.code, outcome.calls) == (2, [])
    outcome = replay(
        run, [find_exchange(f"GET {ONE}", "id nonsense")], *A, "update", "nonsense", "--set", "a=1"
    )
    assert (outcome.result.code, outcome.calls) == (6, [f"GET {PATH}/nonsense"])


def test_enable_and_disable_send_the_whole(run: Run) -> None:
    outcome = replay(run, [JWT, updated_exchange("jwt")], *A, "enable", "jwt")
    assert (outcome.bodies, outcome.result.err) == ([body_of(JWT)], "enabled authenticator 'jwt'\n")
    outcome = replay(run, [JWT, updated_exchange("jwt"), LIST], *A, "disable", "jwt")
    assert outcome.bodies == [{**body_of(JWT), "enable": False}]
    assert outcome.result.err == "disabled authenticator 'jwt'\n"


def test_it_is_told_when_nobody_is_asked_any_more(run: Run) -> None:
    all_disabled = make_exchange(f"GET {PATH}", 200, [{**row, "enable": False} for row in LIST.body])
    outcome = replay(run, [JWT, updated_exchange("jwt"), all_disabled], *A, "disable", "jwt")
    assert outcome.result.err.splitlines()[-1] == "no authenticator is enabled: all clients are accepted"
    row = make_exchange(f"GET {PATH}", 200, [JWT.body])
    outcome = replay(run, [row], *A, "delete", "jwt")
    assert outcome.result.code == 14
    assert "no other authenticator is enabled: all clients would be accepted" in outcome.result.err
    script = [row, JWT, make_exchange(f"DELETE {PATH}/jwt", 204), make_exchange(f"GET {PATH}", 200, [])]
    outcome = replay(run, script, *A, "delete", "jwt", "--yes")
    assert outcome.result.err.splitlines() == [
        "deleted authenticator 'jwt'",
        "no authenticator is enabled: all clients are accepted",
    ]


def test_delete_refuses_one_that_is_not_there(run: Run) -> None:
    outcome = replay(
        run, [LIST, find_exchange(f"GET {ONE}", "id nonsense")], *A, "delete", "nonsense", "--yes"
    )
    assert (outcome.result.code, outcome.calls) == (6, [f"GET {PATH}", f"GET {PATH}/nonsense"])
    outcome = replay(run, [LIST], *A, "delete", KEPT)
    assert outcome.result.code == 14
    assert f"delete authenticator '{KEPT}' and its users on" in outcome.result.err


@pytest.mark.parametrize("position", ["front", "rear", "before:jwt", f"after:{KEPT}"])
def test_move_says_where(run: Run, position: str) -> None:
    script = [find_exchange(f"PUT {ONE}/position/{{position}}", f"position {position}")]
    outcome = replay(run, script, *A, "move", "scram:built_in_database", position)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.result.err == f"moved authenticator 'scram:built_in_database' to {position}\n"


def test_a_move_to_nowhere(run: Run) -> None:
    outcome = replay(run, [], *A, "move", "jwt", "sideways")
    assert (outcome.result.code, outcome.calls) == (2, [])
    script = [find_exchange(f"PUT {ONE}/position/{{position}}", "position after:nope")]
    outcome = replay(run, script, *A, "move", "scram:built_in_database", "after:nope", "--json")
    assert outcome.result.code == 6
    assert outcome.result.error["message"] == (
        "authenticator 'nope' not found; 'scram:built_in_database' was not moved"
    )


def test_the_former_move_is_followed(run: Run) -> None:
    neighbor_not_found = make_exchange(
        f"PUT {PATH}/jwt/position/front", 404, {"code": "NOT_FOUND", "message": "Request Path Not Found"}
    )
    old = make_exchange("GET /status", 200, {**OF_5_8.body, "rel_vsn": "5.0.5"})
    outcome = replay(
        run,
        [neighbor_not_found, old, make_exchange(f"POST {PATH}/jwt/move", 204)],
        *A,
        "move",
        "jwt",
        "front",
    )
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == f"POST {PATH}/jwt/move"
    assert outcome.bodies == [{"position": "front"}]


def test_the_order_is_sent_whole(run: Run) -> None:
    reorder = find_exchange(f"PUT {PATH}/order", "reorder")
    keys = [row["id"] for row in reorder.request["body"]]
    outcome = replay(run, [reorder], *A, "order", *keys, "--json")
    assert (outcome.result.json, outcome.bodies) == ({"order": keys}, [reorder.request["body"]])
    outcome = replay(
        run, [find_exchange(f"PUT {PATH}/order", "one missing"), OF_5_8], *A, "order", *keys[:-1]
    )
    assert outcome.result.code == 7
    assert "No positions are specified for authenticators: scram:built_in_database" in outcome.result.err


def test_the_status_is_told_node_by_node(run: Run) -> None:
    status = find_exchange(f"GET {ONE}/status", "redis that cannot connect")
    outcome = replay(run, [status], *A, "status", "password_based:redis")
    lines = [line.split() for line in outcome.result.out.splitlines()]
    assert lines[0] == ["NODE", "STATUS", "SUCCESS", "FAILED", "NO", "MATCH", "TOTAL", "RATE"]
    assert [line[0] for line in lines[1:]] == [row["node"] for row in status.body["node_status"]]
    assert {line[1] for line in lines[1:]} == {row["status"] for row in status.body["node_status"]}
    with_metrics = find_exchange(f"GET {ONE}/status", f"id {KEPT}")
    rows = replay(run, [with_metrics], *A, "status", KEPT, "--json").result.json
    assert [row["metrics"] for row in rows] == [row["metrics"] for row in with_metrics.body["node_metrics"]]
    outcome = replay(run, [find_exchange(f"GET {ONE}/status", "id nonsense")], *A, "status", "nonsense")
    assert outcome.result.code == 6


@pytest.mark.parametrize("answer", [{}, [], {"status": "empty_metrics_and_status"}, {"node_status": 1}])
def test_a_status_of_nothing_is_no_failure(run: Run, answer: object) -> None:
    outcome = replay(run, [make_exchange(f"GET {PATH}/jwt/status", 200, answer)], *A, "status", "jwt")
    assert (outcome.result.code, outcome.result.out) == (0, "")


def test_metrics_are_reset_from_6_2_on(run: Run) -> None:
    assert replay(run, [], *A, "reset-metrics", "jwt").result.code == 14
    script = [make_exchange(f"POST {PATH}/jwt/metrics/reset", 204)]
    outcome = replay(run, script, *A, "reset-metrics", "jwt", "--yes")
    assert (outcome.result.code, outcome.calls) == (0, [f"POST {PATH}/jwt/metrics/reset"])


def test_settings_and_node_cache_of_5_9(run: Run) -> None:
    settings = {
        "node_cache": {"enable": False, "cache_ttl": "1m", "max_count": 1000000, "max_memory": "100MB"}
    }
    read_exchange = make_exchange(f"GET {PATH}/settings", 200, settings)
    outcome = replay(
        run,
        [read_exchange, make_exchange(f"PUT {PATH}/settings", 204)],
        *(*A, "settings", "update", "--node-cache", "--cache-ttl", "30s", "--cache-max-count", "5"),
    )
    assert outcome.result.code == 0, outcome.result.err
    cache = {"enable": True, "cache_ttl": "30s", "max_count": 5, "max_memory": "100MB"}
    assert outcome.bodies == [{"node_cache": cache}]
    assert replay(run, [read_exchange], *A, "settings", "get", "--json").result.json == settings
    outcome = replay(run, [make_exchange(f"POST {PATH}/node_cache/reset", 204)], *A, "node-cache", "reset")
    assert (outcome.result.code, outcome.calls) == (0, [f"POST {PATH}/node_cache/reset"])
    with_metrics = {"hits": {"value": 7}, "misses": {"value": 3}, "memory": 2048}
    status = {
        "metrics": with_metrics,
        "node_metrics": [{"node": "n1", "metrics": with_metrics}, {"node": "n2"}],
    }
    outcome = replay(
        run, [make_exchange(f"GET {PATH}/node_cache/status", 200, status)], *A, "node-cache", "status"
    )
    assert [line.split() for line in outcome.result.out.splitlines()[1:]] == [
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
    outcome = replay(run, [make_exchange(call, 404, NO_ID), old, nodes], *A, *words, "--json")
    assert outcome.result.code == 13
    assert "requires EMQX 5." in outcome.result.error["message"]
    assert "this is 5.5.1" in outcome.result.error["message"]


@pytest.mark.usefixtures("bare")
def test_a_whole_life_on_the_sandbox(run: Run, cluster: Sandbox) -> None:
    def run_command(code: int, *words: str, **more: bytes) -> str:
        result = run(*A, *words, **more)
        assert result.code == code, (words, result.err)
        return result.out

    assert run_command(0, "create", KEPT, "--user-id-type", "username") == ""
    run_command(7, "create", KEPT)
    run_command(0, "create", "jwt", "--algorithm", "hmac-based", "--secret-file", "-", stdin=b"abc\n")
    assert json.loads(run_command(0, "get", "jwt", "--json"))["secret"] == "******"
    run_command(0, "update", "jwt", "--set", "from=username")
    run_command(0, "move", "jwt", "front")
    run_command(0, "disable", "jwt")
    assert run_command(0, "list", "-o", "csv", "--fields", "id,enable").splitlines()[1:] == [
        "jwt,false",
        f"{KEPT},true",
    ]
    run_command(0, "order", KEPT, "jwt")
    assert run_command(0, "list", "-o", "name").splitlines() == [KEPT, "jwt"]
    assert len(run_command(0, "status", KEPT, "-o", "name").splitlines()) == len(cluster.cluster.running())
    run_command(0, "delete", "jwt", KEPT, "--yes")
    run_command(6, "delete", "jwt", "--yes")
    assert json.loads(run_command(0, "list", "--json")) == []


def test_a_filter_that_is_not_json_is_a_usage_error(run: Run) -> None:
    words = ("authentication", "create", "password_based:mongodb", "--filter", '{"user": ')
    outcome = replay(run, [], *words)
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "invalid filter" in outcome.result.err
