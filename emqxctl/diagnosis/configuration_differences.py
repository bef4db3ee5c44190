"""Differences between configurations, key by key: of the nodes of a cluster, or of two clusters."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from emqxctl.diagnosis.node_configurations import Configuration
from emqxctl.emqx.node_settings import (
    CLUSTER_SETTINGS,
    NODE_SETTINGS,
    Path,
    find_address_reason,
    find_reason,
    format_path,
    is_listener_address,
)
from emqxctl.emqx.setting_values import is_empty, same_value
from emqxctl.text.redaction import MASK, redact_json

ABSENT = None  # the value of a setting that a configuration does not have
IDENTITY_FIELDS = ("name", "type", "mechanism", "backend", "topic", "source_topic", "node")

Redact = Callable[[Any], Any]


class DifferentValue(NamedTuple):
    """One value of a setting, with secrets masked, and the nodes or profiles that have it."""

    value: Any
    sources: tuple[str, ...]
    is_set: bool


class Difference(NamedTuple):
    """A setting that differs, with its values, the most frequent first.

    `reason` says why it differs by design; it is empty for a setting that should be the same.
    """

    path: Path
    values: tuple[DifferentValue, ...]
    reason: str = ""

    @property
    def key(self) -> str:
        """The key, such as `mqtt.max_packet_size`."""
        return format_path(self.path)

    @property
    def outliers(self) -> tuple[str, ...]:
        """The nodes without the value of the majority; all nodes if no value has a majority."""
        first, *other_values = self.values
        has_majority = len(first.sources) > max(len(value.sources) for value in other_values)
        return tuple(
            source for value in (other_values if has_majority else self.values) for source in value.sources
        )


def compare_configurations(
    configurations: Mapping[str, Configuration],
    *,
    of_nodes: bool = True,
    redact: Redact = redact_json,
) -> list[Difference]:
    """Return the differences between configurations by source: a node's name, or a profile.

    Values are compared by meaning: 60s is 1m. `of_nodes`: the sources are nodes of one cluster, else clusters
    or files. `redact` masks the secrets of a JSON value.
    """
    roots = {source: expand_paths(configuration) for source, configuration in configurations.items()}
    differences = []
    for path, values in iterate_differences((), roots):
        groups = group_equal_values(path, values)
        reason = find_difference_reason(path, groups, configurations, of_nodes=of_nodes)
        differences.append(Difference(path, mask_groups(path, groups, redact), reason))
    return differences


def find_differing_nodes(differences: Iterable[Difference]) -> dict[str, list[str]]:
    """Return the nodes whose settings differ and should not, each with the keys of these settings."""
    keys_by_node: dict[str, list[str]] = {}
    for difference in differences:
        if not difference.reason:
            for node in difference.outliers:
                keys_by_node.setdefault(node, []).append(difference.key)
    return keys_by_node


def expand_paths(configuration: Configuration) -> dict[str, Any]:
    """Return the roots with the node's own absolute data folder replaced in its paths."""
    node = configuration.roots.get("node")
    folder = node.get("data_dir") if isinstance(node, dict) else ""
    if not isinstance(folder, str) or not folder.startswith("/") or len(folder.strip("/")) == 0:
        return configuration.roots
    return {
        root: replace_prefix(value, folder.rstrip("/") + "/") if root != "node" else value
        for root, value in configuration.roots.items()
    }


def replace_prefix(value: Any, prefix: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Return a JSON value whose paths in a folder start with ${data_dir} instead."""
    match value:
        case dict():
            return {key: replace_prefix(item, prefix) for key, item in value.items()}
        case list():
            return [replace_prefix(item, prefix) for item in value]
        case str() if value.startswith(prefix):
            return "${data_dir}/" + value[len(prefix) :]
    return value


def iterate_differences(path: Path, values: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the paths whose values differ, each with the values by source."""
    items = list(values.values())
    if all(item == items[0] and type(item) is type(items[0]) for item in items):
        return
    if all(isinstance(item, dict) for item in items):
        for key in sorted({key for item in items for key in item}):
            children = {source: item.get(key, ABSENT) for source, item in values.items()}
            yield from iterate_differences((*path, key), children)
    elif are_same_lists(items):
        for position in range(len(items[0])):
            children = {source: item[position] for source, item in values.items()}
            yield from iterate_differences((*path, str(position)), children)
    elif not all(is_same(path, items[0], item) for item in items[1:]):
        yield path, values


def are_same_lists(items: Sequence[Any]) -> bool:
    """Return whether values are lists of the same objects, in the same order, so that these are compared."""
    if not all(isinstance(item, list) and item and len(item) == len(items[0]) for item in items):
        return False
    return all(
        all(isinstance(element, dict) for element in elements)
        and len({tuple(str(element.get(field)) for field in IDENTITY_FIELDS) for element in elements}) == 1
        for elements in zip(*items, strict=True)
    )


def is_same(path: Path, value: Any, other: Any) -> bool:  # noqa: ANN401  # JSON is Any
    """Return whether two values mean the same; an absent one means the same as an empty one."""
    if is_empty(value) or is_empty(other):
        return is_empty(value) and is_empty(other)
    if isinstance(value, dict) and isinstance(other, dict):
        return all(
            is_same((*path, key), value.get(key), other.get(key)) for key in value.keys() | other.keys()
        )
    if isinstance(value, list) and isinstance(other, list):
        return len(value) == len(other) and all(map(is_same, [path] * len(value), value, other))
    if isinstance(value, dict | list) or isinstance(other, dict | list):
        return False
    return same_value(value, other, field=path[-1] if path else "")


def group_equal_values(path: Path, values: Mapping[str, Any]) -> list[tuple[Any, list[str]]]:
    """Return the distinct values, each with its sources; the most frequent first."""
    groups: list[tuple[Any, list[str]]] = []
    for source, value in values.items():
        sources = next((sources for other, sources in groups if is_same(path, value, other)), None)
        if sources is None:
            groups.append((value, [source]))
        else:
            sources.append(source)
    return sorted(groups, key=lambda group: -len(group[1]))


def find_difference_reason(
    path: Path,
    groups: Sequence[tuple[Any, list[str]]],
    configurations: Mapping[str, Configuration],
    *,
    of_nodes: bool,
) -> str:
    """Return the reason why a setting differs by design; empty if it should be the same."""
    reason = find_reason(path, NODE_SETTINGS if of_nodes else CLUSTER_SETTINGS)
    if reason or not of_nodes:
        return reason
    if is_listener_address(path) and not any(value is ABSENT for value, _ in groups):
        return find_address_reason((value, source) for value, sources in groups for source in sources)
    versions = [{configurations[source].version for source in sources} for _, sources in groups]
    has_absent = any(value is ABSENT for value, _ in groups)
    if len(groups) == 2 and has_absent and versions[0].isdisjoint(versions[1]):
        names = [", ".join(sorted(names)) for names in versions]
        return f"the nodes run different versions: EMQX {names[0]} and {names[1]}"
    return ""


def mask_groups(
    path: Path, groups: Sequence[tuple[Any, list[str]]], redact: Redact
) -> tuple[DifferentValue, ...]:
    """Return the values with secrets masked; values that are the same then are numbered."""
    masked_values = [mask_at(path, value, redact) for value, _ in groups]
    texts = [json.dumps(value, sort_keys=True) for value in masked_values]
    values = [
        mark_secret(value, number) if texts.count(text) > 1 else value
        for number, (value, text) in enumerate(zip(masked_values, texts, strict=True), 1)
    ]
    return tuple(
        DifferentValue(value, tuple(sources), raw_value is not ABSENT)
        for value, (raw_value, sources) in zip(values, groups, strict=True)
    )


def mark_secret(value: Any, number: int) -> Any:  # noqa: ANN401  # JSON is Any
    """Return a value whose masks have a number, since another value is the same except for its secrets."""
    match value:
        case dict():
            return {key: mark_secret(item, number) for key, item in value.items()}
        case list():
            return [mark_secret(item, number) for item in value]
        case str():
            return value.replace(MASK, f"{MASK} ({number})")
    return value


def mask_at(path: Path, value: Any, redact: Redact) -> Any:  # noqa: ANN401  # JSON is Any
    """Return a value with secrets masked, as its place in the configuration determines."""
    nested = value
    for key in reversed(path):
        nested = {key: nested}
    masked_value = redact(nested)
    for key in path:
        if not isinstance(masked_value, dict):
            return masked_value
        masked_value = next(iter(masked_value.values())) if key not in masked_value else masked_value[key]
    return masked_value
