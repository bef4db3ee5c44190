"""Shared by message queues and message streams: the settings of how messages are stored."""

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
)
GC_INTERVAL_SETTING = Setting("gc_interval", "Interval between removals of expired messages, such as 1h.")
