"""Settings, each through its own path; roots that can disconnect clients come last."""

from emqxctl.declarative.kind import Kind, Level

KIND = Kind(
    name="settings",
    noun="settings of",
    level=Level.SETTINGS,
    key=("name",),
    update="PUT",
    members={
        "alarm": "/configs/alarm",
        "authentication": "/authentication/settings",
        "authorization": "/authorization/settings",
        "authorization_cache": "/authorization/node_cache",
        "broker": "/configs/broker",
        "delayed": "/mqtt/delayed",
        "file_transfer": "/file_transfer",
        "global_zone": "/configs/global_zone",
        "limiter": "/configs/limiter",
        "log": "/configs/log",
        "message_queues": "/queues/config",
        "opentelemetry": "/opentelemetry",
        "prometheus": "/prometheus",
        "retainer": "/mqtt/retainer",
        "rule_engine": "/rule_engine",
        "slow_subscriptions": "/slow_subscriptions/settings",
        "statsd": "/statsd",
        "streams": "/streams/config",
        "sys_topics": "/configs/sys_topics",
        "sysmon": "/configs/sysmon",
        "tracing": "/tracing",
    },
    masks_since="5.0.0",
    schema=("hotconf", ""),
    late=frozenset({"global_zone", "limiter"}),
    cannot_unset=True,
)
