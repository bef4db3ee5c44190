"""`emqxctl listeners certs`: the certificates that TLS listeners serve."""

from collections.abc import Mapping
from functools import partial
from time import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.session import Session
from emqxctl.commands.listeners._tls import (
    PROBLEM_UNREACHABLE,
    TLS_TYPES,
    build_certificate_fields,
    find_endpoints,
    format_epoch,
    list_node_hosts,
    parse_hosts,
)
from emqxctl.diagnosis.health import dict_rows
from emqxctl.errors import EmqxctlError, ExitCode, NotFoundError
from emqxctl.output.formatters import color_state, format_names, format_plain, format_relative_time
from emqxctl.output.results import Row, Rows
from emqxctl.resource import Column
from emqxctl.text.units import DAY, format_coarse_duration

if TYPE_CHECKING:
    from emqxctl.diagnosis.certificates import Endpoint, ServedCertificate

EXPIRY_WARNING_SECONDS = 30 * DAY
EXPIRY_TOLERANCE = 60.0  # seconds between the times that EMQX reports and that a certificate has


def format_problems(value: object) -> str:
    """Format the problems of a row, one after the other."""
    return "; ".join(map(str, value)) if isinstance(value, list) and value else format_plain(None)


COLUMNS = (
    Column("id"),
    Column("address"),
    Column("status", style=color_state),
    Column("not_after", "EXPIRES", format=format_relative_time),
    Column("problems", format=format_problems, wrap=True),
    Column("subject"),
    Column("names", format=format_names, wide=True),
    Column("issuer", wide=True),
    Column("chain_length", "CHAIN", align_right=True, wide=True),
    Column("trust_problem", "TRUST", format=format_plain, wide=True),
    Column("tls_version", "TLS", wide=True),
    Column("configured.certfile", "CONFIGURED FILE", wide=True),
    Column("configured.not_after", "CONFIGURED EXPIRY", wide=True),
)

ListenersArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[TYPE:NAME]...", help="Listeners (default: all with TLS).")
]
HostOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="HOST[:PORT]", help="Address to connect to, such as mqtt.example.com:8883. Repeatable."
    ),
]


@command(
    calls=("GET /listeners", "GET /listeners/{id}", "GET /prometheus/stats"),
    examples=(
        "emqxctl listeners certs",
        "emqxctl listeners certs ssl:default --host mqtt.example.com --ca ca.pem",
        "emqxctl listeners certs --per-node -o json",
    ),
)
def certs(
    session: Session,
    ids: ListenersArgument = None,
    host: HostOption = None,
    per_node: Annotated[
        bool, typer.Option("--per-node", help="Connect to each node, by the host in its name.")
    ] = False,
    server_name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Host name that clients use, which the certificate must cover."),
    ] = None,
    ca: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="CAs that clients trust (PEM), which must have signed it."),
    ] = None,
) -> Rows:
    """Show the certificates that TLS listeners serve.

    Connects to each TLS listener from this machine and shows its certificate beside the configured file.
    Exits with 8 if a certificate is expired, not yet valid, does not cover --server-name or --host, is not
    signed by --ca, or is not the configured one; with 11 if no listener could be reached.

    A listener bound to all addresses is reached at the host of the cluster's URL. Use --host if a load
    balancer or a port mapping is in between; the row shows the address that was used. QUIC listeners are
    listed but not reached: they use UDP.
    """
    if host and per_node:
        from emqxctl.errors import UsageError

        message = "--host and --per-node cannot be used together"
        raise UsageError(message)
    listeners = select_listeners(session, ids or [])
    expiries = read_configured_expiries(session)
    hosts = parse_hosts(host)
    tasks: dict[str, Any] = {}
    for listener in listeners:
        own_hosts = list_node_hosts(listener) if per_node else hosts
        details = read_details(session, listener)
        endpoints = find_endpoints(session, {**details, **listener}, own_hosts, server_name or "")
        configured = describe_configuration(details, expiries.get(str(listener["id"])))
        names = [server_name] if server_name else [name for name, _ in hosts]
        for endpoint in (*endpoints,) or (None,):
            key = f"{listener['id']} {endpoint.address if endpoint else ''}"
            tasks[key] = partial(check_listener, listener, endpoint, configured, names=names, ca=ca or "")
    return build_rows(tasks)


def build_rows(tasks: dict[str, Any]) -> Rows:
    """Run the handshakes in parallel and return a row for each, with the exit code of all."""
    from emqxctl.api.parallel import run_parallel

    rows: list[Row] = []
    for outcome in run_parallel(tasks).values():
        if isinstance(outcome, BaseException):
            raise outcome
        rows.append(outcome)
    statuses = {row["status"] for row in rows}
    exit_code = ExitCode.NOT_READY if "error" in statuses else ExitCode.OK
    if statuses and not statuses & {"ok", "warning", "error", "skipped"}:
        exit_code = ExitCode.UNREACHABLE
    notes = []
    if "unreachable" in statuses:
        notes.append("not reached from here: use --host HOST:PORT, or run emqxctl near the nodes")
    return Rows(rows, COLUMNS, key="id", plural_noun="TLS listeners", notes=notes, exit_code=exit_code)


def select_listeners(session: Session, ids: list[str]) -> list[dict[str, Any]]:
    """Return the listeners with these ids, or all that use TLS. Raises NotFoundError, UsageError."""
    listeners = {str(row.get("id")): row for row in session.client.get_list("/listeners")}
    for name in ids:
        if name not in listeners:
            message = f"listener {name!r} not found"
            raise NotFoundError(message, hint="list listeners: emqxctl listeners list")
        if str(listeners[name].get("type")) not in (*TLS_TYPES, "quic"):
            from emqxctl.errors import UsageError

            message = f"listener {name!r} does not use TLS"
            raise UsageError(message, hint="list TLS listeners: emqxctl listeners list --type ssl")
    if ids:
        return [listeners[name] for name in dict.fromkeys(ids)]
    return [row for row in listeners.values() if str(row.get("type")) in (*TLS_TYPES, "quic")]


def read_details(session: Session, listener: Mapping[str, Any]) -> dict[str, Any]:
    """Return a listener's whole configuration, empty if it was deleted meanwhile."""
    try:
        return session.client.get_object("/listeners/{id}", str(listener["id"]))
    except EmqxctlError as error:
        if error.exit_code is ExitCode.NOT_FOUND:
            return {}
        raise


def read_configured_expiries(session: Session) -> dict[str, float]:
    """Return when the configured certificate files expire, by listener; empty if EMQX does not report it."""
    try:
        stats = session.client.get("/prometheus/stats")
    except EmqxctlError as error:
        session.info(f"expiry of the configured files not available: {error.message}")
        return {}
    rows = dict_rows(stats.get("certs")) if isinstance(stats, dict) else []
    expiries = {
        f"{row.get('listener_type')}:{row.get('listener_name')}": row.get("emqx_cert_expiry_at")
        for row in rows
    }
    return {name: float(time) for name, time in expiries.items() if isinstance(time, int | float)}


def describe_configuration(details: Mapping[str, Any], expiry: float | None) -> dict[str, object]:
    """Return the configured files of a listener and when its certificate expires."""
    options = details.get("ssl_options")
    options = options if isinstance(options, dict) else {}
    names = ("certfile", "cacertfile", "verify", "fail_if_no_peer_cert")
    fields: dict[str, object] = {name: options.get(name) for name in names}
    if options.get("managed_certs"):  # a bundle of `emqxctl certs`, which replaces the files (EMQX 6.1+)
        fields["managed_certs"] = options["managed_certs"]
    return {**fields, "not_after": format_epoch(expiry) if expiry else None}


def check_listener(
    listener: Mapping[str, Any],
    endpoint: "Endpoint | None",
    configured: Mapping[str, object],
    *,
    names: list[str],
    ca: str,
) -> Row:
    """Return the row of a listener at one address: what it serves, and what is wrong with it."""
    from emqxctl.diagnosis.certificates import fetch_certificate

    row: Row = {"id": listener["id"], "address": endpoint.address if endpoint else None}
    reason = find_skip_reason(listener)
    if reason:
        return {**row, "status": "skipped", "problems": [reason], "configured": configured}
    if endpoint is None:
        problem = PROBLEM_UNREACHABLE.format(listener.get("bind"))
        return {**row, "status": "unreachable", "problems": [problem], "configured": configured}
    try:
        served = fetch_certificate(endpoint, ca)
    except EmqxctlError as error:
        if error.exit_code is ExitCode.USAGE:
            raise
        status, problem = classify_failure(error, configured)
        return {**row, "status": status, "problems": [problem], "configured": configured}
    return {**row, **describe_served(served, configured, names, ca)}


def describe_served(
    served: "ServedCertificate", configured: Mapping[str, object], names: list[str], ca: str
) -> Row:
    """Return the fields of a certificate that a listener serves, with its problems."""
    errors, warnings = find_errors(served, configured, names, ca), find_warnings(served)
    return {
        "status": "error" if errors else "warning" if warnings else "ok",
        **build_certificate_fields(served.certificate),
        "chain_length": served.chain_length,
        "tls_version": served.tls_version,
        "trust_problem": served.trust_problem or None,
        "problems": errors + warnings,
        "configured": configured,
    }


def classify_failure(error: EmqxctlError, configured: Mapping[str, object]) -> tuple[str, str]:
    """Return the status of a listener without a handshake, and why.

    With TLS 1.2 a listener that requires client certificates ends the handshake: that is not a fault.
    """
    is_refused = isinstance(error.__cause__, ConnectionRefusedError | TimeoutError)
    if not is_refused and configured.get("fail_if_no_peer_cert") is True:
        return "skipped", "not checked: the listener requires a client certificate"
    is_unreachable = is_refused or "not found" in error.message
    problem = f"no TLS handshake: {error.details.get('reason') or error.message}"
    return "unreachable" if is_unreachable else "error", problem


def find_skip_reason(listener: Mapping[str, Any]) -> str:
    """Return why a listener is not connected to, empty if it is."""
    if listener.get("type") == "quic":
        return "not checked: QUIC uses UDP"
    return "disabled" if listener.get("enable") is False else ""


def find_errors(
    served: "ServedCertificate", configured: Mapping[str, object], names: list[str], ca: str
) -> list[str]:
    """Return why clients would reject a certificate, or why it is not the configured one."""
    certificate = served.certificate
    errors = [certificate.date_problem()] if certificate.date_problem() else []
    covered = ", ".join(certificate.names) or "no name"
    errors += [f"valid for {covered}, not for {name}" for name in names if not certificate.covers(name)]
    if ca and served.trust_problem:
        errors.append(f"not trusted by {ca}: {served.trust_problem}")
    served_expiry, configured_expiry = format_epoch(certificate.expires_at), configured.get("not_after")
    if configured_expiry and not is_close(certificate.expires_at, str(configured_expiry)):
        errors.append(
            f"not the configured certificate: that one expires {configured_expiry}, this one {served_expiry}"
        )
    return errors


def is_close(seconds: float, time_text: str) -> bool:
    """Return whether a time in epoch seconds and one as text are the same."""
    from emqxctl.text.units import parse_time

    return abs(parse_time(time_text).timestamp() - seconds) <= EXPIRY_TOLERANCE


def find_warnings(served: "ServedCertificate") -> list[str]:
    """Return what will soon be wrong with a certificate."""
    seconds_left = served.certificate.expires_at - time()
    if not 0 < seconds_left < EXPIRY_WARNING_SECONDS:
        return []
    return [f"expires in {format_coarse_duration(seconds_left)}"]
