"""The MQTT listeners: how they are configured, and on which nodes they run."""

from dataclasses import dataclass, field

from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.schema.listeners import add_defaults

PORTS = {"tcp": 1883, "ssl": 8883, "ws": 8083, "wss": 8084}  # of the default listeners


@dataclass
class Listener:
    """One listener; `unbound` names the nodes on which its port could not be had."""

    type: str
    name: str
    config: Row
    unbound: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """Format its id."""
        return f"{self.type}:{self.name}"

    def runs_on(self, node: str) -> bool:
        """Return whether it takes connections on a node."""
        return bool(self.config["enable"]) and node not in self.unbound


def default_listeners() -> dict[str, Listener]:
    """Build the four listeners that EMQX comes with."""
    listeners = (
        Listener(kind, "default", add_defaults(kind, {"bind": f"0.0.0.0:{PORTS[kind]}"}))
        for kind in sorted(PORTS)
    )
    return {listener.id: listener for listener in listeners}
