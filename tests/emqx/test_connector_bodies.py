"""Bodies of connectors: what is completed, and what is missing."""

from typing import Any

import pytest

from emqxctl.commands.connectors import CONNECTORS, check_required_fields, format_assignment
from emqxctl.emqx.body_fields import list_types
from emqxctl.emqx.connector_bodies import complete_connector
from emqxctl.emqx.connector_types import nest_fields
from emqxctl.errors import UsageError

Json = dict[str, Any]
# The required fields that have no option, by type: `connectors create` names them with --set.
WITHOUT_OPTION = {
    "azure_blob_storage": {"account_key", "account_name"},
    "bigquery": {"authentication.type"},
    "disk_log": {"filepath", "max_file_number", "max_file_size"},
    "dynamo": {"aws_access_key_id", "aws_secret_access_key", "region"},
    "emqx_tables": {"dbname"},
    "gcp_pubsub_consumer": {"authentication.type"},
    "gcp_pubsub_producer": {"authentication.type"},
    "greptimedb": {"dbname"},
    "iotdb": {"base_url"},
    "kinesis": {"aws_access_key_id", "aws_secret_access_key", "endpoint"},
    "quasardb": {"dsn", "uri"},
    "s3": {"host", "port"},
    "s3tables": {"s3tables_arn"},
    "snowflake": {"account", "dsn"},
    "snowflake_streaming": {"account", "pipe_user", "private_key"},
    "syskeeper_proxy": {"listen"},
    "tablestore": {"access_key_id", "access_key_secret", "endpoint", "instance_name"},
}


def list_missing(body: Json) -> dict[str, str]:
    """Return the missing fields of a body, each with its values."""
    return {field.path: "|".join(field.values) for field in complete_connector(body).missing}


def test_the_required_fields_of_every_type_have_an_option_or_are_named_with_set() -> None:
    without_option: dict[str, set[str]] = {}
    for kind in list_types("connectors"):
        for field in complete_connector({"type": kind, "name": "n"}).missing:
            text = format_assignment(kind, field.path, field.values)
            assert text.startswith(("--set " + field.path, "--")), text
            if text.startswith("--set "):
                without_option.setdefault(kind, set()).add(field.path)
    assert without_option == WITHOUT_OPTION


def test_what_every_type_requires_is_enough() -> None:
    """The body with the missing fields set, as the error says, lacks nothing."""
    for kind in list_types("connectors"):
        body: Json = {"type": kind, "name": "n"}
        for _ in range(5):  # a variant that was selected may require more
            for field in complete_connector(nest_fields(body)).missing:
                parent, _, name = field.path.rpartition(".")
                target = body.setdefault(parent, {}) if parent else body
                target[name] = field.values[0] if field.values else "x"
        assert complete_connector(body).missing == [], kind


@pytest.mark.parametrize(
    ("kind", "fields", "completed"),
    [
        ("redis", {"server": "h:1"}, {"parameters": {"server": "h:1", "redis_type": "single"}}),
        (
            "redis",
            {"servers": "h:1", "parameters": {"sentinel": "m"}},
            {"parameters": {"servers": "h:1", "sentinel": "m", "redis_type": "sentinel"}},
        ),
        (
            "mongodb",
            {"server": "h:1", "database": "d"},
            {"database": "d", "parameters": {"server": "h:1", "mongo_type": "single"}},
        ),
        (
            "influxdb",
            {"database": "d", "username": "u"},
            {"parameters": {"database": "d", "username": "u", "influxdb_type": "influxdb_api_v1"}},
        ),
        (
            "influxdb",
            {"parameters": {"bucket": "b", "org": "o", "token": "t"}},
            {"parameters": {"bucket": "b", "org": "o", "token": "t", "influxdb_type": "influxdb_api_v2"}},
        ),
        ("datalayers", {}, {"parameters": {}}),
        ("kafka_producer", {"bootstrap_hosts": "h"}, {"bootstrap_hosts": "h"}),
        (
            "kafka_producer",
            {"bootstrap_hosts": "h", "authentication": "none"},
            {"bootstrap_hosts": "h", "authentication": "none"},
        ),
        (
            "azure_event_hub_producer",
            {"bootstrap_hosts": "h", "authentication": {"password": "p"}},
            {"bootstrap_hosts": "h", "authentication": {"password": "p"}, "ssl": {"enable": True}},
        ),
        ("iotdb", {"base_url": "u"}, {"base_url": "u"}),  # EMQX 5.5 has no `driver`
        ("redis", {"parameters": {"new_field": 1}}, {"parameters": {"new_field": 1}}),
        ("gcp_pubsub_producer", {"service_account_json": "{}"}, {"service_account_json": "{}"}),  # 5.8
        ("type_of_a_later_release", {}, {}),
    ],
)
def test_what_follows_from_the_other_fields_is_completed(kind: str, fields: Json, completed: Json) -> None:
    identity = {"type": kind, "name": "n"}
    completion = complete_connector(nest_fields({**identity, **fields}))
    assert (completion.body, completion.missing) == ({**identity, **completed}, [])


@pytest.mark.parametrize(
    ("kind", "fields", "missing"),
    [
        ("redis", {}, {"parameters.redis_type": "cluster|sentinel|single"}),
        ("redis", {"servers": "h:1"}, {"parameters.redis_type": "cluster|sentinel"}),
        ("redis", {"parameters": {"redis_type": "cluster"}}, {"parameters.servers": ""}),
        ("mongodb", {"servers": "h:1", "database": "d"}, {"parameters.mongo_type": "rs|sharded"}),
        ("influxdb", {"database": "d"}, {"parameters.influxdb_type": "influxdb_api_v1|influxdb_api_v3"}),
        (
            "kafka_consumer",
            {"bootstrap_hosts": "h", "username": "u", "password": "p"},
            {"authentication.mechanism": "plain|scram_sha_256|scram_sha_512"},
        ),
        ("elasticsearch", {"username": "u"}, {"authentication.password": ""}),
        ("mqtt", {}, {"server": ""}),
    ],
)
def test_what_is_missing_is_listed_with_its_values(kind: str, fields: Json, missing: Json) -> None:
    body = nest_fields({"type": kind, "name": "n", **fields})
    assert list_missing(body) == missing
    assert complete_connector(body).body == body


def test_the_error_is_what_to_type() -> None:
    with pytest.raises(UsageError) as caught:
        check_required_fields({"type": "cassandra", "name": "n"})
    assert caught.value.message == "cassandra connectors require --keyspace ... --servers ..."
    assert caught.value.hint == "all its fields: emqxctl explain connectors cassandra"
    flags = [setting.flag for setting in CONNECTORS.settings]
    assert len(flags) == len(set(flags))
