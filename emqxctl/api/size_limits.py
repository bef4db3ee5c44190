"""How large a response may be, and the error for a larger one."""

from typing import TYPE_CHECKING

from emqxctl.errors import ExitCode, ServerError

if TYPE_CHECKING:
    from emqxctl.api.request import Request
    from emqxctl.text.redaction import Redactor

MAX_RESPONSE_BYTES = 24 << 20  # decoded; the largest page EMQX sends is about 12 MB (10 000 clients)
MAX_ERROR_BYTES = 1 << 20  # of an error response; the rest is not read
MAX_UNREQUESTED_BYTES = 1 << 30  # of a download that is compressed although that was not requested


def too_large_error(request: "Request", redactor: "Redactor", maximum: int) -> ServerError:
    """Return the error for a body of more than `maximum` bytes; the outcome of a write is unknown."""
    from emqxctl.api.connection_errors import outcome_details
    from emqxctl.api.outcome_hints import unknown_outcome_hint

    hint = "request less with --limit or a filter; check that this is EMQX: emqxctl status"
    return ServerError(
        f"response to {redactor.redact_text(f'{request.method} {request.url_path}')} is larger than"
        f" {maximum >> 20} MB",
        code="TOO_LARGE",
        hint=hint if request.is_safe else unknown_outcome_hint(request),
        exit_code=ExitCode.SERVER,
        details=outcome_details(request),
    )
