"""`emqxctl listeners certs` and `set-cert`, against a TLS port and the simulated cluster."""

from pathlib import Path

import pytest

from emqxctl.commands.listeners import set_cert as set_cert_module
from emqxctl.commands.listeners._tls import split_address
from emqxctl.diagnosis.certificates import Endpoint, fetch_certificate
from emqxctl.sandbox.server import Sandbox
from tests.commands.listeners.tls_listener import TlsListener, run_tls_listener
from tests.conftest import Run
from tests.faults.certificates import Certificates, Identity

CONFIGURED = "2096-10-02T07:06:40Z"


def own_problems(problems: list[str]) -> list[str]:
    """Return the problems without those that all certificates of these tests have."""
    return [text for text in problems if "configured certificate" not in text and "expires in" not in text]


@pytest.mark.parametrize(
    ("name", "words", "problems"),
    [
        ("good", (), []),
        ("good", ("--server-name", "localhost"), []),
        ("good", ("--ca", "{ca}"), []),
        ("expired", (), ["expired 2d ago"]),
        ("not_yet_valid", (), ["not valid for another 1d"]),
        (
            "other_host",
            ("--server-name", "mqtt.example.com"),
            ["valid for emqx.example.com, not for mqtt.example.com"],
        ),
        (
            "good",
            ("--ca", "{other_ca}"),
            ["not trusted by {other_ca}: unable to get local issuer certificate"],
        ),
        ("self_signed", ("--ca", "{ca}"), ["not trusted by {ca}: self-signed certificate"]),
    ],
)
def test_what_is_wrong_with_a_served_certificate_is_named(
    run: Run,
    cluster: Sandbox,
    certificates: Certificates,
    name: str,
    words: tuple[str, ...],
    problems: list[str],
) -> None:
    files = {"ca": certificates.ca.file, "other_ca": certificates.other_ca.file}
    with run_tls_listener(cluster, getattr(certificates, name)) as listener:
        words = tuple(word.format(**files) for word in words)
        result = run("listeners", "certs", "ssl:default", *words, "--json")
    (row,) = result.json
    assert row["address"] == f"127.0.0.1:{listener.port}"
    assert own_problems(row["problems"]) == [text.format(**files) for text in problems]


def test_a_certificate_other_than_the_configured_one_is_an_error(run: Run, tls_listener: TlsListener) -> None:
    result = run("listeners", "certs", "ssl:default", "--json")
    assert result.code == 8
    (row,) = result.json
    assert row["configured"]["not_after"] == CONFIGURED
    assert row["problems"][0].startswith(f"not the configured certificate: that one expires {CONFIGURED}")
    assert row["names"] == ["127.0.0.1", "localhost"]
    assert row["issuer"] == "ca"


def test_the_table_lists_every_tls_listener(run: Run, tls_listener: TlsListener, cluster: Sandbox) -> None:
    cluster.cluster.listeners["wss:default"].config["enable"] = False
    result = run("listeners", "certs")
    assert result.code == 8
    lines = result.out.splitlines()
    assert lines[1].split()[:3] == ["ssl:default", f"127.0.0.1:{tls_listener.port}", "error"]
    assert lines[2].split() == ["wss:default", "127.0.0.1:8084", "skipped", "-", "disabled", "-"]


def test_a_port_that_cannot_be_reached_exits_with_11(run: Run, tls_listener: TlsListener) -> None:
    result = run("listeners", "certs", "ssl:default", "--host", "localhost:1", "--json")
    assert result.code == 11
    assert result.json[0]["status"] == "unreachable"
    assert "use --host HOST:PORT" in result.err
    result = run("listeners", "certs", "ssl:default", "--per-node", "--json")
    assert result.json[0]["address"] == f"sandbox.local:{tls_listener.port}"


def test_a_listener_with_the_proxy_protocol_gets_its_header(run: Run, tls_listener: TlsListener) -> None:
    tls_listener.config["proxy_protocol"] = True
    (row,) = run("listeners", "certs", "ssl:default", "--json").json
    assert row["subject"] == "good"
    assert tls_listener.greeting == b"PROXY UNKNOWN\r\n"


def test_a_listener_that_requires_client_certificates_is_not_called_faulty(
    run: Run, tls_listener: TlsListener
) -> None:
    tls_listener.config["ssl_options"]["fail_if_no_peer_cert"] = True
    result = run("listeners", "certs", "ssl:default", "--json")
    assert result.code == 0
    assert result.json[0]["status"] == "skipped"
    assert result.json[0]["problems"] == ["not checked: the listener requires a client certificate"]
    tls_listener.config["ssl_options"]["fail_if_no_peer_cert"] = False
    tls_listener.socket.close()
    assert run("listeners", "certs", "ssl:default").code == 11


@pytest.mark.parametrize(
    ("words", "code"),
    [(("tcp:default",), 2), (("ssl:nope",), 6), (("--host", "a:0"), 2), (("--host", "a", "--per-node"), 2)],
)
def test_wrong_arguments_are_refused(run: Run, cluster: Sandbox, words: tuple[str, ...], code: int) -> None:
    assert run("listeners", "certs", *words).code == code


def set_cert(run: Run, identity: Identity, *words: str, key: Path | None = None) -> tuple[int, str]:
    """Run set-cert with a certificate and its key; return the exit code and stderr."""
    files = ("--cert", str(identity.file), "--key", str(key or identity.key_file))
    result = run("listeners", "set-cert", "ssl:default", *files, *words)
    return result.code, result.err


def test_a_new_certificate_is_sent_and_verified(
    run: Run, tls_listener: TlsListener, certificates: Certificates
) -> None:
    code, err = set_cert(run, certificates.self_signed, "--yes")
    assert code == 0, err
    assert f"verified at 127.0.0.1:{tls_listener.port}" in err
    served = fetch_certificate(Endpoint("127.0.0.1", tls_listener.port)).certificate
    assert served.subject == "self"
    assert tls_listener.config["ssl_options"]["cacertfile"].endswith("cacert.pem")


def test_a_certificate_that_is_not_served_is_taken_back(
    run: Run, tls_listener: TlsListener, certificates: Certificates
) -> None:
    tls_listener.is_stuck = True
    code, err = set_cert(run, certificates.self_signed, "--yes")
    assert code == 1
    assert "serves another certificate; the previous configuration was restored [NOT_SERVED]" in err
    assert tls_listener.config["ssl_options"]["certfile"] == str(certificates.good.file)
    assert tls_listener.config["ssl_options"]["keyfile"] == str(certificates.good.key_file)


@pytest.mark.parametrize(
    ("name", "words", "problem"),
    [
        ("expired", ("--ca", "{ca}"), "expired 2d ago"),
        ("not_yet_valid", ("--ca", "{ca}"), "not valid for another 1d"),
        ("other_host", ("--ca", "{ca}"), "does not cover localhost, which the current certificate covers"),
        ("good", ("--ca", "{ca}", "--server-name", "mqtt.example.com"), "does not cover mqtt.example.com"),
        ("good", ("--ca", "{other_ca}"), "chain incomplete: unable to get local issuer certificate"),
        ("good", (), "chain incomplete: the certificate of 'ca' is neither in --cert nor in --ca"),
        ("self_signed", ("--host", "localhost:1"), "the change could not be verified"),
    ],
)
def test_a_certificate_with_a_problem_is_not_sent(
    run: Run,
    tls_listener: TlsListener,
    certificates: Certificates,
    name: str,
    words: tuple[str, ...],
    problem: str,
) -> None:
    files = {"ca": certificates.ca.file, "other_ca": certificates.other_ca.file}
    before = dict(tls_listener.config)
    code, err = set_cert(run, getattr(certificates, name), *(word.format(**files) for word in words), "--yes")
    assert code == 14
    assert problem in err
    assert "nothing was sent" in err
    assert tls_listener.config == before


@pytest.mark.parametrize(
    ("name", "problem"),
    [("expired", "expired 2d ago"), ("other_host", "does not cover localhost"), ("good", "chain incomplete")],
)
def test_force_replaces_a_certificate_whatever_its_problems(
    run: Run, tls_listener: TlsListener, certificates: Certificates, name: str, problem: str
) -> None:
    identity = getattr(certificates, name)
    words = () if name == "good" else ("--ca", str(certificates.ca.file))
    before = dict(tls_listener.config)
    code, err = set_cert(run, identity, *words, "--force")
    assert (code, tls_listener.config) == (14, before)  # it confirms nothing
    code, err = set_cert(run, identity, *words, "--force", "--yes")
    assert code == 0, err
    assert f"warning: {problem}" in err
    assert tls_listener.config["ssl_options"]["certfile"] == identity.file.read_text()


def test_force_does_not_replace_a_certificate_that_cannot_be_served(
    run: Run, tls_listener: TlsListener, certificates: Certificates
) -> None:
    code, err = set_cert(run, certificates.good, "--force", "--yes", key=certificates.client.key_file)
    assert (code, "does not belong to the certificate" in err) == (2, True)


def test_a_chain_in_the_certificate_file_is_enough(
    run: Run, tls_listener: TlsListener, certificates: Certificates, tmp_path: Path
) -> None:
    chain = tmp_path / "chain.pem"
    good, ca = certificates.good, certificates.ca
    chain.write_text(good.file.read_text() + ca.file.read_text())
    code, err = set_cert(run, Identity(good.certificate, good.key, chain, good.key_file), "--yes")
    assert code == 0, err


def test_the_key_must_belong_to_the_certificate(
    run: Run, tls_listener: TlsListener, certificates: Certificates
) -> None:
    code, err = set_cert(run, certificates.good, "--yes", key=certificates.client.key_file)
    assert code == 2
    assert "does not belong to the certificate" in err
    code, err = set_cert(run, certificates.good, "--yes", key=certificates.good.file)
    assert code == 2
    assert "not a PEM certificate and its key" in err


def test_the_key_is_never_shown(run: Run, tls_listener: TlsListener, certificates: Certificates) -> None:
    key = "".join(certificates.self_signed.key_file.read_text().splitlines()[1:-1])[:40]
    for words in (("--dry-run",), ("--yes", "--debug"), ("--yes", "-o", "json")):
        files = (
            "--cert",
            str(certificates.self_signed.file),
            "--key",
            str(certificates.self_signed.key_file),
        )
        result = run("listeners", "set-cert", "ssl:default", *files, *words)
        assert result.code == 0, result.err
        assert key not in result.out + result.err
    assert run("listeners", "set-cert", "ssl:default", *files).code == 14  # no confirmation


def test_a_listener_that_uses_a_bundle_is_left_alone(
    run: Run, tls_listener: TlsListener, certificates: Certificates
) -> None:
    tls_listener.config["ssl_options"]["managed_certs"] = {"bundle_name": "server"}
    code, err = set_cert(run, certificates.self_signed, "--yes")
    assert code == 14
    assert "emqxctl certs upload" in err
    (row,) = run("listeners", "certs", "ssl:default", "--json").json
    assert row["configured"]["managed_certs"] == {"bundle_name": "server"}


def test_without_verification_nothing_is_connected_to(
    run: Run, tls_listener: TlsListener, certificates: Certificates
) -> None:
    tls_listener.socket.close()
    code, err = set_cert(run, certificates.self_signed, "--no-verify", "--yes")
    assert code == 0, err
    assert "not verified (--no-verify)" in err


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("8883", ("", 8883)),
        (":8883", ("", 8883)),
        ("0.0.0.0:8883", ("0.0.0.0", 8883)),
        ("[::]:8883", ("::", 8883)),
        ("::1", ("::1", None)),
        ("[::1]", ("::1", None)),
        ("mqtt.example.com", ("mqtt.example.com", None)),
    ],
)
def test_addresses_of_listeners_are_parsed(text: str, address: tuple[str, int | None]) -> None:
    assert split_address(text) == address


def test_a_restore_that_fails_names_the_previous_files(
    run: Run,
    tls_listener: TlsListener,
    certificates: Certificates,
    cluster: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def delete_listener(*_: object) -> str:
        del cluster.cluster.listeners["ssl:default"]
        return "127.0.0.1 serves another certificate"

    monkeypatch.setattr(set_cert_module, "wait_for_certificate", delete_listener)
    files = ("--cert", str(certificates.self_signed.file), "--key", str(certificates.self_signed.key_file))
    result = run("listeners", "set-cert", "ssl:default", *files, "--yes")
    assert result.code == 1
    assert "could not be restored" in result.err
    assert f"--certfile {certificates.good.file}" in result.err
