"""Filters whose values EMQX limits to a few take no other: EMQX's OpenAPI documents list the values."""

import sys
from collections.abc import Iterator

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.resource import Filter, Resource
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.openapi import DOCUMENTS, read_document

MAX_CHOICES = 10  # a larger range is no list of choices


def listed_resources() -> Iterator[Resource]:
    """Yield the resources of all commands."""
    list(walk_commands(build_root()))  # imports every module of commands
    for name, module in sorted(sys.modules.items()):
        if name.startswith("emqxctl.commands"):
            yield from (value for value in vars(module).values() if isinstance(value, Resource))


def documented_values(path: str, name: str) -> set[str]:
    """Return the values that any version lists for a query parameter; empty if it is free."""
    values: set[str] = set()
    for document in DOCUMENTS:
        operation = read_document(document)["paths"].get(path, {}).get("get", {})
        for parameter in operation.get("parameters", []):
            schema = parameter.get("schema", {}) if parameter.get("name") == name else {}
            values |= set(schema.get("enum", []))
            lowest, highest = schema.get("minimum"), schema.get("maximum")
            if lowest is not None and highest is not None and highest - lowest < MAX_CHOICES:
                values |= {str(value) for value in range(lowest, highest + 1)}
    return values


def limited_filters() -> Iterator[tuple[str, Filter, set[str]]]:
    """Yield each filter that EMQX limits, with its path and values."""
    for resource in listed_resources():
        for filter_ in resource.filters:
            values = documented_values(resource.path, filter_.param)
            if values:
                yield resource.path, filter_, values


def test_a_filter_with_few_values_lists_them_as_choices() -> None:
    filters = list(limited_filters())
    assert {"qos", "conn_state", "type", "status", "http_method"} <= {
        filter_.param for _, filter_, _ in filters
    }
    assert [
        f"{path} {filter_.param}: {filter_.choices}, not {sorted(values)}"
        for path, filter_, values in filters
        if set(filter_.choices) != values
    ] == []


@pytest.mark.parametrize(
    "words",
    [
        "subscriptions list --qos 5",
        "clients list --proto-ver 6",
        "clients list --conn-state gone",
        "publish a b --qos 3",
        "clients subscribe dev-1 a --qos 3",
        "topics who a --client dev-1 --qos 3",
        "rules test r --qos 3",
        "gateways clients subscribe stomp c a --qos 3",
        "actions create mqtt:a --connector c --qos 3",
        "users delete ann --backend kerberos --yes",
        "diff -f FILE --take both",
    ],
)
def test_another_value_is_refused_before_any_request(run: Run, cluster: Sandbox, words: str) -> None:
    option, value = words.removesuffix(" --yes").split()[-2:]
    result = run(*words.split())
    assert (result.code, cluster.requests) == (2, [])
    message = result.err.splitlines()[0]
    assert option in message
    assert value in message
