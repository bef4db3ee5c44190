"""`emqxctl api`: any operation of the REST API."""

from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote

import typer

from emqxctl.api.request import API_PREFIX, SAFE_METHODS, Request, query_pairs
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.fields import build_fields
from emqxctl.cli.input.files import read_bytes, write_file
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Bytes, Done, Result, Value

app = new_group("Call any operation of the REST API.")


class Method(StrEnum):
    """The HTTP methods EMQX knows."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"
    PATCH = "PATCH"


@app.command()
@command(
    examples=(
        "emqxctl api GET /nodes",
        "emqxctl api GET /clients -F conn_state=connected --paginate",
        "emqxctl api POST /publish -F topic=a/b -F payload=hello -F qos=1",
        "emqxctl api PUT /mqtt/delayed --input delayed.json",
        "emqxctl api GET /configs -H 'Accept: text/plain' --output-file emqx.hocon",
    ),
    effect=Effect.WRITE,
    local=False,
)
def api(
    session: Session,
    method: Annotated[
        Method,
        typer.Argument(metavar="METHOD", help="GET, POST, PUT, DELETE or PATCH.", case_sensitive=False),
    ],
    path: Annotated[str, typer.Argument(metavar="PATH", help="Below /api/v5; ids in it percent-encoded.")],
    field: Annotated[
        list[str] | None,
        typer.Option("--field", "-F", metavar="KEY=VALUE", help="A typed value, or @FILE; a[b]=1, a[]=1."),
    ] = None,
    raw_field: Annotated[
        list[str] | None, typer.Option("--raw-field", metavar="KEY=VALUE", help="A value that is text.")
    ] = None,
    input_: Annotated[
        str | None, typer.Option("--input", metavar="FILE", help="The body from a file; - for stdin.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", metavar="NAME:VALUE", help="A header; repeatable.")
    ] = None,
    paginate: Annotated[bool, typer.Option("--paginate", help="All pages, as one array.")] = False,
    include: Annotated[bool, typer.Option("--include", "-i", help="Status and headers first.")] = False,
    output_file: Annotated[
        str | None, typer.Option("--output-file", metavar="FILE", help="Write the answer there.")
    ] = None,
) -> Result:
    """Call any operation of the REST API; the answer as JSON.

    Fields are the query of a GET or DELETE, and the JSON body of a POST, PUT or PATCH.
    """
    call = with_body(address(method, path), build_fields(field or [], raw_field or []), input_)
    call = with_headers(call, header or [])
    if not session.settings.output:
        session.settings = session.settings._replace(output="json")
    if method is Method.DELETE:
        session.confirm(f"DELETE {call.path}")
    if paginate:
        return every_page(session, call)
    answer = session.client.send(call)
    if output_file is not None:
        size = write_file(output_file, [answer.content])
        return Done(f"wrote {size} bytes to {output_file}", {"file": output_file, "bytes": size})
    if include:
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        lines += [
            f"{name}: {value}"
            for name, value in session.client.redactor.redact_headers(answer.headers).items()
        ]
        return Bytes([("\n".join(lines) + "\n\n").encode(), answer.content, b"\n"])
    if is_json(answer.headers.get("content-type", "")):
        return Value(answer.json())
    return Bytes([answer.content])


def address(method: Method, path: str) -> Request:
    """Make a call of a path as typed, below `/api/v5` or from the root, perhaps with a query.

    Refuses segments that EMQX drops after decoding, which would widen the call (api.md §0.1).
    """
    bare, _, query = path.partition("?")
    bare = "/" + bare.removeprefix(API_PREFIX).lstrip("/")
    if any(unquote(segment) in {"", ".", ".."} for segment in bare.split("/")[1:]):
        message = f"{path!r} has an empty segment, '.' or '..': EMQX would widen the call"
        raise UsageError(message, code="UNSAFE_ID", hint="percent-encode slashes within an id: a%2Fb")
    if not bare.isascii() or any(character <= " " or character in "#\\" for character in bare):
        message = f"{path!r} is not percent-encoded"
        raise UsageError(message, hint="ids in a path are encoded: a%20b%2Fc")
    given = parse_qsl(query, keep_blank_values=True)
    base = "" if bare == "/status" else API_PREFIX
    return Request(method.value, bare, f"{method.value} {bare}", query=tuple(given), prefix=base)


def with_body(call: Request, fields: dict[str, Any], file: str | None) -> Request:
    """Give a call its fields and its body. Raises UsageError for both a body and fields of one."""
    import json

    if call.method in SAFE_METHODS | {"DELETE"}:
        call = call._replace(query=(*call.query, *query_pairs(fields)))
        fields = {}
    if file is not None and fields:
        message = "--input and --field exclude each other: one body"
        raise UsageError(message)
    if file is not None:
        return call._replace(content=read_bytes(file, "--input"), content_type="application/json")
    if fields:
        return call._replace(content=json.dumps(fields).encode(), content_type="application/json")
    return call


def with_headers(call: Request, headers: list[str]) -> Request:
    """Give a call more headers. Raises UsageError for a malformed one, and for credentials."""
    for line in headers:
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        if not colon or not name or any(character in line for character in "\r\n\0"):
            message = f"--header {line!r}: not NAME: VALUE"
            raise UsageError(message)
        match name.lower():
            case "accept":
                call = call._replace(accept=value)
            case "content-type":
                call = call._replace(content_type=value)
            case "authorization" | "host" | "content-length" | "transfer-encoding":
                message = f"--header {name}: it is made by emqxctl"
                raise UsageError(
                    message, hint="choose the key with a profile, --api-key and --api-secret-file"
                )
            case _:
                call = call._replace(headers=(*call.headers, (name, value)))
    return call


def every_page(session: Session, call: Request) -> Result:
    """Follow a list to its end and give one array. Raises UsageError for what is no GET."""
    from emqxctl.api.pagination import iterate_rows, page_meta, page_rows
    from emqxctl.output.results import Rows
    from emqxctl.resource import Paging

    if call.method != "GET":
        message = "--paginate goes with GET"
        raise UsageError(message)

    def fetch(page: Any) -> Any:  # noqa: ANN401  # JSON is Any
        kept = [pair for pair in call.query if pair[0] not in page]
        return session.client.send(call._replace(query=(*kept, *query_pairs(page)))).json()

    first = fetch({})
    if not isinstance(first, dict) or not page_meta(first):
        return Value(page_rows(first) if isinstance(first, dict) and "data" in first else first)
    paging = (
        Paging.CURSOR if "cursor" in page_meta(first) and "page" not in page_meta(first) else Paging.PAGES
    )
    query = {name: value for name, value in call.query if name not in {"page", "cursor"}}
    return Rows(iterate_rows(fetch, paging, query), plural_noun="rows")


def is_json(content_type: str) -> bool:
    """Tell whether a content type is JSON; one of EMQX's answers quotes it (api.md §5.3)."""
    return content_type.strip("'\" ").lower().startswith("application/json")
