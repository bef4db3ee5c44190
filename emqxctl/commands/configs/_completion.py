"""Completion of configuration keys: the roots, then the keys below the root that is typed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from emqxctl.commands.configs._roots import ROOTS

if TYPE_CHECKING:
    from emqxctl.api.client import Client
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.request import CompletionRequest

# The roots without a path of their own, of any version and edition.
OTHER_ROOTS = (
    "actions",
    "authentication",
    "authorization",
    "auto_subscribe",
    "cluster",
    "conn_congestion",
    "connectors",
    "crl_cache",
    "delayed",
    "durable_sessions",
    "durable_storage",
    "exhook",
    "flapping_detect",
    "force_gc",
    "force_shutdown",
    "gateway",
    "license",
    "listeners",
    "message_transformation",
    "mqtt",
    "node",
    "opentelemetry",
    "plugins",
    "prometheus",
    "psk_authentication",
    "retainer",
    "rewrite",
    "rpc",
    "rule_engine",
    "schema_registry",
    "schema_validation",
    "slow_subs",
    "sources",
    "stats",
    "telemetry",
)


def complete_keys(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return roots, and the keys of the root that is typed: `mqtt.max_packet_size`."""
    from emqxctl.cli.completion.candidates import Candidate

    root = request.typed.partition(".")[0]
    roots = sorted({*ROOTS, *OTHER_ROOTS})
    keys = list_keys(request, root) if root in roots else []
    return [Candidate(name) for name in [*roots, *keys]]


def complete_assignments(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return the beginnings of `KEY=VALUE`: roots with a dot, and keys with `=`."""
    root, dot, _ = request.typed.partition(".")
    if "=" in request.typed:
        return []
    if not dot:
        return [item._replace(value=f"{item.value}.", partial=True) for item in complete_keys(request)]
    keys = (item for item in complete_keys(request) if item.value.startswith(f"{root}."))
    return [item._replace(value=f"{item.value}=", partial=True) for item in keys]


def list_keys(request: "CompletionRequest", root: str) -> list[str]:
    """Return the dotted keys below a root, as the cluster has them."""

    def read(client: "Client") -> list[tuple[str, str]]:
        from emqxctl.cli.completion.request import flatten
        from emqxctl.diagnosis.node_configurations import read_configuration

        if root in ROOTS:
            return [(f"{root}.{key}", "") for key in flatten(client.get_object(f"/configs/{root}"))]
        return [(key, "") for key in flatten(read_configuration(client, "", root))]

    return [name for name, _ in request.cluster.read_cached_names(("configuration", root), read)]
