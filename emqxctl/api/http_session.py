"""HTTP sessions: proxies, TLS, credentials, deadlines. The only module that imports requests."""

from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar
from urllib3.exceptions import HTTPError

from emqxctl import __version__
from emqxctl.api.connection import Connection, client_certificate, tls_verification
from emqxctl.api.response import Response
from emqxctl.api.timeouts import DeadlineHTTPConnection, DeadlineHTTPSConnection

TRANSPORT_ERRORS = (requests.RequestException, HTTPError)  # requests lets some of urllib3's through


def build_session(connection: Connection) -> "PlainSession":
    """Create a session: no .netrc, TLS verified, proxies and CA bundles chosen by emqxctl."""
    session = PlainSession()
    session.trust_env = False
    session.headers["User-Agent"] = f"emqxctl/{__version__}"
    del session.headers["Accept"]
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
    """A session whose requests have no settings of their own, and whose redirects are not followed."""

    def open(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str | bytes],
        data: Any,  # noqa: ANN401  # what requests takes
        timeout: tuple[float, float],
    ) -> requests.Response:
        """Send a request and return the response with its body not yet read.

        Twice as fast as `Session.request`, which merges the settings of each request, hooks and redirects,
        all of them absent here: a list may take a thousand requests. (It would also read the body of a
        redirect, whatever its size.)
        """
        prepared: Any = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.prepare_url(url, None)
        all_headers: Any = self.headers.copy()  # type: ignore[attr-defined]  # a CaseInsensitiveDict
        all_headers.update(headers)
        prepared.prepare_headers(all_headers)
        if len(self.cookies):
            prepared.prepare_cookies(self.cookies)
        if data is not None or method != "GET":
            prepared.prepare_body(data, None)
        prepared.prepare_auth(self.auth, url)
        adapter: Any = self.get_adapter(url)
        response: requests.Response = adapter.send(
            prepared, stream=True, timeout=timeout, verify=self.verify, cert=self.cert, proxies=self.proxies
        )
        if "Set-Cookie" in response.headers:
            extract_cookies_to_jar(self.cookies, prepared, response.raw)  # type: ignore[no-untyped-call]
        return response


class UnexpectedStatus(Exception):  # noqa: N818  # not an error: a response
    """A response that is not a success, where a body of any size was expected."""

    def __init__(self, response: Response) -> None:
        """Keep the response."""
        super().__init__()
        self.response = response
