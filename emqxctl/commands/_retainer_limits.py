"""The retainer's limits: how fast retained messages may be published, and which messages it keeps.

What exceeds them EMQX drops without an error: it responds 200 and writes a warning to its log (5.8.9).
Within each second the retainer of a node keeps at most `max_publish_rate` messages.
"""

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from emqxctl.errors import EmqxctlError, ExitCode
from emqxctl.text.units import parse_duration, parse_size

if TYPE_CHECKING:
    from emqxctl.api.client import Client

RETAINER_PATH = "/mqtt/retainer"
DEFAULT_MAX_RATE = 1000.0  # retained messages per second, EMQX's own default
RATE_SHARE = 0.8  # of the maximum, since other clients publish retained messages too
BATCH_SHARE = 0.1  # of the maximum, since two delayed batches may fall into the same second
# A key that only publishes may not read the limits; versions before 5.7 have no limit of the rate.
UNREADABLE = frozenset({ExitCode.FORBIDDEN, ExitCode.NOT_FOUND, ExitCode.UNSUPPORTED})


class RetainerLimits(NamedTuple):
    """What the retainer keeps: `max_rate` messages per second, `max_payload` bytes each (0: no limit)."""

    enabled: bool = True
    max_rate: float = DEFAULT_MAX_RATE
    max_payload: int = 0

    @property
    def safe_rate(self) -> float:
        """The rate at which no message is dropped, 0 for no limit."""
        return self.max_rate * RATE_SHARE

    def safe_batch_size(self, workers: int) -> int:
        """Return how many messages each of several workers may send in a request; 0 for no limit."""
        return max(1, int(self.max_rate * BATCH_SHARE / workers)) if self.max_rate else 0


def fetch_retainer_limits(client: "Client") -> RetainerLimits:
    """Return the cluster's limits, EMQX's defaults if they cannot be read."""
    try:
        fields = client.get_object(RETAINER_PATH)
    except EmqxctlError as error:
        if error.exit_code in UNREADABLE:
            return RetainerLimits()
        raise
    return RetainerLimits(
        enabled=fields.get("enable") is not False,
        max_rate=parse_max_rate(fields.get("max_publish_rate", "infinity")),
        max_payload=parse_max_payload(fields.get("max_payload_size")),
    )


def parse_max_rate(value: Any) -> float:  # noqa: ANN401  # JSON is Any
    """Parse `1000/s`, `50/100ms` or `infinity` (0); EMQX's default for an unknown form."""
    if value == "infinity":
        return 0.0
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/(\d*)(ms|s|m|h|d))?", str(value).strip())
    if match is None:
        return DEFAULT_MAX_RATE
    seconds = parse_duration(f"{match[2] or 1}{match[3] or 's'}")
    return float(match[1]) / seconds if seconds else DEFAULT_MAX_RATE


def parse_max_payload(value: Any) -> int:  # noqa: ANN401  # JSON is Any
    """Parse `1MB` into bytes; 0, for no limit, for an unknown form."""
    try:
        return int(parse_size(str(value)))
    except ValueError:
        return 0
