"""How to reach one cluster, as plain data: URL, credentials, TLS, timeouts."""

from pathlib import Path
from typing import NamedTuple

from emqxctl.errors import ConfigError

CONNECT_SECONDS = 5.0  # a cluster that takes longer to accept a connection is not reachable in practice


class Connection(NamedTuple):
    """How this run reaches the REST API of one cluster.

    `url` has no `/api/v5`. Requests carry the `token` of a dashboard user (bearer), else the API key (basic),
    else no credentials. `timeout` is in seconds without a byte from the server, `connect_timeout` at most
    until it accepts the connection; `retries` counts further attempts. `readonly` rejects writes, `dry_run`
    only keeps them. `withheld_from` is the profile whose key is not sent, since `url` is another server.
    """

    url: str
    api_key: str = ""
    api_secret: str = ""
    token: str = ""
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    insecure: bool = False
    proxy: str = ""
    timeout: float = 30.0
    connect_timeout: float = CONNECT_SECONDS
    retries: int = 3
    readonly: bool = False
    dry_run: bool = False
    verbose: bool = False
    debug: bool = False
    withheld_from: str = ""

    def __repr__(self) -> str:
        """Format it without its secrets."""
        return f"Connection({self.url!r}, api_key={self.api_key!r})"


def describe_withheld_key(connection: Connection) -> tuple[str, str]:
    """Return why the key of a profile is not sent, and a hint how to send one to this server."""
    name = connection.withheld_from
    message = f"no API key sent: {connection.url} is not the server of profile {name!r}"
    hint = (
        "omit --url (EMQXCTL_URL); or use --api-key KEY with EMQXCTL_API_SECRET or --api-secret-file FILE; or"
        f" add a profile: emqxctl keys add NAME --url {connection.url}"
    )
    return message, hint


def tls_verification(connection: Connection) -> bool | str:
    """Return how the server is verified: a CA file, requests' own bundle (True), or not at all (False)."""
    if connection.insecure:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return False
    if connection.ca_file:
        require_file(connection.ca_file)
        return connection.ca_file
    return True


def client_certificate(connection: Connection) -> tuple[str, str] | None:
    """Return the files of the client certificate and its key, which may be the same; None without one.

    The key's file is always named: otherwise OpenSSL prompts for the password of an encrypted key.
    """
    if not connection.client_cert:
        return None
    files = (connection.client_cert, connection.client_key or connection.client_cert)
    for path in files:
        require_file(path)
    return files


def require_file(path: str) -> None:
    """Check that a certificate or key file exists. Raises ConfigError with its path."""
    if not Path(path).is_file():
        message = f"file not found: {path}"
        raise ConfigError(message, hint="check --ca-file, --client-cert, --client-key or the profile")
