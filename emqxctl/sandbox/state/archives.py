"""The backups that the nodes store."""

from dataclasses import dataclass

from emqxctl.sandbox.messages import Row
from emqxctl.sandbox.state.records import format_time


@dataclass(frozen=True)
class Backup:
    """One backup file on one node."""

    node: str
    name: str
    created: float
    content: bytes

    def row(self) -> Row:
        """Return it as EMQX lists it."""
        return {
            "created_at": format_time(self.created, "seconds"),
            "created_at_sec": int(self.created),
            "filename": self.name,
            "node": self.node,
            "size": len(self.content),
        }
