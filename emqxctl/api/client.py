"""The client of one cluster's REST API: get, post, put, delete; error responses become exceptions."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from emqxctl.api.connection import Connection, describe_withheld_key
from emqxctl.api.request import Query, Request, build_request
from emqxctl.api.request_body import OnProgress
from emqxctl.api.response import Response, list_page, require_object
from emqxctl.api.transport import Log, OnResponse, Transport
from emqxctl.errors import EmqxctlError
from emqxctl.text.row_page import ListPage

if TYPE_CHECKING:
    from emqxctl.text.redaction import Redactor

NO_CREDENTIALS = "AUTHORIZATION_HEADER_ERROR"  # EMQX's code for a request without credentials


class Client:
    """The REST API of one cluster, under `/api/v5`.

    Every method raises an EmqxctlError: ServerError for an error response, UnreachableError or TimedOutError
    without a response, UsageError for an argument that cannot be part of a path, GuardError for a write in a
    read-only profile. `log` takes a line for stderr, `on_response` every response. `command` is the command
    that sends the requests (`emqxctl rules create`), whose help page the hints name.
    """

    def __init__(
        self, connection: Connection, log: Log, on_response: OnResponse | None = None, command: str = ""
    ) -> None:
        """Prepare; nothing is sent."""
        self.transport = Transport(connection, log, on_response)
        self.command = command
        self.namespace = ""
        self.only_global = False

    def in_namespace(self, namespace: str, *, only_global: bool = False) -> "Client":
        """Return this client with a namespace for the operations that take one; they share the connection.

        With `only_global` lists leave out what is in namespaces.
        """
        from copy import copy

        client = copy(self)
        client.namespace, client.only_global = namespace, only_global
        return client

    @property
    def connection(self) -> Connection:
        """How the cluster is reached."""
        return self.transport.connection

    @property
    def redactor(self) -> "Redactor":
        """Masks this run's secrets in whatever is shown."""
        return self.transport.redactor

    def get(self, path: str, *arguments: str, query: Query = ()) -> Any:  # noqa: ANN401  # JSON is Any
        """Return the JSON of a path."""
        return self.send(build_request("GET", path, *arguments, query=query)).json()

    def get_page(self, path: str, *arguments: str, query: Query = (), fields: Sequence[str] = ()) -> ListPage:
        """Return one page of a list, with these fields decoded. Raises ServerError for anything else."""
        return self.send(build_request("GET", path, *arguments, query=query)).page(fields)

    def get_object(self, path: str, *arguments: str, query: Query = ()) -> dict[str, Any]:
        """Return the JSON object of a path. Raises ServerError for anything else."""
        return require_object(self.get(path, *arguments, query=query))

    def get_list(self, path: str, *arguments: str, query: Query = ()) -> list[dict[str, Any]]:
        """Return the rows of a list, bare or in `data`. Raises ServerError for anything else."""
        return list_page(self.get(path, *arguments, query=query)).rows.read_all()

    def post(self, path: str, *arguments: str, query: Query = (), body: object = None) -> Any:  # noqa: ANN401
        """Post JSON (no body for None) and return the response's JSON, None if empty or in a dry run."""
        return self.send(build_request("POST", path, *arguments, query=query, body=body)).json()

    def post_object(
        self, path: str, *arguments: str, query: Query = (), body: object = None
    ) -> dict[str, Any]:
        """Post JSON and return the response's JSON object, an empty one if the body is empty or in a dry run.

        Raises ServerError for any other JSON.
        """
        value = self.post(path, *arguments, query=query, body=body)
        return {} if value is None else require_object(value)

    def put(self, path: str, *arguments: str, query: Query = (), body: object = None) -> Any:  # noqa: ANN401
        """Put JSON (no body for None) and return the response's JSON, None if empty or in a dry run."""
        return self.send(build_request("PUT", path, *arguments, query=query, body=body)).json()

    def put_object(
        self, path: str, *arguments: str, query: Query = (), body: object = None
    ) -> dict[str, Any]:
        """Put JSON and return the response's JSON object, an empty one if the body is empty or in a dry run.

        Raises ServerError for any other JSON.
        """
        value = self.put(path, *arguments, query=query, body=body)
        return {} if value is None else require_object(value)

    def delete(self, path: str, *arguments: str, query: Query = ()) -> Any:  # noqa: ANN401  # JSON is Any
        """Delete and return the response's JSON, None if empty or in a dry run."""
        return self.send(build_request("DELETE", path, *arguments, query=query)).json()

    def send(self, request: Request, *, on_progress: OnProgress | None = None) -> Response:
        """Send a request and return its response. Raises ServerError for any status but 2xx.

        A path that an old broker does not know is retried with its legacy name.
        """
        request = self.with_namespace(request)
        response = self.transport.send(request, on_progress=on_progress)
        try:
            self.check_status(request, response)
        except EmqxctlError as error:
            if not error.details.get("unknown_path"):
                raise
            from emqxctl.api.legacy_paths import to_legacy_request

            legacy_request = to_legacy_request(request)
            response = self.transport.send(legacy_request) if legacy_request else response
            if not response.is_success:
                raise
        return response

    def with_namespace(self, request: Request) -> Request:
        """Return a request with the namespace, if there is one and the operation takes it.

        Raises UnsupportedError for an EMQX without namespaces: it would ignore the parameter.
        """
        if not (self.namespace or self.only_global):
            return request
        from emqxctl.api.namespaces import add_namespace

        return add_namespace(self.transport, request, self.namespace, only_global=self.only_global)

    def stream(self, request: Request, on_progress: OnProgress) -> Iterator[bytes]:
        """Yield the body of a response of any size in chunks. Raises as `send`, also between chunks."""
        return self.transport.stream(request, on_progress, self.check_status)

    def check_status(self, request: Request, response: Response) -> None:
        """Raise the error that a response reports, unless it is a success."""
        if response.is_success:
            return
        from emqxctl.api.error_responses import error_from_response
        from emqxctl.api.legacy_paths import SHADOWED_OPERATIONS

        error = error_from_response(
            response,
            self.redactor,
            self.command,
            is_login=bool(self.connection.token),
            content=request.content if isinstance(request.content, bytes) else None,
        )
        if error.details.get("unknown_path") or request.operation in SHADOWED_OPERATIONS:
            from emqxctl.api.availability import explain_missing_operation

            error = explain_missing_operation(self.transport, request, error)
        if is_outcome_unknown(response.status) and not request.is_safe:
            from emqxctl.api.connection_errors import mark_outcome_unknown

            error = mark_outcome_unknown(error, request)
        if "retry-after" in response.headers:
            note_retry_after(error, response.headers["retry-after"])
        if error.code == NO_CREDENTIALS and self.connection.withheld_from:
            error.message, error.hint = describe_withheld_key(self.connection)
        error.hint = error.hint or "--debug shows the request and the response"
        raise error

    def open_session(self) -> None:
        """Open the HTTP session now: threads that send their first request together would open one each."""
        self.transport.session  # noqa: B018  # made on first use

    def set_timeout(self, seconds: float) -> None:
        """Set the timeout of the next requests."""
        self.transport.connection = self.connection._replace(timeout=seconds)


def is_outcome_unknown(status: int) -> bool:
    """Return whether a write with this status may have been made: something before EMQX answered."""
    return status in {502, 504} or status < 200 or 300 <= status < 400


def note_retry_after(error: EmqxctlError, header: str) -> None:
    """Add to an error how long the server asks to wait."""
    from emqxctl.api.retry import parse_retry_after
    from emqxctl.text.units import format_duration

    seconds = parse_retry_after(header)
    if seconds:
        error.details["retry_after"] = min(seconds, 1e9)  # JSON has no infinity
        duration = format_duration(min(seconds, 1e9))
        error.hint = "\n".join(filter(None, [error.hint, f"the server asks to wait {duration}"]))
