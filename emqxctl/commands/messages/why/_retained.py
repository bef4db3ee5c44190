"""The retainer's limits, beyond which retained messages are not stored. Pure."""

from collections.abc import Iterator, Mapping

from emqxctl.commands.messages.why._cause import Cause
from emqxctl.diagnosis.health import parse_number


def list_retainer_causes(retainer: object, stats: object) -> Iterator[Cause]:
    """Yield a cause if the retainer is full; `retainer` is `/mqtt/retainer`, `stats` the cluster's sum.

    EMQX then stores no further topic, without an error to the publisher. Each node counts all retained
    messages, and the sum is that of one node.
    """
    settings = retainer if isinstance(retainer, Mapping) else {}
    backend = settings.get("backend")
    limit = parse_number(backend.get("max_retained_messages")) if isinstance(backend, Mapping) else None
    count = parse_number(stats.get("retained.count")) if isinstance(stats, Mapping) else None
    if settings.get("enable") is False or not limit or count is None or count < limit:
        return
    yield Cause(
        "retained_full",
        "certain",
        f"the retainer is full ({count:,.0f} of {limit:,.0f}): it stores no messages on further topics",
        "retained.count",
        f"raise retainer.backend.max_retained_messages (now {limit:.0f}), or delete retained messages",
        "emqxctl retained list",
        rank=2,
        counter="retained.count",
    )
