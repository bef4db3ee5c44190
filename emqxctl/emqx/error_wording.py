"""EMQX's terms in error messages, and what they mean."""

import re
from collections.abc import Sequence

# EMQX's reasons why a field is invalid; others are shown as they are.
REASON_WORDS = {
    "required_field": "required field is missing",
    "unknown_fields": "unknown field",
    "not_a_enum_symbol": "not one of the allowed values",
    "unable_to_convert_to_enum_symbol": "not one of the allowed values",
    "bad_value_for_struct": "not an object",
    "bad_rfc3339_timestamp": "not an RFC 3339 time",
    "invalid_map_key": "not a valid name",
}
# Error atoms of system calls and nodes; the atom stays, so that it can be searched for.
ATOMS = {
    "eacces": "not permitted (eacces)",
    "eaddrinuse": "the address is in use (eaddrinuse)",
    "eaddrnotavail": "address not available on the node (eaddrnotavail)",
    "econnrefused": "connection refused (econnrefused)",
    "nodedown": "the node is down (nodedown)",
    "nxdomain": "host name not found (nxdomain)",
}
EXPECTED_WORDS = {
    "binary()": "printable text",
    "pos_integer()": "a whole number from 1",
    "non_neg_integer()": "a whole number from 0",
}
OTHER_TYPE = re.compile(
    r"type: (?:Expected: (\w+), got:[^ ;]*|not one of the allowed values)( \(got '[^']*'\))?"
)


def invalid_value_reason(path: str) -> str:
    """Return why the value of a field is invalid if EMQX does not say it."""
    if path.endswith("watermark"):
        return "must be a percentage, such as 80%"
    return "not a valid value"


def join_alternatives(reasons: Sequence[str]) -> str:
    """Join the reasons why a value fits none of its alternatives; only that of the given type, if any."""
    other_types = [match for match in map(OTHER_TYPE.match, reasons) if match]
    if len(other_types) < len(reasons):
        return "; or ".join(reason for reason in reasons if not OTHER_TYPE.match(reason))
    names = [match[1] for match in other_types]
    if len(names) > 1 and all(names):
        return f"type: must be {' or '.join(names)}{other_types[0][2]}"
    return "; or ".join(reasons)
