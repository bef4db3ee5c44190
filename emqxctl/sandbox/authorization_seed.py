"""Who may do what in a fresh sandbox: a file of rules, and a few in the built-in database."""

from emqxctl.sandbox.access import Access
from emqxctl.sandbox.access_schemas import settle_source
from emqxctl.sandbox.wire import Json, Row

FILE = """%% Who may see the broker's own topics.
{allow, {username, {re, "^dashboard$"}}, subscribe, ["$SYS/#"]}.
{allow, {ipaddr, "127.0.0.1"}, all, ["$SYS/#", "#"]}.
{deny, all, subscribe, ["$SYS/#", {eq, "#"}, {eq, "+/#"}]}.
{allow, all}.
"""


def seed_authorization(access: Access) -> None:
    """Ask the built-in database first, then the file."""
    for body in ({"type": "built_in_database"}, {"type": "file", "rules": FILE}):
        access.sources[str(body["type"])] = settle_source(dict(body))
    access.rules["username"]["historian"] = [
        rule("allow", "subscribe", "telemetry/#"),
        rule("deny", "publish", "#"),
    ]
    access.rules["clientid"]["rogue-01"] = [rule("deny", "all", "#")]
    access.rules_for_all = [rule("deny", "publish", "config/#", retain=True), rule("deny", "all", "secret/#")]


def rule(permission: str, action: str, topic: str, *, retain: Json = "all") -> Row:
    """Make a rule as EMQX keeps it."""
    return {"permission": permission, "action": action, "topic": topic, "qos": [0, 1, 2], "retain": retain}
