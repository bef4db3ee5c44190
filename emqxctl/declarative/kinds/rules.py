"""Rules: SQL over messages and events, and what is done with what it selects."""

import re
from collections.abc import Iterator

from emqxctl.declarative.kind import Body, Kind, Level, Reference
from emqxctl.resource import Paging

ADDED = frozenset({"from", "created_at", "last_modified_at", "action_details", "metrics", "node_metrics"})
ID = re.compile(r"[A-Za-z0-9]+[A-Za-z0-9_-]*")
FROM = re.compile(r"\$(bridges|sources)/([\w.-]+:[\w-]+)")


def is_rule_id(text: str) -> bool:
    """Return whether EMQX takes a text as the id of a rule."""
    return ID.fullmatch(text) is not None


def references(body: Body) -> Iterator[Reference]:
    """Yield the actions that a rule sends to and the sources that it selects from."""
    for action in body.get("actions") or ():
        if isinstance(action, str) and ":" in action:
            yield Reference("actions", action)
    for _, name in FROM.findall(str(body.get("sql", ""))):
        yield Reference("sources", name)


KIND = Kind(
    name="rules",
    noun="rule",
    level=Level.RULES,
    list_path="/rules",
    query={"only_global": True},
    item="/rules/{id}",
    key=("id",),
    paging=Paging.PAGES,
    create="POST /rules",
    update="PUT /rules/{id}",
    delete="DELETE /rules/{id}",
    added=ADDED | {"namespace"},
    defaults={"enable": True, "description": "", "name": "", "actions": []},
    references=references,
)
