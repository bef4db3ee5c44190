"""What EMQX requires of an API key or dashboard user for an operation: a role, a scope, a namespace.

Scopes exist since EMQX 5.10.4, namespaces since 6.0. The scope of a path is what EMQX 6.2.2 permitted and
refused in the recordings, or what its API modules declare.
"""

SCOPES: dict[str, tuple[str, ...]] = {
    "connections": (
        "/clients",
        "/clients_v2",
        "/sessions_count",
        "/subscriptions",
        "/topics",
        "/banned",
        "/mqtt",
        "/file_transfer",
        "/queue",
        "/queues",
        "/stream",
        "/streams",
        "/message_queues",
        "/message_streams",
        "/a2a",
    ),
    "publish": ("/publish", "/plugin_api/emqx_sync_request"),
    "data_integration": (
        "/rules",
        "/rule_engine",
        "/rule_events",
        "/rule_test",
        "/bridges",
        "/bridges_probe",
        "/connectors",
        "/connectors_probe",
        "/connector_types",
        "/actions",
        "/actions_summary",
        "/actions_probe",
        "/action_types",
        "/sources",
        "/sources_summary",
        "/sources_probe",
        "/source_types",
        "/schema_registry",
        "/schema_registry_external",
        "/schema_registry_protobuf",
        "/schema_validations",
        "/message_transformations",
        "/exhooks",
        "/ai",
        "/nodes/{}/bridges",
        "/nodes/{}/connectors",
        "/nodes/{}/actions",
        "/nodes/{}/sources",
    ),
    "access_control": ("/authentication", "/authorization"),
    "gateways": ("/gateways", "/gcp_devices"),
    "monitoring": (
        "/metrics",
        "/stats",
        "/monitor",
        "/monitor_current",
        "/alarms",
        "/trace",
        "/tracing",
        "/slow_subscriptions",
        "/telemetry",
        "/prometheus/stats",
        "/prometheus/auth",
        "/prometheus/data_integration",
        "/prometheus/schema_validation",
        "/prometheus/message_transformation",
        "/prometheus/namespaced_stats",
        "/mqtt/topic_metrics",
        "/mqtt/topic_metrics2",
    ),
    "cluster_operations": ("/nodes", "/cluster", "/load_rebalance", "/node_eviction", "/mt"),
    "system": (
        "/configs",
        "/configs_reset",
        "/listeners",
        "/listeners_status",
        "/plugins",
        "/plugin_api",
        "/data",
        "/certs",
        "/ds",
        "/prometheus",
        "/opentelemetry",
        "/features",
        "/relup",
    ),
    "audit": ("/audit",),
    "license": ("/license",),
    "user_management": ("/users",),
    "mfa_management": ("/users/{}/mfa",),
    "api_key_management": ("/api_key",),
    "sso_management": ("/sso",),
}
# Scopes of dashboard users only, and those of them that only administrators can have.
USER_SCOPES = ("user_management", "mfa_management", "sso_management", "api_key_management")
ADMIN_ONLY_SCOPES = ("user_management", "sso_management", "api_key_management")
# Where the administrator of a namespace may write; everything else is read-only for it.
NAMESPACE_WRITES = (
    "/connectors",
    "/connectors_probe",
    "/actions",
    "/actions_probe",
    "/sources",
    "/sources_probe",
    "/rules",
    "/rule_test",
    "/trace",
    "/authentication/{}/users",
    "/authorization/sources/built_in_database",
    "/a2a",
    "/certs/ns",
    "/data",
)
PUBLISHING = ("/publish", "/publish/bulk")
READ_METHODS = frozenset({"GET", "HEAD"})


def find_required_scope(path: str) -> str:
    """Return the scope that a path requires, empty for none; the path is a template or a real one."""
    segments = split_path(path)
    matches = [
        (len(split_path(prefix)), scope)
        for scope, prefixes in SCOPES.items()
        for prefix in prefixes
        if starts_with(segments, prefix)
    ]
    return max(matches)[1] if matches else ""


def list_permitted_roles(method: str, path: str) -> tuple[str, ...]:
    """Return the roles that an operation permits, the least powerful first."""
    if method in READ_METHODS:
        return ("viewer", "administrator")
    if f"/{'/'.join(split_path(path))}" in PUBLISHING:
        return ("publisher", "administrator")
    return ("administrator",)


def is_permitted_in_namespace(method: str, path: str) -> bool:
    """Return whether the administrator of a namespace may perform an operation at all."""
    segments = split_path(path)
    return method in READ_METHODS or any(starts_with(segments, prefix) for prefix in NAMESPACE_WRITES)


def split_path(path: str) -> tuple[str, ...]:
    """Return the parts of a path, `{}` for each placeholder."""
    parts = path.partition("?")[0].removeprefix("/api/v5").strip("/").split("/")
    return tuple("{}" if part.startswith("{") else part for part in parts)


def starts_with(segments: tuple[str, ...], prefix: str) -> bool:
    """Return whether a path begins with another; `{}` in the prefix is any part."""
    parts = split_path(prefix)
    return len(parts) <= len(segments) and all(
        part in {"{}", segment} for part, segment in zip(parts, segments, strict=False)
    )
