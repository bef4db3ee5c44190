"""Types of connectors: those of a schema, and close names."""

import pytest

from emqxctl.emqx.connector_types import (
    COMMUNITY_TYPES,
    ENTERPRISE_TYPES,
    explain_unknown_type,
    parse_schema_types,
)


def test_types_of_nested_objects_are_no_connector_types() -> None:
    def build(kind: str, *fields: str) -> dict[str, object]:
        properties: dict[str, object] = {name: {} for name in fields}
        return {"properties": {**properties, "type": {"symbols": [kind], "type": "enum"}}}

    schemas: dict[str, object] = {
        "a": build("redis", "name", "enable"),
        "b": build("wif", "name"),
        "c": None,
        "d": {"properties": []},
    }
    assert parse_schema_types({"components": {"schemas": schemas}}) == ["redis"]
    for schema in (None, "text", {"components": 1}):
        assert parse_schema_types(schema) == []


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("webhook", "did you mean http?"),
        ("kafka", "kafka_producer or kafka_consumer requires EMQX Enterprise; this EMQX has http, mqtt"),
        ("mqt", "did you mean mqtt?"),
        ("zzz", "this EMQX has http, mqtt"),
    ],
)
def test_a_type_that_does_not_exist_names_the_one_that_is_meant(kind: str, hint: str) -> None:
    assert explain_unknown_type(kind, ["http", "mqtt"]) == hint
    assert set(COMMUNITY_TYPES).isdisjoint(ENTERPRISE_TYPES)
