"""EMQX's messages as one line of plain text: Erlang terms and JSON documents inside text become words."""

import json
import re
from collections.abc import Mapping
from typing import Any

from emqxctl.emqx.erlang import Atom, parse_term
from emqxctl.emqx.error_wording import (
    ATOMS,
    EXPECTED_WORDS,
    REASON_WORDS,
    invalid_value_reason,
    join_alternatives,
)
from emqxctl.text.shortening import shorten

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
BAD_RPC = f"badrpc: {ATOMS['nodedown']}"  # a node that is down, within the error of what used its answer
TERM = re.compile(r"\#\{|\{|\[|<<")


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
        case tuple() | list():
            text = format_members_of_term(value, depth)
        case _:
            text = str(value)
    return one_line(text)


def format_members_of_term(value: Any, depth: int) -> str:  # noqa: ANN401  # JSON is Any
    """Format a tuple or list: its members, without EMQX's module names and the configuration of objects."""
    match value:
        case (Atom("desc"), Atom(), str() as identifier):  # a message that EMQX did not translate
            return identifier.replace("_", " ")
        case (Atom("pre_config_update" | "post_config_update"), Atom(), *reasons):
            return to_plain_text(reasons[0] if len(reasons) == 1 else reasons, depth + 1)
        case (str() as summary, [(str(), Mapping()), *_] as objects):  # the configurations contain secrets
            return f"{summary}: {', '.join(str(item[0]) for item in objects if isinstance(item, tuple))}"
    separator = ": " if isinstance(value, tuple) else "; "
    parts = (to_plain_text(member, depth + 1) for member in value)
    return decode_character_codes(value) or separator.join(filter(None, parts))


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
