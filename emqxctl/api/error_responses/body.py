"""The body of an error response, whatever its shape: JSON, Erlang terms, a web page."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emqxctl.api.error_responses.subject import shorten
from emqxctl.api.error_responses.wording import (
    ATOMS,
    EXPECTED_WORDS,
    REASON_WORDS,
    invalid_value_reason,
    join_alternatives,
)
from emqxctl.api.response import Response
from emqxctl.emqx.erlang import Atom, parse_term
from emqxctl.emqx.error_codes.numbers import REASON_CODES
from emqxctl.text.redaction import Redactor

MAX_BODY_CHARACTERS = 20_000  # the longest message recorded has 1 633
MAX_DEPTH = 6  # levels of documents inside strings
MAX_FAILED_TERMS = 100  # per text: a text of nothing but brackets would take seconds
MAX_LIST_CHARACTERS = 200
MAX_VALUE_CHARACTERS = 60
EMPTY_TEXTS = frozenset({"", "[]", "{}", "#{}", '""', "null", "undefined"})  # EMQX's forms of "no message"

# Fields for a developer of EMQX, without meaning for an operator.
INTERNAL_FIELDS = frozenset(
    {"kind", "stacktrace", "schema_module", "matched_type", "exception", "conf_root_key"}
)
LEADING_FIELDS = ("path", "msg", "reason", "errors", "mismatches", "value", "unknown", "unmatched")

CRASH = re.compile(r"\s*(error|exit|throw), ")
UNSUPPORTED = re.compile(r"Unsupported code '?(\w+)'?, message (.*?)(?:, schema def .*)?", re.DOTALL)
BAD_RPC = f"badrpc: {ATOMS['nodedown']}"  # a node that is down, within the error of what used its answer
TERM = re.compile(r"\#\{|\{|\[|<<")
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
    details = {key: value for key, value in body.items() if key not in {"code", "message", "reason"}}
    text = message_text(body)
    details_text = ", ".join(f"{key}: {format_list(value)}" for key, value in details.items())
    code = body.get("code") or ""
    code_text = code if isinstance(code, str) else json.dumps(code, ensure_ascii=False, default=str)
    code = one_line(code_text)[:60]
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


def decode_character_codes(members: object) -> str:
    """Return the text of an Erlang io list (character codes and strings), empty for anything else."""
    if not isinstance(members, list):
        return ""
    codes = [member for member in members if isinstance(member, int) and 8 < member < 0x110000]
    texts = [member for member in members if isinstance(member, str)]
    if len(codes) < 4 or len(codes) + len(texts) != len(members):
        return ""
    return "".join(chr(member) if isinstance(member, int) else str(member) for member in members)


def to_plain_text(value: Any, depth: int = 0) -> str:  # noqa: ANN401  # JSON is Any
    """Format the value of a message as one line."""
    if depth > MAX_DEPTH:
        return one_line(str(value))
    match value:
        case None:
            text = ""
        case str():
            text = translate_terms(value, depth + 1)
        case bool():
            text = str(value).lower()
        case Mapping():
            text = validation_message(value, depth + 1)
        case tuple((int(), int(), int(), int())):  # an IPv4 address
            text = ".".join(map(str, value))
        case (Atom("desc"), Atom(), str() as identifier):  # a message that EMQX did not translate
            text = identifier.replace("_", " ")
        case (Atom("pre_config_update" | "post_config_update"), Atom(), *reasons):
            text = to_plain_text(reasons[0] if len(reasons) == 1 else reasons, depth + 1)
        case tuple() | list():
            separator = ": " if isinstance(value, tuple) else "; "
            parts = (to_plain_text(member, depth + 1) for member in value)
            text = decode_character_codes(value) or separator.join(filter(None, parts))
        case _:
            text = str(value)
    return one_line(text)


def translate_terms(text: str, depth: int) -> str:
    """Return text with the JSON documents and Erlang terms in it made readable."""
    stripped = text.strip()
    if stripped in EMPTY_TEXTS:
        return ""
    if stripped in ATOMS:
        return ATOMS[stripped]
    if stripped[0] in '{["':
        try:
            return to_plain_text(json.loads(stripped), depth)
        except (ValueError, RecursionError):
            pass
    crash = CRASH.match(text)
    if crash:
        reason = crash_reason(text, crash.end(), depth)
        return f"{crash[1]}, {ATOMS['nodedown'] if BAD_RPC in reason else reason}"
    return replace_terms(text, depth)


def crash_reason(text: str, start: int, depth: int) -> str:
    """Return why EMQX crashed, without the stack trace that follows."""
    try:
        return to_plain_text(parse_term(text, start)[0], depth)
    except (ValueError, RecursionError):
        return text[start:].partition(", [{")[0]


def replace_terms(text: str, depth: int) -> str:
    """Return text with its Erlang terms made readable. Placeholders such as `{type}:{name}` stay."""
    parts: list[str] = []
    position = failed_count = 0
    for start in TERM.finditer(text):
        if failed_count == MAX_FAILED_TERMS:
            break
        if start.start() < position:
            continue
        try:
            term, end = parse_term(text, start.start())
        except (ValueError, RecursionError):
            failed_count += 1
            continue
        if isinstance(term, list | tuple | dict) and (len(term) == 0 or (len(term) == 1 and start[0] == "{")):
            continue
        parts += [text[position : start.start()], to_plain_text(term, depth)]
        position = end
    return "".join(parts) + text[position:]


def validation_message(value: Mapping[str, Any], depth: int) -> str:
    """Format an object that says which field is invalid and why: `limit: must be 1..10000 (got 0)`."""
    fields = {key: item for key, item in value.items() if key not in INTERNAL_FIELDS and item is not None}
    other_fields = {key: item for key, item in fields.items() if key not in LEADING_FIELDS}
    if "who" in fields or len(other_fields) == len(fields):
        return format_members(fields, depth)
    full_path = decode_character_codes(fields.get("path")) or str(fields.get("path", ""))
    path = "" if full_path == "root" else full_path.removeprefix("root.")
    parts = [path, to_plain_text(fields.get("msg"), depth), field_reason(fields, depth)]
    text = ": ".join(filter(None, parts))
    if "value" in fields:
        text = append_form(text, f"got {format_value(fields['value'])}", " ({})")
    return append_form(text, format_members(other_fields, depth), " ({})")


def format_members(value: Mapping[str, Any], depth: int) -> str:
    """Format an object's members: `name: rec, type: http`."""
    return ", ".join(f"{key}: {to_plain_text(item, depth) or item}" for key, item in value.items())


def field_reason(fields: Mapping[str, Any], depth: int) -> str:
    """Return why a field is invalid, or why it fits none of its alternatives."""
    if "errors" in fields:
        return to_plain_text(fields["errors"], depth)
    if isinstance(fields.get("mismatches"), Mapping):
        path = fields.get("path")
        mismatches = (drop_shared_fields(mismatch, path) for mismatch in fields["mismatches"].values())
        reasons = [to_plain_text(mismatch, depth) for mismatch in mismatches]
        return join_alternatives(list(dict.fromkeys(filter(None, reasons))))
    if "unknown" in fields:
        has_others = fields.get("unmatched") not in {None, "none"}
        others = f" (other fields: {format_value(fields['unmatched'])})" if has_others else ""
        return f"unknown field {format_value(fields['unknown'])}{others}"
    match fields.get("reason"):
        case {"expected": expected}:
            return f"must be {EXPECTED_WORDS.get(str(expected), expected)}"
        case str(text) if text in REASON_WORDS or text == (fields.get("value") or None):
            # Some checks of EMQX return the value as the reason.
            return REASON_WORDS.get(text) or invalid_value_reason(str(fields.get("path")))
        case reason:
            return to_plain_text(reason, depth)


def drop_shared_fields(mismatch: Any, path: object) -> Any:  # noqa: ANN401  # JSON is Any
    """Return a mismatch without the path and value that it shares with the whole."""
    if not isinstance(mismatch, Mapping) or mismatch.get("path") != path:
        return mismatch
    return {key: value for key, value in mismatch.items() if key not in {"path", "value"}}


def format_list(value: Any) -> str:  # noqa: ANN401  # JSON is Any
    """Format a value as `format_value`, a list of names with commas: `hot, cold`."""
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return one_line(shorten(", ".join(value), MAX_LIST_CHARACTERS))
    return format_value(value)


def format_value(value: Any) -> str:  # noqa: ANN401  # JSON is Any
    """Format a value: text in quotes, anything else as JSON, at most 60 characters."""
    if isinstance(value, tuple):
        return to_plain_text(value)
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return one_line(shorten(text, MAX_VALUE_CHARACTERS))


def append_form(text: str, addition: str, form: str) -> str:
    """Return text with an addition in a form such as ` ({})`; either may be empty."""
    return text + form.format(addition) if text and addition else text or addition


def one_line(text: str) -> str:
    """Return text on one line, with single spaces."""
    return " ".join(text.split())
