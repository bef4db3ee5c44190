"""`emqxctl sso`: backends are configured with their secrets given, never their masks."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.support.recordings import find_exchange
from tests.support.replay import make_exchange, replay
from tests.support.sent_options import send_update

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
    outcome = replay(run, [make_exchange("GET /sso", 200, rows)], "sso", "list")
    assert outcome.result.out.splitlines()[1].split() == ["ldap", "true", "false", "no", "route"]
    outcome = replay(
        run, [make_exchange("GET /sso/running", 200, ["ldap", "saml"])], "sso", "running", "-o", "name"
    )
    assert outcome.result.out.split() == ["ldap", "saml"]
    assert "authorization" not in outcome.received[0].headers


def test_a_mask_is_never_sent_for_a_secret(run: Run, tmp_path: Path) -> None:
    script = [make_exchange("GET /sso/ldap", 200, LDAP), make_exchange("PUT /sso/ldap", 200, LDAP)]
    outcome = replay(run, script, "sso", "update", "ldap", "--no-enable", "--json")
    assert (outcome.result.code, outcome.calls) == (14, ["GET /sso/ldap"])
    assert "--secret-file" in outcome.result.error["hint"]
    secret = tmp_path / "bind"
    secret.write_text("the-bind-word\n")
    words = ("sso", "update", "ldap", "--no-enable", "--secret-file", str(secret))
    outcome = replay(run, script, *words, "--debug")
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [{**LDAP, "enable": False, "password": "the-bind-word"}]
    assert "the-bind-word" not in outcome.result.err
    outcome = replay(run, script, *words, "--dry-run")
    assert outcome.calls == ["GET /sso/ldap"]
    assert '-  "enable": true' in outcome.result.out
    assert "the-bind-word" not in outcome.result.out


def test_a_backend_that_was_not_there_is_made(run: Run, tmp_path: Path) -> None:
    script = [
        make_exchange("GET /sso/saml", 404, ABSENT),
        make_exchange("PUT /sso/saml", 200, {"backend": "saml"}),
    ]
    body = b"enable: true\nidp_metadata_url: http://idp\ndashboard_addr: http://d\n"
    outcome = replay(run, script, "sso", "update", "saml", "-f", "-", stdin=body)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [
        {"enable": True, "idp_metadata_url": "http://idp", "dashboard_addr": "http://d", "backend": "saml"}
    ]
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN\nmany lines\n-----END\n")
    outcome = replay(run, script, "sso", "update", "saml", "--secret-file", str(key))
    assert outcome.bodies == [{"backend": "saml", "sp_private_key": "-----BEGIN\nmany lines\n-----END"}]
    assert replay(run, script, "sso", "update", "saml").result.code == 2
    assert replay(run, script, "sso", "update", "kerberos", "--enable").result.code == 2


def test_a_backend_is_configured_by_options(run: Run, tmp_path: Path) -> None:
    ldap = find_exchange("PUT /sso/{backend}", "force_mfa", "6.2.2")
    version = make_exchange("GET /status", 200, {"node_name": "n", "rel_vsn": "6.2.2"})
    secret = tmp_path / "bind"
    secret.write_text("pw-rec\n")
    script = [version, make_exchange("GET /sso/ldap", 404, ABSENT), ldap]
    words = ("--server=127.0.0.1:9", "--bind-dn=cn=root", "--base-dn=ou=x", "--filter=(uid=${username})")
    options = ("--no-enable", "--force-mfa", "--secret-file", str(secret))
    outcome = replay(run, script, "sso", "update", "ldap", *words, *options)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.bodies == [ldap.request["body"]]


def test_an_option_of_another_backend_is_refused(run: Run) -> None:
    outcome = replay(run, [], "sso", "update", "ldap", "--issuer=https://id", "--enable")
    assert (outcome.result.code, outcome.calls) == (2, [])
    assert "--issuer: not supported by backend ldap" in outcome.result.err
    assert "options of ldap: --server, --bind-dn" in outcome.result.err


def test_a_backend_is_shown_and_deleted(run: Run) -> None:
    script = [make_exchange("GET /sso/ldap", 200, LDAP), make_exchange("DELETE /sso/ldap", 204)]
    assert replay(run, script, "sso", "get", "ldap", "--json").result.json == LDAP
    assert replay(run, script, "sso", "delete", "ldap").calls == []
    assert replay(run, script, "sso", "delete", "ldap", "-y").calls == ["GET /sso/ldap", "DELETE /sso/ldap"]


def test_a_dashboard_user_works_where_one_is_named(run: Run) -> None:
    token = make_exchange("POST /login", 200, {"token": "t0ken", "version": "6.1.0", "license": {}})
    env = {"EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": "public"}
    outcome = replay(run, [token, make_exchange("GET /sso", 200, [])], "sso", "list", env=env)
    assert outcome.received[1].headers["authorization"] == "Bearer t0ken"


OIDC = {"backend": "oidc", "enable": False, "issuer": "https://i", "clientid": "e"}
SAML = {"backend": "saml", "enable": False}
SECRET_FIELDS = {"ldap": "password", "oidc": "secret", "saml": "sp_private_key"}
OPTIONS: dict[str, dict[str, dict[str, object]]] = {
    "ldap": {
        "--tls": {"ssl": {"enable": True}},
        "--server l:636 --base-dn dc=y --filter (uid=x) --bind-dn cn=a": {
            "server": "l:636",
            "base_dn": "dc=y",
            "filter": "(uid=x)",
            "username": "cn=a",
        },
    },
    "oidc": {
        "--clientid f --provider okta": {"clientid": "f", "provider": "okta"},
        "--scope openid --scope email": {"scopes": ["openid", "email"]},
        "--name-var ${email}": {"name_var": "${email}"},
        "--session-expiry 45s": {"session_expiry": "45s"},
        "--no-require-pkce": {"require_pkce": False},
        "--role-source userinfo --role-expr .role": {"role_source": "userinfo", "role_expr": ".role"},
        "--namespace-source id_token --namespace-expr .ns": {
            "namespace_source": "id_token",
            "namespace_expr": ".ns",
        },
        "--dashboard-addr https://d": {"dashboard_addr": "https://d"},
        "--no-tls --force-mfa": {"ssl": {"enable": False}, "force_mfa": True},
    },
    "saml": {
        "--idp-metadata-url https://m --sp-sign-request": {
            "idp_metadata_url": "https://m",
            "sp_sign_request": True,
        },
        "--certificate-file -": {"sp_public_key": "pem\n"},
    },
}


@pytest.mark.parametrize(
    ("backend", "options", "fields"),
    [(backend, *row) for backend, rows in OPTIONS.items() for row in rows.items()],
)
def test_an_option_is_sent_as_its_field(
    run: Run, tmp_path: Path, backend: str, options: str, fields: dict[str, object]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t")
    before = {"ldap": LDAP, "oidc": OIDC, "saml": SAML}[backend]
    command = f"sso update {backend} --secret-file {secret} {options}"
    body = send_update(run, command, before, f"/sso/{backend}", stdin=b"pem\n")
    assert body == {**before, **fields, SECRET_FIELDS[backend]: "s3cr3t"}
