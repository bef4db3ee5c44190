"""Actions and sources that are connected and yet lose messages, by the movement of their counters."""

from collections.abc import Iterator, Mapping, Sequence

from emqxctl.diagnosis.health import (
    INTEGRATIONS,
    Problem,
    Row,
    dict_rows,
    get_resource_id,
    is_enabled,
    is_working,
    parse_number,
)

SOURCE_COUNTERS = "source counters"  # the part that the movement of sources is read into
LOSS_SHARE = 0.1  # of the messages that an action or source handled; as the critical threshold of rules
METRIC_PREFIX = "emqx_action_"


def find_losing(kind: str, rows: Sequence[Row], parts: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the objects that are connected, but lose at least a tenth of their messages.

    An object without traffic, or one whose counters are not available, is judged by its state alone.
    """
    counters = list_counters(kind, parts)
    for row in rows:
        name = get_resource_id(row)
        if is_enabled(row) and is_working(kind, row) and name in counters:
            reason = describe_losses(counters[name])
            if reason:
                yield Problem(INTEGRATIONS.get(kind, kind), name, "connected, but loses messages", reason)


def list_counters(kind: str, parts: Mapping[str, object]) -> dict[str, Mapping[str, float]]:
    """Return the counters of each object by its id, under the names of `/actions/{id}/metrics`."""
    if kind == "actions":
        metrics = parts.get("rule metrics")
        rows = dict_rows(metrics.get("actions")) if isinstance(metrics, dict) else []
    elif kind == "sources":
        rows = dict_rows(parts.get(SOURCE_COUNTERS))
    else:
        return {}
    return {str(row.get("id")): read_counters(row) for row in rows}


def read_counters(row: Row) -> Mapping[str, float]:
    """Return the numbers of a row, without the prefix of Prometheus metrics."""
    numbers = {name.removeprefix(METRIC_PREFIX): parse_number(value) for name, value in row.items()}
    return {name: number for name, number in numbers.items() if number is not None}


def describe_losses(counters: Mapping[str, float]) -> str:
    """Return what an object lost, empty if that is little or nothing: `36 failed, 0 succeeded`."""
    failed, dropped = counters.get("failed", 0), counters.get("dropped", 0)
    success = counters.get("success", 0) + counters.get("received", 0)
    loss_count = failed + dropped
    if loss_count <= 0 or loss_count < LOSS_SHARE * (loss_count + success):
        return ""
    parts = [f"{count:.0f} {word}" for count, word in ((failed, "failed"), (dropped, "dropped")) if count]
    return f"{', '.join(parts)}, {success:.0f} succeeded"
