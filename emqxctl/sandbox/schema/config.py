"""The schemas of the configuration roots: known fields, and types that follow from the defaults."""

import copy
import re

from emqxctl.sandbox.data.config_defaults import DEFAULTS
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.integration import DURATION, abridge, duration, listing
from emqxctl.sandbox.schema.validation import (
    Check,
    Field,
    InvalidError,
    anything,
    boolean,
    check_struct,
    quality,
    refuse,
    text,
    whole,
)

SIZE = r"\d+(?:\.\d+)?(?:[KMG]B|B)?"
SHARE = r"\d+(?:\.\d+)?%"
LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency", "all", "none")


def sized(value: Json, path: str) -> Json:
    """Take a size such as `1MB`, and keep it as it was written."""
    if isinstance(value, int) or re.fullmatch(SIZE, str(value).upper()):
        return value
    raise refuse(value, "Not a valid bytesize", path)


def share(value: Json, path: str) -> Json:
    """Take a percentage or a part of one."""
    if isinstance(value, int | float) or re.fullmatch(SHARE, str(value)):
        return value
    raise refuse(value, "Not a valid percentage", path)


def or_word(word: str, check: Check) -> Check:
    """Take a word such as `disabled`, or a duration."""

    def take(value: Json, path: str) -> Json:
        if value == word:
            return value
        try:
            return check(value, path)
        except InvalidError as invalid:
            wordy = refuse(value, f"Expected: {word}, got:{value}", path).details
            raise InvalidError(
                reason="matched_no_union_member",
                path=path,
                mismatches={"emqx_schema:duration()": invalid.details, word: wordy},
                kind="validation_error",
            ) from None

    return take


def level(value: Json, path: str) -> Json:
    """Take the level of a log."""
    if value not in LEVELS:
        raise refuse(value, "unable_to_convert_to_enum_symbol", path)
    return value


# Where the default does not say it all, by the paths from the root.
CHECKS: dict[str, Check] = {
    "alarm.size_limit": whole("1..3000", 1, 3000),
    "log.console.level": level,
    "log.file.default.level": level,
    "mqtt.max_qos_allowed": quality,
    "sys_topics.sys_heartbeat_interval": or_word("disabled", duration),
    "sys_topics.sys_msg_interval": or_word("disabled", duration),
    "sysmon.os.cpu_check_interval": or_word("disabled", duration),
    "sysmon.os.mem_check_interval": or_word("disabled", duration),
    "sysmon.vm.large_heap": anything,
    "sysmon.vm.long_gc": anything,
    "sysmon.vm.long_schedule": anything,
}
# Fields without a default. Those of the log are other names of its own.
MORE = {
    "dashboard.listeners": ("https",),
    "limiter": (
        "bytes",
        "bytes_in",
        "client",
        "connection",
        "internal",
        "message_in",
        "message_routing",
        "messages",
    ),
    "log": ("console_handler", "file_handlers"),
    "sysmon": ("top",),
}


def check_of(value: Json, path: str) -> Check:
    """Find the check of a field by its path, or by its default."""
    if path in CHECKS:
        return CHECKS[path]
    if isinstance(value, dict):
        return lambda given, where: check_known(value, given, path, where)
    if isinstance(value, bool):
        return boolean
    if isinstance(value, list):
        return listing
    if not isinstance(value, str):
        return anything
    kinds = ((DURATION, duration), (r"\d+(?:[KMG]B|B)", sized), (SHARE, share))
    return next((check for pattern, check in kinds if re.fullmatch(pattern, value)), loose_text)


def loose_text(value: Json, path: str) -> Json:
    """Take text; what EMQX takes besides, such as a number or a union, passes too."""
    return text(value, path) if isinstance(value, str) else value


def check_known(defaults: Row, given: Json, path: str, where: str) -> Row:
    """Check the fields of an object that has defaults; what is not given keeps its default.

    `path` is that from the root, `where` that of EMQX's refusals. Raises InvalidError with the first refusal.
    """
    fields = [Field(name, check_of(value, f"{path}.{name}")) for name, value in defaults.items()]
    fields += [Field(name, anything) for name in MORE.get(path, ())]
    refusals: list[Row] = []
    checked = check_struct(tuple(fields), given, where, refusals)
    if refusals:
        raise InvalidError(**abridge(refusals[0]))
    named = {name: value for name, value in checked.items() if value is not None}
    return {**copy.deepcopy(defaults), **named}


def check_root(root: str, given: Json, where: str = "root") -> Row:
    """Check a whole root. Raises InvalidError."""
    return check_known(DEFAULTS[root], given, root, where)
