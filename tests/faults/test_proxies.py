"""Proxies on the way: those that refuse, that answer in the server's place, that break the connection."""

import pytest

from tests.faults.conftest import RETRIES, VOICES, Ask, Serve, assert_failed
from tests.faults.server import answer, broken, closed_port, raw

EACH_VOICE = pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)
PASSWORD = "Pr0xy-pass-77"
PLAIN, TLS = "http://emqx.example.com:18083", "https://emqx.example.com:18084"
EACH_URL = pytest.mark.parametrize("url", [PLAIN, TLS], ids=["plain", "tls"])


def through(port: int) -> dict[str, str]:
    """Give the environment that names a proxy, with a password."""
    return {"EMQXCTL_PROXY": f"http://jane:{PASSWORD}@127.0.0.1:{port}"}


@EACH_VOICE
@EACH_URL
def test_a_proxy_that_is_not_there(ask: Ask, waits: list[float], url: str, voice: tuple[str, ...]) -> None:
    ran = ask(url, "nodes", "list", *voice, env=through(closed_port()))
    assert_failed(ran, 11, "PROXY_FAILED", "connection refused", "--proxy", "NO_PROXY")
    assert PASSWORD not in ran.err
    assert len(waits) == RETRIES


@EACH_URL
def test_a_proxy_without_an_address(ask: Ask, url: str) -> None:
    ran = ask(url, "nodes", "list", env={"EMQXCTL_PROXY": "http://proxy.invalid:3128"})
    assert_failed(ran, 11, "PROXY_FAILED")


@EACH_VOICE
@pytest.mark.parametrize(("status", "exit_code"), [(407, 7), (502, 10), (403, 5)])
def test_a_proxy_that_answers_in_the_servers_place(
    serve: Serve, ask: Ask, status: int, exit_code: int, voice: tuple[str, ...]
) -> None:
    page = "<html><head><title>The proxy says no</title></head></html>"
    server = serve(answer(status, page, kind="text/html"))
    ran = ask(PLAIN, "nodes", "list", *voice, env=through(server.port))
    assert_failed(ran, exit_code, "NOT_EMQX", "The proxy says no")
    assert PASSWORD not in ran.err
    assert server.targets()[0] == f"{PLAIN}/api/v5/nodes"


@EACH_VOICE
@pytest.mark.parametrize("status", [407, 502, 403])
def test_a_proxy_that_opens_no_tunnel(serve: Serve, ask: Ask, status: int, voice: tuple[str, ...]) -> None:
    server = serve(answer(status, "", {"Connection": "close"}))
    ran = ask(TLS, "nodes", "list", *voice, env=through(server.port))
    assert_failed(ran, 11, "PROXY_FAILED", str(status), "--proxy")
    assert PASSWORD not in ran.err
    assert set(server.methods) == {"CONNECT"}
    assert all("authorization" not in one.headers for one in server.received)


@EACH_URL
@pytest.mark.parametrize(
    "fault", [broken(), raw(b""), raw(b"SSH-2.0-x\r\n")], ids=["reset", "closed", "not HTTP"]
)
def test_a_proxy_that_breaks_the_connection(serve: Serve, ask: Ask, fault: object, url: str) -> None:
    server = serve(fault)
    ran = ask(url, "nodes", "list", env=through(server.port))
    assert ran.code == 11, ran.err
    assert len(server.received) == 1 + RETRIES


def test_a_write_that_only_the_proxy_lost_is_unknown(serve: Serve, ask: Ask) -> None:
    server = serve(broken())
    ran = ask(PLAIN, "publish", "a", "b", env=through(server.port))
    assert_failed(ran, 11, "OUTCOME_UNKNOWN")
    assert len(server.received) == 1


def test_the_environment_may_name_the_proxy_and_what_goes_without(serve: Serve, ask: Ask) -> None:
    proxy, server = serve(answer(200, "[]")), serve(answer(200, "[]"))
    assert ask(PLAIN, "nodes", "list", env={"HTTP_PROXY": proxy.url}).code == 0
    assert proxy.targets() == [f"{PLAIN}/api/v5/nodes"]
    assert ask(server, "nodes", "list", env={"HTTP_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}).code == 0
    assert (len(proxy.received), len(server.received)) == (1, 1)


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:1", "http://", "socks5://127.0.0.1:1", "::::"])
def test_a_proxy_that_is_none(ask: Ask, proxy: str) -> None:
    assert_failed(ask(PLAIN, "nodes", "list", env={"EMQXCTL_PROXY": proxy}), 3, "BAD_URL|CONFIG", "prox")
