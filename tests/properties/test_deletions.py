"""Deleting what does not exist: exit code 6, although EMQX 6.2.2 answers 204 to the DELETE of many things."""

import pytest

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

NOT_FOUND = {"code": "NOT_FOUND", "message": "not found"}
DELETIONS = [
    ("/ai/providers/nope", ("ai", "providers", "delete", "nope"), "/ai/providers/nope"),
    ("/ai/completion_profiles/nope", ("ai", "profiles", "delete", "nope"), "/ai/completion_profiles/nope"),
    ("/a2a/cards/card/a/b/nope", ("a2a", "delete", "a", "b", "nope"), "/a2a/cards/card/a/b/nope"),
    ("/certs/global/name/nope", ("certs", "delete", "nope"), "/certs/global/name/nope"),
    ("/gcp_devices/nope", ("gcp-devices", "delete", "nope"), "/gcp_devices/nope"),
    ("/mt/ns/nope", ("namespaces", "delete", "nope"), "/mt/ns/nope/config"),
    ("/sso/ldap", ("sso", "delete", "ldap"), "/sso/ldap"),
    (
        "/schema_registry_external/registry/nope",
        ("schemas", "external", "delete", "nope"),
        "/schema_registry_external/registry/nope",
    ),
]


@pytest.mark.parametrize(("path", "words", "read_path"), DELETIONS)
def test_what_does_not_exist_is_not_deleted(
    run: Run, path: str, words: tuple[str, ...], read_path: str
) -> None:
    script = [make_exchange(f"GET {read_path}", 404, NOT_FOUND), make_exchange(f"DELETE {path}", 204)]
    replayed = replay(run, script, *words, "--yes")
    assert (replayed.result.code, replayed.calls) == (6, [f"GET {read_path}"])


@pytest.mark.parametrize(("path", "words", "read_path"), DELETIONS)
def test_what_emqx_fails_to_show_can_be_deleted(
    run: Run, path: str, words: tuple[str, ...], read_path: str
) -> None:
    failure = {"code": "INTERNAL_ERROR", "message": "boom"}
    script = [make_exchange(f"GET {read_path}", 500, failure), make_exchange(f"DELETE {path}", 204)]
    replayed = replay(run, script, *words, "--yes")
    assert (replayed.result.code, replayed.calls[-1]) == (0, f"DELETE {path}")


def test_a_broken_authenticator_can_be_deleted(run: Run) -> None:
    failure = {"code": "INTERNAL_ERROR", "message": "throw, #{reason => required_field}"}
    script = [
        make_exchange("GET /authentication", 500, failure),
        make_exchange("GET /authentication/password_based:ldap", 500, failure),
        make_exchange("DELETE /authentication/password_based:ldap", 204),
    ]
    replayed = replay(run, script, "authentication", "delete", "password_based:ldap", "--yes")
    assert replayed.result.code == 0, replayed.result.err
    assert "warning: cannot list authenticators" in replayed.result.err


def test_an_ldap_authenticator_has_a_method(run: Run) -> None:
    created = make_exchange("POST /authentication", 200, {"id": "password_based:ldap"})
    words = ("authentication", "create", "password_based:ldap", "--server", "l:389", "--set", "base_dn=dc=x")
    account = ("--username", "cn=a", "--set", "password=p")
    assert replay(run, [created], *words, *account).bodies[0]["method"] == {"type": "hash"}
    replayed = replay(run, [created], *words, *account, "--set", "method.type=bind")
    assert replayed.bodies[0]["method"] == {"type": "bind"}
