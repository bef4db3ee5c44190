"""How to reach one cluster, as plain data: where, as whom, whom to trust, how long to wait."""

from dataclasses import dataclass, field

CONNECT_SECONDS = 5.0  # a cluster that takes longer to accept a connection is not reachable in practice


@dataclass(frozen=True, slots=True)
class Connection:
    """One cluster's REST API as this run reaches it.

    `url` has no `/api/v5`. With `token` requests go as a dashboard user (bearer), else as the API key
    (basic), with neither as nobody. `timeout` is in seconds of silence; `retries` counts further attempts.
    `readonly` refuses and `dry_run` only notes whatever is not a safe request.
    """

    url: str
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
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
