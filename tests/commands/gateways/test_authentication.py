"""`emqxctl gateways authentication`: authentication of a gateway or listener."""

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay

AUTHN = find_exchange("GET /gateways/{name}/authentication", "name stomp")
AUTHN_OF_LISTENER = find_exchange(
    "GET /gateways/{name}/listeners/{id}/authentication", "listener stomp:tcp:internal"
)
NONE = find_exchange("GET /gateways/{name}/authentication", "none (204)")
INTERNAL = ("--listener", "stomp:tcp:internal")
INTERNAL_PATH = "/gateways/stomp/listeners/stomp%3Atcp%3Ainternal/authentication"


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
