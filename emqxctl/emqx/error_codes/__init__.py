"""The catalog of EMQX's error codes: meaning, hint and exit code of each."""

from collections.abc import Mapping
from types import MappingProxyType

from emqxctl.emqx.error_codes.access import ACCESS_CODES
from emqxctl.emqx.error_codes.entry import ErrorCode, ReasonCode, StatusCode
from emqxctl.emqx.error_codes.numbers import REASON_CODES, STATUS_CODES
from emqxctl.emqx.error_codes.requests import REQUEST_CODES
from emqxctl.emqx.error_codes.resources import RESOURCE_CODES
from emqxctl.errors import ExitCode

__all__ = [
    "CATALOG",
    "REASON_CODES",
    "STATUS_CODES",
    "ErrorCode",
    "ReasonCode",
    "StatusCode",
    "exit_code_of",
    "find_error_code",
    "find_similar_codes",
]

CATALOG: Mapping[str, ErrorCode] = MappingProxyType(
    {
        entry.code: entry
        for entry in sorted((*ACCESS_CODES, *REQUEST_CODES, *RESOURCE_CODES), key=lambda entry: entry.code)
    }
)

# Statuses that say more than their code: exhooks return 404 BAD_REQUEST, listeners 404 BAD_LISTENER_ID.
STATUS_EXIT_CODES = MappingProxyType(
    {
        401: ExitCode.UNAUTHENTICATED,
        404: ExitCode.NOT_FOUND,
        408: ExitCode.TIMED_OUT,
        501: ExitCode.UNSUPPORTED,
        504: ExitCode.TIMED_OUT,
    }
)
# Codes that say less than their status: EMQX uses BAD_REQUEST for invalid requests and failed exports (500).
AMBIGUOUS_CODES = frozenset({"BAD_REQUEST"})


def find_error_code(code: str, codes: Mapping[str, ErrorCode] = CATALOG) -> ErrorCode | None:
    """Return the entry of a code, in upper or lower case; None if it is unknown."""
    return codes.get(code.strip().upper().replace("-", "_"))


def find_similar_codes(code: str, codes: Mapping[str, ErrorCode] = CATALOG, count: int = 3) -> list[str]:
    """Return the most similar codes, the most similar first."""
    from difflib import get_close_matches

    return get_close_matches(code.strip().upper().replace("-", "_"), codes, n=count, cutoff=0.6)


def exit_code_of(status: int, code: str = "") -> ExitCode:
    """Return the exit code of an error response.

    By a status of STATUS_EXIT_CODES, else by the code, else by the class of the status. EMQX itself sends no
    status below 400 but 2xx: something before it answered, and EMQX was not reached.
    """
    if status < 400:
        return ExitCode.UNREACHABLE
    if status in STATUS_EXIT_CODES:
        return STATUS_EXIT_CODES[status]
    entry = find_error_code(code)
    if entry and status >= 400 and entry.code not in AMBIGUOUS_CODES:
        return entry.exit_code
    if status == 403:
        return ExitCode.FORBIDDEN
    return ExitCode.SERVER if status >= 500 else ExitCode.REJECTED
