"""What an entry of the catalogue of error codes is."""

from dataclasses import dataclass

from emqxctl.errors import ExitCode


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One error code of EMQX in an operator's words.

    `status` are the HTTP statuses it usually comes with; `registered`: `GET /error_codes` of some version has
    it. `since` and `until` are EMQX versions, empty for always. `meaning` and `what_to_do` are sentences.
    """

    code: str
    meaning: str
    hint: str
    exit_code: ExitCode
    statuses: tuple[int, ...]
    registered: bool = False
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """One MQTT reason code as `/publish` gives it in place of an error code."""

    number: int
    name: str
    meaning: str
    hint: str


@dataclass(frozen=True, slots=True)
class StatusCode:
    """What an HTTP status means where its body says nothing."""

    meaning: str
    hint: str
