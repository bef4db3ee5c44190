"""What a change of the configuration changes, key by key, before it is sent."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from emqxctl.cli.input.body import deep_merge
from emqxctl.diagnosis.configuration_differences import iterate_differences, mask_at
from emqxctl.emqx.node_settings import Path, format_path
from emqxctl.text.redaction import MASK

NOT_SET = "(not set)"
SHOWN_CHARACTERS = 200  # of one value in a line
# Roots whose lists EMQX merges object by object, by these fields (emqx_authn and emqx_authz, api.md §5.3).
MERGED_LISTS: Mapping[Path, tuple[str, ...]] = {
    ("authentication",): ("mechanism", "backend"),
    ("authorization", "sources"): ("type",),
}


class KeyChange(NamedTuple):
    """One key whose value changes, with secrets masked; None: not set."""

    key: str
    before: Any
    after: Any

    @property
    def line(self) -> str:
        """The change as one line: `mqtt.max_packet_size: 1MB -> 2MB`."""
        return f"{self.key}: {format_setting(self.before)} -> {format_setting(self.after)}"


def format_setting(value: object) -> str:
    """Format a value on one line: text as it is, everything else as JSON."""
    if value is None:
        return NOT_SET
    text = (
        value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, sort_keys=True)
    )
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any], redact: Any) -> list[KeyChange]:  # noqa: ANN401
    """Return the keys whose values differ by meaning; `redact` masks the secrets of a JSON value."""
    changes = []
    for path, values in iterate_differences((), {"before": before, "after": after}):
        masked_before = mask_at(path, values["before"], redact)
        masked_after = mask_at(path, values["after"], redact)
        if masked_before == masked_after:  # only a secret in them changes
            masked_after = mark_other(masked_after)
        changes.append(KeyChange(format_path(path), masked_before, masked_after))
    return changes


def mark_other(value: Any) -> Any:  # noqa: ANN401  # JSON is Any
    """Return a masked value whose masks say that the secret is another one."""
    match value:
        case dict():
            return {key: mark_other(item) for key, item in value.items()}
        case list():
            return [mark_other(item) for item in value]
        case str():
            return value.replace(MASK, f"{MASK} (another)")
    return value


def merge_roots(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the roots after a merge as EMQX does it: objects key by key, lists replaced.

    Of authentication and authorization, the objects in the lists are merged by their type.
    """
    after: dict[str, Any] = deep_merge(dict(before), dict(change))
    for path, fields in MERGED_LISTS.items():
        old, new = get_list(before, path), get_list(change, path)
        if old and new:
            set_list(after, path, merge_lists(old, new, fields))
    return after


def merge_lists(old: Sequence[Any], new: Sequence[Any], fields: tuple[str, ...]) -> list[Any]:
    """Return a list whose objects are merged with those of the same type; others are added."""

    def identity(item: Any) -> tuple[str, ...]:  # noqa: ANN401  # JSON is Any
        return tuple(str(item.get(field)) for field in fields) if isinstance(item, dict) else (str(item),)

    changes = {identity(item): item for item in new}
    merged = [deep_merge(item, changes.pop(identity(item), {})) for item in old]
    return [*merged, *changes.values()]


def get_list(roots: Mapping[str, Any], path: Path) -> list[Any]:
    """Return the list at a path, empty if there is none."""
    value: Any = roots
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []


def set_list(roots: dict[str, Any], path: Path, items: list[Any]) -> None:
    """Set the list at a path whose objects exist."""
    target: Any = roots
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = items
