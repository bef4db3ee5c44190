"""How to reach one cluster, as plain data: where, as whom, whom to trust, how long to wait."""

from typing import NamedTuple

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
