"""Command lines built from recorded exchanges, with the responses to the other requests they cause."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.spec import CommandSpec
from tests.support.operation_commands import COMMAND_LINES, RULES_PATH, TEXT_RESPONSES
from tests.support.recordings import INDEXES, Exchange, read_index, read_operation
from tests.support.replay import make_exchange


class InexpressibleError(Exception):
    """The command of an operation has no command line that sends the recorded request."""


PLACEHOLDER = "x"  # for what a recorded request lacks
LOGIN_EXCHANGE = make_exchange(
    "POST /login", 200, {"token": "t0ken-of-the-test", "version": "5.8.9", "license": {}}
)
LOGIN_ENV = {"EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": "public"}
SWITCH_VERBS = {True: "enable", "true": "enable", False: "disable", "false": "disable"}
COUNTERS = frozenset({"GET /metrics", "GET /stats"})
# What fits any recorded request, if none of the recorded responses does.
AUTHENTICATION = {"mechanism": "password_based", "backend": "built_in_database"}
SPECIAL_BODIES = {
    "GET /authorization/sources/{type}": {"type": "built_in_database", "enable": False},
    "GET /gateways/{name}/authentication": AUTHENTICATION,
    "GET /gateways/{name}/listeners/{id}/authentication": AUTHENTICATION,
}
TEXT_SOURCES = ("card", "key", "ca")  # fields of a body that are the text of a file
PAGING = frozenset({"page", "limit", "cursor", "position", "after"})


@dataclass(frozen=True)
class CommandLine:
    """One command line, its standard input, and the exchanges before and after the recorded one."""

    words: tuple[str, ...]
    stdin: bytes
    before: tuple[Exchange, ...]
    after: tuple[Exchange, ...]
    needs_login: bool


def build_own_command_line(exchange: Exchange) -> CommandLine:
    """Build the command line of the command that owns an exchange's operation. Raises InexpressibleError."""
    if not fits_operation(exchange):
        raise InexpressibleError(exchange.path)
    option_template, _, argument_template = COMMAND_LINES[exchange.operation].partition("|")
    stdin: list[bytes] = []
    words = [word for part in option_template.split() for word in fill_part(part, exchange, stdin)]
    arguments = [word for part in argument_template.split() for word in fill_part(part, exchange, stdin)]
    spec, flags = find_command(tuple(words))
    words += [*query_options(exchange, flags), *output_options(exchange)]
    login = (LOGIN_EXCHANGE,) if spec.login and exchange.operation != "POST /login" else ()
    return CommandLine(
        words=(*words, *(["--", *arguments] if argument_template else [])),
        stdin=b"".join(stdin),
        before=(*login, *build_other_exchanges(exchange, spec.calls)),
        after=build_last_page(exchange),
        needs_login=spec.login,
    )


def build_api_command_line(exchange: Exchange) -> CommandLine:
    """Build the line of `emqxctl api` that sends the recorded request, with its body unchanged."""
    _, _, query = exchange.target.partition("?")
    path = exchange.path.removeprefix("/api/v5") + (f"?{query}" if query else "")
    words = ["api", exchange.method, path, *output_options(exchange)]
    words += ["-y"] if exchange.method == "DELETE" else []
    words += ["--input", "-"] if exchange.request_bytes is not None else []
    return CommandLine(tuple(words), exchange.request_bytes or b"", (), (), needs_login=False)


def output_options(exchange: Exchange) -> tuple[str, ...]:
    """Return `--json`, unless the server's good response was something else."""
    content_type = exchange.headers.get("content-type", "")
    is_text = exchange.status < 300 and "json" not in content_type
    has_charset = "charset" in content_type
    return () if exchange.operation in TEXT_RESPONSES and (is_text or has_charset) else ("--json",)


@cache
def find_command(words: tuple[str, ...]) -> tuple[CommandSpec, dict[str, str]]:
    """Return the spec of a line's command, and its flags, `--flag` or `--flag/--no-flag` by name."""
    for path, command in COMMANDS.items():
        if words[: len(path)] == path:
            flags = {
                opt: "/".join([opt, *(param.secondary_opts or [""])])
                if getattr(param, "is_flag", False)
                else opt
                for param in command.params
                for opt in param.opts
            }
            return command.spec, flags
    raise InexpressibleError(words)


# The longest first: `gateways listeners list` before a group of that name.
COMMANDS = dict(
    sorted(
        ((tuple(path.split()[1:]), command) for path, command in walk_commands(build_root())),
        key=lambda item: -len(item[0]),
    )
)


def fill_part(part: str, exchange: Exchange, stdin: list[bytes]) -> Iterator[str]:
    """Yield the words that a part of a template becomes; `<...` adds to the standard input."""
    body = exchange.request.get("body")
    if part.startswith("<"):
        stdin.append(build_stdin(part[1:], exchange, body))
        yield "-"
    elif part.startswith("{--"):
        field = get_field(body, part[3:-1].replace("-", "_"))
        if field is True or (field is not False and field != PLACEHOLDER):
            yield from (part[1:-1],) if field is True else (part[1:-1], to_word(field))
    elif part.startswith("{.") and part.endswith("*}"):
        items = get_field(body, part[2:-2])
        yield from map(to_word, items if isinstance(items, list) and items else [PLACEHOLDER])
    elif part == "{*}" and not isinstance(body, list):
        raise InexpressibleError(body)
    elif part == "{*}" or part.startswith("{*."):
        rows = body if isinstance(body, list) and body else [body if isinstance(body, dict) else PLACEHOLDER]
        yield from (to_word(row if part == "{*}" else get_field(row, part[3:-1])) for row in rows)
    else:
        yield re.sub(
            r"\{([^}]*)\}", lambda match: to_word(resolve_placeholder(match[1], exchange, body)), part
        )


def build_stdin(source: str, exchange: Exchange, body: Any) -> bytes:
    """Return the standard input that `<source` of a template names."""
    if source == "file":
        parts = exchange.request.get("multipart") or [{}]
        return str(parts[0].get("body_text", PLACEHOLDER)).encode()
    content = body if source == "body" else get_field(first_row(body), source.lstrip("*."))
    if source.endswith(("password", "pwd")):
        return to_word(content).encode() + b"\n"
    if source.endswith(TEXT_SOURCES):
        return to_word(content).encode()
    return json.dumps(content or {PLACEHOLDER: 1}).encode()


def resolve_placeholder(name: str, exchange: Exchange, body: Any) -> Any:
    """Return the value of a placeholder: of the path, of the body, or the name of an uploaded file."""
    if name == "file":
        return (exchange.request.get("multipart") or [{}])[0].get("filename", PLACEHOLDER)
    if name.startswith("?"):
        state = get_field(body, name[2:]) if name[1] == "." else path_values(exchange).get(name[1:])
        if state not in SWITCH_VERBS:
            raise InexpressibleError(state)
        return SWITCH_VERBS[state]
    if name == ".mechanism:backend":
        parts = [get_field(body, "mechanism"), get_field(body, "backend")]
        return ":".join(to_word(part) for part in parts if part != PLACEHOLDER) or PLACEHOLDER
    if name.startswith("+"):
        return get_field(first_row(body), name[2:])
    if name.startswith("."):
        return get_field(body, name[1:])
    return path_values(exchange).get(name, PLACEHOLDER)


def fits_operation(exchange: Exchange) -> bool:
    """Return whether the recorded path has the segments of its operation's path."""
    template = exchange.operation.partition(" ")[2].split("/")
    segments = exchange.path.removeprefix("/api/v5").split("/")
    return len(template) == len(segments) and all(
        part == segment or part.startswith("{") for part, segment in zip(template, segments, strict=True)
    )


def path_values(exchange: Exchange) -> dict[str, str]:
    """Return the segments of the recorded path by the placeholders of its operation."""
    template = exchange.operation.partition(" ")[2].split("/")
    segments = exchange.path.removeprefix("/api/v5").split("/")
    pairs = zip(template, segments, strict=False)
    return {part[1:-1]: unquote(segment) for part, segment in pairs if part.startswith("{")}


def first_row(body: Any) -> Any:
    """Return the first element of a list that is not empty, or the body itself."""
    return body[0] if isinstance(body, list) and body else body


def get_field(body: Any, name: str) -> Any:
    """Return a field of a body (`a.b` a nested one); the placeholder if it is not there."""
    name, _, rest = name.partition(".")
    value = body[name] if isinstance(body, dict) and name in body else PLACEHOLDER
    return get_field(value, rest) if rest else value


def to_word(value: Any) -> str:
    """Format a value as a user would type it."""
    return value if isinstance(value, str) else json.dumps(value)


def query_options(exchange: Exchange, flags: Mapping[str, str]) -> Iterator[str]:
    """Yield the options for the recorded query that the command has; the command pages by itself."""
    for name, value in exchange.query:
        option = flags.get("--" + name.replace("_", "-"))
        if option is None or name in PAGING:
            continue
        yes, _, no = option.partition("/")
        if option.startswith("--") and "/" in option:
            if yes if value == "true" else no:
                yield yes if value == "true" else no
        else:
            yield from (yes, value)
    if exchange.operation in COUNTERS and isinstance(exchange.body, list):
        yield "--per-node"  # recorded without `aggregate=true`


def build_last_page(exchange: Exchange) -> tuple[Exchange, ...]:
    """Return the empty page that ends a list: the recorded page may be one in its middle."""
    if exchange.method != "GET" or not isinstance(exchange.body, dict) or "meta" not in exchange.body:
        return ()
    body = {"data": [], "meta": {"hasnext": False}}
    return (replace(make_exchange("GET /", 200, body), request=exchange.request),)


def build_other_exchanges(exchange: Exchange, calls: tuple[str, ...]) -> Iterator[Exchange]:
    """Yield good responses to the command's other requests, at the paths that the recording names."""
    row = first_row(exchange.request.get("body"))
    values = {**(row if isinstance(row, dict) else {}), **path_values(exchange)}
    if exchange.status == 404 and exchange.operation == "GET /status":
        yield build_booting_status(exchange)
    version = next(version for version in INDEXES if exchange in read_recorded(exchange.operation, version))
    for call in calls:
        if call == exchange.operation:
            continue
        response = build_special_response(exchange, call, values) or find_good_exchange(call, version)
        if response is not None:
            yield replace(response, request={**response.request, "path": fill_path(call, values)})


def fill_path(call: str, values: Mapping[str, Any]) -> str:
    """Fill the path of a call with the recorded values."""
    all_values = {"type": "built_in_database", **values}

    def fill(match: re.Match[str]) -> str:
        return quote(to_word(all_values.get(match[1], PLACEHOLDER)), safe="")

    return "/api/v5" + re.sub(r"\{([^}]*)\}", fill, call.partition(" ")[2])


def read_recorded(operation: str, version: str) -> tuple[Exchange, ...]:
    """Return the exchanges of an operation, none if it was not recorded."""
    return read_operation(operation, version) if operation in read_index(version) else ()


def find_good_exchange(call: str, version: str) -> Exchange | None:
    """Return the first exchange of a call that succeeded, None if none was recorded."""
    exchanges = read_recorded(call, version)
    good = [exchange for exchange in exchanges if 200 <= exchange.status < 300]
    return min(good, key=lambda exchange: not exchange.response_bytes, default=None)


def build_special_response(exchange: Exchange, call: str, values: Mapping[str, Any]) -> Exchange | None:
    """Return the response to a call that must fit the recorded request; None if any good one will do."""
    if call == "GET /users":
        return make_exchange(call, 200, [{"username": values.get("username"), "description": ""}])
    if call in SPECIAL_BODIES:
        return make_exchange(call, 200, SPECIAL_BODIES[call])
    if call == "GET /telemetry/status":
        return make_exchange(call, 200, {"enable": not values.get("enable")})
    if call == "GET /clients" and exchange.operation == "POST /clients/kickout/bulk":
        body = exchange.request.get("body")
        ids = (*(body if isinstance(body, list) else [body]), "one-more", PLACEHOLDER)
        rows = [{"clientid": to_word(clientid)} for clientid in ids]
        return make_exchange(call, 200, {"data": rows, "meta": {"hasnext": False}})
    if exchange.operation.startswith(f"POST {RULES_PATH}/") and call.endswith("}"):
        # The rules are about to be created.
        return make_exchange(call, 404, {"code": "NOT_FOUND", "message": "Not Found"})
    return None


def build_booting_status(exchange: Exchange) -> Exchange:
    """Return what EMQX answers to `/status`, outside `/api/v5`, while it boots."""
    response = {
        "status": 200,
        "reason": "OK",
        "headers": {},
        "body_text": "Node n1 is starting\nemqx is not_running",
    }
    return replace(exchange, request={**exchange.request, "path": "/status"}, response=response)
