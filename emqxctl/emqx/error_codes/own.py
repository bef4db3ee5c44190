"""emqxctl's own error codes: those that no server sends, with meaning, hint and exit code of each.

A test compares them with the codes that the source raises.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from emqxctl.emqx.error_codes import CATALOG, exit_code_of
from emqxctl.emqx.error_codes.entry import ErrorCode
from emqxctl.emqx.error_codes.numbers import STATUS_CODES
from emqxctl.emqx.error_codes.own_command_line import COMMAND_LINE_CODES
from emqxctl.emqx.error_codes.own_connection import CONNECTION_CODES
from emqxctl.emqx.error_codes.own_operations import OPERATION_CODES
from emqxctl.emqx.error_codes.own_state_files import STATE_FILE_CODES

# Codes of EMQX with which emqxctl reports the same failure, found without an error of the server.
SHARED_CODES = frozenset({"ALREADY_EXISTS", "NOT_FOUND", "USER_NOT_FOUND"})


def own_entries() -> Iterator[ErrorCode]:
    """Yield emqxctl's own codes, then those for error responses without a code: HTTP_404."""
    for table in (COMMAND_LINE_CODES, CONNECTION_CODES, OPERATION_CODES, STATE_FILE_CODES):
        for exit_code, codes in table.items():
            for code, (meaning, hint) in codes.items():
                yield ErrorCode(code, meaning, hint, exit_code, ())
    for status, entry in STATUS_CODES.items():
        yield ErrorCode(f"HTTP_{status}", entry.meaning, entry.hint, exit_code_of(status), (status,))


OWN_CODES: Mapping[str, ErrorCode] = MappingProxyType({entry.code: entry for entry in own_entries()})
ALL_CODES: Mapping[str, ErrorCode] = MappingProxyType(dict(sorted({**OWN_CODES, **CATALOG}.items())))


def find_raiser(code: str) -> str:
    """Return who raises a code: EMQX, emqxctl, or both."""
    if code in SHARED_CODES:
        return "EMQX, emqxctl"
    return "emqxctl" if code in OWN_CODES else "EMQX"
