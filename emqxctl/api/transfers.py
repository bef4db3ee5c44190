"""Files to and from the server: multipart uploads, downloads piece by piece."""

import io
import re
import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from emqxctl.api.request import Query, Request, build_request
from emqxctl.api.response import Response
from emqxctl.errors import UsageError

if TYPE_CHECKING:
    from emqxctl.api.client import Client

Step = Callable[[int, int], None]


class Sending(io.BytesIO):
    """A body that tells how much of it has been read, and so sent."""

    def __init__(self, content: bytes, step: Step) -> None:
        """Keep the content; `step` takes the bytes so far and the size."""
        super().__init__(content)
        self.size = len(content)
        self.step = step

    def read(self, size: int | None = -1, /) -> bytes:
        """Read the next bytes and tell."""
        piece = super().read(size)
        self.step(self.tell(), self.size)
        return piece


def multipart(call: Request, part: str, filename: str, content: bytes) -> Request:
    """Give a call one file as multipart/form-data, which EMQX tells by the part's name (api.md §5.3).

    Raises UsageError for a name that could not be told from what is around it.
    """
    if re.search(r'["\\\x00-\x1f\x7f]', filename):
        message = f"{filename!r} cannot be sent as the name of a file"
        raise UsageError(message, hint="rename it, without quotes, backslashes and control characters")
    boundary = f"emqxctl-{secrets.token_hex(16)}"
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="{part}"; filename="{filename}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode("utf-8", "surrogateescape") + content + f"\r\n--{boundary}--\r\n".encode()
    return call._replace(content=body, content_type=f"multipart/form-data; boundary={boundary}")


def upload(
    api: "Client", path: str, *arguments: str, file: tuple[str, str, bytes], query: Query = ()
) -> Response:
    """Post one file: `file` is the part's name, the file's name and its content. Raises as `Api.send`."""
    part, filename, content = file
    return api.send(multipart(build_request("POST", path, *arguments, query=query), part, filename, content))


def download(api: "Client", path: str, *arguments: str, query: Query = (), step: Step) -> Iterator[bytes]:
    """Get a file piece by piece, telling how much has come. Raises as `Api.send`, also in the middle."""
    call = build_request("GET", path, *arguments, query=query)._replace(accept="*/*")
    return api.stream(call, step)
