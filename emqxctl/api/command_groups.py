"""The command group of a REST API path, and its commands that show what exists and what a change has made."""

import re
import shlex
from collections.abc import Sequence
from enum import Enum


class KeyInBody(Enum):
    """The fields of a new object's body that are its key on the command line."""

    NAME = ("id", "username", "name")  # the first that the body has
    TYPE_AND_NAME = ("id",)  # `type` and `name`, as TYPE:NAME, if the body has no id
    NOT_IN_BODY = ()  # the commands take more than the body has, such as a parent


# Beginning of a path → command group.
GROUPS = {
    "actions": "actions",
    "alarms": "alarms",
    "api_key": "api-keys",
    "authentication": "authentication",
    "authentication/settings": "authentication settings",
    "authentication/{}/users/{}": "authentication users",
    "authorization": "authorization",
    "authorization/node_cache": "authorization node-cache",
    "authorization/settings": "authorization settings",
    "authorization/sources": "authorization sources",
    "authorization/sources/built_in_database": "authorization rules",
    "authorization/sources/built_in_database/rules/clients": "authorization rules clients",
    "authorization/sources/built_in_database/rules/users": "authorization rules users",
    "banned": "banned",
    "clients": "clients",
    "cluster": "cluster",
    "configs": "configs",
    "connectors": "connectors",
    "exhooks": "exhooks",
    "gateways": "gateways",
    "gateways/{}/authentication/users/{}": "gateways users",
    "gateways/{}/clients": "gateways clients",
    "gateways/{}/listeners": "gateways listeners",
    "gateways/{}/listeners/{}/authentication/users/{}": "gateways users",
    "listeners": "listeners",
    "metrics": "metrics",
    "monitor": "monitor",
    "nodes": "nodes",
    "opentelemetry": "opentelemetry",
    "plugins": "plugins",
    "prometheus": "prometheus",
    "publish": "publish",
    "rules": "rules",
    "sources": "sources",
    "stats": "stats",
    "status": "status",
    "subscriptions": "subscriptions",
    "telemetry": "telemetry",
    "topics": "topics",
    "users": "users",
    "actions_probe": "actions",
    "connectors_probe": "connectors",
    "configs_reset": "configs",
    "clients_v2": "clients",
    "data": "backups",
    "monitor_current": "monitor",
    "mqtt/delayed": "delayed",
    "mqtt/retainer": "retained",
    "rule_test": "rules",
    "sources_probe": "sources",
    "trace": "traces",
    "action_types": "actions",
    "actions_summary": "actions",
    "bridges": "bridges",
    "bridges_probe": "bridges",
    "mqtt/auto_subscribe": "auto-subscribe",
    "mqtt/topic_metrics": "topic-metrics",
    "mqtt/topic_rewrite": "topic-rewrite",
    "rule_engine": "rules",
    "rule_events": "rules",
    "slow_subscriptions": "slow-subscriptions",
    "source_types": "sources",
    "sources_summary": "sources",
    "a2a": "a2a",
    "ai/completion_profiles": "ai profiles",
    "ai/providers": "ai providers",
    "audit": "audit",
    "certs": "certs",
    "cluster/links": "cluster-links",
    "ds/sites": "durable-storage sites",
    "ds/storages": "durable-storage storages",
    "ds/storages/{}/replicas": "durable-storage replicas",
    "file_transfer": "file-transfer config",
    "file_transfer/files": "file-transfer files",
    "gcp_devices": "gcp-devices",
    "license": "license",
    "load_rebalance": "rebalance",
    "message_transformations": "message-transformations",
    "mt": "namespaces",
    "mt/ns/{}/client_list": "namespaces clients",
    "mt/ns/{}/config": "namespaces config",
    "node_eviction": "eviction",
    "queue": "message-queues",
    "queues": "message-queues",
    "queues/config": "message-queues config",
    "schema_registry": "schemas",
    "schema_registry_external": "schemas external",
    "schema_registry_protobuf": "schemas",
    "schema_validations": "schema-validations",
    "sso": "sso",
    "stream": "streams",
    "streams": "streams",
    "streams/config": "streams config",
    "tracing": "tracing",
}
# Groups with the commands get and update → where a new object's body has the argument of these commands.
EDITABLE_GROUPS = {
    "actions": KeyInBody.TYPE_AND_NAME,
    "ai profiles": KeyInBody.NAME,
    "ai providers": KeyInBody.NAME,
    "api-keys": KeyInBody.NAME,
    "authentication": KeyInBody.NOT_IN_BODY,
    "authentication users": KeyInBody.NOT_IN_BODY,
    "authorization rules clients": KeyInBody.NOT_IN_BODY,
    "authorization rules users": KeyInBody.NOT_IN_BODY,
    "authorization sources": KeyInBody.NOT_IN_BODY,
    "bridges": KeyInBody.TYPE_AND_NAME,
    "cluster-links": KeyInBody.NAME,
    "connectors": KeyInBody.TYPE_AND_NAME,
    "exhooks": KeyInBody.NAME,
    "gateways listeners": KeyInBody.NOT_IN_BODY,
    "gateways users": KeyInBody.NOT_IN_BODY,
    "listeners": KeyInBody.TYPE_AND_NAME,
    "message-queues": KeyInBody.NAME,
    "message-transformations": KeyInBody.NAME,
    "rules": KeyInBody.NAME,
    "schema-validations": KeyInBody.NAME,
    "schemas": KeyInBody.NAME,
    "schemas external": KeyInBody.NAME,
    "sources": KeyInBody.TYPE_AND_NAME,
    "streams": KeyInBody.NAME,
    "users": KeyInBody.NAME,
}
# Groups without a `list` command, and no group.
GROUPS_WITHOUT_LIST = frozenset(
    {
        "",
        "authentication settings",
        "authorization",
        "authorization node-cache",
        "authorization rules",
        "authorization settings",
        "auto-subscribe",
        "cluster",
        "configs",
        "eviction",
        "file-transfer config",
        "license",
        "message-queues config",
        "metrics",
        "monitor",
        "namespaces config",
        "opentelemetry",
        "prometheus",
        "publish",
        "rebalance",
        "stats",
        "status",
        "streams config",
        "telemetry",
        "topic-rewrite",
        "tracing",
    }
)
# Groups with a `list` command that takes the object which contains the listed ones: the first of the path.
LISTS_OF_PARENT = frozenset(
    {
        "durable-storage replicas",
        "gateways clients",
        "gateways listeners",
        "gateways users",
        "namespaces clients",
    }
)
# Groups without a `list` command that have one that shows the state: the command's words after the group.
STATE_COMMANDS = {
    "authentication settings": "get",
    "authorization": "settings get",
    "authorization node-cache": "get",
    "authorization settings": "get",
    "auto-subscribe": "get",
    "configs": "get",
    "eviction": "status",
    "file-transfer config": "get",
    "license": "get",
    "message-queues config": "get",
    "opentelemetry": "get",
    "prometheus": "get",
    "rebalance": "status",
    "streams config": "get",
    "telemetry": "get",
    "topic-rewrite": "get",
    "tracing": "get",
}


def group_of(operation: str) -> str:
    """Return the command group of an operation, empty if it has none."""
    path = re.sub(r"\{[^}]*\}", "{}", operation.partition(" ")[2])
    parts = path.strip("/").split("/")
    beginnings = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((GROUPS[beginning] for beginning in beginnings if beginning in GROUPS), "")


def find_list_group(operation: str) -> str:
    """Return the group whose list shows the objects that an operation names, empty if there is none.

    A path that ends with a collection (`/mt/ns/{ns}/client_list`) names the object that contains it.
    """
    method, _, path = operation.partition(" ")
    if "/nodes/{node}" in operation or path.startswith("/load_rebalance/{node}"):
        return "nodes"
    group = group_of(operation)
    parent, placeholder, collection = path.partition("}")
    is_collection = group in LISTS_OF_PARENT and "{" not in collection
    return group_of(f"{method} {parent}{placeholder}") if is_collection else group


def list_command(group: str, arguments: Sequence[str] = ()) -> str:
    """Return the command that lists a group's objects, empty if it has none or `arguments` lack the parent.

    `arguments` are those of the path.
    """
    if group in GROUPS_WITHOUT_LIST or (group in LISTS_OF_PARENT and not arguments):
        return ""
    parent = f" {shlex.quote(arguments[0])}" if group in LISTS_OF_PARENT else ""
    return f"emqxctl {group} list{parent}"


def list_command_hint(group: str, arguments: Sequence[str] = ()) -> str:
    """Return the hint to list the existing objects of a group, empty if it has no list."""
    command = list_command(group, arguments)
    return f"list existing ones: {command}" if command else ""


def command_to_check(operation: str, arguments: Sequence[str]) -> str:
    """Return the command that shows whether a change was made, empty if there is none."""
    group = group_of(operation)
    if group in EDITABLE_GROUPS and group not in LISTS_OF_PARENT and len(arguments) == 1:
        return f"emqxctl {group} get {shlex.quote(arguments[0])}"
    if group in STATE_COMMANDS:
        return f"emqxctl {group} {STATE_COMMANDS[group]}"
    return list_command(group, arguments)
