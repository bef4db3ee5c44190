"""Hints for a body that EMQX refused: the command that explains its fields, and the field that was meant."""

import json
import re
from collections.abc import Mapping
from typing import Any

from emqxctl.api.response import Response

UNKNOWN_FIELD = re.compile(r"unknown field '([^']+)'")
BODY_VERBS = (" create", " update", " test", " set")


def explain_hint(command: str, group: str, response: Response, content: bytes | None, text: str) -> str:
    """Return the hint for a refused body: the close fields, and `emqxctl explain KIND TYPE`.

    Empty if the command sends no body that a user writes, or nothing is known about it. `content` is the body
    that was sent.
    """
    if not command.endswith(BODY_VERBS):
        return ""
    from emqxctl.emqx.body_fields import find_type, list_kinds

    kind = command.removeprefix("emqxctl ").rpartition(" ")[0]
    kind = kind if kind in list_kinds() else group
    if kind not in list_kinds():
        return ""
    key = response.arguments[-1] if response.arguments else ""
    type_name = find_type(kind, key, parse_body(content)) or find_root(kind, text)
    hint = f"fields: emqxctl explain {kind} {type_name}".rstrip()
    close_names = suggest_fields(kind, type_name, text)
    return f"did you mean {', '.join(close_names)}?\n{hint}" if close_names else hint


def find_root(kind: str, text: str) -> str:
    """Return the root of the configuration that an error names (`mqtt: unknown field`); empty if unknown."""
    from emqxctl.emqx.body_fields import list_types

    root = text.partition(":")[0]
    return root if kind == "configs" and root in list_types(kind) else ""


def parse_body(content: bytes | None) -> Mapping[str, Any]:
    """Return the JSON object that was sent; empty for anything else."""
    try:
        body = json.loads(content or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def suggest_fields(kind: str, type_name: str, text: str) -> list[str]:
    """Return the fields that are close to an unknown one in the text of the server.

    None for a field that another version of EMQX has: its name is correct.
    """
    match = UNKNOWN_FIELD.search(text)
    if match is None:
        return []
    from emqxctl.emqx.body_fields import flatten_fields, list_types, read_body_fields
    from emqxctl.emqx.row_fields import find_close_names

    types = [type_name] if type_name else list_types(kind) or [""]
    names = {
        name for candidate_type in types for name in flatten_fields(read_body_fields(kind, candidate_type))
    }
    last_parts = {name.rpartition(".")[2]: name for name in sorted(names, reverse=True)}
    unknown_name = match[1].rpartition(".")[2]
    if unknown_name in last_parts:
        return []
    return [last_parts[name] for name in find_close_names(unknown_name, last_parts)]
