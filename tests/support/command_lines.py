"""Command lines made of recorded exchanges as owners.py says, and the answers to what they ask besides."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

from emqxctl.cli.root import build_root
from emqxctl.commands.commands import walk
from tests.support.operation_commands import COMMAND_LINES, RULES_PATH, TEXT_RESPONSES
from tests.support.recordings import Exchange, read_index, read_operation
from tests.support.replay import make_exchange


class UnsayableError(Exception):
    """No command line of the owner's can say what was recorded."""


STAND_IN = "x"  # for what a recorded body lacks
TOKEN = make_exchange("POST /login", 200, {"token": "t0ken-of-the-test", "version": "5.8.9", "license": {}})
LOGIN = {"EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": "public"}
SWITCH = {True: "enable", "true": "enable", False: "disable", "false": "disable"}
PAGING = frozenset({"page", "limit", "cursor", "position", "after"})


@dataclass(frozen=True)
class Line:
    """One command line, its standard input, and the answers to what it asks besides and afterwards."""

    words: tuple[str, ...]
    stdin: bytes
    before: tuple[Exchange, ...]
    after: tuple[Exchange, ...]
    login: bool


def line(one: Exchange) -> Line:
    """Make the line of the command that owns an exchange's operation. Raises UnsayableError."""
    if not aligned(one):
        raise UnsayableError(one.path)
    options, _, arguments = COMMAND_LINES[one.operation].partition("|")
    stdin: list[bytes] = []
    words = [word for part in options.split() for word in filled(part, one, stdin)]
    told = [word for part in arguments.split() for word in filled(part, one, stdin)]
    declared, flags = described(tuple(words))
    words += [*queried(one, flags), *shape(one)]
    extra = () if one.operation == "POST /login" or not declared.login else (TOKEN,)
    ends = ["--", *told] if arguments else []
    before = (*extra, *support(one, declared.calls))
    return Line((*words, *ends), b"".join(stdin), before, ending(one), declared.login)


def generic(one: Exchange) -> Line:
    """Make the line of `emqxctl api` for an exchange, with the body as it was."""
    _, _, query = one.target.partition("?")
    path = one.path.removeprefix("/api/v5") + (f"?{query}" if query else "")
    words = ["api", one.method, path, *shape(one), *(["-y"] if one.method == "DELETE" else [])]
    words += ["--input", "-"] if one.request_bytes is not None else []
    return Line(tuple(words), one.request_bytes or b"", (), (), login=False)


def shape(one: Exchange) -> tuple[str, ...]:
    """Ask for JSON, but where the server answered well with something else."""
    is_text = one.status < 300 and "json" not in one.headers.get("content-type", "")
    quoted = "charset" in one.headers.get("content-type", "")
    return () if one.operation in TEXT_RESPONSES and (is_text or quoted) else ("--json",)


@cache
def described(words: tuple[str, ...]) -> tuple[Any, dict[str, str]]:
    """Give what the command of a line declares, and its flags, `--flag` or `--flag/--no-flag` by name."""
    for path, command in COMMANDS.items():
        if words[: len(path)] == path:
            flags = {
                opt: "/".join([opt, *one.secondary_opts]) if getattr(one, "is_flag", False) else opt
                for one in command.params
                for opt in one.opts
            }
            return command.spec, flags
    raise UnsayableError(words)


# The longest first: `gateways listeners list` before a group of that name.
COMMANDS = dict(
    sorted(
        ((tuple(path.split()[1:]), one) for path, one in walk(build_root())), key=lambda pair: -len(pair[0])
    )
)


def filled(part: str, one: Exchange, stdin: list[bytes]) -> Iterator[str]:
    """Give the words that a part of a line becomes."""
    body = one.request.get("body")
    if part.startswith("<"):
        stdin.append(given(part[1:], one, body))
        yield "-"
    elif part.startswith("{--"):
        found = value(body, part[3:-1])
        if found is True or (found is not False and found != STAND_IN):
            yield from (part[1:-1],) if found is True else (part[1:-1], text(found))
    elif part == "{*}" and not isinstance(body, list):
        raise UnsayableError(body)
    elif part == "{*}" or part.startswith("{*."):
        found = body if isinstance(body, list) and body else [body if isinstance(body, dict) else STAND_IN]
        yield from (text(item if part == "{*}" else value(item, part[3:-1])) for item in found)
    else:
        yield re.sub(r"\{([^}]*)\}", lambda match: text(place(match[1], one, body)), part)


def given(source: str, one: Exchange, body: Any) -> bytes:
    """Give what stands on standard input."""
    if source == "file":
        parts = one.request.get("multipart") or [{}]
        return str(parts[0].get("body_text", STAND_IN)).encode()
    found = (
        body
        if source == "body"
        else value(body[0] if isinstance(body, list) and body else body, source.lstrip("*."))
    )
    if source.endswith(("password", "pwd")):
        return text(found).encode() + b"\n"
    return json.dumps(found or {STAND_IN: 1}).encode()


def place(name: str, one: Exchange, body: Any) -> Any:
    """Give what a placeholder stands for: of the path, of the body, or the name of an uploaded file."""
    if name == "file":
        return (one.request.get("multipart") or [{}])[0].get("filename", STAND_IN)
    if name.startswith("?"):
        found = value(body, name[2:]) if name[1] == "." else segments(one).get(name[1:])
        if found not in SWITCH:
            raise UnsayableError(found)
        return SWITCH[found]
    if name.startswith("+"):
        return value(body[0] if isinstance(body, list) and body else body, name[2:])
    return value(body, name[1:]) if name.startswith(".") else segments(one).get(name, STAND_IN)


def aligned(one: Exchange) -> bool:
    """Tell whether a recorded path is one of its operation's, segment by segment."""
    template = one.operation.partition(" ")[2].split("/")
    recorded = one.path.removeprefix("/api/v5").split("/")
    return len(template) == len(recorded) and all(
        wanted == found or wanted.startswith("{") for wanted, found in zip(template, recorded, strict=True)
    )


def segments(one: Exchange) -> dict[str, str]:
    """Give the segments of a recorded path by the placeholders of its operation."""
    template = one.operation.partition(" ")[2].split("/")
    recorded = one.path.removeprefix("/api/v5").split("/")
    pairs = zip(template, recorded, strict=False)
    return {name[1:-1]: unquote(found) for name, found in pairs if name.startswith("{")}


def value(body: Any, name: str) -> Any:
    """Give a field of a body; a stand-in where it is none, or has none."""
    return body[name] if isinstance(body, dict) and name in body else STAND_IN


def text(found: Any) -> str:
    """Write a value as a person would type it."""
    return found if isinstance(found, str) else json.dumps(found)


def queried(one: Exchange, flags: dict[str, str]) -> Iterator[str]:
    """Give the options for a recorded query, of those that the command has; pages it turns by itself."""
    for name, sent in one.query:
        option = flags.get("--" + name.replace("_", "-"))
        if option is None or name in PAGING:
            continue
        yes, _, no = option.partition("/")
        if option.startswith("--") and "/" in option:
            yield yes if sent == "true" else no
        else:
            yield from (yes, sent)


def ending(one: Exchange) -> tuple[Exchange, ...]:
    """Give the empty page that ends a list, as the recorded one may have been in its middle."""
    if one.method != "GET" or not isinstance(one.body, dict) or "meta" not in one.body:
        return ()
    body = {"data": [], "meta": {"hasnext": False}}
    return (replace(make_exchange("GET /", 200, body), request=one.request),)


def support(one: Exchange, calls: tuple[str, ...]) -> Iterator[Exchange]:
    """Give good answers to the other requests that the command may send, at the recorded places."""
    body = one.request.get("body")
    first = body[0] if isinstance(body, list) and body else body
    at = {**(first if isinstance(first, dict) else {}), **segments(one)}
    if one.status == 404 and one.operation == "GET /status":
        yield outside(one)
    for call in calls:
        if call == one.operation:
            continue
        found = special(one, call, at) or good(call)
        if found is not None:
            yield replace(found, request={**found.request, "path": address(call, at)})


def address(call: str, at: Mapping[str, Any]) -> str:
    """Fill the path of a call with what the exchange is about."""
    known = {"type": "built_in_database", **at}
    fill = lambda match: quote(text(known.get(match[1], STAND_IN)), safe="")  # noqa: E731  # used once
    return "/api/v5" + re.sub(r"\{([^}]*)\}", fill, call.partition(" ")[2])


def good(call: str) -> Exchange | None:
    """Give the first good answer that was recorded for a call."""
    found = read_operation(call) if call in read_index() else ()
    return next((each for each in found if 200 <= each.status < 300), None)


def special(one: Exchange, call: str, at: Mapping[str, Any]) -> Exchange | None:
    """Give an answer that must suit what is asked about; None where any good one does."""
    if call == "GET /users":
        return make_exchange(call, 200, [{"username": at.get("username"), "description": ""}])
    if call == "GET /telemetry/status":
        return make_exchange(call, 200, {"enable": not at.get("enable")})
    if call == "GET /authorization/sources/{type}":
        return make_exchange(call, 200, {"type": "built_in_database", "enable": False})
    if call == "GET /clients" and one.operation == "POST /clients/kickout/bulk":
        body = one.request.get("body")
        told = (*(body if isinstance(body, list) else [body]), "one-more", STAND_IN)
        rows = [{"clientid": text(each)} for each in told]
        return make_exchange(call, 200, {"data": rows, "meta": {"hasnext": False}})
    if one.operation.startswith(f"POST {RULES_PATH}/") and call.endswith("}"):
        return make_exchange(call, 404, {"code": "NOT_FOUND", "message": "Not Found"})  # to be created
    return None


def outside(one: Exchange) -> Exchange:
    """Give what EMQX answers to `/status` outside of `/api/v5` while it boots."""
    answer = {
        "status": 200,
        "reason": "OK",
        "headers": {},
        "body_text": "Node n1 is starting\nemqx is not_running",
    }
    return replace(one, request={**one.request, "path": "/status"}, response=answer)
