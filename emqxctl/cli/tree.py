"""The command tree's first level: every group by section, name and summary; a test compares them."""

SECTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "Clusters": (
        ("keys", "Profiles: your clusters and their API keys."),
        ("status", "Whether EMQX runs there; needs no API key."),
        ("sandbox", "A simulated cluster on this machine, to try things on."),
    ),
    "Watching": (
        ("nodes", "The nodes of the cluster, and their health."),
        ("cluster", "The cluster as a whole: its name, nodes and topology."),
        ("alarms", "Alarms: what is wrong now, and what was."),
        ("metrics", "Counters since the start of each node."),
        ("stats", "Gauges: how many of everything there are now."),
        ("monitor", "Rates and counts of this moment."),
        ("topic-metrics", "Metrics of single topics: messages in, out, dropped."),
        ("slow-subscriptions", "Slow subscriptions: whom messages take long to reach."),
        ("traces", "Traces: logs of a client, a topic, an address or a rule."),
    ),
    "Messaging": (
        ("clients", "Clients and their sessions: list, look, kick, subscribe."),
        ("subscriptions", "Who is subscribed to what."),
        ("topics", "Topics that have subscribers."),
        ("publish", "Publish a message."),
        ("retained", "Retained messages: list, read, delete, configure."),
        ("delayed", "Delayed messages: list, read, delete, configure."),
        ("auto-subscribe", "What every client is subscribed to when it connects."),
        ("topic-rewrite", "Topic rewrite: rules that change topics on their way."),
        ("listeners", "Listeners: the ports where MQTT clients connect."),
        ("gateways", "Gateways: STOMP, MQTT-SN, CoAP, LwM2M, ExProto and more."),
    ),
    "Access": (("banned", "Bans: clients, users and addresses kept out."),),
    "Data integration": (
        ("rules", "Rules: SQL over messages and events, and what is done."),
        ("connectors", "Connectors: the systems that actions and sources reach."),
        ("actions", "Actions: where rules send what they select."),
        ("sources", "Sources: where rules get messages from, outside."),
        ("bridges", "Bridges, the former actions: deprecated, gone in EMQX 6.0."),
        ("exhooks", "ExHooks: gRPC servers that EMQX asks at its hooks."),
        ("plugins", "Plugins: install, start, configure, order."),
    ),
    "This tool": (
        ("api", "Call any operation of the REST API."),
        ("errors", "EMQX's error codes: what they mean and what to do."),
        ("commands", "All commands as data."),
        ("completion", "The completion script of a shell."),
        ("help", "Topics: exit codes, environment, formatting."),
    ),
}
GROUPS: tuple[tuple[str, str], ...] = tuple(entry for section in SECTIONS.values() for entry in section)
# Plain other names, hidden and few; each leads to a group above.
ALIASES: tuple[tuple[str, str], ...] = (
    ("bans", "banned"),
    ("profiles", "keys"),
    ("subs", "subscriptions"),
)
