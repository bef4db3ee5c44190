"""Why EMQX cannot use an external system, in words: from the reasons of connectors, actions and probes.

EMQX writes them as sentences of its own ("Could not resolve host"), of a library ("Socket error: ...") or as
Erlang terms (`{tls_alert,{unknown_ca,"TLS client: ..."}}`).
"""

import re
from typing import NamedTuple

from emqxctl.diagnosis.health import take_first_sentence

MAX_EVIDENCE = 200  # characters of EMQX's own text
# EMQX is the TLS client: an alert that it received is about what it sent, such as its client certificate.
RECEIVED_ALERT = re.compile(r"received (?:SERVER|CLIENT) ALERT", re.IGNORECASE)
TLS_ALERT = re.compile(
    r"tls_alert[,:]\s*\{?\s*(\w+)|generated CLIENT ALERT: Fatal - ([\w ]+)|ALERT: Fatal - ([\w ]+)"
)
TLS_FILE = re.compile(r"(cacertfile|certfile|keyfile)\b.{0,300}?\b(enoent|eacces)", re.DOTALL)
RENEW = "renew the certificate of the target"
TRUST = "set ssl.cacertfile to the CA that signed the certificate of the target"
CLIENT_CERTIFICATE = "set ssl.certfile and ssl.keyfile to a client certificate that the target accepts"
TLS_MISMATCH = "use the TLS port of the target, or disable TLS: ssl.enable=false"


class Reason(NamedTuple):
    """A reason: its `code`, a clause that says what is wrong, what to change, EMQX's own text."""

    code: str
    message: str
    fix: str = ""
    text: str = ""

    @property
    def is_tls(self) -> bool:
        """Whether the TLS handshake failed."""
        return self.code.startswith("tls_")


UNKNOWN = "unknown"
MISSING_AT_TARGET = (
    r"unknown[_ ]topic|unknown database|invalid_catalog_name|undefined_table|no_such_|NoSuchBucket|3D000"
    r"|42P01|(?:table|namespace|database|stream|bucket|index).{0,60}(?:not exist|doesn't exist|not found)"
)
BAD_CREDENTIALS = (
    r"malformed_username_or_password|bad_?username_or_password|WRONGPASS|NOAUTH|invalid_password"
    r"|invalid_authorization_specification|authentication[ _]fail|auth(?:entication)?_error|sasl_auth"
    r"|access[ _]denied for user|SignatureDoesNotMatch|InvalidAccessKeyId|bad username or password|28P01"
)
# What EMQX refused in the certificate of the target, or in its answer: pattern, code, message, fix.
TLS_REASONS = (
    (
        r"certificate_expired|Certificate Expired|cert_expired",
        "tls_expired",
        "the certificate of the target has expired or is not valid yet",
        RENEW,
    ),
    (
        r"hostname_check_failed",
        "tls_wrong_name",
        "the certificate of the target is for another host name",
        "connect to a name in the certificate, or set ssl.server_name_indication to one",
    ),
    (r"selfsigned_peer", "tls_self_signed", "the certificate of the target is self-signed", TRUST),
    (
        r"unknown_ca|Unknown CA",
        "tls_untrusted",
        "the certificate of the target is signed by an unknown CA",
        TRUST,
    ),
    (r"cert_revoked|certificate_revoked", "tls_revoked", "the certificate of the target is revoked", RENEW),
    (
        r"unsupported_record_type|unexpected_message|wrong_version|record_overflow",
        "tls_not_spoken",
        "the target does not use TLS on this port",
        TLS_MISMATCH,
    ),
    (
        r"protocol_version|insufficient_security",
        "tls_version",
        "EMQX and the target have no TLS version or cipher in common",
        "compare ssl.versions and ssl.ciphers with what the target supports",
    ),
    (
        r"bad_certificate|certificate_unknown",
        "tls_bad_certificate",
        "the certificate of the target is not valid",
        RENEW,
    ),
)
# What the target refused.
RECEIVED_REASONS = (
    (
        r"protocol_version|insufficient_security",
        "tls_version",
        "the target refuses the TLS versions or ciphers of EMQX",
        "compare ssl.versions and ssl.ciphers with what the target supports",
    ),
    (
        r"unrecognized_name",
        "tls_unknown_name",
        "the target does not know the host name that EMQX asks for",
        "set ssl.server_name_indication to a name of the target",
    ),
    (
        r"certificate_required|handshake_failure",
        "tls_client_certificate",
        "the target ended the TLS handshake; it may require a client certificate",
        CLIENT_CERTIFICATE,
    ),
    (
        r"certificate|unknown_ca|access_denied",
        "tls_client_certificate",
        "the target refuses the client certificate of EMQX",
        CLIENT_CERTIFICATE,
    ),
)
REASONS = (
    (
        r"<<21,3,|scheme.{0,40}mismatch|ssl is (?:disabled|not enabled)",  # 21: a TLS alert
        "tls_required",
        "the target requires TLS, and the connector does not use it",
        "enable TLS in the connector: ssl.enable=true",
    ),
    (
        r"nxdomain|Could not resolve host|Host not found|non_existing_domain|\bunresolved\b",
        "unknown_host",
        "the host name of the target cannot be resolved",
        "correct the host name, or the DNS of the nodes",
    ),
    (
        r"econnrefused|connection[ _]refused",
        "connection_refused",
        "the target refuses connections",
        "start the target, or correct its address and port",
    ),
    (
        r"ehostunreach|enetunreach|No route to host",
        "unreachable",
        "the nodes have no route to the target",
        "check the address, the network and the firewalls between the nodes and the target",
    ),
    (
        BAD_CREDENTIALS,
        "bad_credentials",
        "the target rejects the username or password",
        "correct username and password",
    ),
    (
        r"unauthorized_client|unauthorized client|not[ _]authorized|forbidden|\b403\b|permission[ _]denied",
        "not_authorized",
        "the target does not authorize EMQX",
        "check username, password, client ID and permissions at the target",
    ),
    (
        r"client_?identifier_not_valid|identifier_rejected",
        "client_id",
        "the target refuses the client ID of EMQX",
        "change clientid_prefix",
    ),
    (
        r"no (?:assigned static )?clientids|no assigned static clientid",
        "no_client_id",
        "no static client ID is assigned to the node",
        "add IDs for this node to static_clientids of the connector",
    ),
    (r"\bbanned\b", "banned", "the target has banned EMQX", "remove the ban at the target"),
    (
        r"unsupported_protocol_version|unacceptable_protocol",
        "protocol_version",
        "the target does not support this MQTT version",
        "change proto_ver",
    ),
    (
        r"server_(?:busy|unavailable)|quota_exceeded|too[_ ]many[_ ]connections|connection_rate",
        "busy",
        "the target accepts no more connections now",
        "raise the limits of the target, or reduce pool_size",
    ),
    (
        MISSING_AT_TARGET,
        "missing_at_target",
        "the database, table or topic does not exist at the target",
        "create it at the target, or correct its name in the action",
    ),
    (r"odbc", "no_driver", "the nodes have no usable ODBC driver", "install the ODBC driver on each node"),
    (
        r"econnreset|epipe",
        "connection_reset",
        "the target resets the connections",
        "see the log of the target; TLS on only one side also causes this",
    ),
    (
        r"tcp_closed|\bclosed\b|connection was lost|connection attempt was unsuccessful|\{tcp,",
        "connection_closed",
        "the target closes the connections",
        "see the log of the target; TLS on only one side also causes this",
    ),
    (
        r"etimedout|timed?[ _]?out",
        "timeout",
        "the target does not respond in time",
        "check the address, and the firewalls between the nodes and the target",
    ),
)


def explain_reason(text: object) -> Reason:
    """Return the reason in a text of EMQX; the code is `unknown` if the text is not understood."""
    line = " ".join(str(text or "").split())
    evidence = shorten_evidence(line)
    if not line:
        return Reason(UNKNOWN, "")
    match = TLS_FILE.search(line)
    if match:
        problem = "does not exist" if match[2] == "enoent" else "is not readable"
        message = f"the file of ssl.{match[1]} {problem} on the nodes"
        return Reason("tls_file", message, f"copy the file to each node, or correct ssl.{match[1]}", evidence)
    for pattern, code, message, fix in select_reasons(line):
        if re.search(pattern, line, re.IGNORECASE):
            return Reason(code, message, fix, evidence)
    alert = TLS_ALERT.search(line)
    if alert:
        name = next(filter(None, alert.groups())).replace("_", " ").lower()
        return Reason(
            "tls_failed",
            f"the TLS handshake failed: {name}",
            "compare the ssl settings with the target",
            evidence,
        )
    return Reason(UNKNOWN, take_first_sentence(line) or line, "", evidence)


def select_reasons(line: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return the reasons that can apply to a line, by whether it is about TLS, and who refused."""
    if not TLS_ALERT.search(line) and "bad_cert" not in line:
        return REASONS
    return RECEIVED_REASONS if RECEIVED_ALERT.search(line) else TLS_REASONS


def shorten_evidence(line: str) -> str:
    """Return the text of EMQX without what follows its first sentence, shortened, on one line."""
    sentence = line.partition(". ")[0] if not line.startswith(("{", "[", "#")) else line
    return sentence if len(sentence) <= MAX_EVIDENCE else sentence[: MAX_EVIDENCE - 3] + "..."
