"""A certificate in a file: read with its key, decoded and checked by a handshake in memory."""

import contextlib
import ssl

from emqxctl.api.connection_errors import short_reason
from emqxctl.diagnosis.certificates import (
    ALL_CIPHERS,
    NO_CHECK_TIME,
    Certificate,
    decode,
    describe_failure,
    load_trusted_cas,
    new_client_context,
    trust_certificate,
)
from emqxctl.errors import UsageError

MAX_HANDSHAKE_STEPS = 20  # two round trips are the most that TLS needs


def load_certificate(certificate_file: str, key_file: str) -> ssl.SSLContext:
    """Return a server context with a certificate and its key. Raises UsageError if they do not fit."""

    def reject_password() -> bytes:
        message = "the private key is encrypted"
        raise UsageError(message, hint="decrypt it: openssl pkey -in KEY -out PLAIN_KEY")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(ALL_CIPHERS)
    try:
        context.load_cert_chain(certificate_file, key_file, password=reject_password)
    except ssl.SSLError as error:
        if "KEY_VALUES_MISMATCH" in str(error):
            message = f"the key {key_file} does not belong to the certificate {certificate_file}"
        else:
            message = f"{certificate_file} and {key_file} are not a PEM certificate and its key"
        raise UsageError(message, code="BAD_CERTIFICATE") from error
    except OSError as error:
        message = f"cannot read --cert {certificate_file} or --key {key_file}: {short_reason(error)}"
        raise UsageError(message, code="CANNOT_READ") from error
    return context


def decode_local(server: ssl.SSLContext, certificate_pem: str) -> Certificate:
    """Return the first certificate of a PEM text, decoded by a handshake in memory. Raises UsageError."""
    der = ssl.PEM_cert_to_DER_cert(split_pem(certificate_pem)[0])
    try:
        client = handshake_in_memory(server, trust_certificate(new_client_context(), der))
    except ssl.SSLError as error:
        message = f"the certificate cannot be used by a TLS server: {describe_failure(error)}"
        raise UsageError(message, code="BAD_CERTIFICATE") from error
    return decode(client.getpeercert() or {}, der)


def find_chain_problem(server: ssl.SSLContext, certificate_pem: str, ca_file: str) -> str:
    """Return why a local certificate is not signed by the CAs of a file, or by the others of its own file."""
    client = new_client_context()
    if ca_file:
        load_trusted_cas(client, ca_file)
    else:
        client.load_verify_locations(cadata="".join(split_pem(certificate_pem)[1:]))
    client.verify_mode = ssl.CERT_REQUIRED
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | NO_CHECK_TIME
    try:
        handshake_in_memory(server, client)
    except ssl.SSLError as error:
        return describe_failure(error)
    return ""


def handshake_in_memory(server: ssl.SSLContext, client: ssl.SSLContext) -> ssl.SSLObject:
    """Return the client's side after a handshake between two contexts. Raises ssl.SSLError."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_side = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    server_side = server.wrap_bio(to_server, to_client, server_side=True)
    is_done = False
    for _ in range(MAX_HANDSHAKE_STEPS):
        for side in (client_side, server_side):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
                is_done = is_done or side is client_side
        if is_done:
            return client_side
    message = "the handshake did not end"
    raise ssl.SSLError(message)


def split_pem(text: str) -> list[str]:
    """Return the certificates of a PEM text. Raises UsageError if it has none."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    blocks = [begin + block.partition(end)[0] + end + "\n" for block in text.split(begin)[1:]]
    if not blocks:
        message = "no certificate in the PEM file"
        raise UsageError(message, code="BAD_CERTIFICATE")
    return blocks
