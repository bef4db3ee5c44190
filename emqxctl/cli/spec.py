"""What a command declares about itself: its REST operations, examples, effect and shared options."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from emqxctl.cli.options import (
    BULK,
    CONNECTION,
    GLOBAL,
    LIST,
    LOGIN,
    NAMESPACE,
    OUTPUT,
    PANELS,
    SAFETY,
    SELECTION,
    WATCH,
)
from emqxctl.emqx.namespaces import LISTS_WITH_GLOBAL_FILTER, NAMESPACED_OPERATIONS

# What completes a parameter: fixed values; a path such as `/rules/{id}`, whose list has the names (an empty
# one: nothing, since the name is new); or a function of a CompletionRequest that returns Candidates.
Completion = tuple[str, ...] | str | Callable[[Any], Iterable[Any]]
NO_COMPLETIONS: Mapping[str, Completion] = MappingProxyType({})

# Arguments and options of commands that name nodes.
NODE_PARAMETERS = frozenset({"node", "nodes", "path_node", "option_node", "migrate_to"})


class Effect(StrEnum):
    """What a command does to the cluster, or to the user's files."""

    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"


class CommandSpec(NamedTuple):
    """What a command declares for help, `emqxctl commands`, tests and confirmation.

    `calls`: the REST operations it may perform, as EMQX's documents name them. `parameters`: those of the
    function itself. `returns_rows`: the result is a list. `local`: no server is involved. `login`: it needs a
    dashboard user instead of an API key. `bulk`: it changes many targets, which can be selected.
    `rate_limited`: it changes many targets, which it gets from its own input. `multi_profile`: it accepts
    several profiles although it can log in. `compares_profiles`: it runs once for several profiles, with the
    sessions of all of them in `Session.peers`. `deletes` and `creates`: it deletes or creates what its
    arguments name, and so takes --if-exists or --if-not-exists. `can_watch`: it can be repeated by --watch.
    `takes_profile`: it uses a profile, but no server.
    `completes`: how its own parameters are completed, by name; the others by their choices, by the paths of
    `calls` and by their metavar. `reads_config`: the files and variables of the user apply; without it a
    broken file cannot stop the command.
    """

    calls: tuple[str, ...]
    examples: tuple[str, ...]
    effect: Effect
    returns_rows: bool
    local: bool
    parameters: frozenset[str]
    login: bool = False
    bulk: bool = False
    rate_limited: bool = False
    multi_profile: bool = False
    compares_profiles: bool = False
    deletes: bool = False
    creates: bool = False
    can_watch: bool = False
    takes_profile: bool = False
    completes: Mapping[str, Completion] = NO_COMPLETIONS
    reads_config: bool = True

    @property
    def panels(self) -> tuple[str, ...]:
        """The panels of shared options that the command takes, in the order of its help page."""
        panels = [OUTPUT]
        panels += [LIST] if self.returns_rows else []
        panels += [SAFETY] if self.effect is not Effect.READ else []
        panels += [SELECTION] if self.bulk else []
        panels += [BULK] if self.bulk or self.rate_limited else []
        panels += [NAMESPACE] if self.is_namespaced else []
        panels += [LOGIN] if self.login else []
        panels += [] if self.local else [CONNECTION]
        return (*panels, GLOBAL)

    @property
    def is_namespaced(self) -> bool:
        """Whether the command works in one namespace: at least half of its operations take one.

        A command that reads or changes the whole cluster (`status`, `apply`) uses some of these too.
        """
        return 2 * len(NAMESPACED_OPERATIONS.intersection(self.calls)) >= max(1, len(set(self.calls)))

    @property
    def shared_options(self) -> frozenset[str]:
        """The names of the shared options that the command takes."""
        names = {name for panel in self.panels for name in PANELS[panel]}
        if not self.can_watch:
            names -= set(WATCH)
        if self.takes_profile:
            names.add("profile")
        if not self.deletes:
            names.discard("if_exists")
        if not self.creates:
            names.discard("if_not_exists")
        # A list that a creation reads, such as the actions of a new rule, is not what the option is about.
        if self.creates or LISTS_WITH_GLOBAL_FILTER.isdisjoint(self.calls):
            names.discard("only_global")
        return frozenset(names)
