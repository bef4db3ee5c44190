"""Files uploaded as a multipart form."""

import re
from dataclasses import dataclass

from emqxctl.sandbox.messages import Request


@dataclass(frozen=True)
class Part:
    """One part of a form; `filename` is empty for a plain field."""

    filename: str
    content: bytes


def parse_parts(request: Request) -> dict[str, Part]:
    """Read the parts of a form by their names; none when the body is no form."""
    kind = request.headers.get("content-type", "")
    boundary = re.search(r'boundary="?([^";]+)', kind)
    if not kind.lower().startswith("multipart/form-data") or not boundary:
        return {}
    parts = {}
    for piece in request.body.split(b"--" + boundary[1].encode("latin-1"))[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        words = head.decode("utf-8", "replace")
        if name := re.search(r'[; ]name="([^"]*)"', words):
            filename = re.search(r'filename="([^"]*)"', words)
            parts[name[1]] = Part(filename[1] if filename else "", content.removesuffix(b"\r\n"))
    return parts


def read_file(request: Request, name: str) -> Part | None:
    """Read the file of one field; None when there is none of that name."""
    part = parse_parts(request).get(name)
    return part if part and part.filename else None
