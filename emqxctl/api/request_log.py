"""Requests as text: as a curl command, and for --debug."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from emqxctl.api.request import Request
from emqxctl.text.json_memory import MAX_JSON_MEMORY, estimate_json_memory

if TYPE_CHECKING:
    from emqxctl.api.response import Response
    from emqxctl.text.redaction import Redactor

MAX_LOGGED_CHARACTERS = 2000  # of a body under --debug
MAX_REDACTED_CHARACTERS = 8 * MAX_LOGGED_CHARACTERS
MAX_SHOWN_DEPTH = 100  # levels of JSON
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


def redacted_beginning(content: bytes, redactor: "Redactor") -> tuple[str, bool]:
    """Return the beginning of a body, with its secrets masked, and whether something was left out.

    Only what is shown is redacted: a page of a list takes long. JSON is shortened as such, since its members
    say what is secret; of other text more is read than shown, so that no secret is cut in two.
    """
    text = content.decode("utf-8", "replace")
    if len(text) <= MAX_REDACTED_CHARACTERS:
        return redacted_body(content, redactor), False
    try:
        value = None if estimate_json_memory(content) > MAX_JSON_MEMORY else json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if value is not None:
        shortened = shorten_json(value, [MAX_REDACTED_CHARACTERS])
        return json.dumps(redactor.redact_json(shortened), ensure_ascii=False), True
    beginning = redactor.mask_known_secrets(text)[:MAX_REDACTED_CHARACTERS]
    return redactor.redact_text(beginning)[:-MAX_LOGGED_CHARACTERS], True


def shorten_json(value: Any, remaining: list[int], depth: int = 0) -> Any:  # noqa: ANN401  # JSON is Any
    """Return the beginning of a JSON value: about as many characters as `remaining` holds."""
    if depth > MAX_SHOWN_DEPTH:
        return None
    match value:
        case dict():
            members = itertools.takewhile(lambda _: remaining[0] > 0, value.items())
            return {key: shorten_json(item, remaining, depth + 1) for key, item in members}
        case list():
            items = itertools.takewhile(lambda _: remaining[0] > 0, value)
            return [shorten_json(item, remaining, depth + 1) for item in items]
        case str():
            remaining[0] -= len(value) + 10
            return value[:MAX_REDACTED_CHARACTERS]
    remaining[0] -= 10
    return value


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
            text, is_cut = (
                (redacted_body(content, redactor, content_type), False)
                if is_form(content_type)
                else redacted_beginning(content, redactor)
            )
            is_cut = is_cut or len(text) > MAX_LOGGED_CHARACTERS
            more = f" ... ({len(content)} bytes)" if is_cut else ""
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
