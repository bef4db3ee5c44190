"""An error response of EMQX as an exception: message, hint, exit code."""

from typing import cast

from emqxctl.api.command_groups import find_list_group, group_of, list_command_hint
from emqxctl.api.error_responses.body import ErrorBody, parse_error_body
from emqxctl.api.error_responses.body_hints import explain_hint
from emqxctl.api.error_responses.hints import (
    ALREADY_EXISTS,
    GATEWAY_WITHOUT_AUTHENTICATION,
    UNKNOWN_NODE,
    hint_for,
)
from emqxctl.api.error_responses.missing_objects import find_missing_object
from emqxctl.api.error_responses.permission import Denial, find_denial
from emqxctl.api.error_responses.subject import format_operation, subject
from emqxctl.api.response import Response
from emqxctl.emqx.error_codes import REASON_CODES, STATUS_CODES, exit_code_of, find_error_code
from emqxctl.emqx.error_text import one_line
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.text.redaction import Redactor
from emqxctl.text.shortening import shorten

MAX_SERVER_TEXT = 400  # characters of the server's message
TAIL_CHARACTERS = 150  # of these at the end
MAX_MESSAGE = 600  # characters

SUMMARIES = {
    "BAD_API_KEY_OR_SECRET": "API key or secret not accepted",
    "API_KEY_NOT_ALLOW": "not allowed for API keys, only for dashboard users",
    "AUTHORIZATION_HEADER_ERROR": "no credentials in the request",
    "BOOTING": "EMQX is still starting",
}
SUMMARIES_BY_EXIT = {
    ExitCode.UNAUTHENTICATED: "not authenticated",
    ExitCode.FORBIDDEN: "EMQX does not allow {operation}",
    ExitCode.REJECTED: "EMQX rejected {operation}",
    ExitCode.SERVER: "EMQX failed on {operation} ({status})",
    ExitCode.TIMED_OUT: "{operation} timed out ({status})",
    ExitCode.UNSUPPORTED: "{operation} is not supported ({status})",
    ExitCode.NOT_READY: "not ready ({status})",
    ExitCode.UNREACHABLE: "{operation} was not answered by EMQX ({status})",
}

UNPRINTABLE_HINT = (
    "EMQX's REST API rejects unprintable characters: a client with such an id cannot be addressed; "
    "send a payload as base64"
)
TRACE_IS_EMPTY = "Trace is empty"  # EMQX's 404 for the download of a trace without events
API_COMMAND = "emqxctl api"  # sends any request, so its options say nothing about the body
API_DOCS_HINT = "compare the request with EMQX's API documents, at /api-docs of the dashboard"

# Client mistakes that EMQX 5.8 answers with 500 and no usable message (api.md §4.4).
SERVER_ERROR_HINTS = {
    "POST /publish/bulk": "send at least one message: an empty list causes this",
    "PUT /configs": "send a body in HOCON as text/plain, not JSON and not empty",
    "PUT /mqtt/topic_rewrite": "check action, source_topic, dest_topic and the regular expression re",
    "POST /api_key": "set name, desc and enable: EMQX crashes without one of them",
    "POST /plugins/install": "name the form field of the upload plugin",
    "POST /relup/package/upload": "name the form field of the upload plugin",
    "POST /logout": "write Bearer in the header with a capital B",
}


def error_from_response(
    response: Response,
    redactor: Redactor,
    command: str = "",
    *,
    is_login: bool = False,
    content: bytes | None = None,
) -> EmqxctlError:
    """Return the error for a response that is not a success; `is_login` if a dashboard user sent the request.

    `command` is the command that sent the request, `content` the body; hints name its help page and explain
    its fields.

    `details` hold `status`, `operation`, `url`, other fields of the body (`rules`, `reason_code` ...), and
    `unknown_path` if the server may lack the path or method, so that the caller can find out why.
    """
    if 300 <= response.status < 400:
        return redirect_error(response, redactor)
    body = parse_error_body(response, redactor)
    code = body.code or fallback_code(response, body)
    exit_code = exit_code_for(response, body, code)
    details = {
        **body.details,
        "status": response.status,
        "operation": response.operation,
        "url": redactor.redact_url(response.url),
    }
    if is_unknown_path(response, body):
        details["unknown_path"] = True
    denial = find_denial(response, body, code, is_login=is_login) if response.status == 403 else None
    if denial:
        details |= {"denied_by": denial.cause.value, "required": denial.required}
    message = redactor.mask_known_secrets(error_message(response, body, code, exit_code, denial))
    return ServerError(
        shorten(message, MAX_MESSAGE),
        hint=denial.hint if denial else find_hint(response, body, code, command, content),
        code=code,
        exit_code=exit_code,
        details=details,
    )


def exit_code_for(response: Response, body: ErrorBody, code: str) -> ExitCode:
    """Return the exit code of an error response; that an object does not exist is no failure."""
    if UNKNOWN_NODE.search(body.text) or find_missing_object(response, body):
        return ExitCode.NOT_FOUND
    exit_code = ExitCode.NOT_READY if code == "BOOTING" else exit_code_of(response.status, code)
    if exit_code is ExitCode.SERVER and ALREADY_EXISTS.search(body.text):
        return ExitCode.REJECTED  # EMQX 6.2 answers 503 for a message queue that exists
    return exit_code


def fallback_code(response: Response, body: ErrorBody) -> str:
    """Return a code for a response without one: by its status, or BOOTING (EMQX until 5.7.0: empty 503)."""
    is_emqx = response.headers.get("server", "").lower() == "cowboy"
    if response.status == 503 and response.is_empty and is_emqx:
        return "BOOTING"
    return "NOT_EMQX" if body.is_web_page and response.status != 404 else f"HTTP_{response.status}"


def is_unknown_path(response: Response, body: ErrorBody) -> bool:
    """Return whether the server does not know the path or method, because of its version or its boot."""
    if response.status == 405:
        return True
    # The same code means an object that does not exist: only the text differs.
    is_path_unknown = (
        not body.code or body.code == "API_NOT_EXIST" or body.text.lower() == "request path not found"
    )
    return response.status == 404 and is_path_unknown


def error_message(
    response: Response, body: ErrorBody, code: str, exit_code: ExitCode, denial: Denial | None = None
) -> str:
    """Format what happened: our summary, then the server's own text."""
    text = cut_middle(body.text) or fallback_text(response, code)
    operation = format_operation(response.operation, response.arguments)
    if body.is_web_page and response.status != 404:
        return f"{operation} returned {response.status} with a web page, not from EMQX's API: {text}"
    if code == "ALREADY_EXISTS" and "exist" not in text.lower():
        text = f"already exists: {text}"
    summary = denial.summary if denial else SUMMARIES.get(code)
    if summary is None and exit_code is ExitCode.NOT_FOUND:
        summary = not_found_message(response, body)
    if summary is None:
        summary = SUMMARIES_BY_EXIT[exit_code].format(operation=operation, status=response.status)
    return one_line(f"{summary}: {text}")


def fallback_text(response: Response, code: str) -> str:
    """Return a text for a response without one: the meaning of its code or status."""
    entry, status = find_error_code(code), STATUS_CODES.get(response.status)
    if entry:
        return entry.meaning
    text = status.meaning if status else one_line(f"HTTP status {response.status} {response.reason}")
    allowed_methods = response.headers.get("allow", "")
    return f"{text}; allowed: {allowed_methods}" if response.status == 405 and allowed_methods else text


def not_found_message(response: Response, body: ErrorBody) -> str:
    """Return the summary that names what was not found."""
    operation = format_operation(response.operation, response.arguments)
    if is_unknown_path(response, body):
        return f"the server does not support {operation}"
    if GATEWAY_WITHOUT_AUTHENTICATION.search(body.text):
        owner = response.operation.partition("/authentication")[0]
        return f"authentication of {subject(owner, response.arguments[: owner.count('{')])} not found"
    unknown_node = UNKNOWN_NODE.search(body.text)
    if unknown_node:
        return f"node {unknown_node[1]!r} not found"
    missing_object = find_missing_object(response, body)
    if missing_object:
        return missing_object.describe(response)
    name = subject(response.operation, response.arguments)
    if body.text == TRACE_IS_EMPTY:
        return f"{name} has no events"
    return f"{name} not found" if name else f"nothing found for {operation}"


def find_hint(
    response: Response, body: ErrorBody, code: str, command: str = "", content: bytes | None = None
) -> str:
    """Return the most specific hint that applies."""
    hint = find_request_hint(response, body, content) or find_code_hint(
        response, body, code, command, content
    )
    entry, status = find_error_code(body.code), STATUS_CODES.get(response.status)
    if hint:
        return hint
    if entry and not is_unknown_path(response, body):
        return entry.hint
    return status.hint if status else ""


def find_request_hint(response: Response, body: ErrorBody, content: bytes | None = None) -> str:
    """Return the hint that follows from what was sent, whatever the code."""
    if has_unprintable_characters(response, body):
        return UNPRINTABLE_HINT
    if body.is_web_page and response.status != 404:
        return "check the profile's url: a proxy or load balancer seems to respond instead of EMQX"
    missing_object = find_missing_object(response, body)
    if missing_object:
        return missing_object.hint
    if "rules" in body.details:
        return "remove it from these rules first, or delete them: emqxctl rules list"
    hint = hint_for(response, body, content)
    if hint:
        return hint
    return SERVER_ERROR_HINTS.get(response.operation, "") if response.status == 500 else ""


def find_code_hint(
    response: Response, body: ErrorBody, code: str, command: str = "", content: bytes | None = None
) -> str:
    """Return the hint for a code that means different things for different operations."""
    group = group_of(response.operation)
    if is_unknown_path(response, body):
        return ""
    if code == "NOT_FOUND" or (response.status == 404 and is_in_group_list(code, group, body)):
        return list_hint(response)
    if "reason_code" in body.details:
        return reason_code_hint(body)
    if body.text and code in {"BAD_REQUEST", "HTTP_400"}:
        hint = explain_hint(command, group, response, content, body.text)
        return "; ".join(filter(None, (options_hint(command, group), hint))) if "\n" not in hint else hint
    return ""


def options_hint(command: str, group: str) -> str:
    """Return the hint for a request that EMQX rejected: the page of the command that sent it."""
    if command == API_COMMAND or not (command or group):
        return API_DOCS_HINT
    return f"options and their values: {command or f'emqxctl {group}'} --help"


def is_in_group_list(code: str, group: str, body: ErrorBody) -> bool:
    """Return whether the group's list shows the existing objects although the code does not say NOT_FOUND."""
    is_in_gateway = (
        code == "RESOURCE_NOT_FOUND" and group.startswith("gateways ") and "loaded" not in body.text
    )
    return is_in_gateway or code == "BAD_REQUEST" or group == "topic-metrics"


def list_hint(response: Response) -> str:
    """Return the hint with the command that lists the existing objects."""
    operation = response.operation
    if "/built_in_database/" in operation and not operation.endswith("}"):
        return "create the source of the rules first: emqxctl authorization sources create built_in_database"
    return list_command_hint(find_list_group(operation), response.arguments)


def reason_code_hint(body: ErrorBody) -> str:
    """Return the hint for an MQTT reason code."""
    reason = REASON_CODES.get(cast("int", body.details.get("reason_code")))
    return reason.hint if reason else ""


def has_unprintable_characters(response: Response, body: ErrorBody) -> bool:
    """Return whether EMQX rejected an id or value because of an unprintable character (BEL, NUL)."""
    is_in_path = any(not argument.isprintable() for argument in response.arguments)
    return response.status == 400 and (is_in_path or "must be printable text (got '" in body.text)


def redirect_error(response: Response, redactor: Redactor) -> EmqxctlError:
    """Return the error for a redirect; it is not followed, since it would send the credentials elsewhere."""
    target = one_line(redactor.redact_url(response.headers.get("location", ""))) or "another address"
    operation = format_operation(response.operation, response.arguments)
    message = one_line(f"{operation} returned {response.status}, a redirect to {target}")
    return ServerError(
        shorten(message, MAX_MESSAGE),
        code="REDIRECTED",
        hint="set the profile's url to the right address: redirects are not followed with credentials",
        exit_code=exit_code_of(response.status),
        details={"status": response.status, "operation": response.operation, "location": target},
    )


def cut_middle(text: str) -> str:
    """Return a long server message without its middle: Erlang puts the reason at the end."""
    if len(text) <= MAX_SERVER_TEXT:
        return text
    head = text[: MAX_SERVER_TEXT - TAIL_CHARACTERS - 3].rstrip()
    return f"{head} … {text[-TAIL_CHARACTERS:].lstrip()}"
