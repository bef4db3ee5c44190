"""What a command declares about itself: its REST operations, examples and effect."""

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.cli.options import (
    BULK,
    CONNECTION,
    GLOBAL,
    LIST,
    LOGIN,
    OUTPUT,
    SAFETY,
    SELECTION,
)

if TYPE_CHECKING:
    pass


class Effect(StrEnum):
    """What a command does to the cluster (or to the user's files)."""

    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"


class CommandSpec(NamedTuple):
    """What a command says of itself, for help, `emqxctl commands`, tests and confirmation.

    `calls` are the REST operations it may perform, as EMQX's documents name them; `lists` tells that it gives
    rows, `local` that it asks no server; `parameters` name what the function itself takes;
    `login` that it works as a dashboard user, not as an API key; `bulk` that it changes many things at once,
    which may be selected; `paced` that it changes many whose list it takes itself; `several` that it takes
    several profiles although it can log in.
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

    @property
    def panels(self) -> tuple[str, ...]:
        """The kinds of shared options it takes, in the order its help shows them."""
        kinds = [OUTPUT]
        kinds += [LIST] if self.returns_rows else []
        kinds += [SAFETY] if self.effect is not Effect.READ else []
        kinds += [SELECTION] if self.bulk else []
        kinds += [BULK] if self.bulk or self.rate_limited else []
        kinds += [LOGIN] if self.login else []
        kinds += [] if self.local else [CONNECTION]
        return (*kinds, GLOBAL)
