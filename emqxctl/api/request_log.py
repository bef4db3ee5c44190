"""A request shown to a person: as curl, and its conversation for --debug."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emqxctl.api.response import Response
    from emqxctl.text.redaction import Redactor
from emqxctl.api.request import Request

MAX_LOGGED_CHARACTERS = 2000  # characters of a body under --debug


def form_fields(content_type: str, content: bytes) -> list[str]:
    """Give the parts of a form as curl's -F takes them; a file by its name, as it may be large or secret."""
    found: list[str] = []
    boundary = content_type.partition("boundary=")[2].encode()
    for part in content.split(b"--" + boundary)[1:-1]:
        head, _, value = part.decode("utf-8", "replace").partition("\r\n\r\n")
        names = re.findall(r'name="([^"]*)"', head)  # of the part, then of the file
        content_of = f"@{names[1]}" if len(names) > 1 else value.removesuffix("\r\n")
        found.append(f"{names[0]}={content_of}")
    return found


def is_form(content_type: str) -> bool:
    """Tell whether a body is a form with files."""
    return content_type.startswith("multipart/form-data; boundary=")


def redacted_body(content: bytes, redactor: "Redactor", content_type: str = "") -> str:
    """Write a body for a person, without its secrets."""
    if is_form(content_type):
        return redactor.redact_text(f"{', '.join(form_fields(content_type, content))} ({len(content)} bytes)")
    text = content.decode("utf-8", "replace")
    try:
        return json.dumps(redactor.redact_json(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return redactor.redact_text(text)


def debug_lines(call: Request, answer: "Response", redactor: "Redactor") -> Iterator[str]:
    """Write headers and bodies of an exchange for --debug, without secrets."""
    sent = {"accept": call.accept, "content-type": call.content_type, **dict(call.headers)}
    headers = {name: value for name, value in sent.items() if value} | {"authorization": "******"}
    sides = ((">", headers, call.content, call.content_type), ("<", answer.headers, answer.content, ""))
    for mark, named, content, content_type in sides:
        for name, value in redactor.redact_headers(named).items():
            yield f"{mark} {name}: {value}"
        if content is not None:
            text = redacted_body(content, redactor, content_type)
            more = f" ... ({len(content)} bytes)" if len(text) > MAX_LOGGED_CHARACTERS else ""
            yield f"{mark} {text[:MAX_LOGGED_CHARACTERS]}{more}"


BASIC_AUTH = ("-u", "$EMQXCTL_API_KEY:$EMQXCTL_API_SECRET")


BEARER_AUTH = ("-H", "Authorization: Bearer $TOKEN")


def to_curl(call: Request, url: str, body: str | None, *, token: bool = False) -> str:
    """Write a call as the curl command that would send it; key and secret, or the token, are placeholders."""
    import shlex

    words = ["curl", "-X", call.method, *(BEARER_AUTH if token else BASIC_AUTH)]
    words += ["-H", f"Accept: {call.accept}"] if call.accept else []
    for name, value in call.headers:
        words += ["-H", f"{name}: {value}"]
    if is_form(call.content_type):
        parts = form_fields(call.content_type, call.content or b"")
        words += [word for part in parts for word in ("-F", part)]
    elif body is not None:
        words += ["-H", f"Content-Type: {call.content_type}", "--data-binary", body]
    words.append(url + call.url_path)
    # The placeholder must stay open to the shell, all else closed to it.
    return " ".join(
        f'"{word}"' if word in {BASIC_AUTH[1], BEARER_AUTH[1]} else shlex.quote(word) for word in words
    )
