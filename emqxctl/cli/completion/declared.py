"""Completions that commands declare for their own parameters; what they need is imported at TAB only."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.request import CompletionRequest


def complete_profiles(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return the names of the profiles."""
    from emqxctl.cli.completion.values import list_profiles

    return list_profiles(request)


def complete_by_type(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return the objects of the type that is typed before: client IDs, topics or rules."""
    words = (value for value in request.values.values() if isinstance(value, str))
    path = next((PATHS_BY_TYPE[word] for word in words if word in PATHS_BY_TYPE), "")
    return request.names(path)


def complete_topic_names(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return topics: those with subscribers or a retained message, and the levels before a wildcard."""
    for path in ("/topics/{topic}", "/mqtt/retainer/message/{topic}"):
        for item in request.names(path):
            levels = item.value.partition("+")[0].partition("#")[0]
            if levels.startswith(request.typed) and not levels.startswith("$"):
                yield item._replace(value=levels, partial=levels != item.value)


PATHS_BY_TYPE = {"clientid": "/clients/{clientid}", "topic": "/topics/{topic}", "ruleid": "/rules/{id}"}
