"""Rounds of what the Enterprise edition has, and EMQX from 5.9 on."""

import json

from tests.live.environment import IDENTIFIER, PREFIX
from tests.live.rounds import Round, read_row

VALIDATION = {"checks": [{"type": "sql", "sql": "SELECT payload.t AS t WHERE t > 0"}], "strategy": "all_pass"}
TRANSFORMATION = {
    "payload_decoder": {"type": "json"},
    "payload_encoder": {"type": "json"},
    "operations": [{"key": "payload.seen", "value": "'live'"}],
}

ENTERPRISE = (
    Round(
        name="schemas",
        operations=("POST /schema_registry",),
        path=f"/schema_registry/{IDENTIFIER}",
        create=("schemas", "create", IDENTIFIER, "--type", "avro", "--source-file", "-"),
        stdin='{"type": "record", "name": "r", "fields": [{"name": "t", "type": "double"}]}',
        created={"name": IDENTIFIER, "type": "avro"},
        get=("schemas", "get", IDENTIFIER),
        updates=(
            (("schemas", "update", IDENTIFIER, "--description", "changed"), {"description": "changed"}),
        ),
        delete=("schemas", "delete", IDENTIFIER),
    ),
    Round(
        name="schema-validations",
        operations=("POST /schema_validations",),
        path=f"/schema_validations/validation/{IDENTIFIER}",
        create=(
            *("schema-validations", "create", IDENTIFIER, "-f", "-", "--topic", f"{PREFIX}/#"),
            *("--failure-action", "drop", "--no-enable"),
        ),
        stdin=json.dumps(VALIDATION),
        created={"name": IDENTIFIER, "topics": [f"{PREFIX}/#"], "failure_action": "drop", "enable": False},
        get=("schema-validations", "get", IDENTIFIER),
        updates=(
            (
                ("schema-validations", "update", IDENTIFIER, "--failure-action", "ignore"),
                {"failure_action": "ignore", "enable": False},
            ),
        ),
        delete=("schema-validations", "delete", IDENTIFIER),
    ),
    Round(
        name="message-transformations",
        operations=("POST /message_transformations",),
        path=f"/message_transformations/transformation/{IDENTIFIER}",
        create=(
            *("message-transformations", "create", IDENTIFIER, "-f", "-", "--topic", f"{PREFIX}/#"),
            *("--failure-action", "ignore", "--no-enable"),
        ),
        stdin=json.dumps(TRANSFORMATION),
        created={"name": IDENTIFIER, "topics": [f"{PREFIX}/#"], "failure_action": "ignore", "enable": False},
        get=("message-transformations", "get", IDENTIFIER),
        updates=(
            (
                ("message-transformations", "update", IDENTIFIER, "--description", "changed"),
                {"description": "changed", "enable": False},
            ),
        ),
        delete=("message-transformations", "delete", IDENTIFIER),
    ),
    Round(
        name="message-queues",
        operations=("POST /queues",),
        path=f"/queue/{IDENTIFIER}",
        create=(
            *("message-queues", "create", IDENTIFIER, "--topic-filter", f"{PREFIX}/jobs/#"),
            *("--no-lastvalue", "--dispatch-strategy", "random"),
        ),
        created={"name": IDENTIFIER, "topic_filter": f"{PREFIX}/jobs/#", "dispatch_strategy": "random"},
        get=("message-queues", "get", IDENTIFIER),
        updates=(
            (
                ("message-queues", "update", IDENTIFIER, "--dispatch-strategy", "round_robin"),
                {"dispatch_strategy": "round_robin", "is_lastvalue": False},
            ),
        ),
        delete=("message-queues", "delete", IDENTIFIER),
    ),
    Round(
        name="streams",
        operations=("POST /streams",),
        path=f"/stream/{IDENTIFIER}",
        create=("streams", "create", IDENTIFIER, "--topic-filter", f"{PREFIX}/flow/#", "--no-lastvalue"),
        created={"name": IDENTIFIER, "topic_filter": f"{PREFIX}/flow/#", "is_lastvalue": False},
        get=("streams", "get", IDENTIFIER),
        updates=(
            (
                ("streams", "update", IDENTIFIER, "--retention", "2h"),
                {"data_retention_period": 7_200_000, "is_lastvalue": False},
            ),
        ),
        delete=("streams", "delete", IDENTIFIER),
    ),
    Round(
        name="namespaces",
        operations=("POST /mt/ns/{ns}",),
        path=f"/mt/ns/{PREFIX}",
        create=("namespaces", "create", PREFIX),
        created={"name": PREFIX},
        delete=("namespaces", "delete", PREFIX),
        read=read_row("/mt/ns_list_details?limit=1000", name=PREFIX),
    ),
)
