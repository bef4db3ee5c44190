"""The exceptions of emqxctl, each with its exit code."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Self

NO_DETAILS: Mapping[str, object] = {}


class ExitCode(IntEnum):
    """The exit codes of the process: one for each kind of failure that a script may handle.

    `emqxctl help exit-codes` prints `meaning`.
    """

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """Create a member with its meaning."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "Success."
    FAILED = 1, "General error."
    USAGE = 2, "Invalid command line; nothing was sent."
    CONFIG = 3, "The configuration or the profile is missing or invalid."
    UNAUTHENTICATED = 4, "The server did not accept the API key or its secret (401)."
    FORBIDDEN = 5, "The role of the API key does not allow the operation (403)."
    NOT_FOUND = 6, "The object does not exist (404)."
    REJECTED = 7, "The server rejected the request (400, 409, 412, 413, 415 ...)."
    NOT_READY = 8, "Not ready or unhealthy."
    PARTIAL = 9, "Partial success; see the report."
    SERVER = 10, "The server failed (5xx)."
    UNREACHABLE = 11, "The server is unreachable (DNS, TCP, TLS), or the connection was lost."
    TIMED_OUT = 12, "The request timed out."
    UNSUPPORTED = 13, "Not supported by this EMQX version or edition."
    GUARDED = 14, "Rejected by emqxctl: a read-only or protected profile, or no confirmation."
    HUNG_UP = 129, "The terminal was closed (SIGHUP)."
    INTERRUPTED = 130, "Interrupted (Ctrl-C)."
    TERMINATED = 143, "Terminated (SIGTERM), for example by timeout or a canceled CI job."


class EmqxctlError(Exception):
    """A failure, with a message and hint for a person and an exit code for a script.

    `code` is EMQX's error code if the server sent one (`BAD_API_KEY_OR_SECRET`), else one of emqxctl. `hint`
    says what to do. `details` are extra fields of the JSON form: `status`, `operation` ...
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
        """Keep message and hint; `code` and `exit_code` default to those of the class."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.code
        self.exit_code = self.exit_code if exit_code is None else exit_code
        self.details = dict(details)


class UsageError(EmqxctlError):
    """The command line is invalid; nothing was sent."""

    exit_code = ExitCode.USAGE
    code = "USAGE"


class ConfigError(EmqxctlError):
    """The configuration file, a profile or an environment variable is missing or invalid."""

    exit_code = ExitCode.CONFIG
    code = "CONFIG"


READONLY_HINT = "use another profile (-p), or allow changes: emqxctl keys set NAME --no-readonly"


class GuardError(EmqxctlError):
    """Rejected by emqxctl: a read-only or protected profile, or a missing confirmation."""

    exit_code = ExitCode.GUARDED
    code = "GUARDED"


class NotFoundError(EmqxctlError):
    """The object does not exist, although the server returned no error."""

    exit_code = ExitCode.NOT_FOUND
    code = "NOT_FOUND"


class NotReadyError(EmqxctlError):
    """The broker is booting, or something is not ready or unhealthy."""

    exit_code = ExitCode.NOT_READY
    code = "NOT_READY"


class UnsupportedError(EmqxctlError):
    """The operation does not exist in this EMQX version or edition."""

    exit_code = ExitCode.UNSUPPORTED
    code = "UNSUPPORTED"


class UnreachableError(EmqxctlError):
    """No connection to the server, or it was lost before the end of the response."""

    exit_code = ExitCode.UNREACHABLE
    code = "UNREACHABLE"


class TimedOutError(EmqxctlError):
    """The request timed out."""

    exit_code = ExitCode.TIMED_OUT
    code = "TIMED_OUT"


class ServerError(EmqxctlError):
    """An error response of the server; `details` hold `status` and `operation`."""

    code = "HTTP_ERROR"


class Interrupted(KeyboardInterrupt):
    """A signal ended the run: Ctrl-C, SIGTERM or SIGHUP.

    `write` is the request that was being sent, whose outcome is unknown, with `hint`; empty if there was
    none.
    """

    def __init__(self, signal_number: int, *, write: str = "", hint: str = "") -> None:
        """Keep the signal's number and the request."""
        super().__init__()
        self.signal_number = signal_number
        self.write = write
        self.hint = hint

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a shell for a program that this signal ended."""
        return next(code for code in ExitCode if code == 128 + self.signal_number)
