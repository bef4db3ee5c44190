"""A sandbox of EMQX Enterprise: lists, roles, scopes, namespaces and the audit log."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.sandbox.conftest import Caller, Clock


@pytest.fixture
def call(clock: Clock) -> Iterator[Caller]:
    with Sandbox(clock=clock, edition="enterprise") as sandbox:
        yield Caller(sandbox)


def sign_in(call: Caller, user: str = "admin", password: str = "public") -> str:
    token = call("POST", "/login", {"username": user, "password": password})[1]["token"]
    return f"Bearer {token}"


def key_of(call: Caller, name: str, **fields: object) -> str:
    body = {"name": name, "desc": "", "enable": True, **fields}
    status, row = call("POST", "/api_key", body, sign_in(call))
    assert status == 200, row
    return "Basic " + base64.b64encode(f"{row['api_key']}:{row['api_secret']}".encode()).decode()


def test_it_says_which_edition_it_is(call: Caller) -> None:
    row = call("GET", "/nodes")[1][0]
    assert (row["version"], row["edition"]) == ("6.2.2", "Enterprise")
    assert call("GET", "/license")[1]["type"] == "community"
    assert call("GET", "/bridges")[0] == 404


def test_the_community_edition_has_none_of_it(clock: Clock) -> None:
    with Sandbox(clock=clock) as sandbox:
        for path in ("/license", "/audit", "/queues", "/mt/ns_list", "/certs/global/list"):
            assert Caller(sandbox)("GET", path)[0] == 404, path


def test_a_list_is_created_changed_and_deleted(call: Caller) -> None:
    body = {"name": "q1", "topic_filter": "q/1", "is_lastvalue": False}
    assert call("POST", "/queues", body)[0] == 200
    assert call("POST", "/queues", body)[0] == 503
    change = {"is_lastvalue": False, "data_retention_period": "2h"}
    assert call("PUT", "/queue/q1", change)[1]["data_retention_period"] == 7_200_000
    assert call("DELETE", "/queue/q1")[0] == 204
    assert call("GET", "/queue/q1")[0] == 404


def test_pages_of_a_list_hold_each_row_once(call: Caller) -> None:
    for number in range(7):
        call("POST", "/streams", {"name": f"s{number}", "topic_filter": f"s/{number}", "is_lastvalue": False})
    names, cursor = [], ""
    while True:
        body = call("GET", f"/streams?limit=3{cursor}")[1]
        names += [row["name"] for row in body["data"]]
        if not body["meta"]["hasnext"]:
            break
        cursor = f"&cursor={body['meta']['cursor']}"
    assert len(names) == len(set(names)) == len(call.cluster.collections["streams"])


def test_a_masked_secret_stays_what_it_was(call: Caller) -> None:
    shown = call("GET", "/ai/providers/assistant")[1]
    assert shown["api_key"] == "******"
    body = {name: value for name, value in shown.items() if name != "name"}
    assert call("PUT", "/ai/providers/assistant", body)[0] == 204
    assert call.cluster.collections["ai_providers"]["assistant"]["api_key"] == "not-a-real-key"


@pytest.mark.parametrize(
    ("fields", "allowed", "refused"),
    [
        ({"role": "viewer"}, ("GET", "/clients"), ("DELETE", "/clients/x")),
        ({"role": "publisher"}, ("POST", "/publish"), ("GET", "/nodes")),
        ({"scopes": ["license"]}, ("GET", "/license"), ("GET", "/nodes")),
        ({"scopes": []}, ("GET", "/error_codes"), ("GET", "/license")),
        ({"role": "ns:berlin::administrator"}, ("POST", "/rules"), ("POST", "/queues")),
    ],
)
def test_roles_and_scopes_of_a_key(
    call: Caller, fields: dict[str, object], allowed: tuple[str, str], refused: tuple[str, str]
) -> None:
    key = key_of(call, "k1", **fields)
    assert call(*allowed, {} if allowed[0] == "POST" else None, key)[0] not in (401, 403)
    status, body = call(*refused, {} if refused[0] == "POST" else None, key)
    assert (status, body["code"]) == (403, "UNAUTHORIZED_ROLE")


def test_a_dashboard_viewer_changes_nothing(call: Caller) -> None:
    user = {"username": "guest", "password": "guest-pw-1", "description": "", "role": "viewer"}
    assert call("POST", "/users", user, sign_in(call))[1]["role"] == "viewer"
    token = sign_in(call, "guest", "guest-pw-1")
    assert call("GET", "/rules", None, token)[0] == 200
    assert call("DELETE", "/rules/x", None, token)[0] == 403
    assert call("GET", "/users", None, token)[0] == 403


def test_changes_stand_in_the_audit_log(call: Caller) -> None:
    call("POST", "/mt/ns/lyon")
    call("POST", "/mt/ns/lyon")
    rows = call("GET", "/audit?limit=2")[1]["data"]
    assert [row["operation_result"] for row in rows] == ["failure", "success"]
    assert rows[0]["operation_id"] == "/mt/ns/lyon"


def test_the_audit_log_is_filtered_by_microseconds_or_rfc_3339(call: Caller, clock: Clock) -> None:
    call("POST", "/mt/ns/lyon")
    start = int(clock()) - 60
    for since, count in ((start * 1_000_000, 1), ((start + 120) * 1_000_000, 0)):
        assert len(call("GET", f"/audit?gte_created_at={since}")[1]["data"]) == count
    time = datetime.fromtimestamp(start, UTC).isoformat().replace("+", "%2B")
    assert len(call("GET", f"/audit?gte_created_at={time}")[1]["data"]) == 1
    assert call("GET", f"/audit?lte_created_at={time}")[1]["data"] == []


def test_what_is_not_simulated_is_a_501(call: Caller) -> None:
    status, body = call("POST", "/message_transformations/dryrun", {})
    assert (status, body["code"]) == (501, "NOT_SIMULATED")
