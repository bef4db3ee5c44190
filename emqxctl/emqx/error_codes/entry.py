"""The entries of the catalog of error codes."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from emqxctl.errors import ExitCode


class ErrorCode(NamedTuple):
    """One error code of EMQX or emqxctl, with its meaning and a hint.

    Both are one line, in lower case, without a full stop. `statuses` are the HTTP statuses it usually comes
    with; emqxctl's own codes have none. `registered`: `GET /error_codes` of some version
    lists it. `since` and `until` are EMQX versions, empty for always.
    """

    code: str
    meaning: str
    hint: str
    exit_code: ExitCode
    statuses: tuple[int, ...]
    registered: bool = False
    since: str = ""
    until: str = ""


class ReasonCode(NamedTuple):
    """One MQTT reason code, which `/publish` returns instead of an error code."""

    number: int
    name: str
    meaning: str
    hint: str


class StatusCode(NamedTuple):
    """The meaning of an HTTP status if the body does not explain it."""

    meaning: str
    hint: str


# emqxctl's own codes by exit code: meaning and hint, each on one line, in lower case, without a full stop.
OwnCodes: TypeAlias = Mapping[ExitCode, Mapping[str, tuple[str, str]]]
