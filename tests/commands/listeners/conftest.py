"""Certificates and a TLS listener of the simulated cluster."""

from collections.abc import Iterator

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.commands.listeners.tls_listener import TlsListener, run_tls_listener
from tests.faults.certificates import Certificates, create_certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Create the certificates once."""
    return create_certificates(tmp_path_factory.mktemp("ca"), tmp_path_factory.mktemp("other-ca"))


@pytest.fixture
def tls_listener(
    cluster: Sandbox, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TlsListener]:
    """Run ssl:default of the sandbox with a good certificate; a change is verified for a short time only."""
    from emqxctl.commands.listeners import set_cert

    monkeypatch.setattr(set_cert, "VERIFY_SECONDS", 0.2)
    monkeypatch.setattr(set_cert, "VERIFY_INTERVAL", 0.05)
    with run_tls_listener(cluster, certificates.good) as listener:
        yield listener
