"""The data integration: rules, connectors, actions and sources, and their status.

What a connector reaches is made up from its configuration alone, so that failures can be rehearsed:
nothing listens on port 9, names under `.invalid` do not resolve, and the password `wrong` is refused.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.integration import Key

REFUSED = "Connection refused"
UNRESOLVED = "Could not resolve host"
BAD_PASSWORD = "Bad username or password"  # noqa: S105 - EMQX's words
NOT_OPERATIONAL = "Resource not operational"
NOT_INSTALLED = "Not installed"
DISCARD_PORT = 9


@dataclass
class Rule:
    """One rule; `rate`: how many messages a second match it on a node; `passing`: the share that passes."""

    id: str
    sql: str
    topics: list[str]
    actions: list[Json] = field(default_factory=list)
    name: str = ""
    description: str = ""
    enable: bool = True
    created: float = 0.0
    modified: float = 0.0
    rate: float = 0.0
    passing: float = 1.0
    since: float = 0.0  # when its counters began
    published: dict[str, int] = field(default_factory=dict)  # what was really published here

    def settings(self) -> Row:
        """Return what may be set of it."""
        return {name: getattr(self, name) for name in ("actions", "description", "enable", "name", "sql")}


@dataclass
class Connector:
    """One connector; `config` is complete, with its secrets in clear."""

    type: str
    name: str
    config: Row
    stopped: bool = False  # by `stop`, which only the deprecated bridges have

    @property
    def enabled(self) -> bool:
        """Return whether it is meant to run."""
        return bool(self.config["enable"])


@dataclass
class Channel:
    """One action or source: what uses a connector, as EMQX calls both."""

    type: str
    name: str
    config: Row
    created: float
    since: float  # when its counters began
    published: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Format its id."""
        return f"{self.type}:{self.name}"

    @property
    def enabled(self) -> bool:
        """Return whether it is meant to run."""
        return bool(self.config["enable"])

    def reset(self, now: float) -> None:
        """Set the counters to zero."""
        self.since = now
        self.published = {}


@dataclass
class Integration:
    """All of it."""

    rules: dict[str, Rule] = field(default_factory=dict)
    connectors: dict[Key, Connector] = field(default_factory=dict)
    actions: dict[Key, Channel] = field(default_factory=dict)
    sources: dict[Key, Channel] = field(default_factory=dict)

    def channels(self, kind: str) -> dict[Key, Channel]:
        """Return the actions or the sources."""
        return self.actions if kind == "actions" else self.sources

    def users(self, kind: str, channel: Channel) -> list[str]:
        """List the ids of the rules that send to an action or read from a source."""
        return sorted(rule.id for rule in self.rules.values() if channel.id in self.uses(kind, rule))

    @staticmethod
    def uses(kind: str, rule: Rule) -> list[Json]:
        """List the ids of the actions or sources that a rule names."""
        if kind == "actions":
            return rule.actions
        heads = ("$bridges/", "$sources/")
        return [topic.partition("/")[2] for topic in rule.topics if topic.startswith(heads)]

    def dependants(self, kind: str, connector: Connector) -> list[str]:
        """List the names of the actions or sources on a connector."""
        return sorted(
            channel.name
            for channel in self.channels(kind).values()
            if (channel.type, channel.config["connector"]) == (connector.type, connector.name)
        )

    def find_action(self, action: object) -> Channel | None:
        """Find the action that a rule names; None for a built-in function and where there is none."""
        kind, _, name = action.partition(":") if isinstance(action, str) else ("", "", "")
        return self.actions.get((kind, name))

    def connector_of(self, channel: Channel) -> Connector | None:
        """Find the connector of an action or source."""
        return self.connectors.get((channel.type, channel.config["connector"]))

    def channel_state(self, channel: Channel) -> tuple[str, str]:
        """Return the status of an action or source, and its reason."""
        if not channel.enabled:
            return "disconnected", NOT_INSTALLED
        connector = self.connector_of(channel)
        if connector is None or connector_state(connector)[0] != "connected":
            return "disconnected", NOT_OPERATIONAL
        return "connected", ""


def connector_state(connector: Connector) -> tuple[str, str]:
    """Return the status of a connector, and its reason."""
    if not connector.enabled or connector.stopped:
        return "stopped", ""
    reason = connection_problem(connector.type, connector.config)
    return ("disconnected", reason) if reason else ("connected", "")


def connection_problem(kind: str, config: Row) -> str:
    """Return why a connector cannot reach what it is configured for; empty when it can."""
    mqtt = kind == "mqtt"
    parts = urlsplit(f"mqtt://{config['server']}" if mqtt else config["url"])
    if (parts.hostname or "").endswith(".invalid"):
        return UNRESOLVED
    if parts.port == DISCARD_PORT:
        return str(read_table("texts")["mqtt_refused"]) if mqtt else REFUSED
    return BAD_PASSWORD if mqtt and config.get("password") == "wrong" else ""
