"""Typed options of the settings of one feature: each is sent as the field that EMQX documents."""

from typing import Any

import pytest

from tests.conftest import Run
from tests.support.sent_options import send_update, set_fields

COLLECTORS = ("vm_dist", "mnesia", "vm_statistics", "vm_system_info", "vm_memory", "vm_msacc")
# The command, the path, the settings before, and the options with the fields that they set.
Options = dict[str, dict[str, Any]]
GROUPS: list[tuple[str, str, dict[str, Any], Options]] = [
    (
        "authentication settings update",
        "/authentication/settings",
        {"node_cache": {"enable": True, "cache_ttl": "1m", "max_memory": "100MB"}},
        {
            "--ignore-backend-failures": {"ignore_backend_failures": True},
            "--no-node-cache --cache-ttl 2m": {"node_cache.enable": False, "node_cache.cache_ttl": "2m"},
            "--cache-max-count 9": {"node_cache.max_count": 9},
            "--cache-max-memory 64MB": {"node_cache.max_memory": "64MB"},
        },
    ),
    (
        "authorization settings update",
        "/authorization/settings",
        {
            "no_match": "allow",
            "deny_action": "ignore",
            "cache": {"enable": True, "ttl": "1m", "max_size": 32},
        },
        {
            "--no-match deny": {"no_match": "deny"},
            "--deny-action disconnect": {"deny_action": "disconnect"},
            "--cache-max-size 64": {"cache.max_size": 64},
            "--no-cache-enable --cache-ttl 90s": {"cache.enable": False, "cache.ttl": "90s"},
            "--ignore-backend-failures": {"ignore_backend_failures": True},
            "--include-mountpoint": {"include_mountpoint": True},
        },
    ),
    (
        "authorization node-cache update",
        "/authorization/node_cache",
        {"enable": False, "cache_ttl": "1m", "max_memory": "100MB"},
        {
            "--max-memory 64MB": {"max_memory": "64MB"},
            "--max-count 7 --cache-ttl 2m --enable": {
                "max_count": 7,
                "cache_ttl": "2m",
                "enable": True,
            },
        },
    ),
    (
        "slow-subscriptions settings update",
        "/slow_subscriptions/settings",
        {"enable": False, "threshold": "500ms", "top_k_num": 10},
        {
            "--enable": {"enable": True},
            "--expire-interval 450s": {"expire_interval": "450s"},
            "--threshold 1s": {"threshold": "1s"},
            "--top-k-num 20": {"top_k_num": 20},
            "--stats-type response": {"stats_type": "response"},
        },
    ),
    (
        "retained config update",
        "/mqtt/retainer",
        {"enable": True, "backend": {"type": "built_in_database", "storage_type": "ram"}},
        {
            "--msg-clear-interval 30s": {"msg_clear_interval": "30s"},
            "--msg-expiry-interval 1h": {"msg_expiry_interval": "1h"},
            "--msg-expiry-interval-override 5m": {"msg_expiry_interval_override": "5m"},
            "--msg-expiry-interval-override disabled": {"msg_expiry_interval_override": "disabled"},
            "--delivery-rate 1000/s": {"delivery_rate": "1000/s"},
            "--max-publish-rate 500/s": {"max_publish_rate": "500/s"},
            "--max-payload-size 2MB": {"max_payload_size": "2MB"},
            "--no-allow-never-expire": {"allow_never_expire": False},
            "--stop-publish-clear-msg": {"stop_publish_clear_msg": True},
            "--storage-type disc": {"backend.storage_type": "disc"},
            "--max-retained-messages 9": {"backend.max_retained_messages": 9},
        },
    ),
    (
        "delayed config update",
        "/mqtt/delayed",
        {"enable": True, "max_delayed_messages": 0},
        {"--max-delayed-messages 100": {"max_delayed_messages": 100}, "--no-enable": {"enable": False}},
    ),
    (
        "file-transfer config update",
        "/file_transfer",
        {"enable": False, "init_timeout": "10s"},
        {
            "--enable": {"enable": True},
            "--init-timeout 20s": {"init_timeout": "20s"},
            "--store-segment-timeout 2m": {"store_segment_timeout": "2m"},
            "--assemble-timeout 3m": {"assemble_timeout": "3m"},
        },
    ),
    (
        "license settings update",
        "/license/setting",
        {"connection_high_watermark": "80%", "connection_low_watermark": "75%"},
        {
            "--high-watermark 90%": {"connection_high_watermark": "90%"},
            "--low-watermark 70%": {"connection_low_watermark": "70%"},
            "--high-watermark-timezone +02:00": {"high_watermark_timezone": "+02:00"},
        },
    ),
    (
        "rules engine update",
        "/rule_engine",
        {"ignore_sys_message": True, "ssrf": {"enable": True, "deny_cidrs": ["10.0.0.0/8"]}},
        {
            "--no-ignore-sys-message": {"ignore_sys_message": False},
            "--jq-function-default-timeout 5s": {"jq_function_default_timeout": "5s"},
            "--limit-selects-in-namespace": {"limit_selects_in_namespace": True},
            "--no-ssrf": {"ssrf.enable": False},
            "--allow-cidr 10.1.0.0/16 --allow-cidr 10.2.0.0/16": {
                "ssrf.allow_cidrs": ["10.1.0.0/16", "10.2.0.0/16"]
            },
            "--deny-cidr 169.254.0.0/16": {"ssrf.deny_cidrs": ["169.254.0.0/16"]},
            "--deny-host metadata.internal": {"ssrf.deny_hosts": ["metadata.internal"]},
        },
    ),
    (
        "opentelemetry update",
        "/opentelemetry",
        {"exporter": {"endpoint": "http://o:4317"}, "traces": {"enable": False, "filter": {}}},
        {
            "--traces": {"traces.enable": True},
            "--trace-mode e2e": {"traces.filter.trace_mode": "e2e"},
            "--trace-all": {"traces.filter.trace_all": True},
            "--sample-ratio 10%": {"traces.filter.e2e_tracing_options.sample_ratio": "10%"},
            "--metrics --no-logs": {"metrics.enable": True, "logs.enable": False},
            "--endpoint http://p:4317": {"exporter.endpoint": "http://p:4317"},
        },
    ),
    (
        "gateways update stomp",
        "/gateways/stomp",
        {"enable": True, "mountpoint": ""},
        {
            "--no-enable": {"enable": False},
            "--mountpoint m/": {"mountpoint": "m/"},
            "--idle-timeout 45s": {"idle_timeout": "45s"},
            "--no-enable-stats": {"enable_stats": False},
        },
    ),
    (
        "statsd update",
        "/statsd",
        {"enable": False},
        {"--server s:8125": {"server": "s:8125"}},
    ),
    (
        "tracing update",
        "/tracing",
        {"max_traces": 30},
        {
            "--max-traces 50": {"max_traces": 50},
            "--max-file-size 256MB": {"max_file_size": "256MB"},
        },
    ),
    (
        "prometheus update",
        "/prometheus",
        {"enable_basic_auth": False, "push_gateway": {"enable": False, "url": "http://p:9091"}},
        {
            "--push": {"push_gateway.enable": True},
            "--push-interval 30s": {"push_gateway.interval": "30s"},
            "--push-job-name '${name}/x'": {"push_gateway.job_name": "${name}/x"},
            "--push-method put": {"push_gateway.method": "put"},
            "--push-url http://q:9091": {"push_gateway.url": "http://q:9091"},
            "--latency-buckets 1,5,10": {"latency_buckets": "1,5,10"},
            "--namespaced-rate 100/1s": {"namespaced_metrics_limiter.rate": "100/1s"},
            **{
                f"--collector-{name.replace('_', '-')} enabled": {f"collectors.{name}": "enabled"}
                for name in COLLECTORS
            },
        },
    ),
    (
        "message-queues config update",
        "/queues/config",
        {"enable": "auto", "auto_create": {"regular": False, "lastvalue": {}}},
        {
            "--enable true": {"enable": True},
            "--enable auto": {"enable": "auto"},
            "--max-queue-count 5": {"max_queue_count": 5},
            "--gc-interval 2h": {"gc_interval": "2h"},
            "--regular-retention 2d": {"regular_queue_retention_period": "2d"},
            "--auto-create-regular": {"auto_create.regular": {}},
            "--no-auto-create-lastvalue": {"auto_create.lastvalue": False},
            "--find-retry-interval 15s": {"find_queue_retry_interval": "15s"},
        },
    ),
    (
        "streams config update",
        "/streams/config",
        {"enable": True, "auto_create": {"regular": False, "lastvalue": {}}},
        {
            "--enable false": {"enable": False},
            "--max-stream-count 5": {"max_stream_count": 5},
            "--gc-interval 2h": {"gc_interval": "2h"},
            "--regular-retention 2d": {"regular_stream_retention_period": "2d"},
            "--auto-create-regular": {"auto_create.regular": {}},
            "--no-auto-create-lastvalue": {"auto_create.lastvalue": False},
        },
    ),
    (
        "namespaces config update plant-1",
        "/mt/ns/plant-1/config",
        {"limiter": {"tenant": {"messages": {"rate": "1/1s", "burst": "0/1s"}}}},
        {
            "--max-sessions 100": {"session.max_sessions": 100},
            "--max-sessions infinity": {"session.max_sessions": "infinity"},
            "--tenant-messages-rate 5/1s": {"limiter.tenant.messages.rate": "5/1s"},
            "--tenant-messages-burst 6/1m": {"limiter.tenant.messages.burst": "6/1m"},
            "--tenant-bytes-rate 7MB/1s": {"limiter.tenant.bytes.rate": "7MB/1s"},
            "--tenant-bytes-burst 8MB/1m": {"limiter.tenant.bytes.burst": "8MB/1m"},
            "--client-messages-rate 5/1s": {"limiter.client.messages.rate": "5/1s"},
            "--client-messages-burst 6/1m": {"limiter.client.messages.burst": "6/1m"},
            "--client-bytes-rate 7MB/1s": {"limiter.client.bytes.rate": "7MB/1s"},
            "--client-bytes-burst 8MB/1m": {"limiter.client.bytes.burst": "8MB/1m"},
            "--client-delivery-messages-rate 5/1s": {"limiter.client.delivery_messages.rate": "5/1s"},
            "--client-delivery-messages-burst 6/1m": {"limiter.client.delivery_messages.burst": "6/1m"},
            "--client-delivery-bytes-rate 7MB/1s": {"limiter.client.delivery_bytes.rate": "7MB/1s"},
            "--client-delivery-bytes-burst 8MB/1m": {"limiter.client.delivery_bytes.burst": "8MB/1m"},
        },
    ),
]


@pytest.mark.parametrize(
    ("command", "path", "before", "options", "fields"),
    [
        (command, path, before, options, fields)
        for command, path, before, rows in GROUPS
        for options, fields in rows.items()
    ],
    ids=[f"{command} {options}" for command, _, _, rows in GROUPS for options in rows],
)
def test_an_option_is_sent_as_its_field(
    run: Run, command: str, path: str, before: dict[str, Any], options: str, fields: dict[str, Any]
) -> None:
    body = send_update(run, f"{command} {options}", before, path)
    assert body == set_fields(before, fields)
