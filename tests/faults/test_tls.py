"""TLS failures: expired, unknown, missing and mismatched certificates, and old protocol versions."""

import ssl
import warnings
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from tests.faults.certificates import Certificates, build_context, to_pem
from tests.faults.conftest import OUTPUT_MODES, AdvanceClock, RunAgainst, Serve, ServeTls, assert_failed
from tests.faults.server import (
    closed_port,
    drip_forever,
    never_respond,
    reset_connection,
    respond,
    respond_raw,
)

IN_EACH_OUTPUT_MODE = pytest.mark.parametrize("output_options", OUTPUT_MODES.values(), ids=OUTPUT_MODES)


def test_a_certificate_of_a_trusted_ca_is_accepted(
    serve_tls: ServeTls, run_against: RunAgainst, certificates: Certificates, trust_env: dict[str, str]
) -> None:
    server = serve_tls("good")
    assert run_against(server, "nodes", "list", env=trust_env).code == 0
    assert run_against(server, "nodes", "list", env={"SSL_CERT_FILE": str(certificates.ca.file)}).code == 0
    assert (
        run_against(server, "nodes", "list", env={"REQUESTS_CA_BUNDLE": str(certificates.ca.file)}).code == 0
    )
    assert len(server.received) == 3


UNTRUSTED = {
    "expired": ("expired", "expired"),
    "not_yet_valid": ("not_yet_valid", "not yet valid"),
    "wrong host": ("other_host", "not valid for this address"),
    "self-signed": ("self_signed", "signed by unknown authority"),
}


@IN_EACH_OUTPUT_MODE
@pytest.mark.parametrize("fault", UNTRUSTED)
def test_an_untrusted_certificate_is_refused(
    serve_tls: ServeTls,
    run_against: RunAgainst,
    trust_env: dict[str, str],
    fault: str,
    output_options: tuple[str, ...],
) -> None:
    name, text = UNTRUSTED[fault]
    server = serve_tls(name)
    assert_failed(
        run_against(server, "nodes", "list", *output_options, env=trust_env),
        11,
        "TLS_FAILED",
        "cannot trust",
        text,
    )
    assert server.received == []
    assert server.accepted == 1, "a certificate does not get better by asking again"


def test_a_certificate_of_another_host_is_refused(
    serve_tls: ServeTls, run_against: RunAgainst, trust_env: dict[str, str]
) -> None:
    server = serve_tls("other_host")
    result = run_against(f"https://localhost:{server.port}", "nodes", "list", env=trust_env)
    assert_failed(result, 11, "TLS_FAILED", "not valid for this host name")


def test_a_certificate_of_an_unknown_ca_is_refused(
    serve_tls: ServeTls, run_against: RunAgainst, certificates: Certificates
) -> None:
    for env in ({}, {"EMQXCTL_CA_FILE": str(certificates.other_ca.file)}):
        server = serve_tls("good")
        result = run_against(server, "nodes", "list", env=env)
        assert_failed(result, 11, "TLS_FAILED", "signed by unknown authority", "--ca-file")
        assert server.received == []


@pytest.mark.parametrize("name", ["expired", "other_host", "self_signed"])
def test_insecure_skips_verification_with_a_warning(
    serve_tls: ServeTls, run_against: RunAgainst, name: str
) -> None:
    server = serve_tls(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run_against(server, "nodes", "list", "--insecure")
    assert result.code == 0
    assert "verification is disabled" in result.err
    assert len(server.received) == 1


@IN_EACH_OUTPUT_MODE
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
@pytest.mark.parametrize("arguments", [("nodes", "list"), ("publish", "a", "b")], ids=["read", "write"])
def test_a_missing_client_certificate_is_an_error(
    serve_tls: ServeTls,
    run_against: RunAgainst,
    trust_env: dict[str, str],
    newest: ssl.TLSVersion,
    arguments: tuple[str, ...],
    output_options: tuple[str, ...],
) -> None:
    server = serve_tls("good", clients=True, maximum_version=newest)
    result = run_against(server, *arguments, *output_options, env=trust_env)
    assert_failed(result, 11, "TLS_FAILED", "--client-cert")
    assert server.received == []


def test_a_client_certificate_is_accepted(
    serve_tls: ServeTls,
    run_against: RunAgainst,
    trust_env: dict[str, str],
    certificates: Certificates,
    tmp_path: Path,
) -> None:
    server = serve_tls("good", clients=True)
    client = certificates.client
    both = tmp_path / "both.pem"
    both.write_bytes(client.file.read_bytes() + client.key_file.read_bytes())
    two = ("--client-cert", str(client.file), "--client-key", str(client.key_file))
    assert run_against(server, "nodes", "list", *two, env=trust_env).code == 0
    assert run_against(server, "nodes", "list", "--client-cert", str(both), env=trust_env).code == 0


def test_a_client_certificate_of_another_ca_is_refused(
    serve_tls: ServeTls, run_against: RunAgainst, trust_env: dict[str, str], certificates: Certificates
) -> None:
    server = serve_tls("good", clients=True)
    certificate = certificates.other_client
    arguments = ("--client-cert", str(certificate.file), "--client-key", str(certificate.key_file))
    assert_failed(
        run_against(server, "nodes", "list", *arguments, env=trust_env),
        11,
        "TLS_FAILED",
        "client certificate",
    )
    assert server.received == []


@pytest.mark.parametrize("kind", ["another key", "no key", "encrypted", "encrypted in one file", "garbage"])
def test_an_invalid_client_key_is_refused(
    serve_tls: ServeTls,
    run_against: RunAgainst,
    trust_env: dict[str, str],
    certificates: Certificates,
    tmp_path: Path,
    kind: str,
) -> None:
    server = serve_tls("good", clients=True)
    client, key = certificates.client, tmp_path / "key.pem"
    sealed = to_pem(client.key, serialization.BestAvailableEncryption(b"sesame"))
    key.write_bytes(
        {"another key": certificates.other_client.key_file.read_bytes(), "encrypted": sealed,
         "encrypted in one file": client.file.read_bytes() + sealed}.get(kind, b"garbage")
    )  # fmt: skip
    arguments = ["--client-cert", str(client.file)] if kind == "no key" else [
        "--client-cert", str(key if "one file" in kind else client.file), "--client-key", str(key)
    ]  # fmt: skip
    if kind == "encrypted in one file":
        arguments = arguments[:2]
    text = assert_failed(
        run_against(server, "nodes", "list", *arguments, env=trust_env), 3, "BAD_CLIENT_KEY", "--client-key"
    )
    assert ("encrypted" in text) == ("encrypted" in kind)
    assert server.received == []


@pytest.mark.parametrize("option", ["--ca-file", "--client-cert", "--client-key"])
def test_a_missing_file_is_an_error(
    serve_tls: ServeTls, run_against: RunAgainst, tmp_path: Path, option: str
) -> None:
    server = serve_tls("good")
    for name in (str(tmp_path / "none.pem"), str(tmp_path)):
        arguments = [option, name]
        if option == "--client-key":
            arguments += ["--client-cert", __file__]
        assert_failed(run_against(server, "nodes", "list", *arguments), 3, "CONFIG", name)
    assert server.accepted == 0


def test_a_ca_file_without_a_certificate_is_an_error(
    serve_tls: ServeTls, run_against: RunAgainst, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.pem"
    for content in (b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        bad.write_bytes(content)
        result = run_against(serve_tls("good"), "nodes", "list", "--ca-file", str(bad))
        assert_failed(result, 3, "BAD_CA_FILE", "--ca-file")


@IN_EACH_OUTPUT_MODE
def test_https_to_an_http_port_fails_with_a_hint(
    serve: Serve, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    talker = serve(greeting=b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    result = run_against(f"https://127.0.0.1:{talker.port}", "nodes", "list", *output_options)
    assert_failed(result, 11, "TLS_FAILED", "does not use TLS", "http://")


@IN_EACH_OUTPUT_MODE
def test_http_to_an_https_port_fails_with_a_hint(
    serve: Serve, serve_tls: ServeTls, run_against: RunAgainst, output_options: tuple[str, ...]
) -> None:
    server = serve_tls("good")
    result = run_against(f"http://127.0.0.1:{server.port}", "nodes", "list", *output_options)
    assert_failed(result, 11, "CONNECTION_LOST")
    assert server.received == []
    alert = serve(respond_raw(b"\x15\x03\x03\x00\x02\x02\x46"))  # what Erlang's TLS answers
    result = run_against(f"http://127.0.0.1:{alert.port}", "nodes", "list", *output_options)
    assert_failed(result, 11, "CONNECTION_LOST", "not an HTTP response", "https://")


def old_protocol_is_possible(certificates: Certificates) -> ssl.SSLContext | None:
    """Return the context of a server with TLS 1.1 only; None if OpenSSL's policy forbids that."""
    context = build_context(certificates.good)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    except (ValueError, ssl.SSLError):
        return None
    return context


def test_an_old_tls_version_is_refused(
    serve: Serve, run_against: RunAgainst, certificates: Certificates, trust_env: dict[str, str]
) -> None:
    old = old_protocol_is_possible(certificates)
    if old is None:
        pytest.skip("this OpenSSL cannot serve TLS 1.1")
    server = serve(respond(200, "[]"), tls=old)
    result = run_against(server, "nodes", "list", env=trust_env)
    assert_failed(result, 11, "TLS_FAILED", "TLS version not supported", "TLS 1.2")
    assert server.received == []


def test_a_write_cut_off_under_tls_has_an_unknown_outcome(
    serve_tls: ServeTls, run_against: RunAgainst, trust_env: dict[str, str]
) -> None:
    for fault in (
        reset_connection(),
        respond_raw(b""),
        respond_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"),
    ):
        server = serve_tls("good", fault)
        result = run_against(server, "publish", "a", "b", env=trust_env)
        assert_failed(result, 11, "OUTCOME_UNKNOWN", "before you retry")
        assert len(server.received) == 1


def test_a_read_cut_off_under_tls_is_retried(
    serve_tls: ServeTls, run_against: RunAgainst, trust_env: dict[str, str]
) -> None:
    server = serve_tls("good", reset_connection(), respond(200, "[]"))
    assert run_against(server, "nodes", "list", env=trust_env).code == 0
    assert len(server.received) == 2


def test_requests_time_out_under_tls(
    serve_tls: ServeTls, run_against: RunAgainst, trust_env: dict[str, str], advance_clock: AdvanceClock
) -> None:
    result = run_against(serve_tls("good", never_respond()), "nodes", "list", "--timeout", "1", env=trust_env)
    assert_failed(result, 12, "TIMED_OUT", "no response")
    advance_clock(2.0)
    drip = drip_forever(b"HTTP/1.1 200 OK\r\nX: ", b"x")
    result = run_against(serve_tls("good", drip), "nodes", "list", "--timeout", "10", env=trust_env)
    assert_failed(result, 12, "TIMED_OUT", "incomplete response")


def test_a_handshake_without_a_response_times_out(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(never_reads=True)
    result = run_against(
        f"https://127.0.0.1:{server.port}", "publish", "a", "b", "--timeout", "0.1", "--retries", "0"
    )
    assert_failed(result, 12, "CONNECT_TIMED_OUT")


def test_a_handshake_cut_off_is_unreachable(serve: Serve, run_against: RunAgainst) -> None:
    server = serve(resets_at_once=True)
    result = run_against(f"https://127.0.0.1:{server.port}", "publish", "a", "b")
    assert_failed(result, 11, "UNREACHABLE", "reset")
    assert server.accepted == 3, "what never left may be tried again"


def test_a_closed_port_is_connection_refused(run_against: RunAgainst) -> None:
    assert_failed(
        run_against(f"https://127.0.0.1:{closed_port()}", "nodes", "list"), 11, "CONNECTION_REFUSED"
    )
