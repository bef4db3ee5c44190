"""An error answer of EMQX in words: what happened, what to do, which exit code."""

from typing import cast

from emqxctl.api.error_responses.body import ErrorBody, one_line, parse_error_body
from emqxctl.api.error_responses.hints import GATEWAY_WITHOUT_AUTHENTICATION, GROUPS_WITHOUT_LIST, hint_for
from emqxctl.api.error_responses.subject import format_operation, group_of, shorten, subject
from emqxctl.api.response import Response
from emqxctl.emqx.error_codes import REASON_CODES, STATUS_CODES, exit_code_of, find_error_code
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.text.redaction import Redactor

MAX_SERVER_TEXT = 400  # characters of the server's words
TAIL_CHARACTERS = 150  # of these at the end
MAX_MESSAGE = 600  # characters of a message

SUMMARIES = {
    "BAD_API_KEY_OR_SECRET": "the server does not accept this API key",
    "API_KEY_NOT_ALLOW": "no API key may do this, only a dashboard user",
    "AUTHORIZATION_HEADER_ERROR": "the request carried no credentials",
    "UNAUTHORIZED_ROLE": "the role of this API key does not allow it",
    "BOOTING": "EMQX is still starting",
}
SUMMARIES_BY_EXIT = {
    ExitCode.UNAUTHENTICATED: "not authenticated",
    ExitCode.FORBIDDEN: "EMQX does not allow {operation}",
    ExitCode.REFUSED: "EMQX refused {operation}",
    ExitCode.SERVER: "EMQX failed at {operation} ({status})",
    ExitCode.TIMED_OUT: "{operation} took too long ({status})",
    ExitCode.UNSUPPORTED: "{operation} is not supported there ({status})",
    ExitCode.NOT_YET: "not ready ({status})",
}

UNPRINTABLE_HINT = (
    "EMQX's REST API takes no unprintable characters: a client with such an id cannot be addressed over it; "
    "a payload can be sent as base64."
)
API_DOCS_HINT = "Compare the request with EMQX's API documents, which the dashboard serves at /api-docs."

# Client mistakes that EMQX 5.8 answers with 500 and nothing a client could use (api.md §4.4).
SERVER_ERROR_HINTS = {
    "POST /publish/bulk": "An empty list does this: give at least one message.",
    "PUT /configs": "The body must be HOCON sent as text/plain, not JSON, and not empty.",
    "PUT /mqtt/topic_rewrite": "Check `action`, `source_topic`, `dest_topic` and the expression `re`.",
    "POST /api_key": "Give `name`, `desc` and `enable`; without one of them EMQX crashes.",
    "POST /plugins/install": "The upload's form field must be named `plugin`.",
    "POST /relup/package/upload": "The upload's form field must be named `plugin`.",
    "POST /logout": "The header must say `Bearer`, with a capital B.",
}


def error_from_response(answer: Response, redactor: Redactor) -> EmqxctlError:
    """Turn an answer that is no success into an error that says what happened and what to do.

    `details` hold `status`, `operation`, `url`, what else the body told (`rules`, `reason_code` ...), and
    `unknown_path` when the server may lack the path or method, so that the caller can find out why.
    """
    if 300 <= answer.status < 400:
        return redirect_error(answer, redactor)
    body = parse_error_body(answer, redactor)
    code = body.code or fallback_code(answer, body)
    exit_code = ExitCode.NOT_YET if code == "BOOTING" else exit_code_of(answer.status, code)
    details = {
        **body.details,
        "status": answer.status,
        "operation": answer.operation,
        "url": redactor.redact_url(answer.url),
    }
    if is_unknown_path(answer, body):
        details["unknown_path"] = True
    return ServerError(
        shorten(redactor.mask_known_secrets(error_message(answer, body, code, exit_code)), MAX_MESSAGE),
        hint=find_hint(answer, body, code),
        code=code,
        exit_code=exit_code,
        details=details,
    )


def fallback_code(answer: Response, body: ErrorBody) -> str:
    """Name an answer that brings no code: by its status, or as booting (EMQX until 5.7.0: empty 503)."""
    if answer.status == 503 and answer.is_empty and answer.headers.get("server", "").lower() == "cowboy":
        return "BOOTING"
    return "NOT_EMQX" if body.is_web_page and answer.status != 404 else f"HTTP_{answer.status}"


def is_unknown_path(answer: Response, body: ErrorBody) -> bool:
    """Tell whether the server knows no such path or method, which may be its version or its booting."""
    if answer.status == 405:
        return True
    # The same code stands for a thing that is not there: only the words differ.
    nameless = not body.code or body.code == "API_NOT_EXIST" or body.text.lower() == "request path not found"
    return answer.status == 404 and nameless


def error_message(answer: Response, body: ErrorBody, code: str, exit_code: ExitCode) -> str:
    """Write what happened: our words for it, then the server's own."""
    words = cut_middle(body.text) or fallback_text(answer, code)
    asked = format_operation(answer.operation, answer.arguments)
    if body.is_web_page and answer.status != 404:
        return f"{asked} was answered {answer.status} with a web page, not by EMQX's API: {words}"
    if code == "ALREADY_EXISTS" and "exist" not in words.lower():
        words = f"it exists already: {words}"
    lead = SUMMARIES.get(code)
    if lead is None and exit_code is ExitCode.NOT_FOUND:
        lead = not_found_message(answer, body)
    if lead is None:
        lead = SUMMARIES_BY_EXIT[exit_code].format(operation=asked, status=answer.status)
    return one_line(f"{lead}: {words}")


def fallback_text(answer: Response, code: str) -> str:
    """Give words for an answer that brings none."""
    entry, status = find_error_code(code), STATUS_CODES.get(answer.status)
    if entry:
        return entry.meaning.rstrip(".")
    words = status.meaning if status else one_line(f"HTTP status {answer.status} {answer.reason}")
    allowed = answer.headers.get("allow", "")
    return f"{words}; allowed: {allowed}" if answer.status == 405 and allowed else words


def not_found_message(answer: Response, body: ErrorBody) -> str:
    """Say what was not found."""
    if is_unknown_path(answer, body):
        return f"the server knows no {format_operation(answer.operation, answer.arguments)}"
    if GATEWAY_WITHOUT_AUTHENTICATION.search(body.text):
        owner = answer.operation.partition("/authentication")[0]
        return f"authentication of {subject(owner, answer.arguments[: owner.count('{')])} not found"
    found = subject(answer.operation, answer.arguments)
    return (
        f"{found} not found"
        if found
        else f"nothing found for {format_operation(answer.operation, answer.arguments)}"
    )


def find_hint(answer: Response, body: ErrorBody, code: str) -> str:
    """Say what to type or look at next: the most special advice that applies."""
    advice = find_request_hint(answer, body) or find_code_hint(answer, body, code)
    entry, status = find_error_code(body.code), STATUS_CODES.get(answer.status)
    if advice:
        return advice
    if entry and not is_unknown_path(answer, body):
        return entry.hint
    return status.hint if status else ""


def find_request_hint(answer: Response, body: ErrorBody) -> str:
    """Give the advice that follows from what was sent, whatever the code."""
    if has_unprintable_characters(answer, body):
        return UNPRINTABLE_HINT
    if body.is_web_page and answer.status != 404:
        return "Check the profile's url: a proxy or load balancer seems to answer in EMQX's place."
    if "rules" in body.details:
        return "Take it out of these rules first, or delete them: `emqxctl rules list`."
    advice = hint_for(answer, body)
    if advice:
        return advice
    return SERVER_ERROR_HINTS.get(answer.operation, "") if answer.status == 500 else ""


def find_code_hint(answer: Response, body: ErrorBody, code: str) -> str:
    """Give the advice for a code that means different things for different operations."""
    group = group_of(answer.operation)
    if is_unknown_path(answer, body):
        return ""
    if code == "UNAUTHORIZED_ROLE":
        return f"Use a key with the role {required_role(answer)}; `emqxctl keys add` adds it as a profile."
    if code == "NOT_FOUND" or (answer.status == 404 and is_in_group_list(code, group, body)):
        return list_hint(answer.operation, group)
    if "reason_code" in body.details:
        return reason_code_hint(body)
    if body.text and code in {"BAD_REQUEST", "HTTP_400"}:
        return f"See `emqxctl {group} --help` for what each option takes." if group else API_DOCS_HINT
    return ""


def is_in_group_list(code: str, group: str, body: ErrorBody) -> bool:
    """Tell whether the group's list shows what there is, where the code alone would not say so."""
    inside = code == "RESOURCE_NOT_FOUND" and group.startswith("gateways ") and "loaded" not in body.text
    return inside or code == "BAD_REQUEST" or group == "topic-metrics"


def list_hint(operation: str, group: str) -> str:
    """Say where to look what there is."""
    if "/built_in_database/" in operation and not operation.endswith("}"):
        return "The rules need their source: `emqxctl authorization sources create built_in_database`."
    listed = "nodes" if "/nodes/{node}" in operation else group
    return f"List what there is with `emqxctl {listed} list`." if listed not in GROUPS_WITHOUT_LIST else ""


def reason_code_hint(body: ErrorBody) -> str:
    """Give the hint that belongs to an MQTT reason code."""
    reason = REASON_CODES.get(cast("int", body.details.get("reason_code")))
    return reason.hint if reason else ""


def required_role(answer: Response) -> str:
    """Name the role that an operation needs (EMQX Enterprise, and all editions from 5.9)."""
    if answer.method == "GET":
        return "`viewer` or `administrator`, and with the scope it needs where keys have scopes"
    return "`publisher` or `administrator`" if "/publish" in answer.operation else "`administrator`"


def has_unprintable_characters(answer: Response, body: ErrorBody) -> bool:
    """Tell whether EMQX refused an id or value for a character that cannot be printed (BEL, NUL)."""
    given = any(not argument.isprintable() for argument in answer.arguments)
    return answer.status == 400 and (given or "must be printable text (got '" in body.text)


def redirect_error(answer: Response, redactor: Redactor) -> EmqxctlError:
    """Say where the server points to; credentials are not sent there."""
    target = one_line(redactor.redact_url(answer.headers.get("location", ""))) or "another address"
    asked = format_operation(answer.operation, answer.arguments)
    text = one_line(f"the server answered {asked} with {answer.status} and points to {target}")
    return ServerError(
        shorten(text, MAX_MESSAGE),
        code="REDIRECTED",
        hint="Redirects are not followed with credentials: put the right address into the profile's url.",
        exit_code=exit_code_of(answer.status),
        details={"status": answer.status, "operation": answer.operation, "location": target},
    )


def cut_middle(words: str) -> str:
    """Cut the server's words when they are long, in the middle: Erlang puts the reason at the end."""
    if len(words) <= MAX_SERVER_TEXT:
        return words
    return f"{words[: MAX_SERVER_TEXT - TAIL_CHARACTERS - 3].rstrip()} … {words[-TAIL_CHARACTERS:].lstrip()}"
