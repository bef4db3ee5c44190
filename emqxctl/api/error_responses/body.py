"""What the body of an error answer says, whatever its shape: JSON, Erlang terms, a web page."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emqxctl.api.error_responses.wording import ATOMS, EXPECTED_WORDS, REASON_WORDS, join_alternatives
from emqxctl.api.response import Response
from emqxctl.emqx.erlang_messages import read
from emqxctl.emqx.error_codes.numbers import REASON_CODES
from emqxctl.text.redaction import Redactor

MAX_BODY_CHARACTERS = 20_000  # characters of a message looked at; EMQX's longest message recorded has 1 633
MAX_DEPTH = 6  # levels of documents inside strings
MAX_FAILED_TERMS = (
    100  # places in a text where a term may fail to begin; a text of brackets would take seconds
)
EMPTY_TEXTS = frozenset(
    {"", "[]", "{}", "#{}", '""', "null", "undefined"}
)  # how EMQX writes that it has no words

# Members that tell a developer of EMQX where, and an operator nothing.
INTERNAL_FIELDS = frozenset(
    {"kind", "stacktrace", "schema_module", "matched_type", "exception", "conf_root_key"}
)
LEADING_FIELDS = ("path", "msg", "reason", "errors", "mismatches", "value", "unknown", "unmatched")

CRASH = re.compile(r"\s*(error|exit|throw), ")
UNSUPPORTED = re.compile(r"Unsupported code '?(\w+)'?, message (.*?)(?:, schema def .*)?", re.DOTALL)
MAX_LIST_CHARACTERS = 200  # characters of names that a message lists
TERM = re.compile(r"\#\{|\{|\[|<<")
TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What a body says: EMQX's code, its words on one line, further facts, and whether it is a web page."""

    code: str = ""
    text: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    is_web_page: bool = False


def parse_error_body(answer: Response, redactor: Redactor) -> ErrorBody:
    """Read the body of an error answer, without its secrets."""
    if answer.is_html:
        title = TITLE.search(answer.text[:MAX_BODY_CHARACTERS])
        return ErrorBody(
            text=one_line(redactor.redact_text(re.sub(r"<[^>]*>", " ", title[2]))) if title else "",
            is_web_page=True,
        )
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        return parse_text_body(redactor.redact_text(answer.text[:MAX_BODY_CHARACTERS]))
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        body["message"] = decode_message(body["message"][:MAX_BODY_CHARACTERS])
    return parse_json_body(redactor.redact_json(body))


def parse_json_body(body: Any) -> ErrorBody:  # noqa: ANN401  # JSON is Any
    """Read a body that is JSON."""
    match body:
        case {"reason_code": int(number)}:
            return parse_publish_body(number, to_plain_text(body.get("message")))
        case {"errors": errors, **rest} if "code" not in rest:
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
    """Read `{"code": …, "message": …}` with whatever else it holds."""
    facts = {key: value for key, value in body.items() if key not in {"code", "message", "reason"}}
    text = to_plain_text(body["message"] if "message" in body else body.get("reason"))
    details_text = ", ".join(f"{key}: {format_list(value)}" for key, value in facts.items())
    return ErrorBody(
        one_line(str(body.get("code") or ""))[:60], append_form(text, details_text, " ({})"), facts
    )


def parse_publish_body(number: int, text: str) -> ErrorBody:
    """Read `{"reason_code": …, "message": …}`; the message names the reason better (151 has two meanings)."""
    known = REASON_CODES[number].name if number in REASON_CODES else ""
    name = text.upper() if re.fullmatch(r"[a-z_]+", text) else known
    return ErrorBody(name, append_form(text, f"MQTT reason code {number}", " ({})"), {"reason_code": number})


def parse_bulk_body(items: Sequence[Any]) -> ErrorBody:
    """Read the results of a bulk publish: one for each message, in order."""
    failed = [(place, item) for place, item in enumerate(items, 1) if "reason_code" in item]
    failures = "; ".join(
        f"#{place} {to_plain_text(item.get('message'))} ({item['reason_code']})" for place, item in failed
    )
    if not failed:
        return ErrorBody(text=to_plain_text(items))
    code = parse_json_body(failed[0][1]).code
    return ErrorBody(
        code, f"{len(failed)} of {len(items)} messages not published: {failures}", {"failed": len(failed)}
    )


def parse_text_body(text: str) -> ErrorBody:
    """Read a body that is not JSON."""
    unsupported = UNSUPPORTED.fullmatch(text.strip())
    if unsupported:
        return ErrorBody(unsupported[1], to_plain_text(unsupported[2]))
    return ErrorBody(text=to_plain_text(text))


def decode_message(message: str) -> str:
    """Give the text of a message that EMQX wrote as character codes (`[67,97,110]`), others as they are."""
    if not message.lstrip().startswith(("[", "<<")):
        return message
    try:
        term, end = read(message)
    except (ValueError, RecursionError):
        return message
    if message[end:].strip():
        return message
    return term if isinstance(term, str) else decode_character_codes(term) or message


def decode_character_codes(members: object) -> str:
    """Give the text of an Erlang io list: character codes and strings; nothing when it is something else."""
    if not isinstance(members, list):
        return ""
    codes = [member for member in members if isinstance(member, int) and 8 < member < 0x110000]
    texts = [member for member in members if isinstance(member, str)]
    if len(codes) < 4 or len(codes) + len(texts) != len(members):
        return ""
    return "".join(chr(member) if isinstance(member, int) else str(member) for member in members)


def to_plain_text(value: Any, depth: int = 0) -> str:  # noqa: ANN401  # JSON is Any
    """Write what a message holds as one line for a person."""
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
        case tuple((int(), int(), int(), int())):
            text = ".".join(map(str, value))
        case tuple() | list():
            separator = ": " if isinstance(value, tuple) else "; "
            text = decode_character_codes(value) or separator.join(
                filter(None, (to_plain_text(one, depth + 1) for one in value))
            )
        case _:
            text = str(value)
    return one_line(text)


def translate_terms(text: str, depth: int) -> str:
    """Write text with the documents and terms in it made readable."""
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
        return f"{crash[1]}, {crash_reason(text, crash.end(), depth)}"
    return replace_terms(text, depth)


def crash_reason(text: str, start: int, depth: int) -> str:
    """Write why EMQX crashed, without the stack trace that follows."""
    try:
        return to_plain_text(read(text, start)[0], depth)
    except (ValueError, RecursionError):
        return text[start:].partition(", [{")[0]


def replace_terms(text: str, depth: int) -> str:
    """Write the Erlang terms inside a text as words. Placeholders such as `{type}:{name}` stay."""
    parts: list[str] = []
    position = failed = 0
    for found in TERM.finditer(text):
        if failed == MAX_FAILED_TERMS:
            break
        if found.start() < position:
            continue
        try:
            term, end = read(text, found.start())
        except (ValueError, RecursionError):
            failed += 1
            continue
        if isinstance(term, list | tuple | dict) and (len(term) == 0 or (len(term) == 1 and found[0] == "{")):
            continue
        parts += [text[position : found.start()], to_plain_text(term, depth)]
        position = end
    return "".join(parts) + text[position:]


def validation_message(whole: Mapping[str, Any], depth: int) -> str:
    """Write an object that tells what is wrong where: `limit: must be 1..10000 (got 0)`."""
    fields = {key: value for key, value in whole.items() if key not in INTERNAL_FIELDS and value is not None}
    rest = {key: value for key, value in fields.items() if key not in LEADING_FIELDS}
    if "who" in fields or len(rest) == len(fields):
        return format_members(fields, depth)
    path = "" if fields.get("path") == "root" else str(fields.get("path", "")).removeprefix("root.")
    text = ": ".join(
        filter(None, [path, to_plain_text(fields.get("msg"), depth), field_reason(fields, depth)])
    )
    if "value" in fields:
        text = append_form(text, f"got {format_value(fields['value'])}", " ({})")
    return append_form(text, format_members(rest, depth), " ({})")


def format_members(whole: Mapping[str, Any], depth: int) -> str:
    """Write an object's members: `name: rec, type: http`."""
    return ", ".join(f"{key}: {to_plain_text(value, depth) or value}" for key, value in whole.items())


def field_reason(fields: Mapping[str, Any], depth: int) -> str:
    """Write what is wrong with a field, or with the forms it may take."""
    if "errors" in fields:
        return to_plain_text(fields["errors"], depth)
    if isinstance(fields.get("mismatches"), Mapping):
        path = fields.get("path")
        forms = [to_plain_text(drop_shared_fields(one, path), depth) for one in fields["mismatches"].values()]
        return join_alternatives(list(dict.fromkeys(filter(None, forms))))
    if "unknown" in fields:
        known = (
            f" (others known: {format_value(fields['unmatched'])})"
            if fields.get("unmatched") not in {None, "none"}
            else ""
        )
        return f"unknown field {format_value(fields['unknown'])}{known}"
    match fields.get("reason"):
        case {"expected": expected}:
            return f"must be {EXPECTED_WORDS.get(str(expected), expected)}"
        case str(text) if text in REASON_WORDS:
            return REASON_WORDS[text]
        case other:
            return to_plain_text(other, depth)


def drop_shared_fields(form: Any, path: object) -> Any:  # noqa: ANN401  # JSON is Any
    """Give a mismatch without the path and value it shares with the whole."""
    if not isinstance(form, Mapping) or form.get("path") != path:
        return form
    return {key: value for key, value in form.items() if key not in {"path", "value"}}


def format_list(value: Any) -> str:  # noqa: ANN401  # JSON is Any
    """Write a value as `flat` does, and names one after the other: `hot, cold`."""
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        text = ", ".join(value)
        return one_line(text if len(text) <= MAX_LIST_CHARACTERS else text[: MAX_LIST_CHARACTERS - 1] + "…")
    return format_value(value)


def format_value(value: Any) -> str:  # noqa: ANN401  # JSON is Any
    """Write a value quoted to the user: text in quotes, the rest as JSON, at most 60 characters."""
    if isinstance(value, tuple):
        return to_plain_text(value)
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return one_line(text if len(text) <= 60 else text[:59] + "…")


def append_form(text: str, more: str, form: str) -> str:
    """Put `more` behind a text in a form such as ` ({})`, either of which may be empty."""
    return text + form.format(more) if text and more else text or more


def one_line(text: str) -> str:
    """Put text on one line, with single spaces."""
    return " ".join(text.split())
