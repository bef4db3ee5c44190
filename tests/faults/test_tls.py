"""TLS that fails: certificates out of date, of others, of nobody known, none at all, and old protocols."""

import ssl
import warnings
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from tests.faults.certificates import Certificates, Secured, context, pem
from tests.faults.conftest import VOICES, Ask, Serve, assert_failed
from tests.faults.server import answer, broken, closed_port, dripping, raw, silent

EACH_VOICE = pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES)


def test_a_good_certificate_is_trusted_for_its_authority(
    secured: Secured, ask: Ask, certificates: Certificates, trusting: dict[str, str]
) -> None:
    server = secured("good")
    assert ask(server, "nodes", "list", env=trusting).code == 0
    assert ask(server, "nodes", "list", env={"SSL_CERT_FILE": str(certificates.ca.file)}).code == 0
    assert ask(server, "nodes", "list", env={"REQUESTS_CA_BUNDLE": str(certificates.ca.file)}).code == 0
    assert len(server.received) == 3


UNTRUSTED = {
    "expired": ("expired", "expired"),
    "early": ("early", "not yet valid"),
    "wrong host": ("elsewhere", "not for this address"),
    "self-signed": ("self_signed", "signed by nobody known here"),
}


@EACH_VOICE
@pytest.mark.parametrize("fault", UNTRUSTED)
def test_a_certificate_that_is_not_trusted(
    secured: Secured, ask: Ask, trusting: dict[str, str], fault: str, voice: tuple[str, ...]
) -> None:
    name, words = UNTRUSTED[fault]
    server = secured(name)
    assert_failed(ask(server, "nodes", "list", *voice, env=trusting), 11, "TLS_FAILED", "cannot trust", words)
    assert server.received == []
    assert server.accepted == 1, "a certificate does not get better by asking again"


def test_a_name_that_is_not_in_the_certificate(secured: Secured, ask: Ask, trusting: dict[str, str]) -> None:
    server = secured("elsewhere")
    ran = ask(f"https://localhost:{server.port}", "nodes", "list", env=trusting)
    assert_failed(ran, 11, "TLS_FAILED", "another host name")


def test_an_authority_that_is_not_known(secured: Secured, ask: Ask, certificates: Certificates) -> None:
    for env in ({}, {"EMQXCTL_CA_FILE": str(certificates.other_ca.file)}):
        server = secured("good")
        ran = ask(server, "nodes", "list", env=env)
        assert_failed(ran, 11, "TLS_FAILED", "CA not known here", "--ca-file")
        assert server.received == []


@pytest.mark.parametrize("name", ["expired", "elsewhere", "self_signed"])
def test_insecure_skips_the_check_and_says_so(secured: Secured, ask: Ask, name: str) -> None:
    server = secured(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ran = ask(server, "nodes", "list", "--insecure")
    assert ran.code == 0
    assert "not verified" in ran.err
    assert len(server.received) == 1


@EACH_VOICE
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
@pytest.mark.parametrize("words", [("nodes", "list"), ("publish", "a", "b")], ids=["read", "write"])
def test_a_client_certificate_is_missing(
    secured: Secured,
    ask: Ask,
    trusting: dict[str, str],
    newest: ssl.TLSVersion,
    words: tuple[str, ...],
    voice: tuple[str, ...],
) -> None:
    server = secured("good", clients=True, newest=newest)
    ran = ask(server, *words, *voice, env=trusting)
    assert_failed(ran, 11, "TLS_FAILED", "--client-cert")
    assert server.received == []


def test_a_client_certificate_opens_the_door(
    secured: Secured, ask: Ask, trusting: dict[str, str], certificates: Certificates, tmp_path: Path
) -> None:
    server = secured("good", clients=True)
    client = certificates.client
    both = tmp_path / "both.pem"
    both.write_bytes(client.file.read_bytes() + client.key_file.read_bytes())
    two = ("--client-cert", str(client.file), "--client-key", str(client.key_file))
    assert ask(server, "nodes", "list", *two, env=trusting).code == 0
    assert ask(server, "nodes", "list", "--client-cert", str(both), env=trusting).code == 0


def test_a_client_certificate_of_another_authority(
    secured: Secured, ask: Ask, trusting: dict[str, str], certificates: Certificates
) -> None:
    server = secured("good", clients=True)
    given = certificates.stranger
    words = ("--client-cert", str(given.file), "--client-key", str(given.key_file))
    assert_failed(ask(server, "nodes", "list", *words, env=trusting), 11, "TLS_FAILED", "client certificate")
    assert server.received == []


@pytest.mark.parametrize("kind", ["another key", "no key", "encrypted", "encrypted in one file", "garbage"])
def test_a_client_key_that_does_not_fit(
    secured: Secured,
    ask: Ask,
    trusting: dict[str, str],
    certificates: Certificates,
    tmp_path: Path,
    kind: str,
) -> None:
    server = secured("good", clients=True)
    client, key = certificates.client, tmp_path / "key.pem"
    sealed = pem(client.key, serialization.BestAvailableEncryption(b"sesame"))
    key.write_bytes(
        {"another key": certificates.stranger.key_file.read_bytes(), "encrypted": sealed,
         "encrypted in one file": client.file.read_bytes() + sealed}.get(kind, b"garbage")
    )  # fmt: skip
    words = ["--client-cert", str(client.file)] if kind == "no key" else [
        "--client-cert", str(key if "one file" in kind else client.file), "--client-key", str(key)
    ]  # fmt: skip
    if kind == "encrypted in one file":
        words = words[:2]
    text = assert_failed(
        ask(server, "nodes", "list", *words, env=trusting), 3, "BAD_CLIENT_KEY", "--client-key"
    )
    assert ("encrypted" in text) == ("encrypted" in kind)
    assert server.received == []


@pytest.mark.parametrize("option", ["--ca-file", "--client-cert", "--client-key"])
def test_a_file_that_is_not_there_or_no_file(secured: Secured, ask: Ask, tmp_path: Path, option: str) -> None:
    server = secured("good")
    for name in (str(tmp_path / "none.pem"), str(tmp_path)):
        words = [option, name]
        if option == "--client-key":
            words += ["--client-cert", __file__]
        assert_failed(ask(server, "nodes", "list", *words), 3, "CONFIG", name)
    assert server.accepted == 0


def test_a_ca_file_without_a_certificate(secured: Secured, ask: Ask, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    for content in (b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        bad.write_bytes(content)
        ran = ask(secured("good"), "nodes", "list", "--ca-file", str(bad))
        assert_failed(ran, 3, "BAD_CA_FILE", "--ca-file")


@EACH_VOICE
def test_plain_http_where_tls_was_expected(serve: Serve, ask: Ask, voice: tuple[str, ...]) -> None:
    talker = serve(greeting=b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    ran = ask(f"https://127.0.0.1:{talker.port}", "nodes", "list", *voice)
    assert_failed(ran, 11, "TLS_FAILED", "does not speak TLS", "http://")


@EACH_VOICE
def test_tls_where_plain_http_was_expected(
    serve: Serve, secured: Secured, ask: Ask, voice: tuple[str, ...]
) -> None:
    server = secured("good")
    ran = ask(f"http://127.0.0.1:{server.port}", "nodes", "list", *voice)
    assert_failed(ran, 11, "CONNECTION_LOST")
    assert server.received == []
    alert = serve(raw(b"\x15\x03\x03\x00\x02\x02\x46"))  # what Erlang's TLS answers
    ran = ask(f"http://127.0.0.1:{alert.port}", "nodes", "list", *voice)
    assert_failed(ran, 11, "CONNECTION_LOST", "with what is not HTTP", "https://")


def old_protocol_is_possible(certificates: Certificates) -> ssl.SSLContext | None:
    """Make a server that speaks TLS 1.1 only, None where OpenSSL's policy forbids even that."""
    made = context(certificates.good)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.set_ciphers("ALL:@SECLEVEL=0")
            made.minimum_version = ssl.TLSVersion.TLSv1
            made.maximum_version = ssl.TLSVersion.TLSv1_1
    except (ValueError, ssl.SSLError):
        return None
    return made


def test_an_old_protocol(
    serve: Serve, ask: Ask, certificates: Certificates, trusting: dict[str, str]
) -> None:
    old = old_protocol_is_possible(certificates)
    if old is None:
        pytest.skip("this OpenSSL cannot serve TLS 1.1")
    server = serve(answer(200, "[]"), tls=old)
    ran = ask(server, "nodes", "list", env=trusting)
    assert_failed(ran, 11, "TLS_FAILED", "old TLS version", "TLS 1.2")
    assert server.received == []


def test_a_write_cut_off_under_tls_is_unknown(secured: Secured, ask: Ask, trusting: dict[str, str]) -> None:
    for fault in (broken(), raw(b""), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}")):
        server = secured("good", fault)
        ran = ask(server, "publish", "a", "b", env=trusting)
        assert_failed(ran, 11, "OUTCOME_UNKNOWN", "look before")
        assert len(server.received) == 1


def test_a_read_cut_off_under_tls_is_repeated(secured: Secured, ask: Ask, trusting: dict[str, str]) -> None:
    server = secured("good", broken(), answer(200, "[]"))
    assert ask(server, "nodes", "list", env=trusting).code == 0
    assert len(server.received) == 2


def test_waiting_ends_under_tls_too(secured: Secured, ask: Ask, trusting: dict[str, str]) -> None:
    for fault in (silent(), dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x")):
        ran = ask(secured("good", fault), "nodes", "list", "--timeout", "0.1", env=trusting)
        assert_failed(ran, 12, "TIMED_OUT")


def test_a_handshake_that_nobody_answers(serve: Serve, ask: Ask) -> None:
    server = serve(mute=True)
    ran = ask(f"https://127.0.0.1:{server.port}", "publish", "a", "b", "--timeout", "0.1", "--retries", "0")
    assert_failed(ran, 12, "CONNECT_TIMED_OUT")


def test_a_handshake_cut_off(serve: Serve, ask: Ask) -> None:
    server = serve(deaf=True)
    ran = ask(f"https://127.0.0.1:{server.port}", "publish", "a", "b")
    assert_failed(ran, 11, "UNREACHABLE", "reset")
    assert server.accepted == 3, "what never left may be tried again"


def test_refused(ask: Ask) -> None:
    assert_failed(ask(f"https://127.0.0.1:{closed_port()}", "nodes", "list"), 11, "CONNECTION_REFUSED")
