"""The types of connectors that EMQX has, and in which editions (openapi of 5.8.9, 5.8.1 and 6.2.2). Pure."""

from collections.abc import Mapping
from typing import Any

# From 5.9 on there is one edition, which has all of them.
COMMUNITY_TYPES = ("http", "mqtt")
ENTERPRISE_TYPES = (
    *("alloydb", "aws_timestream", "azure_blob_storage", "azure_event_grid", "azure_event_hub_producer"),
    *("bigquery", "cassandra", "clickhouse", "cockroachdb", "confluent_producer", "couchbase", "datalayers"),
    *("disk_log", "doris", "dynamo", "elasticsearch", "emqx_tables", "gcp_pubsub_consumer"),
    *("gcp_pubsub_producer", "greptimedb", "hstreamdb", "influxdb", "iotdb", "kafka_consumer"),
    *("kafka_producer", "kinesis", "matrix", "mongodb", "mysql", "opents", "oracle", "pgsql", "pulsar"),
    *("quasardb", "rabbitmq", "redis", "redshift", "rocketmq", "s3", "s3tables", "snowflake"),
    *("snowflake_streaming", "sqlserver", "syskeeper_forwarder", "syskeeper_proxy", "tablestore"),
    *("tdengine", "timescale"),
)
# What people call a type.
ALIASES = {
    "azure_event_hub": ("azure_event_hub_producer",),
    "confluent": ("confluent_producer",),
    "gcp_pubsub": ("gcp_pubsub_producer", "gcp_pubsub_consumer"),
    "kafka": ("kafka_producer", "kafka_consumer"),
    "mongo": ("mongodb",),
    "postgres": ("pgsql",),
    "postgresql": ("pgsql",),
    "pubsub": ("gcp_pubsub_producer", "gcp_pubsub_consumer"),
    "rest": ("http",),
    "webhook": ("http",),
}


# Fields that a type has in an object of the body (openapi of 5.8.1 and 6.2.2); others have them at its top.
CREDENTIALS = ("username", "password")
NESTED_FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "redis": ("parameters", ("server", "servers", "database", "pool_size", *CREDENTIALS)),
    "mongodb": ("parameters", ("server", "servers")),
    **dict.fromkeys(("influxdb", "datalayers", "aws_timestream"), ("parameters", ("database", *CREDENTIALS))),
    **dict.fromkeys(
        ("kafka_producer", "kafka_consumer", "confluent_producer", "azure_event_hub_producer"),
        ("authentication", CREDENTIALS),
    ),
    **dict.fromkeys(("pulsar", "elasticsearch"), ("authentication", CREDENTIALS)),
}


def nest_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a connector with the fields at its top in the object where its type has them.

    The database of Redis becomes a number.
    """
    parent, names = NESTED_FIELDS.get(str(body.get("type")), ("", ()))
    nested = {name: body[name] for name in names if name in body}
    if not nested:
        return dict(body)
    database = str(nested.get("database", ""))
    if body["type"] == "redis" and database.isascii() and database.isdigit():
        nested["database"] = int(database)
    before = body.get(parent)
    rest = {name: value for name, value in body.items() if name not in nested}
    return {**rest, parent: {**(before if isinstance(before, dict) else {}), **nested}}


def unnest_path(kind: str, path: str) -> str:
    """Return the name at the top of a body that `nest_fields` moves to a path, or the path."""
    parent, names = NESTED_FIELDS.get(kind, ("", ()))
    name = path.removeprefix(f"{parent}.")
    return name if name in names else path


def get_edition(kind: str) -> str:
    """Return the edition that a type requires: `all` or `Enterprise`."""
    return "all" if kind in COMMUNITY_TYPES else "Enterprise"


def parse_schema_types(schema: object) -> list[str]:
    """Return the types in the dashboard's schema of connectors, which has those of this EMQX; sorted."""
    components = schema.get("components") if isinstance(schema, Mapping) else None
    schemas = components.get("schemas") if isinstance(components, Mapping) else None
    types: set[str] = set()
    for definition in schemas.values() if isinstance(schemas, Mapping) else ():
        fields = definition.get("properties") if isinstance(definition, Mapping) else None
        if isinstance(fields, Mapping) and {"name", "type", "enable"} <= set(fields):
            field = fields["type"]
            symbols = field.get("symbols") if isinstance(field, Mapping) else None
            types.update(str(symbol) for symbol in symbols or () if isinstance(symbol, str))
    return sorted(types)


def explain_unknown_type(kind: str, supported: list[str]) -> str:
    """Return the hint for a type that EMQX refused: the one that is meant, its edition, or all of them.

    `supported` are those of this EMQX, empty if unknown.
    """
    from difflib import get_close_matches

    known_types = (*COMMUNITY_TYPES, *ENTERPRISE_TYPES)
    close_types = ALIASES.get(kind) or (
        (kind,) if kind in known_types else tuple(get_close_matches(kind, known_types, n=1))
    )
    names = " or ".join(close_types)
    if close_types and supported and not set(close_types) & set(supported):
        editions = {get_edition(name) for name in close_types}
        reason = "requires EMQX Enterprise" if editions == {"Enterprise"} else "is not in this EMQX"
        return f"{names} {reason}; this EMQX has {', '.join(supported)}"
    if close_types and kind not in close_types:
        return f"did you mean {names}?"
    return f"this EMQX has {', '.join(supported)}" if supported else ""
