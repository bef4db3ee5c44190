"""How to reach one cluster, as plain data: where, as whom, whom to trust, how long to wait."""

from pathlib import Path
from typing import NamedTuple

from emqxctl.errors import ConfigError

CONNECT_SECONDS = 5.0  # a cluster that takes longer to accept a connection is not reachable in practice


class Connection(NamedTuple):
    """One cluster's REST API as this run reaches it.

    `url` has no `/api/v5`. With `token` requests go as a dashboard user (bearer), else as the API key
    (basic), with neither as nobody. `timeout` is in seconds of silence; `retries` counts further attempts.
    `readonly` refuses and `dry_run` only notes whatever is not a safe request.
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
    retries: int = 3
    readonly: bool = False
    dry_run: bool = False
    verbose: bool = False
    debug: bool = False

    def __repr__(self) -> str:
        """Show where it leads, never a secret."""
        return f"Connection({self.url!r}, api_key={self.api_key!r})"


def tls_verification(connection: Connection) -> bool | str:
    """Give what vouches for the server: a CA file, requests' own bundle (True), or nothing (False)."""
    if connection.insecure:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return False
    if connection.ca_file:
        require_file(connection.ca_file)
        return connection.ca_file
    return True


def client_certificate(connection: Connection) -> tuple[str, str] | None:
    """Give the client certificate's file and its key's, which may be the same; None for no certificate.

    The key's file is always named: only then is an encrypted key refused and not asked for on the terminal.
    """
    if not connection.client_cert:
        return None
    files = (connection.client_cert, connection.client_key or connection.client_cert)
    for name in files:
        require_file(name)
    return files


def require_file(path: str) -> None:
    """Refuse a certificate or key file that is not there. Raises ConfigError naming it."""
    if not Path(path).is_file():
        message = f"no such file: {path}"
        raise ConfigError(message, hint="check --ca-file, --client-cert, --client-key or the profile")
