"""The command lines that own the operations of EMQX Enterprise and 6.x, in the form of operation_commands."""

REPLACE_BODY = "-f <body --replace"
CONFIG_ROOTS = ("a2a_registry", "file_transfer")
CARD = "/a2a/cards/card/{org_id}/{unit_id}/{agent_id}"

ENTERPRISE_COMMAND_LINES: dict[str, str] = {
    "GET /license": "license get",
    "POST /license": "license update --key-file <.key",
    "GET /license/setting": "license settings get",
    "PUT /license/setting": f"license settings update {REPLACE_BODY}",
    "GET /license/session_hwm_history": "license history",
    "GET /audit": "audit list",
    "PUT /cluster": "cluster update --description {.description}",
    "GET /api_key_scopes": "api-keys scopes",
    "GET /user_scopes": "users scopes",
    "POST /users/{username}/mfa": "users mfa enable --mechanism {.mechanism} | {username}",
    "DELETE /users/{username}/mfa": "users mfa disable -y | {username}",
    "GET /sso": "sso list",
    "GET /sso/running": "sso running",
    "GET /sso/{backend}": "sso get | {backend}",
    "PUT /sso/{backend}": f"sso update {REPLACE_BODY} | {{backend}}",
    "DELETE /sso/{backend}": "sso delete -y | {backend}",
    # Access
    "GET /authentication/settings": "authentication settings get",
    "PUT /authentication/settings": f"authentication settings update {REPLACE_BODY}",
    "GET /authentication/node_cache/status": "authentication node-cache status",
    "POST /authentication/node_cache/reset": "authentication node-cache reset -y",
    "POST /authentication/{id}/metrics/reset": "authentication reset-metrics -y | {id}",
    "GET /authorization/node_cache": "authorization node-cache get",
    "PUT /authorization/node_cache": f"authorization node-cache update {REPLACE_BODY}",
    "GET /authorization/node_cache/status": "authorization node-cache status",
    "POST /authorization/node_cache/reset": "authorization node-cache reset -y",
    "POST /authorization/sources/{type}/metrics/reset": "authorization sources reset-metrics -y | {type}",
    # Messages and data
    **{
        call.format(path, item): f"{group} {line}"
        for group, path, item in (
            ("message-queues", "/queues", "/queue/{name}"),
            ("streams", "/streams", "/stream/{name}"),
        )
        for call, line in {
            "GET {0}": "list",
            "POST {0}": "create -f <body | {.name}",
            "GET {1}": "get | {name}",
            "PUT {1}": f"update {REPLACE_BODY} | {{name}}",
            "DELETE {1}": "delete -y | {name}",
            "GET {0}/config": "config get",
            "PUT {0}/config": f"config update {REPLACE_BODY}",
        }.items()
    },
    "GET /schema_registry": "schemas list",
    "POST /schema_registry": "schemas create -f <body | {.name}",
    "GET /schema_registry/{name}": "schemas get | {name}",
    "PUT /schema_registry/{name}": f"schemas update {REPLACE_BODY} | {{name}}",
    "DELETE /schema_registry/{name}": "schemas delete -y | {name}",
    "GET /schema_registry_external": "schemas external list",
    "POST /schema_registry_external": "schemas external create -f <body | {.name}",
    "GET /schema_registry_external/registry/{name}": "schemas external get | {name}",
    "PUT /schema_registry_external/registry/{name}": f"schemas external update {REPLACE_BODY} | {{name}}",
    "DELETE /schema_registry_external/registry/{name}": "schemas external delete -y | {name}",
    **{
        call.format(path): f"{group} {line}"
        for group, path in (
            ("schema-validations", "/schema_validations"),
            ("message-transformations", "/message_transformations"),
        )
        for call, line in {
            "GET {0}": "list",
            "POST {0}": "create -f <body | {.name}",
            "PUT {0}": f"update {REPLACE_BODY} | {{.name}}",
            "POST {0}/reorder": "reorder -y | {.order*}",
        }.items()
    },
    **{
        call.format(path): f"{group} {line}"
        for group, path in (
            ("schema-validations", "/schema_validations/validation/{name}"),
            ("message-transformations", "/message_transformations/transformation/{name}"),
        )
        for call, line in {
            "GET {0}": "get | {name}",
            "DELETE {0}": "delete -y | {name}",
            "POST {0}/enable/{{enable}}": "{?enable} | {name}",
            "GET {0}/metrics": "metrics | {name}",
            "POST {0}/metrics/reset": "reset-metrics -y | {name}",
        }.items()
    },
    "POST /message_transformations/dryrun": (
        "message-transformations dryrun -f <.transformation --topic {.message.topic}"
        " --payload {.message.payload}"
    ),
    "GET /ai/providers": "ai providers list",
    "POST /ai/providers": "ai providers create -f <body | {.name}",
    "GET /ai/providers/{name}": "ai providers get | {name}",
    "PUT /ai/providers/{name}": f"ai providers update {REPLACE_BODY} | {{name}}",
    "DELETE /ai/providers/{name}": "ai providers delete -y | {name}",
    "GET /ai/providers/{name}/models": "ai providers models | {name}",
    "POST /ai/models": "ai models --key-file <.api_key | {.type}",
    "GET /ai/completion_profiles": "ai profiles list",
    "POST /ai/completion_profiles": "ai profiles create -f <body | {.name}",
    "GET /ai/completion_profiles/{name}": "ai profiles get | {name}",
    "PUT /ai/completion_profiles/{name}": f"ai profiles update {REPLACE_BODY} | {{name}}",
    "DELETE /ai/completion_profiles/{name}": "ai profiles delete -y | {name}",
    "GET /a2a/cards/list": "a2a list",
    f"GET {CARD}": "a2a get | {org_id} {unit_id} {agent_id}",
    f"POST {CARD}": "a2a register -f <.card | {org_id} {unit_id} {agent_id}",
    f"DELETE {CARD}": "a2a delete -y | {org_id} {unit_id} {agent_id}",
    "GET /gcp_devices": "gcp-devices list",
    "POST /gcp_devices": "gcp-devices import | <body",
    "GET /gcp_devices/{deviceid}": "gcp-devices get | {deviceid}",
    "PUT /gcp_devices/{deviceid}": "gcp-devices set -f <body | {deviceid}",
    "DELETE /gcp_devices/{deviceid}": "gcp-devices delete -y | {deviceid}",
    "GET /file_transfer": "file-transfer config get",
    "PUT /file_transfer": f"file-transfer config update {REPLACE_BODY}",
    "GET /file_transfer/files": "file-transfer files list",
    "GET /file_transfer/files/{clientid}/{fileid}": "file-transfer files get | {clientid} {fileid}",
    # Clusters
    "GET /mt/ns_list": "namespaces list",
    "GET /mt/managed_ns_list": "namespaces list --managed",
    "GET /mt/ns_list_details": "namespaces list --details",
    "GET /mt/managed_ns_list_details": "namespaces list --managed --details",
    "POST /mt/ns/{ns}": "namespaces create | {ns}",
    "DELETE /mt/ns/{ns}": "namespaces delete -y | {ns}",
    "DELETE /mt/bulk_delete_ns": "namespaces delete -y | {.nss*} one-more",
    "GET /mt/ns/{ns}/metrics": "namespaces metrics | {ns}",
    "GET /mt/ns/{ns}/config": "namespaces config get | {ns}",
    "PUT /mt/ns/{ns}/config": f"namespaces config update {REPLACE_BODY} | {{ns}}",
    "GET /mt/ns/{ns}/client_list": "namespaces clients list | {ns}",
    "GET /mt/ns/{ns}/client_count": "namespaces clients count | {ns}",
    "POST /mt/ns/{ns}/kick_all_clients": "namespaces clients kick -y | {ns}",
    "POST /mt/bulk_export_ns_configs": "namespaces export | {.namespaces*}",
    "POST /mt/bulk_import_ns_configs": "namespaces import | <.configs",
    "POST /mt/bulk_import_configs": "namespaces config import | <body",
    "GET /cluster/links": "cluster-links list",
    "POST /cluster/links": "cluster-links create -f <body | {.name}",
    "GET /cluster/links/link/{name}": "cluster-links get | {name}",
    "PUT /cluster/links/link/{name}": f"cluster-links update {REPLACE_BODY} | {{name}}",
    "DELETE /cluster/links/link/{name}": "cluster-links delete -y | {name}",
    "GET /cluster/links/link/{name}/metrics": "cluster-links metrics | {name}",
    "PUT /cluster/links/link/{name}/metrics/reset": "cluster-links reset-metrics -y | {name}",
    "GET /ds/sites": "durable-storage sites list",
    "GET /ds/sites/{site}": "durable-storage sites get | {site}",
    "PUT /ds/sites/{site}/forget": "durable-storage sites forget -y | {site}",
    "GET /ds/storages": "durable-storage storages list",
    "GET /ds/storages/{ds}": "durable-storage storages get | {ds}",
    "GET /ds/storages/{ds}/replicas": "durable-storage replicas list | {ds}",
    "PUT /ds/storages/{ds}/replicas": "durable-storage replicas set -y | {ds} {*}",
    "PUT /ds/storages/{ds}/replicas/{site}": "durable-storage replicas add -y | {ds} {site}",
    "DELETE /ds/storages/{ds}/replicas/{site}": "durable-storage replicas remove -y | {ds} {site}",
    "GET /load_rebalance/status": "rebalance status",
    "GET /load_rebalance/global_status": "rebalance global-status",
    "GET /load_rebalance/availability_check": "rebalance availability",
    "POST /load_rebalance/{node}/start": (
        "rebalance start -y {--conn-evict-rate} {--sess-evict-rate} {--abs-conn-threshold}"
        " {--rel-conn-threshold} | {node}"
    ),
    "POST /load_rebalance/{node}/stop": "rebalance stop -y | {node}",
    "POST /load_rebalance/{node}/evacuation/start": (
        "rebalance evacuation start -y {--conn-evict-rate} {--sess-evict-rate} | {node}"
    ),
    "POST /load_rebalance/{node}/evacuation/stop": "rebalance evacuation stop -y | {node}",
    "GET /node_eviction/status": "eviction status",
    "GET /certs/global/list": "certs list",
    "GET /certs/ns/{namespace}/list": "certs list --namespace {namespace}",
    "GET /certs/global/name/{name}": "certs get | {name}",
    "GET /certs/ns/{namespace}/name/{name}": "certs get --namespace {namespace} | {name}",
    "POST /certs/global/name/{name}": "certs upload --ca <.ca | {name}",
    "POST /certs/ns/{namespace}/name/{name}": "certs upload --namespace {namespace} --ca <.ca | {name}",
    "DELETE /certs/global/name/{name}": "certs delete -y | {name}",
    "DELETE /certs/ns/{namespace}/name/{name}": "certs delete -y --namespace {namespace} | {name}",
    "GET /tracing": "tracing get",
    "PUT /tracing": f"tracing update {REPLACE_BODY}",
    "GET /opentelemetry": "opentelemetry get",
    "PUT /opentelemetry": f"opentelemetry update {REPLACE_BODY}",
    "GET /opentelemetry/whitelist/{type}": "opentelemetry whitelist get | {type}",
    "POST /opentelemetry/whitelist/{type}": "opentelemetry whitelist set | {type} {*}",
    "DELETE /opentelemetry/whitelist/{type}": "opentelemetry whitelist clear -y | {type}",
    "GET /prometheus/schema_validation": "prometheus schema-validation",
    "GET /prometheus/message_transformation": "prometheus message-transformation",
    "GET /prometheus/namespaced_stats": "prometheus namespaced",
    "POST /plugins/cluster_sync": "plugins sync | {.name}",
    "GET /plugins/{name}/config/download": "plugins config download --output-file - | {name}",
    "POST /plugins/{name}/config/upload": "plugins config upload | {name} <file",
    **{f"GET /configs/{root}": f"configs get | {root}" for root in CONFIG_ROOTS},
    **{f"PUT /configs/{root}": f"configs set {REPLACE_BODY} | {root}" for root in CONFIG_ROOTS},
}
# The recorded multipart body is binary: `api` cannot send it either.
NOT_REPLAYABLE_ENTERPRISE = {
    "POST /schema_registry_protobuf/bundle": "the recorded archive is sent as multipart",
    "PUT /schema_registry_protobuf/bundle": "the recorded archive is sent as multipart",
}
WITHOUT_COMMAND_ENTERPRISE = frozenset(
    {
        "GET /file_transfer/file",  # `files download` finds the file first; the recorded link names none
        *(
            f"{method} /plugin_api/{{plugin}}/{{path}}"
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        ),
        "GET /sso/oidc/callback",
        "GET /sso/saml/metadata",
        "POST /sso/login/{backend}",
        "POST /sso/mfa/setup",
        "POST /sso/mfa/setup_info",
        "POST /sso/mfa/verify",
        "POST /sso/saml/acs",
        "POST /sso/token_exchange",
    }
)
