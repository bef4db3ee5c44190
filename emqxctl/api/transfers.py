"""Files to and from the server: multipart uploads, downloads in chunks."""

import re
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emqxctl.api.request import Query, Request, build_request
from emqxctl.api.response import Response
from emqxctl.errors import UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.api.request_body import OnProgress


def upload(
    client: "Client",
    path: str,
    *arguments: str,
    file: tuple[str, str, bytes],
    query: Query = (),
    on_progress: "OnProgress | None" = None,
) -> Response:
    """Post one file: `file` is the part's name, the file's name and its content. Raises as `Client.send`."""
    part, filename, content = file
    request = build_request("POST", path, *arguments, query=query)
    return client.send(add_file(request, part, filename, content), on_progress=on_progress)


def download(
    client: "Client", path: str, *arguments: str, query: Query = (), on_progress: "OnProgress"
) -> Iterator[bytes]:
    """Yield a file in chunks and report the progress. Raises as `Client.send`, also between chunks."""
    request = build_request("GET", path, *arguments, query=query)._replace(accept="*/*")
    return client.stream(request, on_progress)


def add_file(request: Request, part: str, filename: str, content: bytes) -> Request:
    """Return a request with one file as multipart/form-data; EMQX goes by the part's name (api.md §5.3).

    Raises UsageError for a name that would end its header early.
    """
    if re.search(r'["\\\x00-\x1f\x7f]', filename):
        message = f"invalid file name {filename!r}"
        raise UsageError(message, hint="rename the file: no quotes, backslashes or control characters")
    boundary = f"emqxctl-{secrets.token_hex(16)}"
    header = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{part}"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = header.encode("utf-8", "surrogateescape") + content + f"\r\n--{boundary}--\r\n".encode()
    return request._replace(content=body, content_type=f"multipart/form-data; boundary={boundary}")
