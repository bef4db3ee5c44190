"""Shared by message queues and message streams: their topic filter and how messages are stored."""

from emqxctl.cli.input.body import Body
from emqxctl.emqx.topics import find_filter_problem
from emqxctl.errors import UsageError
from emqxctl.output.formatters import format_duration_ms, format_plain
from emqxctl.resource import Column, Setting, ValueType


def format_storage_kind(value: object) -> str:
    """Format whether only the last value of each key is stored."""
    return {"True": "last value", "False": "regular"}.get(str(value), format_plain(value))


KIND_COLUMN = Column("is_lastvalue", "KIND", format=format_storage_kind)
RETENTION_COLUMN = Column("data_retention_period", "RETENTION", format=format_duration_ms)
KEY_COLUMN = Column("key_expression", "KEY", wide=True)
STORAGE_SETTINGS = (
    Setting(
        "is_lastvalue",
        "Enable or disable storing only the last message of each key.",
        ValueType.BOOLEAN,
        option="lastvalue",
    ),
    Setting("key_expression", "Expression that returns the key, such as message.from."),
    Setting("data_retention_period", "Retention period of messages, such as 7d.", option="retention"),
    Setting(
        "limits.max_shard_message_count",
        "Maximum number of messages per shard: N or infinity.",
        ValueType.COUNT,
        option="max-shard-messages",
    ),
    Setting(
        "limits.max_shard_message_bytes",
        "Maximum size of the messages per shard, such as 32MB, or infinity.",
        option="max-shard-bytes",
    ),
)


def list_config_settings(noun: str) -> tuple[Setting, ...]:
    """Return the settings that apply to all queues or streams."""
    return (
        Setting(
            "enable",
            f"Enable or disable message {noun}s, or let EMQX decide (auto).",
            ValueType.CHOICE,
            ("true", "false", "auto"),
        ),
        Setting(f"max_{noun}_count", f"Maximum number of {noun}s.", ValueType.INTEGER),
        Setting("gc_interval", "Interval between removals of expired messages, such as 1h."),
        Setting(
            f"regular_{noun}_retention_period",
            f"Retention period of messages in regular {noun}s, such as 7d.",
            option="regular-retention",
        ),
        *(
            Setting(
                f"auto_create.{kind}",
                f"Enable or disable creating {description} {noun}s when clients subscribe to missing ones.",
                ValueType.BOOLEAN,
                option=f"auto-create-{kind}",
            )
            for kind, description in (("regular", "regular"), ("lastvalue", "last-value"))
        ),
    )


def enable_auto_create(body: Body) -> Body:
    """Return a configuration as PUT takes it: what is created automatically is an object or false."""
    auto_create = body.get("auto_create")
    if not isinstance(auto_create, dict):
        return body
    kinds = {kind: {} if value is True else value for kind, value in auto_create.items()}
    return {**body, "auto_create": kinds}


def check_topic_filter(body: Body) -> Body:
    """Return a body whose topic filter is valid. Raises UsageError.

    EMQX 6.2 stores an invalid one, and then fails on the list and on the deletion (recorded 6.2.2).
    """
    topic_filter = body.get("topic_filter")
    problem = find_filter_problem(topic_filter) if isinstance(topic_filter, str) else ""
    if problem:
        message = f"invalid topic filter {topic_filter!r}: {problem}"
        raise UsageError(message, hint="such as a/b, a/+/c or a/#")
    return body
