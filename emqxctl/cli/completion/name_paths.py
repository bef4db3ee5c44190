"""Which list has the names that complete a parameter: derived from the operations of its command.

An argument that fills a placeholder of an operation (`GET /rules/{id}`) is completed from the list of that
path (`GET /rules`, field `id`); others by what their metavar or option names.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from emqxctl.cli.spec import CommandSpec

PLACEHOLDER = re.compile(r"\{([^}]*)\}")
NODES, CLIENTS, TOPICS = "/nodes/{node}", "/clients/{clientid}", "/topics/{topic}"
NAMESPACES = "/mt/ns/{ns}"
# Metavars that always name the same thing, whatever the operation.
FIXED_METAVARS: Mapping[str, str] = {"NODE": NODES, "SITE": "/ds/sites/{site}", "ROOT": "/configs/{root}"}
METAVARS: Mapping[str, str] = {
    "CLIENT_ID": CLIENTS,
    "TOPIC": TOPICS,
    "FILTER": TOPICS,
    "NAMESPACE": NAMESPACES,
    "STORAGE": "/ds/storages/{ds}",
}
# Options that name a thing, by their parameter, for commands with an operation under a path.
OPTIONS: tuple[tuple[str, str, str], ...] = (
    ("node", "", NODES),
    ("clientid", "", CLIENTS),
    ("topic", "", TOPICS),
    ("namespace", "", NAMESPACES),
    ("ns", "", NAMESPACES),
    ("connector", "/actions", "/connectors/{id}"),
    ("connector", "/sources", "/connectors/{id}"),
    ("action", "/rules", "/actions/{id}"),
    ("actions", "/rules", "/actions/{id}"),
    ("source", "/rules", "/sources/{id}"),
    ("rule", "/rules/{id}/test", "/rules/{id}"),
    ("rule", "/trace", "/rules/{id}"),
    ("event", "/rule_test", "/rule_events/{event}"),
    ("from", "/rules", TOPICS),
    ("provider", "/authentication", "/authentication/{id}"),
    ("provider_name", "/ai", "/ai/providers/{name}"),
    ("listener", "/gateways", "/gateways/{name}/listeners/{id}"),
    ("scope", "/api_key", "/api_key_scopes/{name}"),
    ("scope", "/users", "/user_scopes/{name}"),
    ("response_topic", "", TOPICS),
    ("username", "/clients", ""),  # cannot be listed by its beginning
)
# The lists whose path is not that of one object without its last part.
LISTS: Mapping[str, str] = {
    "/a2a/cards/card": "/a2a/cards/list",
    "/a2a/cards/card/{org_id}": "/a2a/cards/list",
    "/a2a/cards/card/{org_id}/{unit_id}": "/a2a/cards/list",
    "/banned/{as}": "/banned",
    "/certs/global/name": "/certs/global/list",
    "/configs_reset": "/configs",
    "/cluster/links/link": "/cluster/links",
    "/file_transfer/files/{clientid}": "/file_transfer/files",
    "/gateway": "/gateways",
    "/gateways/coap/clients": "/gateways/{name}/clients",
    "/gateways/lwm2m/clients": "/gateways/{name}/clients",
    "/message_transformations/transformation": "/message_transformations",
    "/mqtt/delayed/messages/{node}": "/mqtt/delayed/messages",
    "/mqtt/retainer/message": "/mqtt/retainer/messages",
    "/mt/ns": "/mt/ns_list",
    "/queue": "/queues",
    "/schema_registry_external/registry": "/schema_registry_external",
    "/schema_validations/validation": "/schema_validations",
    "/stream": "/streams",
}
FIXED_PARENTS = {"/gateways/coap/clients": "coap", "/gateways/lwm2m/clients": "lwm2m"}
UNLISTED = "GET /schemas/"  # operations whose names no list has
# Placeholders that are words of the operation, not names of objects.
WORDS = frozenset({"operation", "enable", "action", "position"})


def find_item_path(spec: CommandSpec, parameters: Sequence[Any], parameter: Any, position: int = 0) -> str:  # noqa: ANN401
    """Return the path of the objects that a parameter names, `/rules/{id}`; empty if there is none.

    `parameters` are all of the command's, `position` is the index of the value among those of one argument.
    """
    metavar = read_metavar(parameter, position)
    if metavar in FIXED_METAVARS:
        return FIXED_METAVARS[metavar]
    if " " in (parameter.metavar or "") and metavar in METAVARS:
        return METAVARS[metavar]
    if parameter.param_type_name == "argument":
        return find_by_placeholder(spec, parameters, parameter) or METAVARS.get(metavar, "")
    return find_by_option(spec, parameter.name.removeprefix("option_")) or METAVARS.get(metavar, "")


def read_metavar(parameter: Any, position: int = 0) -> str:  # noqa: ANN401
    """Return the placeholder of a value in help: `CLIENT_ID` of `[CLIENT_ID] TOPIC...` at position 0."""
    words = (parameter.metavar or "").replace("[", "").replace("]", "").split()
    return words[min(position, len(words) - 1)].removesuffix("...") if words else ""


def find_by_option(spec: CommandSpec, name: str) -> str:
    """Return the path of the objects that an option names; empty if there is none."""
    for option, operation_path, item_path in OPTIONS:
        if option == name and any(operation_path in call for call in spec.calls):
            return item_path
    return ""


def find_by_placeholder(spec: CommandSpec, parameters: Sequence[Any], parameter: Any) -> str:  # noqa: ANN401
    """Return the path up to the placeholder that an argument fills: by its name, else by its position."""
    paths = [call.partition(" ")[2] for call in spec.calls if "{" in call and not call.startswith(UNLISTED)]
    for path in paths:
        for match in PLACEHOLDER.finditer(path):
            if match[1] not in WORDS and is_same_name(parameter.name, match[1]):
                return path[: match.end()]
    arguments = [item for item in parameters if item.param_type_name == "argument"]
    arguments = [item for item in arguments if read_metavar(item) not in {"FILE", "VALUE", "PATH", "TIME"}]
    has_provider = any(item.name == "provider" for item in parameters)  # the option fills `{id}`
    words = WORDS | {"id"} if has_provider else WORDS
    for path in paths:
        matches = [match for match in PLACEHOLDER.finditer(path) if match[1] not in words]
        index = arguments.index(parameter) if parameter in arguments else len(matches)
        if index < len(matches) and len(matches) <= len(arguments):
            return path[: matches[index].end()]
    return ""


def is_same_name(parameter_name: str, placeholder: str) -> bool:
    """Return whether a parameter has the name of a placeholder: `path_user` and `users` of `user_id`."""
    name = parameter_name.removeprefix("path_")
    singular = name.removesuffix("s")
    return placeholder.replace("-", "_") in {name, singular, f"{name}_id", f"{singular}_id"}


def split_item_path(item_path: str) -> tuple[str, str]:
    """Return the path of the list and the key of its rows: `/rules` and `id`."""
    prefix, _, key = item_path.rpartition("/")
    return LISTS.get(prefix, prefix), key.strip("{}")


def list_parent_values(
    item_path: str, parameters: Sequence[Any], values: Mapping[str, Any], current: str
) -> dict[str, str]:
    """Return the values of the placeholders before the last one, from the words typed before.

    By name, by position among the arguments, or from the option that names the parent.
    """
    *parents, _ = PLACEHOLDER.findall(item_path) or [""]
    prefix = item_path.rpartition("/")[0]
    if prefix in FIXED_PARENTS:
        return {"name": FIXED_PARENTS[prefix]}
    arguments = [item.name for item in parameters if item.param_type_name == "argument"]
    filled: dict[str, str] = {}
    for index, parent in enumerate(parents):
        names = [name for name in values if is_same_name(name, parent) and name != current]
        names += [name for name in arguments[index : index + 1] if name != current]
        names += ["provider"] if parent == "id" else []
        texts = [values[name] for name in names if isinstance(values.get(name), str)]
        if texts:
            filled[parent] = texts[0]
    return filled
