"""What a command declares about itself: its REST operations, examples and effect."""

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.cli.options import (
    BEHAVIOUR,
    CHANGES,
    CONNECTION,
    LISTS,
    LOGIN,
    OUTPUT,
    PACE,
    SELECTION,
)

if TYPE_CHECKING:
    pass


class Effect(StrEnum):
    """What a command does to the cluster (or to the user's files)."""

    READ = "read"
    WRITE = "write"
    DESTROY = "destroy"


class Declaration(NamedTuple):
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
    lists: bool
    local: bool
    parameters: frozenset[str]
    login: bool = False
    bulk: bool = False
    paced: bool = False
    several: bool = False

    @property
    def panels(self) -> tuple[str, ...]:
        """The kinds of shared options it takes, in the order its help shows them."""
        kinds = [OUTPUT]
        kinds += [LISTS] if self.lists else []
        kinds += [CHANGES] if self.effect is not Effect.READ else []
        kinds += [SELECTION] if self.bulk else []
        kinds += [PACE] if self.bulk or self.paced else []
        kinds += [LOGIN] if self.login else []
        kinds += [] if self.local else [CONNECTION]
        return (*kinds, BEHAVIOUR)
