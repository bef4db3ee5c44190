"""The body of an error response, whatever its shape: JSON, Erlang terms, a web page."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emqxctl.api.response import Response
from emqxctl.emqx.erlang import parse_term
from emqxctl.emqx.error_codes.numbers import REASON_CODES
from emqxctl.emqx.error_text import (
    append_form,
    decode_character_codes,
    format_list,
    one_line,
    to_plain_text,
)
from emqxctl.text.redaction import Redactor

MAX_BODY_CHARACTERS = 20_000  # the longest message recorded has 1 633
UNSUPPORTED = re.compile(r"Unsupported code '?(\w+)'?, message (.*?)(?:, schema def .*)?", re.DOTALL)
EMPTY_LIST_CODES = [91, 93]  # `[]` as character codes: an empty list of names (6.2.2, reorder)
TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The content of an error body: EMQX's code, its text on one line, other fields."""

    code: str = ""
    text: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    is_web_page: bool = False


def parse_error_body(response: Response, redactor: Redactor) -> ErrorBody:
    """Parse the body of an error response, with its secrets masked."""
    if response.is_html:
        title = TITLE.search(response.text[:MAX_BODY_CHARACTERS])
        text = one_line(redactor.redact_text(re.sub(r"<[^>]*>", " ", title[2]))) if title else ""
        return ErrorBody(text=text, is_web_page=True)
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return parse_text_body(redactor.redact_text(response.text[:MAX_BODY_CHARACTERS]))
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        body["message"] = decode_message(body["message"][:MAX_BODY_CHARACTERS])
    return parse_json_body(redactor.redact_json(body))


def parse_json_body(body: Any) -> ErrorBody:  # noqa: ANN401  # JSON is Any
    """Parse a body that is JSON."""
    match body:
        case {"reason_code": int(number)}:
            return parse_publish_body(number, to_plain_text(body.get("message")))
        case {"errors": errors, **other_fields} if "code" not in other_fields:
            return ErrorBody(text=to_plain_text(errors))
        case {}:
            return parse_coded_body(body)
        case [{}, *_]:
            return parse_bulk_body(body)
        case [str(), *_]:
            return ErrorBody(text="failed on " + ", ".join(map(str, body)), details={"nodes": body})
        case _:
            return ErrorBody(text=to_plain_text(body))


def parse_coded_body(body: Mapping[str, Any]) -> ErrorBody:
    """Parse `{"code": …, "message": …}` with any other fields."""
    details = {
        key: [] if value == EMPTY_LIST_CODES else value
        for key, value in body.items()
        if key not in {"code", "message", "reason"}
    }
    text = message_text(body)
    details_text = ", ".join(f"{key}: {format_list(value)}" for key, value in details.items() if value != [])
    code = body.get("code") or ""
    code = "" if isinstance(code, int) else code  # the HTTP status once more
    code = one_line(code if isinstance(code, str) else json.dumps(code))[:60]
    return ErrorBody(code, append_form(text, details_text, " ({})"), details)


def message_text(body: Mapping[str, Any]) -> str:
    """Return the message of a coded body; of a login without MFA code not the secret to set it up."""
    message = body["message"] if "message" in body else body.get("reason")
    if body.get("code") == "BAD_MFA_TOKEN" and isinstance(message, Mapping):
        fields = {key: message[key] for key in ("error", "mechanism") if key in message}
        return to_plain_text(fields)
    return to_plain_text(message)


def parse_publish_body(number: int, text: str) -> ErrorBody:
    """Parse `{"reason_code": …, "message": …}`; a message names the reason better (151 has two meanings)."""
    registered_name = REASON_CODES[number].name if number in REASON_CODES else ""
    name = text.upper() if re.fullmatch(r"[a-z_]+", text) else registered_name
    return ErrorBody(name, append_form(text, f"MQTT reason code {number}", " ({})"), {"reason_code": number})


def parse_bulk_body(items: Sequence[Any]) -> ErrorBody:
    """Parse the results of a bulk publish: one for each message, in order."""
    failed_items = [(position, item) for position, item in enumerate(items, 1) if "reason_code" in item]
    if not failed_items:
        return ErrorBody(text=to_plain_text(items))
    failures = "; ".join(
        f"#{position} {to_plain_text(item.get('message'))} ({item['reason_code']})"
        for position, item in failed_items
    )
    code = parse_json_body(failed_items[0][1]).code
    text = f"{len(failed_items)} of {len(items)} messages not published: {failures}"
    return ErrorBody(code, text, {"failed": len(failed_items)})


def parse_text_body(text: str) -> ErrorBody:
    """Parse a body that is not JSON."""
    unsupported = UNSUPPORTED.fullmatch(text.strip())
    if unsupported:
        return ErrorBody(unsupported[1], to_plain_text(unsupported[2]))
    return ErrorBody(text=to_plain_text(text))


def decode_message(message: str) -> str:
    """Return the text of a message that EMQX wrote as character codes (`[67,97,110]`), others unchanged."""
    if not message.lstrip().startswith(("[", "<<")):
        return message
    try:
        term, end = parse_term(message)
    except (ValueError, RecursionError):
        return message
    if message[end:].strip():
        return message
    return term if isinstance(term, str) else decode_character_codes(term) or message
