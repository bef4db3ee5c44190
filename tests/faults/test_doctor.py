"""`emqxctl doctor`: every check that can fail, failing for real."""

import json
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from emqxctl.diagnosis import network
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run, RunResult
from tests.faults.certificates import Certificates
from tests.faults.conftest import KEY, RunAgainst, Serve, ServeTls
from tests.faults.server import Responder, closed_port, has_ipv6, respond, respond_raw

STEPS = (
    *("profile", "file", "secret", "dns", "tcp", "proxy", "tls"),
    *("emqx", "key", "role", "version", "clock", "latency"),
)
RUNNING = {"node_name": "emqx@h", "rel_vsn": "v5.8.9", "broker_status": "started", "app_status": "running"}
PASSWORD = "Pr0xy-pass-77"


def emqx_responders(
    version: str = "5.8.9", edition: str = "Opensource", **at: Responder
) -> dict[str, Responder]:
    """Respond as EMQX does; `status`, `nodes`, `rule_test` may be answered otherwise."""
    node = {"node": "emqx@h", "version": version, "edition": edition}
    prefix = "e" if edition == "Enterprise" else "v"
    usual = {
        "status": dated(json.dumps({**RUNNING, "rel_vsn": prefix + version})),
        "nodes": respond(200, json.dumps([node])),
        "rule_test": refusal(400, "BAD_REQUEST"),
    }
    return {f"/api/v5/{name}": responder for name, responder in {**usual, **at}.items()}


def dated(body: str, skew: float = 0.0) -> Responder:
    """Respond by a clock of one's own."""
    moment = datetime.now(UTC) + timedelta(seconds=skew)
    return respond(200, body, {"Date": format_datetime(moment, usegmt=True)})


def refusal(status: int, code: str) -> Responder:
    """Respond with an error of EMQX."""
    return respond(status, json.dumps({"code": code, "message": "no"}))


def findings_by_check(result: RunResult) -> dict[str, dict[str, Any]]:
    """Return the findings by step; all steps must be there, in order."""
    findings = {finding["check"]: finding for finding in result.json}
    assert tuple(findings) == STEPS
    return findings


def require_failure(
    result: RunResult, step: str, exit_code: int, code: str, *texts: str
) -> dict[str, dict[str, Any]]:
    """Check that one step failed, that its fix is shown, and return the findings."""
    findings = findings_by_check(result)
    assert result.code == exit_code, result.err
    assert [name for name in STEPS if findings[name]["status"] == "fail"] == [step]
    assert (findings[step]["exit_code"], findings[step]["code"]) == (exit_code, code)
    assert f"{step}: {findings[step]['fix']}\n" in result.err
    for word in texts:
        assert word in findings[step]["result"] + findings[step]["fix"]
    return findings


def test_a_healthy_connection_is_ok_in_every_step(run: Run, cluster: Sandbox) -> None:
    result = run("doctor", "-o", "json")
    assert result.code == 0
    assert {finding["status"] for finding in findings_by_check(result).values()} == {"ok"}
    assert result.err == ""
    assert {request.method for request in cluster.requests} == {"GET"}
    assert run("keys", "doctor", "-o", "name").out.split() == list(STEPS)


def test_the_table_shows_each_step_and_the_fix(run_against: RunAgainst) -> None:
    port = closed_port()
    result = run_against(f"http://127.0.0.1:{port}", "doctor")
    assert result.code == 11
    lines = result.out.splitlines()
    assert lines[0].split() == ["STATUS", "CHECK", "RESULT"]
    assert lines[5] == f"fail    tcp      cannot connect to http://127.0.0.1:{port}: connection refused"
    assert lines[6] == "skip    proxy    not checked"
    assert "tcp: check that EMQX is running" in result.err


def test_an_unknown_host_name_fails_dns(run_against: RunAgainst) -> None:
    findings = require_failure(
        run_against("http://emqx.invalid:18083", "doctor", "-o", "json"), "dns", 11, "UNKNOWN_HOST"
    )
    assert [findings[name]["status"] for name in STEPS[4:]] == ["skip"] * 9


def test_a_closed_port_fails_tcp(run_against: RunAgainst) -> None:
    result = run_against(f"http://127.0.0.1:{closed_port()}", "doctor", "-o", "json")
    require_failure(result, "tcp", 11, "CONNECTION_REFUSED", "connection refused", "18083")


def test_dropped_packets_fail_tcp(run_against: RunAgainst, monkeypatch: pytest.MonkeyPatch) -> None:
    def dropped(*_arguments: object, **_options: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", dropped)
    require_failure(
        run_against("http://127.0.0.1:1", "doctor", "-o", "json"), "tcp", 12, "CONNECT_TIMED_OUT", "firewall"
    )


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
def test_one_failing_address_of_two_is_a_warning(
    serve: Serve, run_against: RunAgainst, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(by_path=emqx_responders())
    address_infos = [
        (socket.AF_INET6, 1, 6, "", ("::1", 0, 0, 0)),
        (socket.AF_INET, 1, 6, "", ("127.0.0.1", 0)),
    ]
    real_getaddrinfo = socket.getaddrinfo

    def resolve(host: str, *more: Any, **options: Any) -> Any:
        return address_infos if host == "emqx.test" else real_getaddrinfo(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    result = run_against(f"http://emqx.test:{server.port}", "doctor", "-o", "json")
    findings = {finding["check"]: finding for finding in result.json}
    assert findings["dns"]["result"] == "emqx.test resolves to ::1, 127.0.0.1"
    assert findings["tcp"]["status"] == "warn"
    assert "failed: ::1: connection refused" in findings["tcp"]["result"]


def test_a_missing_api_key_fails_secret(run: Run, sandbox: Sandbox) -> None:
    result = run("doctor", "--url", sandbox.url, "-o", "json")
    findings = require_failure(
        result, "secret", 3, "NO_KEY", "no API key configured", f"keys login NAME --url {sandbox.url}"
    )
    assert (findings["emqx"]["status"], findings["key"]["status"], findings["clock"]["status"]) == (
        "ok",
        "skip",
        "ok",
    )
    assert all("authorization" not in request.headers for request in sandbox.requests)


def write_profile(home: Path, url: str, **more: object) -> Path:
    """Write a current profile and return its file."""
    config = home / "config" / "config.toml"
    config.parent.mkdir(mode=0o700)
    lines = [f"{name} = {json.dumps(value)}" for name, value in {"url": url, "api_key": KEY, **more}.items()]
    config.write_text('current = "prod"\n[profiles.prod]\n' + "\n".join(lines) + "\n")
    config.chmod(0o600)
    return config


def test_a_failing_secret_command_fails_secret_only(run: Run, sandbox: Sandbox, home: Path) -> None:
    write_profile(home, sandbox.url, secret_command=["/nowhere/pass"])
    findings = require_failure(
        run("doctor", "-o", "json"), "secret", 3, "CONFIG", "/nowhere/pass", "run the command by hand"
    )
    assert findings["tcp"]["status"] == "ok"


def test_files_with_open_permissions_are_warnings(run: Run, sandbox: Sandbox, home: Path) -> None:
    secret = home / "secret"
    secret.write_text(sandbox.api_secret)
    config = write_profile(home, sandbox.url, api_key=sandbox.api_key, secret_file=str(secret))
    for path, mode, fixed_mode, word in (
        (config.parent, 0o777, 0o700, "change"),
        (config, 0o620, 0o600, "change"),
        (secret, 0o644, 0o600, "read"),
    ):
        path.chmod(mode)
        result = run("doctor", "-o", "json")
        findings = findings_by_check(result)["file"]
        assert (result.code, findings["status"]) == (0, "warn")
        assert findings["result"] == f"other users can {word} {path}"
        assert findings["fix"] == f"chmod {fixed_mode:o} {path}"
        path.chmod(fixed_mode)
    assert findings_by_check(run("doctor", "-o", "json"))["file"]["result"] == f"{config}, mode 0600"


def test_a_variable_that_overrides_the_profile_is_a_warning(run: Run, sandbox: Sandbox, home: Path) -> None:
    write_profile(home, sandbox.url, api_secret="x")
    result = run("doctor", "-o", "json", env={"EMQXCTL_API_KEY": sandbox.api_key})
    findings = findings_by_check(result)["profile"]
    assert findings["status"] == "warn"
    assert findings["fix"].startswith("unset EMQXCTL_API_KEY")


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("expired", "certificate expired"),
        ("not_yet_valid", "not yet valid"),
        ("other_host", "not valid for this address"),
        ("self_signed", "signed by unknown authority"),
    ],
)
def test_an_untrusted_certificate_fails_tls(
    serve_tls: ServeTls,
    run_against: RunAgainst,
    trust_env: dict[str, str],
    name: str,
    texts: str,
) -> None:
    result = run_against(serve_tls(name), "doctor", "-o", "json", env=trust_env)
    require_failure(result, "tls", 11, "TLS_FAILED", texts)


def test_trust_is_that_of_the_requests(
    serve_tls: ServeTls,
    run_against: RunAgainst,
    trust_env: dict[str, str],
) -> None:
    server = serve_tls("good")
    server.by_path = emqx_responders()
    require_failure(run_against(server, "doctor", "-o", "json"), "tls", 11, "TLS_FAILED", "--ca-file CA.pem")
    result = run_against(server, "doctor", "-o", "json", env=trust_env)
    assert result.code == 0, result.err
    findings = findings_by_check(result)["tls"]
    assert findings["result"].startswith("TLSv1.3, trusted, signed by ca, expires in ")
    findings = findings_by_check(run_against(server, "doctor", "-o", "json", env={"EMQXCTL_INSECURE": "1"}))[
        "tls"
    ]
    assert (findings["status"], "not verified" in findings["result"]) == ("warn", True)


def test_a_certificate_that_expires_soon_is_a_warning(
    serve_tls: ServeTls,
    run_against: RunAgainst,
    trust_env: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = serve_tls("good")
    server.by_path = emqx_responders()
    true = network.current_time()
    monkeypatch.setattr(network, "current_time", lambda: true + 27 * 86400)
    findings = findings_by_check(run_against(server, "doctor", "-o", "json", env=trust_env))["tls"]
    assert (findings["status"], findings["result"].split(", ")[-1]) == ("warn", "expires in 2d")
    assert findings["fix"] == "renew the certificate on the server"


def test_a_missing_client_certificate_fails_with_a_hint(
    serve_tls: ServeTls,
    run_against: RunAgainst,
    trust_env: dict[str, str],
    certificates: Certificates,
) -> None:
    server = serve_tls("good", clients=True)
    server.by_path = emqx_responders()
    result = run_against(server, "doctor", "-o", "json", env=trust_env)
    assert result.code == 11  # with TLS 1.3 the server says so after the handshake
    assert "--client-cert" in result.err
    mine = {"EMQXCTL_CLIENT_CERT": str(certificates.client.file)}
    mine["EMQXCTL_CLIENT_KEY"] = str(certificates.client.key_file)
    assert run_against(server, "doctor", "-o", "json", env={**trust_env, **mine}).code == 0


def test_a_port_without_tls_and_a_silent_port_fail_tls(serve: Serve, run_against: RunAgainst) -> None:
    plain = serve(greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")
    result = run_against(f"https://127.0.0.1:{plain.port}", "doctor", "-o", "json")
    require_failure(result, "tls", 11, "TLS_FAILED", "does not use TLS", "18084")
    mute = serve(never_reads=True)
    env = {"EMQXCTL_TIMEOUT": "0.3"}
    result = run_against(f"https://127.0.0.1:{mute.port}", "doctor", "-o", "json", env=env)
    require_failure(result, "tls", 12, "TIMED_OUT", "no TLS handshake")


def proxy_env(port: int) -> dict[str, str]:
    """Return the environment that names a proxy, with a password."""
    return {"EMQXCTL_PROXY": f"http://jane:{PASSWORD}@127.0.0.1:{port}"}


def test_a_proxy_without_connection_or_tunnel_fails(serve: Serve, run_against: RunAgainst) -> None:
    url = "https://emqx.example.com:18084"
    result = run_against(url, "doctor", "-o", "json", env=proxy_env(closed_port()))
    require_failure(result, "tcp", 11, "PROXY_FAILED", "connection refused", "NO_PROXY")
    result = run_against(url, "doctor", "-o", "json", env={"EMQXCTL_PROXY": "http://proxy.invalid:3128"})
    require_failure(result, "dns", 11, "PROXY_FAILED")
    for responder, texts in ((respond(407, ""), "407"), (respond_raw(b"SSH-2.0-x\r\n"), "not an HTTP proxy")):
        server = serve(responder)
        result = run_against(url, "doctor", "-o", "json", env=proxy_env(server.port))
        require_failure(result, "proxy", 11, "PROXY_FAILED", texts)
        assert PASSWORD not in result.out + result.err
        assert server.targets() == ["emqx.example.com:18084"]
        assert "proxy-authorization" in server.received[0].headers


def test_an_http_server_behind_a_proxy_is_reached(serve: Serve, run_against: RunAgainst) -> None:
    url = "http://emqx.example.com:18083"
    server = serve(by_path={url + path: responder for path, responder in emqx_responders().items()})
    result = run_against(url, "doctor", "-o", "json", env=proxy_env(server.port))
    findings = findings_by_check(result)
    assert result.code == 0, result.out
    assert findings["proxy"]["result"].startswith("requests go through http://******@127.0.0.1:")
    assert (findings["tls"]["status"], "unencrypted" in findings["tls"]["result"]) == ("warn", True)
    assert PASSWORD not in result.out + result.err


def test_another_server_and_a_booting_broker_fail_emqx(serve: Serve, run_against: RunAgainst) -> None:
    page = respond(200, "<html>welcome</html>", content_type="text/html")
    require_failure(
        run_against(serve(page), "doctor", "-o", "json"), "emqx", 10, "NOT_EMQX", "is not an EMQX API"
    )
    booting = emqx_responders(status=respond(200, json.dumps({**RUNNING, "app_status": "not_running"})))
    require_failure(
        run_against(serve(by_path=booting), "doctor", "-o", "json"), "emqx", 8, "BOOTING", "still starting"
    )


def test_a_rejected_key_fails_key(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(by_path=emqx_responders(nodes=refusal(401, "BAD_API_KEY_OR_SECRET")))
    findings = require_failure(run_against(server, "doctor", "-o", "json"), "key", 4, "BAD_API_KEY_OR_SECRET")
    assert [findings[name]["status"] for name in STEPS[-4:]] == ["skip", "ok", "ok", "ok"]


ROLES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"edition": "Enterprise"}, "administrator", ["POST"]),
    ({"version": "5.10.0", "edition": ""}, "administrator", ["POST"]),
    ({"edition": "Opensource"}, "administrator: the only role in the community edition", []),
    (
        {"edition": "Enterprise", "rule_test": refusal(403, "UNAUTHORIZED_ROLE")},
        "viewer: read-only",
        ["POST"],
    ),
    (
        {"edition": "Enterprise", "rule_test": refusal(404, "NOT_FOUND")},
        "unknown: the test request returned 404",
        ["POST"],
    ),
    ({"nodes": refusal(403, "UNAUTHORIZED_ROLE")}, "publisher: only publishing is permitted", []),
]


@pytest.mark.parametrize(("responses", "role", "posts"), ROLES)
def test_the_role_is_detected_without_a_change(
    serve: Serve, run_against: RunAgainst, responses: dict[str, Any], role: str, posts: list[str]
) -> None:
    server = serve(by_path=emqx_responders(**responses))
    result = run_against(server, "doctor", "-o", "json")
    assert result.code == 0, result.out
    assert findings_by_check(result)["role"]["result"] == role
    writes = [request for request in server.received if request.method != "GET"]
    assert [request.method for request in writes] == posts
    assert [(request.target, request.body) for request in writes] == [("/api/v5/rule_test", b"{")] * len(
        posts
    )


def test_the_test_request_for_the_role_is_refused_by_the_server(
    run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emqxctl.diagnosis.permissions.ROLES_IN_ALL_EDITIONS", (5, 0, 0))
    assert findings_by_check(run("doctor", "-o", "json"))["role"]["result"] == "administrator"
    assert [request.status for request in cluster.requests if request.method == "POST"] == [400]


def test_a_readonly_profile_sends_no_test_request(serve: Serve, run: Run, home: Path) -> None:
    server = serve(by_path=emqx_responders(edition="Enterprise"))
    write_profile(home, server.url, api_secret="s3cr3t", readonly=True)
    findings = findings_by_check(run("doctor", "-o", "json"))["role"]
    assert (findings["status"], "read-only" in findings["result"]) == ("ok", True)
    assert set(server.methods) == {"GET"}


def test_different_and_newer_versions_are_warnings(serve: Serve, run_against: RunAgainst) -> None:
    nodes = [{"node": "a", "version": "5.8.9"}, {"node": "b", "version": "5.8.8"}]
    findings = findings_by_check(
        run_against(
            serve(by_path=emqx_responders(nodes=respond(200, json.dumps(nodes)))), "doctor", "-o", "json"
        )
    )["version"]
    assert (findings["status"], findings["result"]) == ("warn", "nodes run 5.8.8, 5.8.9")
    findings = findings_by_check(
        run_against(serve(by_path=emqx_responders("7.0.0", "")), "doctor", "-o", "json")
    )["version"]
    assert (findings["status"], "newer than this emqxctl supports" in findings["result"]) == ("warn", True)


@pytest.mark.parametrize(("skew", "texts"), [(12630, "3h 30m ahead"), (-7230, "2h behind")])
def test_a_clock_difference_is_a_warning(
    serve: Serve, run_against: RunAgainst, skew: float, texts: str
) -> None:
    server = serve(by_path=emqx_responders(status=dated(json.dumps(RUNNING), skew)))
    findings = findings_by_check(run_against(server, "doctor", "-o", "json"))["clock"]
    assert (findings["status"], findings["result"]) == ("warn", f"the server's clock is {texts}")
    assert "NTP" in findings["fix"]
    server = serve(by_path=emqx_responders(status=respond(200, json.dumps(RUNNING), {"Date": "soon"})))
    assert "unknown" in findings_by_check(run_against(server, "doctor", "-o", "json"))["clock"]["result"]


def test_a_slow_server_is_a_warning(
    serve: Serve, run_against: RunAgainst, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emqxctl.diagnosis.doctor.SLOW_SECONDS", 0.0)
    findings = findings_by_check(run_against(serve(by_path=emqx_responders()), "doctor", "-o", "json"))[
        "latency"
    ]
    assert (findings["status"], "of 5 requests" in findings["result"]) == ("warn", True)


def test_control_characters_of_the_server_are_escaped(serve: Serve, run_against: RunAgainst) -> None:
    hostile = {**RUNNING, "node_name": "emqx\x1b[31m@h"}
    result = run_against(serve(by_path=emqx_responders(status=respond(200, json.dumps(hostile)))), "doctor")
    assert "\x1b" not in result.out + result.err
    assert "emqx\\x1b[31m@h is running" in result.out
