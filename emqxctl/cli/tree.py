"""The command tree's first level: every group by section, name and summary; a test compares them."""

SECTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "Clusters": (
        ("keys", "Profiles: the clusters you work with, and their API keys."),
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
    ),
    "Messaging": (
        ("clients", "Clients and their sessions: list, look, kick, subscribe."),
        ("subscriptions", "Who is subscribed to what."),
        ("topics", "Topics that have subscribers."),
        ("publish", "Publish a message."),
    ),
    "Access": (("banned", "Bans: clients, users and addresses kept out."),),
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
