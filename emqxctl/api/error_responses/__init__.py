"""An error answer of EMQX in words: what happened, what to do, which exit code."""

from typing import cast

from emqxctl.api.error_responses.body import Said, one_line, said
from emqxctl.api.error_responses.hints import GATEWAY_OPEN, UNLISTED, remedy
from emqxctl.api.error_responses.subject import call, group_of, shortened, thing
from emqxctl.api.response import Answer
from emqxctl.emqx.error_codes import REASONS, STATUSES, exit_code_of, find
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.text.redaction import Redactor

LONGEST_WORDS = 400  # characters of the server's words
TAIL = 150  # of these at the end
LONGEST = 600  # characters of a message

LEADS = {
    "BAD_API_KEY_OR_SECRET": "the server does not accept this API key",
    "API_KEY_NOT_ALLOW": "no API key may do this, only a dashboard user",
    "AUTHORIZATION_HEADER_ERROR": "the request carried no credentials",
    "UNAUTHORIZED_ROLE": "the role of this API key does not allow it",
    "BOOTING": "EMQX is still starting",
}
LEADS_BY_EXIT = {
    ExitCode.UNAUTHENTICATED: "not authenticated",
    ExitCode.FORBIDDEN: "EMQX does not allow {operation}",
    ExitCode.REFUSED: "EMQX refused {operation}",
    ExitCode.SERVER: "EMQX failed at {operation} ({status})",
    ExitCode.TIMED_OUT: "{operation} took too long ({status})",
    ExitCode.UNSUPPORTED: "{operation} is not supported there ({status})",
    ExitCode.NOT_YET: "not ready ({status})",
}

UNPRINTABLE = (
    "EMQX's REST API takes no unprintable characters: a client with such an id cannot be addressed over it; "
    "a payload can be sent as base64."
)
DOCUMENTS = "Compare the request with EMQX's API documents, which the dashboard serves at /api-docs."

# Client mistakes that EMQX 5.8 answers with 500 and nothing a client could use (api.md §4.4).
MISTAKES = {
    "POST /publish/bulk": "An empty list does this: give at least one message.",
    "PUT /configs": "The body must be HOCON sent as text/plain, not JSON, and not empty.",
    "PUT /mqtt/topic_rewrite": "Check `action`, `source_topic`, `dest_topic` and the expression `re`.",
    "POST /api_key": "Give `name`, `desc` and `enable`; without one of them EMQX crashes.",
    "POST /plugins/install": "The upload's form field must be named `plugin`.",
    "POST /relup/package/upload": "The upload's form field must be named `plugin`.",
    "POST /logout": "The header must say `Bearer`, with a capital B.",
}


def failure(answer: Answer, redactor: Redactor) -> EmqxctlError:
    """Turn an answer that is no success into an error that says what happened and what to do.

    `details` hold `status`, `operation`, `url`, what else the body told (`rules`, `reason_code` ...), and
    `unknown_path` when the server may lack the path or method, so that the caller can find out why.
    """
    if 300 <= answer.status < 400:
        return redirected(answer, redactor)
    body = said(answer, redactor)
    code = body.code or code_without_body(answer, body)
    exit_code = ExitCode.NOT_YET if code == "BOOTING" else exit_code_of(answer.status, code)
    details = {
        **body.facts,
        "status": answer.status,
        "operation": answer.operation,
        "url": redactor.url(answer.url),
    }
    if is_unknown_path(answer, body):
        details["unknown_path"] = True
    return ServerError(
        shortened(redactor.known(message(answer, body, code, exit_code)), LONGEST),
        hint=hint(answer, body, code),
        code=code,
        exit_code=exit_code,
        details=details,
    )


def code_without_body(answer: Answer, body: Said) -> str:
    """Name an answer that brings no code: by its status, or as booting (EMQX until 5.7.0: empty 503)."""
    if answer.status == 503 and answer.is_empty and answer.headers.get("server", "").lower() == "cowboy":
        return "BOOTING"
    return "NOT_EMQX" if body.is_page and answer.status != 404 else f"HTTP_{answer.status}"


def is_unknown_path(answer: Answer, body: Said) -> bool:
    """Tell whether the server knows no such path or method, which may be its version or its booting."""
    if answer.status == 405:
        return True
    # The same code stands for a thing that is not there: only the words differ.
    nameless = not body.code or body.code == "API_NOT_EXIST" or body.words.lower() == "request path not found"
    return answer.status == 404 and nameless


def message(answer: Answer, body: Said, code: str, exit_code: ExitCode) -> str:
    """Write what happened: our words for it, then the server's own."""
    words = without_middle(body.words) or own_words(answer, code)
    asked = call(answer.operation, answer.arguments)
    if body.is_page and answer.status != 404:
        return f"{asked} was answered {answer.status} with a web page, not by EMQX's API: {words}"
    if code == "ALREADY_EXISTS" and "exist" not in words.lower():
        words = f"it exists already: {words}"
    lead = LEADS.get(code)
    if lead is None and exit_code is ExitCode.NOT_FOUND:
        lead = absence(answer, body)
    if lead is None:
        lead = LEADS_BY_EXIT[exit_code].format(operation=asked, status=answer.status)
    return one_line(f"{lead}: {words}")


def own_words(answer: Answer, code: str) -> str:
    """Give words for an answer that brings none."""
    entry, status = find(code), STATUSES.get(answer.status)
    if entry:
        return entry.meaning.rstrip(".")
    words = status.meaning if status else one_line(f"HTTP status {answer.status} {answer.reason}")
    allowed = answer.headers.get("allow", "")
    return f"{words}; allowed: {allowed}" if answer.status == 405 and allowed else words


def absence(answer: Answer, body: Said) -> str:
    """Say what was not found."""
    if is_unknown_path(answer, body):
        return f"the server knows no {call(answer.operation, answer.arguments)}"
    if GATEWAY_OPEN.search(body.words):
        owner = answer.operation.partition("/authentication")[0]
        return f"authentication of {thing(owner, answer.arguments[: owner.count('{')])} not found"
    found = thing(answer.operation, answer.arguments)
    return f"{found} not found" if found else f"nothing found for {call(answer.operation, answer.arguments)}"


def hint(answer: Answer, body: Said, code: str) -> str:
    """Say what to type or look at next: the most special advice that applies."""
    advice = hint_for_request(answer, body) or hint_for_code(answer, body, code)
    entry, status = find(body.code), STATUSES.get(answer.status)
    if advice:
        return advice
    if entry and not is_unknown_path(answer, body):
        return entry.what_to_do
    return status.what_to_do if status else ""


def hint_for_request(answer: Answer, body: Said) -> str:
    """Give the advice that follows from what was sent, whatever the code."""
    if unprintable(answer, body):
        return UNPRINTABLE
    if body.is_page and answer.status != 404:
        return "Check the profile's url: a proxy or load balancer seems to answer in EMQX's place."
    if "rules" in body.facts:
        return "Take it out of these rules first, or delete them: `emqxctl rules list`."
    advice = remedy(answer, body)
    if advice:
        return advice
    return MISTAKES.get(answer.operation, "") if answer.status == 500 else ""


def hint_for_code(answer: Answer, body: Said, code: str) -> str:
    """Give the advice for a code that means different things for different operations."""
    group = group_of(answer.operation)
    if is_unknown_path(answer, body):
        return ""
    if code == "UNAUTHORIZED_ROLE":
        return f"Use a key with the role {role_for(answer)}; `emqxctl keys add` adds it as a profile."
    if code == "NOT_FOUND" or (answer.status == 404 and is_listed(code, group, body)):
        return listing(answer.operation, group)
    if "reason_code" in body.facts:
        return publishing(body)
    if body.words and code in {"BAD_REQUEST", "HTTP_400"}:
        return f"See `emqxctl {group} --help` for what each option takes." if group else DOCUMENTS
    return ""


def is_listed(code: str, group: str, body: Said) -> bool:
    """Tell whether the group's list shows what there is, where the code alone would not say so."""
    inside = code == "RESOURCE_NOT_FOUND" and group.startswith("gateways ") and "loaded" not in body.words
    return inside or code == "BAD_REQUEST" or group == "topic-metrics"


def listing(operation: str, group: str) -> str:
    """Say where to look what there is."""
    if "/built_in_database/" in operation and not operation.endswith("}"):
        return "The rules need their source: `emqxctl authorization sources create built_in_database`."
    listed = "nodes" if "/nodes/{node}" in operation else group
    return f"List what there is with `emqxctl {listed} list`." if listed not in UNLISTED else ""


def publishing(body: Said) -> str:
    """Give the hint that belongs to an MQTT reason code."""
    reason = REASONS.get(cast("int", body.facts.get("reason_code")))
    return reason.what_to_do if reason else ""


def role_for(answer: Answer) -> str:
    """Name the role that an operation needs (EMQX Enterprise, and all editions from 5.9)."""
    if answer.method == "GET":
        return "`viewer` or `administrator`, and with the scope it needs where keys have scopes"
    return "`publisher` or `administrator`" if "/publish" in answer.operation else "`administrator`"


def unprintable(answer: Answer, body: Said) -> bool:
    """Tell whether EMQX refused an id or value for a character that cannot be printed (BEL, NUL)."""
    given = any(not argument.isprintable() for argument in answer.arguments)
    return answer.status == 400 and (given or "must be printable text (got '" in body.words)


def redirected(answer: Answer, redactor: Redactor) -> EmqxctlError:
    """Say where the server points to; credentials are not sent there."""
    target = one_line(redactor.url(answer.headers.get("location", ""))) or "another address"
    asked = call(answer.operation, answer.arguments)
    text = one_line(f"the server answered {asked} with {answer.status} and points to {target}")
    return ServerError(
        shortened(text, LONGEST),
        code="REDIRECTED",
        hint="Redirects are not followed with credentials: put the right address into the profile's url.",
        exit_code=exit_code_of(answer.status),
        details={"status": answer.status, "operation": answer.operation, "location": target},
    )


def without_middle(words: str) -> str:
    """Cut the server's words when they are long, in the middle: Erlang puts the reason at the end."""
    if len(words) <= LONGEST_WORDS:
        return words
    return f"{words[: LONGEST_WORDS - TAIL - 3].rstrip()} … {words[-TAIL:].lstrip()}"
