"""One call of the REST API before it is sent: its path, query and body, and how it reads as curl."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from emqxctl.errors import READONLY_HINT, GuardError, UsageError
from emqxctl.values import boolean

if TYPE_CHECKING:
    from emqxctl.api.response import Answer
    from emqxctl.text.redaction import Redactor

BASE = "/api/v5"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_SHOWN = 2000  # characters of a body under --debug
HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
UNSENDABLE = r"[\x00-\x08\x0a-\x1f\x7f]"  # in a header's value: a line break would begin another header
PLACEHOLDER = re.compile(r"\{[^}]*\}")

Query = Mapping[str, object] | Iterable[tuple[str, object]]


class Call(NamedTuple):
    """A request to be: `operation` is `GET /nodes/{node}` as EMQX's documents name it, `path` is encoded.

    `query` holds decoded pairs. `content` is the body's bytes, None for none; `headers` go on top of our own.
    `base` is put before the path (`/api/v5`, or nothing for what lives outside it).
    """

    method: str
    path: str
    operation: str
    arguments: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    content_type: str = ""
    accept: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    base: str = BASE

    @property
    def is_safe(self) -> bool:
        """Whether it only reads."""
        return self.method in SAFE_METHODS

    @property
    def target(self) -> str:
        """Path and query as they go on the wire, below the cluster's URL."""
        query = urlencode(self.query, quote_via=quote, safe="")
        return self.base + self.path + (f"?{query}" if query else "")


def build(method: str, template: str, *arguments: str, query: Query = (), body: object = None) -> Call:
    """Make a call of a path template (`/clients/{clientid}`) and the arguments for its placeholders.

    `body` is sent as JSON unless it is None. Raises UsageError when an argument cannot stand in a path.
    """
    content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Call(
        method=method,
        path=fill(template, arguments),
        operation=f"{method} {template}",
        arguments=arguments,
        query=tuple(pairs(query)),
        content=content,
        content_type="" if content is None else "application/json",
    )


def fill(template: str, arguments: Iterable[str]) -> str:
    """Put encoded arguments in place of a template's placeholders, in order."""
    waiting = list(arguments)
    if len(waiting) != len(PLACEHOLDER.findall(template)):
        message = f"{template} takes {len(PLACEHOLDER.findall(template))} arguments, not {len(waiting)}"
        raise TypeError(message)
    return PLACEHOLDER.sub(lambda _match: segment(waiting.pop(0)), template)


def segment(argument: str) -> str:
    """Encode one path argument.

    Refuses the empty text, `.` and `..`: EMQX drops such segments after decoding, so that deleting one thing
    would become deleting all (api.md §0.1). Raises UsageError.
    """
    if argument in {"", ".", ".."}:
        message = f"{argument!r} cannot be addressed: EMQX would widen the call to the whole list"
        hint = (
            "such an id can only be named in a filter or a body (clients list --clientid, clients kick --ids)"
        )
        raise UsageError(message, code="UNSAFE_ID", hint=hint if argument else "give the id")
    try:
        return quote(argument, safe="")
    except UnicodeEncodeError as error:
        message = f"{argument!r} is not valid Unicode text"
        raise UsageError(message, code="UNSAFE_ID", hint="EMQX's ids and topics are UTF-8") from error


def pairs(query: Query) -> list[tuple[str, str]]:
    """Write query values as EMQX wants them: booleans in lower case, lists repeated, None left out."""
    items = query.items() if isinstance(query, Mapping) else query
    written: list[tuple[str, str]] = []
    for name, value in items:
        values = value if isinstance(value, list | tuple) else [value]
        written += [
            (name, boolean(one) if isinstance(one, bool) else str(one)) for one in values if one is not None
        ]
    try:
        urlencode(written)
    except UnicodeEncodeError as error:
        message = "a filter holds text that is not valid Unicode"
        raise UsageError(message) from error
    return written


def check_headers(call: Call) -> None:
    """Refuse headers that could not be sent, or would be read as two. Raises UsageError."""
    for name, value in (("Accept", call.accept), ("Content-Type", call.content_type), *call.headers):
        if not re.fullmatch(HEADER_NAME, name) or re.search(UNSENDABLE, value):
            message = f"the header {name!r} cannot be sent: its name or a control character in it is not HTTP"
            raise UsageError(message, code="BAD_HEADER", hint="--header NAME:VALUE, on one line")


def readonly(call: Call) -> GuardError:
    """Say that a write was refused because the profile is read-only."""
    message = f"this profile is read-only: {call.method} {call.path} was not sent"
    return GuardError(message, code="READONLY", hint=READONLY_HINT)


def form(content_type: str, content: bytes) -> list[str]:
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


def shown(content: bytes, redactor: "Redactor", content_type: str = "") -> str:
    """Write a body for a person, without its secrets."""
    if is_form(content_type):
        return redactor.text(f"{', '.join(form(content_type, content))} ({len(content)} bytes)")
    text = content.decode("utf-8", "replace")
    try:
        return json.dumps(redactor.json(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return redactor.text(text)


def conversation(call: Call, answer: "Answer", redactor: "Redactor") -> Iterator[str]:
    """Write headers and bodies of an exchange for --debug, without secrets."""
    sent = {"accept": call.accept, "content-type": call.content_type, **dict(call.headers)}
    headers = {name: value for name, value in sent.items() if value} | {"authorization": "******"}
    sides = ((">", headers, call.content, call.content_type), ("<", answer.headers, answer.content, ""))
    for mark, named, content, content_type in sides:
        for name, value in redactor.headers(named).items():
            yield f"{mark} {name}: {value}"
        if content is not None:
            text = shown(content, redactor, content_type)
            more = f" ... ({len(content)} bytes)" if len(text) > LONGEST_SHOWN else ""
            yield f"{mark} {text[:LONGEST_SHOWN]}{more}"


BASIC = ("-u", "$EMQXCTL_API_KEY:$EMQXCTL_API_SECRET")
BEARER = ("-H", "Authorization: Bearer $TOKEN")


def curl(call: Call, url: str, body: str | None, *, token: bool = False) -> str:
    """Write a call as the curl command that would send it; key and secret, or the token, are placeholders."""
    import shlex

    words = ["curl", "-X", call.method, *(BEARER if token else BASIC)]
    words += ["-H", f"Accept: {call.accept}"] if call.accept else []
    for name, value in call.headers:
        words += ["-H", f"{name}: {value}"]
    if is_form(call.content_type):
        parts = form(call.content_type, call.content or b"")
        words += [word for part in parts for word in ("-F", part)]
    elif body is not None:
        words += ["-H", f"Content-Type: {call.content_type}", "--data-binary", body]
    words.append(url + call.target)
    # The placeholder must stay open to the shell, all else closed to it.
    return " ".join(f'"{word}"' if word in {BASIC[1], BEARER[1]} else shlex.quote(word) for word in words)
