"""Certificates made for the tests, good and bad, and servers that show them."""

import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.faults.server import FaultServer, answer

if TYPE_CHECKING:
    from tests.faults.conftest import Serve

HERE = (x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost"))
SIGNS = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
ELSEWHERE = (x509.DNSName("emqx.example.com"),)


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, in memory and as one file each."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    file: Path
    key_file: Path


class Authority:
    """Makes certificates in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make its own, which signs all others."""
        self.folder = folder
        self.own = self.make(name, (), signer=None, ca=True)

    def make(
        self,
        name: str,
        hosts: tuple[x509.GeneralName, ...],
        *,
        signer: Identity | None,
        ca: bool = False,
        days: tuple[int, int] = (-1, 30),
    ) -> Identity:
        """Make a certificate valid for days from now, signed by `signer` or itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(signer.certificate.subject if signer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                # Python 3.13 and later want to see whose key signed.
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    (signer.key if signer else key).public_key()
                ),
                critical=False,
            )
        )
        if hosts:
            built = built.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        if ca:
            built = built.add_extension(SIGNS, critical=True)
        else:
            built = built.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        signed = built.sign(signer.key if signer else key, hashes.SHA256())
        return self.write(name, signed, key)

    def write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
        """Write both as PEM."""
        file, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(pem(key, serialization.NoEncryption()))
        return Identity(certificate, key, file, key_file)

    def sign(
        self, name: str, hosts: tuple[x509.GeneralName, ...], days: tuple[int, int] = (-1, 30)
    ) -> Identity:
        """Make a certificate that this authority vouches for."""
        return self.make(name, hosts, signer=self.own, days=days)


def pem(key: ec.EllipticCurvePrivateKey, encryption: serialization.KeySerializationEncryption) -> bytes:
    """Write a key as PEM."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


@dataclass(frozen=True)
class Certificates:
    """All certificates of these tests."""

    ca: Identity
    other_ca: Identity
    good: Identity
    expired: Identity
    early: Identity
    elsewhere: Identity
    self_signed: Identity
    client: Identity
    stranger: Identity


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Make the certificates once."""
    ca = Authority(tmp_path_factory.mktemp("ca"), "ca")
    other = Authority(tmp_path_factory.mktemp("other"), "other")
    return Certificates(
        ca=ca.own,
        other_ca=other.own,
        good=ca.sign("good", HERE),
        expired=ca.sign("expired", HERE, days=(-20, -2)),
        early=ca.sign("early", HERE, days=(2, 20)),
        elsewhere=ca.sign("elsewhere", ELSEWHERE),
        self_signed=ca.make("self", HERE, signer=None),
        client=ca.sign("client", ()),
        stranger=other.sign("stranger", ()),
    )


def context(identity: Identity, *, clients_of: Identity | None = None) -> ssl.SSLContext:
    """Make a server's side of TLS, perhaps one that wants a certificate from clients."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(identity.file, identity.key_file)
    if clients_of:
        made.load_verify_locations(clients_of.file)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


Secured = Callable[..., FaultServer]


@pytest.fixture
def secured(serve: "Serve", certificates: Certificates) -> Secured:
    """Start a server with TLS: `secured("good", answer(...))`."""

    def start(
        name: str, *answers: object, clients: bool = False, newest: ssl.TLSVersion | None = None
    ) -> FaultServer:
        made = context(getattr(certificates, name), clients_of=certificates.ca if clients else None)
        if newest:
            made.maximum_version = newest
        return serve(*(answers or (answer(200, "[]"),)), tls=made)

    return start


@pytest.fixture
def trusting(certificates: Certificates) -> dict[str, str]:
    """Trust the authority of these tests."""
    return {"EMQXCTL_CA_FILE": str(certificates.ca.file)}
