"""The installed command, the environment that reaches a sandbox, and changes of a sandbox's clients."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from emqxctl.sandbox.server import Sandbox

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))


def sandbox_env(sandbox: Sandbox) -> dict[str, str]:
    """Return the variables that make emqxctl use a sandbox."""
    return {
        "EMQXCTL_URL": sandbox.url,
        "EMQXCTL_API_KEY": sandbox.api_key,
        "EMQXCTL_API_SECRET": sandbox.api_secret,
    }


def replace_clients(sandbox: Sandbox, ids: Iterable[str]) -> list[str]:
    """Replace the sandbox's clients by these, and return their ids."""
    with sandbox.cluster.lock:
        sandbox.cluster.clients.clear()
        for clientid in ids:
            sandbox.cluster.add_client(clientid)
        return list(sandbox.cluster.clients)


def bulk_ids(count: int) -> list[str]:
    """Return `count` different client ids that begin with `bulk-`."""
    return [f"bulk-{number:05}" for number in range(count)]


def count_kicks(sandbox: Sandbox) -> Counter[str]:
    """Return how often each client was named in a kick."""
    counts: Counter[str] = Counter()
    for request in sandbox.requests:
        if request.path.endswith("/kickout/bulk"):
            counts.update(json.loads(request.body))
        elif request.method == "DELETE":
            counts[request.path.rpartition("/")[2]] += 1
    return counts
