"""emqxctl's own error codes of the connection: the network, TLS, responses that are not EMQX's."""

from emqxctl.emqx.error_codes.entry import OwnCodes
from emqxctl.errors import ExitCode

CONNECTION_CODES: OwnCodes = {
    ExitCode.NOT_READY: {
        "BOOTING": ("EMQX is starting, or shutting down", "retry in a moment; wait for it: emqxctl wait"),
        "NOT_READY": ("the broker or an object is not ready or unhealthy", "show the state: emqxctl status"),
        "NO_VERSION": (
            "the version of EMQX cannot be detected",
            "show whether it is running: emqxctl status",
        ),
    },
    ExitCode.UNREACHABLE: {
        "CONNECTION_LOST": (
            "the connection was closed before the end of the response",
            "retry; check proxies and load balancers: emqxctl doctor",
        ),
        "CONNECTION_REFUSED": (
            "no program listens on the port",
            "check that EMQX is running, and the port of the API: emqxctl doctor",
        ),
        "NOT_HTTP": (
            "the port does not speak HTTP: it may be an MQTT listener",
            "use the port of the API, usually 18083; check it: emqxctl doctor",
        ),
        "OUTCOME_UNKNOWN": (
            "the connection was lost after a change was sent: it may be done or not",
            "check the current state before you retry",
        ),
        "PROXY_FAILED": (
            "the proxy cannot be used or refused the connection",
            "check --proxy and the proxy variables: emqxctl doctor",
        ),
        "REDIRECTED": (
            "the server redirects to another address; emqxctl does not send the key there",
            "use the new address in the profile: emqxctl keys set NAME --url URL",
        ),
        "TLS_FAILED": (
            "the server's certificate is not trusted, or the TLS handshake failed",
            "trust its CA with --ca-file; check the certificate: emqxctl doctor",
        ),
        "UNKNOWN_HOST": (
            "the name of the host cannot be resolved",
            "check the URL and the DNS: emqxctl doctor",
        ),
        "UNREACHABLE": ("no connection to the server", "check each step: emqxctl doctor"),
    },
    ExitCode.TIMED_OUT: {
        "CONNECT_TIMED_OUT": (
            "no connection within the time limit",
            "check firewall and address; extend the limit: --timeout",
        ),
        "TIMED_OUT": (
            "the request timed out",
            "extend the limit: --timeout; check the state before you repeat a change",
        ),
    },
    ExitCode.UNSUPPORTED: {
        "UNSUPPORTED": (
            "the operation does not exist in this version or edition of EMQX",
            "list what the server supports: emqxctl cluster compat",
        ),
    },
    ExitCode.FAILED: {
        "HTTP_ERROR": ("the server returned an error without a code", "see the status in the message"),
    },
    ExitCode.SERVER: {
        "NOT_AN_OBJECT": ("the response is not a JSON object", "check that this is EMQX: emqxctl status"),
        "NOT_A_LIST": ("the response is not a JSON list", "check that this is EMQX: emqxctl status"),
        "NOT_A_NUMBER": ("the response is not a number", "check that this is EMQX: emqxctl status"),
        "NOT_EMQX": (
            "the response is not from EMQX's API: a web page, or another program",
            "check the URL and the proxies: emqxctl doctor",
        ),
        "NOT_HOCON": (
            "the configuration that the server returned cannot be parsed",
            "show it as HOCON: emqxctl configs get",
        ),
        "NOT_JSON": (
            "the response is not JSON, or nested too deeply",
            "check that this is EMQX: emqxctl status",
        ),
        "NO_KEY": (
            "no API key is configured or was returned; in a state file: an element without a name",
            "log in: emqxctl keys login NAME --url URL",
        ),
        "NO_TOKEN": (
            "the response to a dashboard login has no token",
            "check that the URL is an EMQX API: emqxctl status",
        ),
        "REPEATED_PAGE": (
            "a page of a list has no new rows: the list may be incomplete",
            "check for a cache or proxy that drops the query of requests",
        ),
        "TOO_LARGE": ("the response is larger than emqxctl reads", "use a filter or --limit"),
    },
}
