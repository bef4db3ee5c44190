"""Requests as text: as a curl command, and for --debug."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emqxctl.api.request import Request

if TYPE_CHECKING:
    from emqxctl.api.response import Response
    from emqxctl.text.redaction import Redactor

MAX_LOGGED_CHARACTERS = 2000  # of a body under --debug
BASIC_AUTH = ("-u", "$EMQXCTL_API_KEY:$EMQXCTL_API_SECRET")
BEARER_AUTH = ("-H", "Authorization: Bearer $TOKEN")


def form_fields(content_type: str, content: bytes) -> list[str]:
    """Return the parts of a form as for curl's -F; a file by its name, as it may be large or secret."""
    fields: list[str] = []
    boundary = content_type.partition("boundary=")[2].encode()
    for part in content.split(b"--" + boundary)[1:-1]:
        header, _, value = part.decode("utf-8", "replace").partition("\r\n\r\n")
        names = re.findall(r'name="([^"]*)"', header)  # of the part, then of the file
        field_value = f"@{names[1]}" if len(names) > 1 else value.removesuffix("\r\n")
        fields.append(f"{names[0]}={field_value}")
    return fields


def is_form(content_type: str) -> bool:
    """Return whether a body is a form with files."""
    return content_type.startswith("multipart/form-data; boundary=")


def redacted_body(content: bytes, redactor: "Redactor", content_type: str = "") -> str:
    """Return a body as text, with its secrets masked."""
    if is_form(content_type):
        fields = ", ".join(form_fields(content_type, content))
        return redactor.redact_text(f"{fields} ({len(content)} bytes)")
    text = content.decode("utf-8", "replace")
    try:
        return json.dumps(redactor.redact_json(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return redactor.redact_text(text)


def debug_lines(request: Request, response: "Response", redactor: "Redactor") -> Iterator[str]:
    """Yield headers and bodies of a request and its response for --debug, with secrets masked."""
    all_headers = {"accept": request.accept, "content-type": request.content_type, **dict(request.headers)}
    headers = {name: value for name, value in all_headers.items() if value} | {"authorization": "******"}
    sides = (
        (">", headers, request.content, request.content_type),
        ("<", response.headers, response.content, ""),
    )
    for mark, side_headers, content, content_type in sides:
        for name, value in redactor.redact_headers(side_headers).items():
            yield f"{mark} {name}: {value}"
        if content is not None:
            text = redacted_body(content, redactor, content_type)
            more = f" ... ({len(content)} bytes)" if len(text) > MAX_LOGGED_CHARACTERS else ""
            yield f"{mark} {text[:MAX_LOGGED_CHARACTERS]}{more}"


def to_curl(request: Request, url: str, body: str | None, *, token: bool = False) -> str:
    """Format a request as a curl command; API key and secret, or the token, are placeholders."""
    import shlex

    words = ["curl", "-X", request.method, *(BEARER_AUTH if token else BASIC_AUTH)]
    words += ["-H", f"Accept: {request.accept}"] if request.accept else []
    for name, value in request.headers:
        words += ["-H", f"{name}: {value}"]
    if is_form(request.content_type):
        fields = form_fields(request.content_type, request.content or b"")
        words += [word for field in fields for word in ("-F", field)]
    elif body is not None:
        words += ["-H", f"Content-Type: {request.content_type}", "--data-binary", body]
    words.append(url + request.url_path)
    # The shell must expand the placeholder, and nothing else.
    placeholders = {BASIC_AUTH[1], BEARER_AUTH[1]}
    return " ".join(f'"{word}"' if word in placeholders else shlex.quote(word) for word in words)
