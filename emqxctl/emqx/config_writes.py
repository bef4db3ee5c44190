r"""Which requests EMQX stores in its configuration, and the characters that must not be in them.

EMQX writes U+2028 and U+2029 into cluster.hocon, which its own scanner then cannot read: all later changes of
the configuration fail with 500, and a node may not start (seen in 5.8.9).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

LINE_SEPARATORS = re.compile("[\u2028\u2029]")
ENCODED_LINE_SEPARATORS = re.compile(rb"\xe2\x80[\xa8\xa9]|\\u202[89]")
UNICODE_ESCAPES = re.compile(r"(?<!\\)(?:\\\\)*\\u(202[89])")

# Writes that change no configuration: messages, sessions, databases of users and rules, files, tests.
OTHER_WRITES = re.compile(
    r"/(?:"
    r"(?:alarms|api_key|banned|clients|data|durable_queues|gcp_devices|login|logout|monitor|nodes|publish|"
    r"relup|rule_test|trace|users|load_rebalance|ds)(?:/.*)?|"
    r"a2a/cards(?:/.*)?|"
    r"slow_subscriptions|"
    r"authorization/cache|"
    r"authorization/sources/built_in_database/rules(?:/.*)?|"
    r"(?:.+/)?authentication(?:/[^/]+)?/(?:users|import_users)(?:/.*)?|"
    r"certs(?:/.*)?|"
    r"cluster/[^/]+/(?:force_leave|invite|invite_async)|"
    r"gateways/[^/]+/clients(?:/.*)?|"
    r"message_queues/queues(?:/.*)?|"
    r"message_transformations/dryrun|"
    r"mqtt/delayed/messages(?:/.*)?|"
    r"mqtt/retainer/messages?(?:/.*)?|"
    r"plugins/install|"
    r"rules/[^/]+/test|"
    r"sso/login/.*"
    r")"
)


def writes_configuration(operation: str) -> bool:
    """Return whether an operation (`POST /rules`) may change EMQX's configuration; an unknown one may."""
    method, _, path = operation.partition(" ")
    return method in {"POST", "PUT", "PATCH", "DELETE"} and not OTHER_WRITES.fullmatch(path)


def find_line_separator(content: bytes) -> tuple[str, str] | None:
    """Return the first line separator in a body and the path of its field; None if there is none.

    The body is JSON, or else HOCON, in which an escape means the character too; the path is then empty.
    """
    if not ENCODED_LINE_SEPARATORS.search(content):
        return None
    text = content.decode("utf-8", "replace")
    try:
        texts = iterate_texts(json.loads(text, object_pairs_hook=Pairs))
    except (ValueError, RecursionError):
        texts = iter([("", UNICODE_ESCAPES.sub(lambda match: chr(int(match[1], 16)), text))])
    for path, string in texts:
        match = LINE_SEPARATORS.search(string)
        if match:
            return match[0], LINE_SEPARATORS.sub("?", path)
    return None


class Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, with those whose names are repeated."""


def iterate_texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401  # JSON is Any
    """Yield the texts in a JSON value with their paths, and the names of fields."""
    match value:
        case str():
            yield path, value
        case Pairs():
            for name, item in value:
                member_path = f"{path}.{name}" if path else name
                yield member_path, name
                yield from iterate_texts(item, member_path)
        case list():
            for item in value:
                yield from iterate_texts(item, path)
