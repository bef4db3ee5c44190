"""`emqxctl sso`: backends are configured with their secrets given, never their masks."""

from pathlib import Path

from tests.conftest import Run
from tests.support.replay import made, talk

LDAP = {
    "backend": "ldap",
    "enable": True,
    "server": "ldap:389",
    "base_dn": "dc=x",
    "username": "cn=root",
    "password": "******",
}
ABSENT = {"code": "BACKEND_NOT_FOUND", "message": "Backend not found"}


def test_backends_are_listed_with_their_state(run: Run) -> None:
    rows = [{"backend": "ldap", "enable": True, "running": False, "last_error": "no route"}]
    told = talk(run, [made("GET /sso", 200, rows)], "sso", "list")
    assert told.ran.out.splitlines()[1].split() == ["ldap", "true", "false", "no", "route"]
    told = talk(run, [made("GET /sso/running", 200, ["ldap", "saml"])], "sso", "running", "-o", "name")
    assert told.ran.out.split() == ["ldap", "saml"]
    assert "authorization" not in told.received[0].headers


def test_a_mask_is_never_sent_for_a_secret(run: Run, tmp_path: Path) -> None:
    script = [made("GET /sso/ldap", 200, LDAP), made("PUT /sso/ldap", 200, LDAP)]
    told = talk(run, script, "sso", "update", "ldap", "--no-enable", "--json")
    assert (told.ran.code, told.calls) == (14, ["GET /sso/ldap"])
    assert "--secret-file" in told.ran.error["hint"]
    secret = tmp_path / "bind"
    secret.write_text("the-bind-word\n")
    words = ("sso", "update", "ldap", "--no-enable", "--secret-file", str(secret))
    told = talk(run, script, *words, "--debug")
    assert told.ran.code == 0, told.ran.err
    assert told.bodies == [{**LDAP, "enable": False, "password": "the-bind-word"}]
    assert "the-bind-word" not in told.ran.err
    told = talk(run, script, *words, "--dry-run")
    assert told.calls == ["GET /sso/ldap"]
    assert '-  "enable": true' in told.ran.out
    assert "the-bind-word" not in told.ran.out


def test_a_backend_that_was_not_there_is_made(run: Run, tmp_path: Path) -> None:
    script = [made("GET /sso/saml", 404, ABSENT), made("PUT /sso/saml", 200, {"backend": "saml"})]
    body = b"enable: true\nidp_metadata_url: http://idp\ndashboard_addr: http://d\n"
    told = talk(run, script, "sso", "update", "saml", "-f", "-", stdin=body)
    assert told.ran.code == 0, told.ran.err
    assert told.bodies == [
        {"enable": True, "idp_metadata_url": "http://idp", "dashboard_addr": "http://d", "backend": "saml"}
    ]
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN\nmany lines\n-----END\n")
    told = talk(run, script, "sso", "update", "saml", "--secret-file", str(key))
    assert told.bodies == [{"backend": "saml", "sp_private_key": "-----BEGIN\nmany lines\n-----END"}]
    assert talk(run, script, "sso", "update", "saml").ran.code == 2
    assert talk(run, script, "sso", "update", "kerberos", "--enable").ran.code == 2


def test_a_backend_is_shown_and_deleted(run: Run) -> None:
    script = [made("GET /sso/ldap", 200, LDAP), made("DELETE /sso/ldap", 204)]
    assert talk(run, script, "sso", "get", "ldap", "--json").ran.json == LDAP
    assert talk(run, script, "sso", "delete", "ldap").calls == []
    assert talk(run, script, "sso", "delete", "ldap", "-y").calls == ["DELETE /sso/ldap"]


def test_a_dashboard_user_works_where_one_is_named(run: Run) -> None:
    token = made("POST /login", 200, {"token": "t0ken", "version": "6.1.0", "license": {}})
    env = {"EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": "public"}
    told = talk(run, [token, made("GET /sso", 200, [])], "sso", "list", env=env)
    assert told.received[1].headers["authorization"] == "Bearer t0ken"
