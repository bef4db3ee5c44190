"""HTTP sessions: proxies, TLS, credentials, deadlines. The only module that imports requests."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from emqxctl import __version__
from emqxctl.api.connection import Connection, client_certificate, tls_verification
from emqxctl.api.response import Response
from emqxctl.api.timeouts import DeadlineHTTPConnection, DeadlineHTTPSConnection

TRANSPORT_ERRORS = (requests.RequestException, HTTPError)  # requests lets some of urllib3's through


def build_session(connection: Connection) -> requests.Session:
    """Create a session: no .netrc, TLS verified, proxies and CA bundles chosen by emqxctl."""
    session = PlainSession()
    session.trust_env = False
    session.headers["User-Agent"] = f"emqxctl/{__version__}"
    session.mount("http://", DeadlineAdapter(max_retries=0))
    session.mount("https://", DeadlineAdapter(max_retries=0))
    session.proxies.update(select_proxies(connection))
    session.verify = tls_verification(connection)
    session.cert = client_certificate(connection)
    if connection.token:
        session.headers["Authorization"] = f"Bearer {connection.token}"
    elif connection.api_key:
        # requests writes a str as Latin-1; EMQX reads UTF-8.
        session.auth = (connection.api_key.encode(), connection.api_secret.encode())  # type: ignore[assignment]
    return session


def select_proxies(connection: Connection) -> dict[str, str]:
    """Return the option's or profile's proxy, else HTTP(S)_PROXY unless NO_PROXY names the host."""
    if connection.proxy:
        return {"http": connection.proxy, "https": connection.proxy}
    return dict(requests.utils.get_environ_proxies(connection.url))


def ca_bundle(connection: Connection) -> str:
    """Return the file (or folder) of the trusted CAs: the chosen one, else that of requests."""
    return connection.ca_file or requests.utils.DEFAULT_CA_BUNDLE_PATH


class DeadlineAdapter(HTTPAdapter):
    """Connections that respect the deadline even if the server sends a byte now and then."""

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  # as given
        """Return a pool whose connections have deadlines, through a proxy or not."""
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = DeadlineHTTPSConnection if pool.scheme == "https" else DeadlineHTTPConnection
        return pool


class PlainSession(requests.Session):
    """A session to which no response is a redirect: requests would read its body, whatever its size."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return None: redirects are reported, not followed."""
        del resp
        return None


class UnexpectedStatus(Exception):  # noqa: N818  # not an error: a response
    """A response that is not a success, where a body of any size was expected."""

    def __init__(self, response: Response) -> None:
        """Keep the response."""
        super().__init__()
        self.response = response
