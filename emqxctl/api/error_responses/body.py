"""What the body of an error answer says, whatever its shape: JSON, Erlang terms, a web page."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emqxctl.api.error_responses.wording import ATOMS, EXPECTED_WORDS, REASON_WORDS, alternatives
from emqxctl.api.response import Answer
from emqxctl.emqx.erlang_messages import read
from emqxctl.emqx.error_codes.numbers import REASONS
from emqxctl.text.redaction import Redactor

LONGEST_BODY = 20_000  # characters of a message looked at; EMQX's longest message recorded has 1 633
DEEPEST = 6  # levels of documents inside strings
TRIES = 100  # places in a text where a term may fail to begin; a text of brackets would take seconds
NOTHING = frozenset(
    {"", "[]", "{}", "#{}", '""', "null", "undefined"}
)  # how EMQX writes that it has no words

# Members that tell a developer of EMQX where, and an operator nothing.
INTERNAL = frozenset({"kind", "stacktrace", "schema_module", "matched_type", "exception", "conf_root_key"})
LEADING = ("path", "msg", "reason", "errors", "mismatches", "value", "unknown", "unmatched")

CRASH = re.compile(r"\s*(error|exit|throw), ")
UNSUPPORTED = re.compile(r"Unsupported code '?(\w+)'?, message (.*?)(?:, schema def .*)?", re.DOTALL)
LONGEST_LIST = 200  # characters of names that a message lists
TERM = re.compile(r"\#\{|\{|\[|<<")
TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Said:
    """What a body says: EMQX's code, its words on one line, further facts, and whether it is a web page."""

    code: str = ""
    words: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    is_page: bool = False


def said(answer: Answer, redactor: Redactor) -> Said:
    """Read the body of an error answer, without its secrets."""
    if answer.is_html:
        title = TITLE.search(answer.text[:LONGEST_BODY])
        return Said(
            words=one_line(redactor.text(re.sub(r"<[^>]*>", " ", title[2]))) if title else "", is_page=True
        )
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        return plain(redactor.text(answer.text[:LONGEST_BODY]))
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        body["message"] = decoded(body["message"][:LONGEST_BODY])
    return document(redactor.json(body))


def document(body: Any) -> Said:  # noqa: ANN401  # JSON is Any
    """Read a body that is JSON."""
    match body:
        case {"reason_code": int(number)}:
            return publishing(number, words(body.get("message")))
        case {"errors": errors, **rest} if "code" not in rest:
            return Said(words=words(errors))
        case {}:
            return coded(body)
        case [{}, *_]:
            return bulk(body)
        case [str(), *_]:
            return Said(words="failed on " + ", ".join(map(str, body)), facts={"nodes": body})
        case _:
            return Said(words=words(body))


def coded(body: Mapping[str, Any]) -> Said:
    """Read `{"code": …, "message": …}` with whatever else it holds."""
    facts = {key: value for key, value in body.items() if key not in {"code", "message", "reason"}}
    text = words(body["message"] if "message" in body else body.get("reason"))
    told = ", ".join(f"{key}: {listed(value)}" for key, value in facts.items())
    return Said(one_line(str(body.get("code") or ""))[:60], join(text, told, " ({})"), facts)


def publishing(number: int, text: str) -> Said:
    """Read `{"reason_code": …, "message": …}`; the message names the reason better (151 has two meanings)."""
    known = REASONS[number].name if number in REASONS else ""
    name = text.upper() if re.fullmatch(r"[a-z_]+", text) else known
    return Said(name, join(text, f"MQTT reason code {number}", " ({})"), {"reason_code": number})


def bulk(items: Sequence[Any]) -> Said:
    """Read the results of a bulk publish: one for each message, in order."""
    failed = [(place, item) for place, item in enumerate(items, 1) if "reason_code" in item]
    told = "; ".join(
        f"#{place} {words(item.get('message'))} ({item['reason_code']})" for place, item in failed
    )
    if not failed:
        return Said(words=words(items))
    code = document(failed[0][1]).code
    return Said(
        code, f"{len(failed)} of {len(items)} messages not published: {told}", {"failed": len(failed)}
    )


def plain(text: str) -> Said:
    """Read a body that is not JSON."""
    unsupported = UNSUPPORTED.fullmatch(text.strip())
    if unsupported:
        return Said(unsupported[1], words(unsupported[2]))
    return Said(words=words(text))


def decoded(message: str) -> str:
    """Give the text of a message that EMQX wrote as character codes (`[67,97,110]`), others as they are."""
    if not message.lstrip().startswith(("[", "<<")):
        return message
    try:
        term, end = read(message)
    except (ValueError, RecursionError):
        return message
    if message[end:].strip():
        return message
    return term if isinstance(term, str) else spelled(term) or message


def spelled(members: object) -> str:
    """Give the text of an Erlang io list: character codes and strings; nothing when it is something else."""
    if not isinstance(members, list):
        return ""
    codes = [member for member in members if isinstance(member, int) and 8 < member < 0x110000]
    texts = [member for member in members if isinstance(member, str)]
    if len(codes) < 4 or len(codes) + len(texts) != len(members):
        return ""
    return "".join(chr(member) if isinstance(member, int) else str(member) for member in members)


def words(value: Any, depth: int = 0) -> str:  # noqa: ANN401  # JSON is Any
    """Write what a message holds as one line for a person."""
    if depth > DEEPEST:
        return one_line(str(value))
    match value:
        case None:
            text = ""
        case str():
            text = translated(value, depth + 1)
        case bool():
            text = str(value).lower()
        case Mapping():
            text = complaint(value, depth + 1)
        case tuple((int(), int(), int(), int())):
            text = ".".join(map(str, value))
        case tuple() | list():
            separator = ": " if isinstance(value, tuple) else "; "
            text = spelled(value) or separator.join(filter(None, (words(one, depth + 1) for one in value)))
        case _:
            text = str(value)
    return one_line(text)


def translated(text: str, depth: int) -> str:
    """Write text with the documents and terms in it made readable."""
    stripped = text.strip()
    if stripped in NOTHING:
        return ""
    if stripped in ATOMS:
        return ATOMS[stripped]
    if stripped[0] in '{["':
        try:
            return words(json.loads(stripped), depth)
        except (ValueError, RecursionError):
            pass
    crash = CRASH.match(text)
    if crash:
        return f"{crash[1]}, {cause(text, crash.end(), depth)}"
    return without_terms(text, depth)


def cause(text: str, start: int, depth: int) -> str:
    """Write why EMQX crashed, without the stack trace that follows."""
    try:
        return words(read(text, start)[0], depth)
    except (ValueError, RecursionError):
        return text[start:].partition(", [{")[0]


def without_terms(text: str, depth: int) -> str:
    """Write the Erlang terms inside a text as words. Placeholders such as `{type}:{name}` stay."""
    parts: list[str] = []
    position = failed = 0
    for found in TERM.finditer(text):
        if failed == TRIES:
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
        parts += [text[position : found.start()], words(term, depth)]
        position = end
    return "".join(parts) + text[position:]


def complaint(whole: Mapping[str, Any], depth: int) -> str:
    """Write an object that tells what is wrong where: `limit: must be 1..10000 (got 0)`."""
    told = {key: value for key, value in whole.items() if key not in INTERNAL and value is not None}
    rest = {key: value for key, value in told.items() if key not in LEADING}
    if "who" in told or len(rest) == len(told):
        return members(told, depth)
    path = "" if told.get("path") == "root" else str(told.get("path", "")).removeprefix("root.")
    text = ": ".join(filter(None, [path, words(told.get("msg"), depth), reason(told, depth)]))
    if "value" in told:
        text = join(text, f"got {flat(told['value'])}", " ({})")
    return join(text, members(rest, depth), " ({})")


def members(whole: Mapping[str, Any], depth: int) -> str:
    """Write an object's members: `name: rec, type: http`."""
    return ", ".join(f"{key}: {words(value, depth) or value}" for key, value in whole.items())


def reason(told: Mapping[str, Any], depth: int) -> str:
    """Write what is wrong with a field, or with the forms it may take."""
    if "errors" in told:
        return words(told["errors"], depth)
    if isinstance(told.get("mismatches"), Mapping):
        path = told.get("path")
        forms = [words(without(one, path), depth) for one in told["mismatches"].values()]
        return alternatives(list(dict.fromkeys(filter(None, forms))))
    if "unknown" in told:
        known = (
            f" (others known: {flat(told['unmatched'])})"
            if told.get("unmatched") not in {None, "none"}
            else ""
        )
        return f"unknown field {flat(told['unknown'])}{known}"
    match told.get("reason"):
        case {"expected": expected}:
            return f"must be {EXPECTED_WORDS.get(str(expected), expected)}"
        case str(text) if text in REASON_WORDS:
            return REASON_WORDS[text]
        case other:
            return words(other, depth)


def without(form: Any, path: object) -> Any:  # noqa: ANN401  # JSON is Any
    """Give a mismatch without the path and value it shares with the whole."""
    if not isinstance(form, Mapping) or form.get("path") != path:
        return form
    return {key: value for key, value in form.items() if key not in {"path", "value"}}


def listed(value: Any) -> str:  # noqa: ANN401  # JSON is Any
    """Write a value as `flat` does, and names one after the other: `hot, cold`."""
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        text = ", ".join(value)
        return one_line(text if len(text) <= LONGEST_LIST else text[: LONGEST_LIST - 1] + "…")
    return flat(value)


def flat(value: Any) -> str:  # noqa: ANN401  # JSON is Any
    """Write a value quoted to the user: text in quotes, the rest as JSON, at most 60 characters."""
    if isinstance(value, tuple):
        return words(value)
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return one_line(text if len(text) <= 60 else text[:59] + "…")


def join(text: str, more: str, form: str) -> str:
    """Put `more` behind a text in a form such as ` ({})`, either of which may be empty."""
    return text + form.format(more) if text and more else text or more


def one_line(text: str) -> str:
    """Put text on one line, with single spaces."""
    return " ".join(text.split())
