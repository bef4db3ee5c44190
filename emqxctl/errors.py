"""What can go wrong, and the exit code each failure ends in."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Self

NO_DETAILS: Mapping[str, object] = {}


class ExitCode(IntEnum):
    """The process exit codes: one for each kind of failure a script would tell apart.

    The only place that names them; `emqxctl help exit-codes` prints `meaning`.
    """

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """Make a member that carries its meaning in words."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "Done."
    FAILED = 1, "Failed in a way that no other code names."
    USAGE = 2, "The command line is wrong; nothing was sent."
    CONFIG = 3, "The configuration or the profile is missing or wrong."
    UNAUTHENTICATED = 4, "The server does not know the API key or its secret (401)."
    FORBIDDEN = 5, "The API key's role does not allow it (403)."
    NOT_FOUND = 6, "The thing named does not exist."
    REFUSED = 7, "The server refused the request (400, 409, 412, 413, 415 ...)."
    NOT_YET = 8, "Not so, or not yet so: still booting, or unhealthy."
    PARTIAL = 9, "Partly done; the report says which part."
    SERVER = 10, "The server failed (5xx)."
    UNREACHABLE = 11, "The server cannot be reached (DNS, TCP, TLS), or the connection broke."
    TIMED_OUT = 12, "The server did not answer in time."
    UNSUPPORTED = 13, "Not in this EMQX version or edition."
    GUARDED = 14, "Refused here: a read-only or protected profile, or no confirmation."
    INTERRUPTED = 130, "Interrupted (Ctrl-C)."


class EmqxctlError(Exception):
    """A failure with words for a person and an exit code for a script.

    `code` is EMQX's own error code where the server gave one (`BAD_API_KEY_OR_SECRET`), else a name of
    emqxctl's. `hint` is what to type or look at next. `details` are extra facts for the JSON form: `status`,
    `operation` ...
    """

    exit_code: ExitCode = ExitCode.FAILED
    code: str = "FAILED"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str = "",
        exit_code: ExitCode | None = None,
        details: Mapping[str, object] = NO_DETAILS,
    ) -> None:
        """Keep the words; `code` and `exit_code` default to those of the class."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.code
        self.exit_code = self.exit_code if exit_code is None else exit_code
        self.details = dict(details)


class UsageError(EmqxctlError):
    """The command line is wrong. Nothing was sent."""

    exit_code = ExitCode.USAGE
    code = "USAGE"


class ConfigError(EmqxctlError):
    """The configuration file, a profile or an environment variable is missing or wrong."""

    exit_code = ExitCode.CONFIG
    code = "CONFIG"


READONLY_HINT = "use another profile (-p), or take `readonly` out of this one"


class GuardError(EmqxctlError):
    """Refused by a guard of ours: a read-only or protected profile, or a missing confirmation."""

    exit_code = ExitCode.GUARDED
    code = "REFUSED_HERE"


class NotFoundError(EmqxctlError):
    """The thing named does not exist, found out without an error from the server."""

    exit_code = ExitCode.NOT_FOUND
    code = "NOT_FOUND"


class NotYetError(EmqxctlError):
    """It is not so, or not yet so: the broker is booting, or something is unhealthy."""

    exit_code = ExitCode.NOT_YET
    code = "NOT_YET"


class UnsupportedError(EmqxctlError):
    """The operation does not exist in this EMQX version or edition."""

    exit_code = ExitCode.UNSUPPORTED
    code = "UNSUPPORTED"


class UnreachableError(EmqxctlError):
    """No connection to the server, or it broke before an answer was complete."""

    exit_code = ExitCode.UNREACHABLE
    code = "UNREACHABLE"


class TimedOutError(EmqxctlError):
    """The server did not answer in time."""

    exit_code = ExitCode.TIMED_OUT
    code = "TIMED_OUT"


class ServerError(EmqxctlError):
    """An error answer of the server; `details` hold `status` and `operation`."""

    code = "HTTP_ERROR"
