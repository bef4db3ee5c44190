"""Valid and invalid TLS certificates for the tests."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOCAL_HOSTS = (x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost"))
CA_KEY_USAGE = x509.KeyUsage(
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
OTHER_HOSTS = (x509.DNSName("emqx.example.com"),)


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, in memory and as one file each."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    file: Path
    key_file: Path


class CertificateAuthority:
    """A certificate authority that writes its certificates to a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        """Create its own certificate, which signs all others."""
        self.folder = folder
        self.identity = self.create(name, (), signer=None, ca=True)

    def create(
        self,
        name: str,
        hosts: tuple[x509.GeneralName, ...],
        *,
        signer: Identity | None,
        ca: bool = False,
        days: tuple[int, int] = (-1, 30),
    ) -> Identity:
        """Create a certificate valid for `days` from now, signed by `signer` or by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = (
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
            builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        if ca:
            builder = builder.add_extension(CA_KEY_USAGE, critical=True)
        else:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        certificate = builder.sign(signer.key if signer else key, hashes.SHA256())
        return self.save(name, certificate, key)

    def save(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
        """Write the certificate and the key as PEM files."""
        file, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(to_pem(key, serialization.NoEncryption()))
        return Identity(certificate, key, file, key_file)

    def issue(
        self, name: str, hosts: tuple[x509.GeneralName, ...], days: tuple[int, int] = (-1, 30)
    ) -> Identity:
        """Create a certificate signed by this authority."""
        return self.create(name, hosts, signer=self.identity, days=days)


def to_pem(key: ec.EllipticCurvePrivateKey, encryption: serialization.KeySerializationEncryption) -> bytes:
    """Return a key as PEM."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


@dataclass(frozen=True)
class Certificates:
    """All certificates of these tests."""

    ca: Identity
    other_ca: Identity
    good: Identity
    expired: Identity
    not_yet_valid: Identity
    other_host: Identity
    self_signed: Identity
    client: Identity
    other_client: Identity


def create_certificates(ca_folder: Path, other_ca_folder: Path) -> Certificates:
    """Create a certificate for each case, and the two authorities."""
    ca = CertificateAuthority(ca_folder, "ca")
    other = CertificateAuthority(other_ca_folder, "other")
    return Certificates(
        ca=ca.identity,
        other_ca=other.identity,
        good=ca.issue("good", LOCAL_HOSTS),
        expired=ca.issue("expired", LOCAL_HOSTS, days=(-20, -2)),
        not_yet_valid=ca.issue("not_yet_valid", LOCAL_HOSTS, days=(2, 20)),
        other_host=ca.issue("other_host", OTHER_HOSTS),
        self_signed=ca.create("self", LOCAL_HOSTS, signer=None),
        client=ca.issue("client", ()),
        other_client=other.issue("other_client", ()),
    )


def build_context(identity: Identity, *, clients_of: Identity | None = None) -> ssl.SSLContext:
    """Return the TLS context of a server; with `clients_of` it requires a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.file, identity.key_file)
    if clients_of:
        context.load_verify_locations(clients_of.file)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
