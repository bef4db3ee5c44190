"""`emqxctl listeners set-cert`: replace the certificate of a listener, checked before and after."""

import shlex
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from emqxctl.cli.command import command
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.listeners import LISTENERS, count_clients
from emqxctl.commands.listeners._tls import (
    PROBLEM_UNREACHABLE,
    TLS_TYPES,
    build_certificate_fields,
    find_endpoints,
    parse_hosts,
)
from emqxctl.commands.listeners.certs import HostOption
from emqxctl.config.profiles import expand_path
from emqxctl.errors import EmqxctlError, GuardError, UnreachableError, UsageError
from emqxctl.output.results import Done
from emqxctl.text.redaction import MASK

if TYPE_CHECKING:
    from emqxctl.diagnosis.certificates import Certificate, Endpoint

VERIFY_SECONDS = 15.0  # a listener that restarts opens its port within a few seconds
VERIFY_INTERVAL = 0.5
CERTS_COMMAND = "emqxctl listeners certs"
FIELDS = ("certfile", "keyfile", "cacertfile")


class NewCertificate(NamedTuple):
    """A certificate that was checked: its decoded form, and the fields of `ssl_options` to send."""

    certificate: "Certificate"
    options: dict[str, str]
    problems: list[str]


@command(
    calls=("GET /listeners", "GET /listeners/{id}", "PUT /listeners/{id}"),
    examples=(
        "emqxctl listeners set-cert ssl:default --cert server.pem --key server.key --dry-run",
        "emqxctl listeners set-cert ssl:default --cert server.pem --key server.key --ca ca.pem --yes",
        "emqxctl listeners set-cert wss:default --cert new.pem --key new.key --host mqtt.example.com:8084",
    ),
    effect=Effect.DESTROY,
)
def set_cert(
    session: Session,
    id_: Annotated[str, typer.Argument(metavar="TYPE:NAME", help="Listener, such as ssl:default.")],
    cert: Annotated[
        str,
        typer.Option(metavar="FILE", help="Server certificate (PEM), followed by those that signed it."),
    ],
    key: Annotated[str, typer.Option(metavar="FILE", help="Private key (PEM), not encrypted.")],
    ca: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="CA certificates (PEM), also used to verify clients."),
    ] = None,
    host: HostOption = None,
    server_name: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Host name that the certificate must cover. Repeatable."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace it although dates, names or chain are wrong.")
    ] = False,
    no_verify: Annotated[
        bool, typer.Option("--no-verify", help="Do not connect to the listener before and after.")
    ] = False,
) -> Done:
    """Replace the certificate of a TLS listener.

    Before anything is sent: the key must belong to the certificate, the dates must be valid, the chain must
    be complete (--ca, or the other certificates in --cert), and each --server-name and each name of the
    current certificate must be covered. Wrong dates, names and chains exit with 14, unless --force.

    EMQX stores the files on all nodes. emqxctl then connects to the listener, and restores the previous
    configuration if the new certificate is not served within 15 seconds. --host is the address to connect
    to (default: as in `listeners certs`). EMQX may restart the listener; its clients then reconnect.
    """
    new = check_files(cert, key, ca or "", server_name or [])
    before = read_listener(session, id_, can_connect=not no_verify)
    endpoints = [] if no_verify else require_endpoints(session, before, host)
    problems = [*new.problems, *find_lost_names(endpoints, new.certificate)]
    if problems and not force:
        message = f"certificate {cert}: {'; '.join(problems)}; nothing was sent"
        hint = "use another certificate, or --force to replace it anyway"
        raise GuardError(message, code="BAD_CERTIFICATE", hint=hint, details={"problems": problems})
    impact = count_clients(session, [id_])
    session.confirm(
        f"replace the certificate of listener {id_!r}" + (f", which has {impact}" if impact else "")
    )
    replace_certificate(session, before, id_, new, endpoints)
    verified = [endpoint.address for endpoint in endpoints]
    return build_result(id_, new.certificate, verified, problems)


def replace_certificate(
    session: Session,
    before: Mapping[str, Any],
    id_: str,
    new: NewCertificate,
    endpoints: "Sequence[Endpoint]",
) -> None:
    """Configure the new files and verify that they are served, else restore the listener as it was before."""
    session.client.redactor.add_secrets(new.options["keyfile"])
    session.client.put("/listeners/{id}", id_, body=build_body(id_, before, new.options))
    if session.settings.dry_run:
        return
    try:
        verify_or_restore(session, id_, before, endpoints, new.certificate)
    except KeyboardInterrupt:
        hint = f"show what it serves: {CERTS_COMMAND} {id_}"
        session.log(f"the new certificate is configured, but not verified; {hint}")
        raise


def build_result(
    id_: str, certificate: "Certificate", verified: Sequence[str], problems: Sequence[str]
) -> Done:
    """Return the result of a replacement: the new certificate, and the addresses at which it is served."""
    data = {
        "id": id_,
        **build_certificate_fields(certificate),
        "verified": list(verified),
        "problems": list(problems),
    }
    notes = [f"verified at {address}" for address in verified] or ["not verified (--no-verify)"]
    message = f"replaced the certificate of listener {id_!r}"
    return Done(message, data, key="id", notes=(*notes, *(f"warning: {text}" for text in problems)))


def check_files(cert: str, key: str, ca: str, names: Sequence[str]) -> NewCertificate:
    """Check a certificate and its key without a connection. Raises UsageError for what cannot be served."""
    from emqxctl.diagnosis.certificate_files import (
        decode_local,
        find_chain_problem,
        load_certificate,
        split_pem,
    )

    paths = {
        name: str(expand_path(file)) for name, file in (("cert", cert), ("key", key), ("ca", ca)) if file
    }
    texts = {name: read_text(file, f"--{name}") for name, file in paths.items()}
    server = load_certificate(paths["cert"], paths["key"])
    certificate = decode_local(server, texts["cert"])
    problems = [certificate.date_problem()] if certificate.date_problem() else []
    problems += [f"does not cover {name}" for name in names if not certificate.covers(name)]
    if ca or len(split_pem(texts["cert"])) > 1:
        problem = find_chain_problem(server, texts["cert"], paths.get("ca", ""))
        problems += [f"chain incomplete: {problem}"] if problem else []
    elif not certificate.is_self_signed:
        issuer = certificate.issuer
        problems.append(f"chain incomplete: the certificate of {issuer!r} is neither in --cert nor in --ca")
    options = {"certfile": texts["cert"], "keyfile": texts["key"]}
    return NewCertificate(certificate, options | ({"cacertfile": texts["ca"]} if ca else {}), problems)


def read_listener(session: Session, id_: str, *, can_connect: bool) -> dict[str, Any]:
    """Return a listener's configuration.

    Raises UsageError for one without TLS, or that cannot be reached, GuardError for one that uses a bundle.
    """
    kind = id_.partition(":")[0]
    if kind not in (*TLS_TYPES, "quic"):
        message = f"listener {id_!r} does not use TLS"
        raise UsageError(message, hint="list TLS listeners: emqxctl listeners list --type ssl")
    if kind == "quic" and can_connect:
        message = f"listener {id_!r} cannot be verified: QUIC uses UDP"
        raise UsageError(message, hint="use --no-verify")
    listener = session.client.get_object("/listeners/{id}", id_)
    options = listener.get("ssl_options")
    if isinstance(options, dict) and options.get("managed_certs"):
        message = f"listener {id_!r} uses a certificate bundle, so that EMQX ignores other files"
        raise GuardError(message, code="BUNDLE_USED", hint="replace the bundle: emqxctl certs upload NAME")
    return listener


def require_endpoints(
    session: Session, listener: Mapping[str, Any], host: Sequence[str] | None
) -> "list[Endpoint]":
    """Return the addresses at which the change can be verified. Raises GuardError if there are none."""
    endpoints = find_endpoints(session, listener, parse_hosts(host))
    hint = "use --host HOST:PORT, or --no-verify"
    if not endpoints:
        problem = PROBLEM_UNREACHABLE.format(listener.get("bind"))
        message = f"the change could not be verified: {problem}; nothing was sent"
        raise GuardError(message, code="CANNOT_VERIFY", hint=hint)
    if listener.get("enable") is False:
        message = "the change could not be verified: the listener is disabled; nothing was sent"
        raise GuardError(message, code="CANNOT_VERIFY", hint="use --no-verify")
    return endpoints


def find_lost_names(endpoints: "Sequence[Endpoint]", certificate: "Certificate") -> list[str]:
    """Return the names of the served certificates that a new one does not cover, as problems.

    Raises GuardError when a certificate cannot be fetched: the change could not be verified either.
    """
    from emqxctl.diagnosis.certificates import fetch_certificate

    lost_names: list[str] = []
    for endpoint in endpoints:
        try:
            served = fetch_certificate(endpoint).certificate
        except UnreachableError as error:
            message = f"the change could not be verified: {error.message}; nothing was sent"
            hint = "use --host HOST:PORT, or --no-verify"
            raise GuardError(message, code="CANNOT_VERIFY", hint=hint) from error
        lost_names += [name for name in served.names if not covers_name(certificate, name)]
    return [
        f"does not cover {name}, which the current certificate covers" for name in dict.fromkeys(lost_names)
    ]


def covers_name(certificate: "Certificate", name: str) -> bool:
    """Return whether a certificate covers a name of another one, which may be a wildcard."""
    return certificate.covers(name) or name.lower() in map(str.lower, certificate.names)


def build_body(id_: str, before: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a listener's whole configuration with other files; a masked password stays as it is stored."""
    fields = {name: value for name, value in before.items() if name not in LISTENERS.read_only_fields}
    ssl_options = {name: value for name, value in (before.get("ssl_options") or {}).items() if value != MASK}
    return {**fields, "id": id_, "type": id_.partition(":")[0], "ssl_options": {**ssl_options, **options}}


def verify_or_restore(
    session: Session,
    id_: str,
    before: Mapping[str, Any],
    endpoints: "Sequence[Endpoint]",
    certificate: "Certificate",
) -> None:
    """Wait until all addresses serve a certificate; if one does not, restore the configuration and raise."""
    failures = [problem for endpoint in endpoints if (problem := wait_for_certificate(endpoint, certificate))]
    if not failures:
        return
    old_options = before.get("ssl_options") or {}
    previous = {name: old_options[name] for name in FIELDS if old_options.get(name)}
    reason = "; ".join(failures)
    details = {"previous": {name: value for name, value in previous.items() if "-----BEGIN" not in value}}
    try:
        session.client.put("/listeners/{id}", id_, body=build_body(id_, before, previous))
    except EmqxctlError as error:
        message = f"{reason}; the previous configuration could not be restored: {error.message}"
        options = " ".join(f"--{name} {shlex.quote(value)}" for name, value in details["previous"].items())
        hint = f"restore it: emqxctl listeners update {id_} {options}"
        raise EmqxctlError(message, code="NOT_SERVED", hint=hint, details=details) from error
    message = f"{reason}; the previous configuration was restored"
    hint = f"show what it serves: {CERTS_COMMAND} {id_}"
    raise EmqxctlError(message, code="NOT_SERVED", hint=hint, details=details)


def wait_for_certificate(endpoint: "Endpoint", certificate: "Certificate") -> str:
    """Wait until an address serves a certificate; return why it does not, empty if it does."""
    from emqxctl.diagnosis.certificates import new_client_context, open_tls

    deadline = time.monotonic() + VERIFY_SECONDS
    while True:
        problem = f"{endpoint.address} serves another certificate"
        try:
            with open_tls(endpoint, new_client_context()) as tls_socket:
                if tls_socket.getpeercert(binary_form=True) == certificate.der:
                    return ""
        except (UnreachableError, ssl.SSLError) as error:
            problem = str(error)
        if time.monotonic() >= deadline:
            return problem
        time.sleep(VERIFY_INTERVAL)
