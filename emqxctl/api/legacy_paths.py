"""Paths of older EMQX versions, for brokers that do not know the present ones (api.md §1.2)."""

import json

from emqxctl.api.request import Request, expand_path

RULES = "/authorization/sources/built_in_database/rules"
BUILT_IN = "/authorization/sources/built_in_database"
POSITION = "/authentication/{id}/position/{position}"
# Present prefix → legacy prefix: `/gateway/...` until 5.0.26, the short names of the rules until 5.0.14.
LEGACY_PREFIXES = (
    (f"{RULES}/users", f"{BUILT_IN}/username"),
    (f"{RULES}/clients", f"{BUILT_IN}/clientid"),
    (f"{RULES}/all", f"{BUILT_IN}/all"),
    ("/gateways", "/gateway"),
)
# Single operations, with the versions that had the legacy path.
LEGACY_OPERATIONS = {
    f"DELETE {RULES}": f"DELETE {BUILT_IN}/purge-all",  # until 5.0.14
    "POST /users/{username}/change_pwd": "PUT /users/{username}/change_pwd",  # until 5.0.12
    f"PUT {POSITION}": "POST /authentication/{id}/move",  # until 5.0.11, with the position in the body
    "GET /configs/sys_topics": "GET /mqtt/sys_topics",  # until 5.0.12
    "PUT /configs/sys_topics": "PUT /mqtt/sys_topics",
    "POST /bridges/{id}/{operation}": "POST /bridges/{id}/operation/{operation}",  # until 5.0.14
    "POST /nodes/{node}/bridges/{id}/{operation}": "POST /nodes/{node}/bridges/{id}/operation/{operation}",
    "PUT /bridges/{id}/enable/{enable}": "POST /bridges/{id}/operation/{operation}",
    "PUT /bridges/{id}/metrics/reset": "PUT /bridges/{id}/reset_metrics",
    "PUT /rules/{id}/metrics/reset": "PUT /rules/{id}/reset_metrics",  # until 5.0.11
    "POST /connectors_probe": "POST /connectors_test",
    "GET /queues": "GET /message_queues/queues",  # 6.0 only, where the name of a queue is its topic filter
    "POST /queues": "POST /message_queues/queues",
    "GET /queue/{name}": "GET /message_queues/queues/{topic_filter}",
    "PUT /queue/{name}": "PUT /message_queues/queues/{topic_filter}",
    "DELETE /queue/{name}": "DELETE /message_queues/queues/{topic_filter}",
    "GET /queues/config": "GET /message_queues/config",
    "PUT /queues/config": "PUT /message_queues/config",
}
# Operations under such a prefix that were added with the present path.
WITHOUT_LEGACY_PATH = frozenset({f"DELETE {RULES}/all", "PUT /gateways/{name}/enable/{enable}"})
# Operations whose last segment (`settings`) an older broker takes for an id.
SHADOWED_OPERATIONS = frozenset(
    {
        "GET /authentication/node_cache/status",
        "GET /authentication/settings",
        "PUT /authentication/order",
        "PUT /authorization/sources/order",
    }
)
ENABLE_OPERATIONS = {"true": "enable", "false": "disable"}  # `.../enable/true` was `.../operation/enable`


def to_legacy_request(request: Request) -> Request | None:
    """Return the request with the path of older brokers, None if the path never changed."""
    operation = find_legacy_operation(request.operation)
    if operation is None:
        return None
    method, _, template = operation.partition(" ")
    arguments = request.arguments
    if template.endswith("/{id}/move"):
        content = json.dumps({"position": arguments[-1]}).encode()
        request = request._replace(content=content, content_type="application/json")
        arguments = arguments[:-1]
    if request.operation.endswith("/{enable}") and operation.endswith("/{operation}"):
        arguments = (*arguments[:-1], ENABLE_OPERATIONS[arguments[-1]])
    return request._replace(method=method, path=expand_path(template, arguments), operation=operation)


def find_legacy_operation(operation: str) -> str | None:
    """Return the legacy name of an operation, None if it never changed."""
    if operation in LEGACY_OPERATIONS:
        return LEGACY_OPERATIONS[operation]
    if operation in WITHOUT_LEGACY_PATH:
        return None
    method, _, template = operation.partition(" ")
    for prefix, legacy_prefix in LEGACY_PREFIXES:
        if template == prefix or template.startswith(prefix + "/"):
            return f"{method} {legacy_prefix}{template.removeprefix(prefix)}"
    return None
