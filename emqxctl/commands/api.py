"""`emqxctl api`: send any request to the REST API."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.api.request import SAFE_METHODS, Request, build_raw_request, query_pairs
from emqxctl.api.response import Response
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.fields import build_fields
from emqxctl.cli.input.files import read_bytes, write_file
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._server_text import iterate_text
from emqxctl.errors import UsageError
from emqxctl.output.results import Bytes, Done, Result, Value

if TYPE_CHECKING:
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.request import CompletionRequest

app = new_group("Send a request to the REST API.")


class Method(StrEnum):
    """The HTTP methods that EMQX supports."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"
    PATCH = "PATCH"


def complete_paths(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return the paths of the operations of a method; up to a placeholder, if there is one."""
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.emqx.operations_data import LIFETIMES

    method = str(request.values.get("method") or "GET")
    paths = (operation.removeprefix(f"{method} ") for operation in sorted(LIFETIMES))
    heads = dict.fromkeys(path.partition("{")[0] for path in paths if path.startswith("/"))
    return [Candidate(head, partial=head.endswith("/")) for head in heads]


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
    completes={"path": complete_paths},
)
def api(
    session: Session,
    method: Annotated[
        Method,
        typer.Argument(
            metavar="METHOD", help="HTTP method: GET, POST, PUT, DELETE or PATCH.", case_sensitive=False
        ),
    ],
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="Path below /api/v5; ids in it are percent-encoded.")
    ],
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            "-F",
            metavar="KEY=VALUE",
            help="Field with a typed value or @FILE, such as a[b]=1 or a[]=1. Repeatable.",
        ),
    ] = None,
    raw_field: Annotated[
        list[str] | None,
        typer.Option("--raw-field", metavar="KEY=VALUE", help="Field with a text value. Repeatable."),
    ] = None,
    input_: Annotated[
        str | None,
        typer.Option("--input", metavar="FILE", help="File that contains the body (- for stdin)."),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option("--header", "-H", metavar="NAME:VALUE", help="Request header. Repeatable."),
    ] = None,
    paginate: Annotated[bool, typer.Option("--paginate", help="Print all pages as one list.")] = False,
    include: Annotated[
        bool, typer.Option("--include", "-i", help="Print the status and the headers first.")
    ] = False,
    output_file: Annotated[
        str | None, typer.Option("--output-file", metavar="FILE", help="File to write the response to.")
    ] = None,
) -> Result:
    """Send a request to the REST API.

    Fields become the query of a GET or DELETE, and the JSON body of a POST, PUT or PATCH. Prints the response
    as JSON.
    """
    fields = build_fields(field or [], raw_field or [])
    request = with_headers(with_body(build_raw_request(method.value, path), fields, input_), header or [])
    if not session.settings.output:
        session.settings = session.settings._replace(output="json")
    if method is Method.DELETE:
        session.confirm(f"DELETE {request.path}")
    if paginate:
        return fetch_all_pages(session, request)
    response = session.client.send(request)
    if output_file is not None:
        size = write_file(output_file, [response.content])
        return Done(f"wrote {size} bytes to {output_file}", {"file": output_file, "bytes": size})
    if include:
        return Bytes([format_head(session, response), *iterate_text(response.content), b"\n"])
    if is_json(response.headers.get("content-type", "")):
        return Value(response.json())
    return Bytes(iterate_text(response.content))


def format_head(session: Session, response: Response) -> bytes:
    """Format the status line and the headers of a response; secrets are masked."""
    headers = session.client.redactor.redact_headers(response.headers)
    lines = [f"HTTP/1.1 {response.status} {response.reason}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\n".join(lines) + "\n\n").encode()


def with_body(request: Request, fields: dict[str, Any], file: str | None) -> Request:
    """Return a request with its fields and its body. Raises UsageError for both a body and its fields."""
    import json

    if request.method in SAFE_METHODS | {"DELETE"}:
        request = request._replace(query=(*request.query, *query_pairs(fields)))
        fields = {}
    if file is not None and fields:
        message = "--input and --field cannot be used together"
        raise UsageError(message)
    if file is not None:
        return request._replace(content=read_bytes(file, "--input"), content_type="application/json")
    if fields:
        return request._replace(content=json.dumps(fields).encode(), content_type="application/json")
    return request


def with_headers(request: Request, headers: list[str]) -> Request:
    """Return a request with more headers. Raises UsageError for an invalid one, and for credentials."""
    for header in headers:
        name, colon, value = header.partition(":")
        name, value = name.strip(), value.strip()
        if not colon or not name or any(character in header for character in "\r\n\0"):
            message = f"--header: {header!r} is not NAME:VALUE"
            raise UsageError(message)
        match name.lower():
            case "accept":
                request = request._replace(accept=value)
            case "content-type":
                request = request._replace(content_type=value)
            case "authorization" | "host" | "content-length" | "transfer-encoding":
                message = f"--header: {name} is set by emqxctl"
                raise UsageError(
                    message, hint="select the API key with a profile, or --api-key and --api-secret-file"
                )
            case _:
                request = request._replace(headers=(*request.headers, (name, value)))
    return request


def fetch_all_pages(session: Session, request: Request) -> Result:
    """Return all pages of a list as one. Raises UsageError for any method but GET."""
    from emqxctl.api.pagination import iterate_rows
    from emqxctl.api.response import page_meta, page_rows
    from emqxctl.output.results import Rows
    from emqxctl.resource import Paging

    if request.method != "GET":
        message = f"--paginate is not supported for {request.method}"
        raise UsageError(message)

    def fetch_page(page: Any) -> Any:  # noqa: ANN401  # JSON is Any
        query = [pair for pair in request.query if pair[0] not in page]
        return session.client.send(request._replace(query=(*query, *query_pairs(page)))).json()

    first_page = fetch_page({})
    meta = page_meta(first_page)
    if not isinstance(first_page, dict) or not meta:
        has_data = isinstance(first_page, dict) and "data" in first_page
        return Value(page_rows(first_page) if has_data else first_page)
    paging = Paging.CURSOR if "cursor" in meta and "page" not in meta else Paging.PAGES
    query = {name: value for name, value in request.query if name not in {"page", "cursor"}}
    return Rows(iterate_rows(fetch_page, paging, query), plural_noun="rows")


def is_json(content_type: str) -> bool:
    """Return whether a content type is JSON; one of EMQX's responses quotes it (api.md §5.3)."""
    return content_type.strip("'\" ").lower().startswith("application/json")
