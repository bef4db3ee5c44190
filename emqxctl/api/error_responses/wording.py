"""EMQX's words for what is wrong, in plainer ones."""

import re
from collections.abc import Sequence

# EMQX's words for what is wrong with a field, in plainer ones; others stay as they are.
REASON_WORDS = {
    "required_field": "required field is missing",
    "unknown_fields": "unknown field",
    "not_a_enum_symbol": "not one of the allowed values",
    "unable_to_convert_to_enum_symbol": "not one of the allowed values",
    "bad_value_for_struct": "not an object",
    "bad_rfc3339_timestamp": "not an RFC 3339 time",
    "invalid_map_key": "not a valid name",
}
# What a system call or a node says, in words; the name stays, to be searched for.
ATOMS = {
    "eacces": "not permitted (eacces)",
    "eaddrinuse": "the address is in use (eaddrinuse)",
    "eaddrnotavail": "no such address on the node (eaddrnotavail)",
    "econnrefused": "connection refused (econnrefused)",
    "nodedown": "the node is down (nodedown)",
    "nxdomain": "no such host name (nxdomain)",
}
EXPECTED_WORDS = {
    "binary()": "printable text",
    "pos_integer()": "a whole number from 1",
    "non_neg_integer()": "a whole number from 0",
}
OTHER_TYPE = re.compile(
    r"type: (?:Expected: (\w+), got:[^ ;]*|not one of the allowed values)( \(got '[^']*'\))?"
)


def join_alternatives(forms: Sequence[str]) -> str:
    """Write what is wrong with each form a value may take; of the form of the type that was named, if any."""
    others = [found for found in map(OTHER_TYPE.match, forms) if found]
    if len(others) < len(forms):
        return "; or ".join(form for form in forms if not OTHER_TYPE.match(form))
    names = [found[1] for found in others]
    if len(names) > 1 and all(names):
        return f"type: must be {' or '.join(names)}{others[0][2]}"
    return "; or ".join(forms)
