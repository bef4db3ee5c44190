"""Proxies on the way: those that refuse, that answer in the server's place, that break the connection."""

import pytest

from tests.faults.conftest import OUTPUT_MODES, RETRIES, RunAgainst, Serve, assert_failed
from tests.faults.server import closed_port, reset_connection, respond, respond_raw

IN_EACH_OUTPUT_MODE = pytest.mark.parametrize("output_options", OUTPUT_MODES.values(), ids=OUTPUT_MODES)
PASSWORD = "Pr0xy-pass-77"
PLAIN, TLS = "http://emqx.example.com:18083", "https://emqx.example.com:18084"
EACH_URL = pytest.mark.parametrize("url", [PLAIN, TLS], ids=["plain", "tls"])


def through(port: int) -> dict[str, str]:
    """Return the environment that names a proxy, with a password."""
    return {"EMQXCTL_PROXY": f"http://jane:{PASSWORD}@127.0.0.1:{port}"}


@IN_EACH_OUTPUT_MODE
@EACH_URL
def test_an_unreachable_proxy_is_an_error(
    run_against: RunAgainst, pauses: list[float], url: str, output_options: tuple[str, ...]
) -> None:
    result = run_against(url, "nodes", "list", *output_options, env=through(closed_port()))
    assert_failed(result, 11, "PROXY_FAILED", "connection refused", "--proxy", "NO_PROXY")
    assert PASSWORD not in result.err
    assert len(pauses) == RETRIES


@EACH_URL
def test_a_proxy_with_an_unknown_host_is_an_error(run_against: RunAgainst, url: str) -> None:
    result = run_against(url, "nodes", "list", env={"EMQXCTL_PROXY": "http://proxy.invalid:3128"})
    assert_failed(result, 11, "PROXY_FAILED")


@IN_EACH_OUTPUT_MODE
@pytest.mark.parametrize(("status", "exit_code"), [(407, 7), (502, 10), (403, 5)])
def test_a_response_of_the_proxy_is_not_emqx(
    serve: Serve, run_against: RunAgainst, status: int, exit_code: int, output_options: tuple[str, ...]
) -> None:
    page = "<html><head><title>The proxy says no</title></head></html>"
    server = serve(respond(status, page, content_type="text/html"))
    result = run_against(PLAIN, "nodes", "list", *output_options, env=through(server.port))
    assert_failed(result, exit_code, "NOT_EMQX", "The proxy says no")
    assert PASSWORD not in result.err
    assert server.targets()[0] == f"{PLAIN}/api/v5/nodes"


@IN_EACH_OUTPUT_MODE
@pytest.mark.parametrize("status", [407, 502, 403])
def test_a_refused_tunnel_is_an_error(
    serve: Serve, run_against: RunAgainst, status: int, output_options: tuple[str, ...]
) -> None:
    server = serve(respond(status, "", {"Connection": "close"}))
    result = run_against(TLS, "nodes", "list", *output_options, env=through(server.port))
    assert_failed(result, 11, "PROXY_FAILED", str(status), "--proxy")
    assert PASSWORD not in result.err
    assert set(server.methods) == {"CONNECT"}
    assert all("authorization" not in request.headers for request in server.received)


@EACH_URL
@pytest.mark.parametrize(
    "fault",
    [reset_connection(), respond_raw(b""), respond_raw(b"SSH-2.0-x\r\n")],
    ids=["reset", "closed", "not HTTP"],
)
def test_a_connection_broken_by_the_proxy_is_retried(
    serve: Serve, run_against: RunAgainst, fault: object, url: str
) -> None:
    server = serve(fault)
    result = run_against(url, "nodes", "list", env=through(server.port))
    assert result.code == 11, result.err
    assert len(server.received) == 1 + RETRIES


def test_a_write_lost_by_the_proxy_has_an_unknown_outcome(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(reset_connection())
    result = run_against(PLAIN, "publish", "a", "b", env=through(server.port))
    assert_failed(result, 11, "OUTCOME_UNKNOWN")
    assert len(server.received) == 1


def test_http_proxy_and_no_proxy_are_followed(serve: Serve, run_against: RunAgainst) -> None:
    proxy, server = serve(respond(200, "[]")), serve(respond(200, "[]"))
    assert run_against(PLAIN, "nodes", "list", env={"HTTP_PROXY": proxy.url}).code == 0
    assert proxy.targets() == [f"{PLAIN}/api/v5/nodes"]
    assert (
        run_against(server, "nodes", "list", env={"HTTP_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}).code == 0
    )
    assert (len(proxy.received), len(server.received)) == (1, 1)


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:1", "http://", "socks5://127.0.0.1:1", "::::"])
def test_an_invalid_proxy_url_is_refused(run_against: RunAgainst, proxy: str) -> None:
    assert_failed(
        run_against(PLAIN, "nodes", "list", env={"EMQXCTL_PROXY": proxy}), 3, "BAD_URL|CONFIG", "prox"
    )
