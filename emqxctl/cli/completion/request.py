"""One TAB: the parameter that is typed, the words before it, and the names that the cluster has."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from emqxctl.cli.command import Command
from emqxctl.cli.completion.candidates import Candidate
from emqxctl.cli.completion.cluster_names import ClusterNames
from emqxctl.cli.completion.name_paths import PLACEHOLDER, list_parent_values, split_item_path
from emqxctl.cli.options import PANELS, merge_options
from emqxctl.cli.spec import CommandSpec
from emqxctl.config.settings import process_environment

NO_SPEC = CommandSpec((), (), "read", returns_rows=False, local=False, parameters=frozenset())  # type: ignore[arg-type]


class CompletionRequest:
    """What is known when a value is completed: `typed` is its beginning, `parameter` what it is for."""

    def __init__(self, context: Any, parameter: Any, typed: str) -> None:  # noqa: ANN401  # Typer's own types
        """Keep Typer's context of the words before."""
        self.context, self.parameter, self.typed = context, parameter, typed
        self.environ: Mapping[str, str] = process_environment()

    @property
    def spec(self) -> CommandSpec:
        """What the command declares; nothing for a shared option before the command."""
        command = self.context.command
        return command.spec if isinstance(command, Command) else NO_SPEC

    @property
    def kind(self) -> str:
        """The group of the command, `connectors` of `emqxctl connectors create`."""
        return str(self.context.command_path).removeprefix("emqxctl ").rpartition(" ")[0]

    @property
    def parameters(self) -> list[Any]:
        """All parameters of the command."""
        return list(self.context.command.params)

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of the command's own parameters that are typed already, or their defaults."""
        return {
            parameter.name: self.context.params.get(parameter.name) or parameter.default
            for parameter in self.parameters
            if parameter.name in self.spec.parameters
        }

    @property
    def position(self) -> int:
        """The index of the value among those of its argument."""
        values = self.context.params.get(self.parameter.name)
        return len(values) if isinstance(values, list | tuple) else 0

    @property
    def options(self) -> Mapping[str, Any]:
        """The shared options as typed, before the group and after the command."""
        shared = {name for panel in PANELS.values() for name in panel} - self.spec.parameters
        own = {name: value for name, value in self.context.params.items() if name in shared}
        return merge_options(dict(self.context.find_root().params), own)

    @cached_property
    def cluster(self) -> ClusterNames:
        """The names in the cluster of the command line."""
        return ClusterNames(self.options, self.environ)

    def names(self, item_path: str, typed: str | None = None) -> list[Candidate]:
        """Return the names of the objects of a path, such as `/rules/{id}`, that begin with what is typed."""
        if not item_path or self.spec.local:
            return []
        typed = self.typed if typed is None else typed
        path, key = split_item_path(item_path)
        values = {**self.values, **{name: self.options.get(name) for name in ("namespace",)}}
        parents = list_parent_values(item_path, self.parameters, values, self.parameter.name)
        return [Candidate(*name) for name in self.cluster.list_names(path, parents, key, typed)]

    def fill(self, path: str) -> list[str] | None:
        """Return the values of a path's placeholders, from the words typed before; None if one is missing."""
        names = PLACEHOLDER.findall(path)
        values = list_parent_values(f"{path}/{{}}", self.parameters, self.values, self.parameter.name)
        return [values[name] for name in names] if set(names) <= set(values) else None

    def keys(self, path: str, *arguments: str) -> list[str]:
        """Return the dotted names of the fields of a settings object, such as `/configs/alarm`."""
        names = self.cluster.read_cached_names(
            ("keys", path, *arguments),
            lambda client: [(key, "") for key in flatten(client.get(path, *arguments))],
        )
        return [name for name, _ in names]


def flatten(value: Any, prefix: str = "") -> list[str]:  # noqa: ANN401  # JSON
    """Return the dotted names of all fields in an object, those of nested objects after their own."""
    if not isinstance(value, dict):
        return []
    names = []
    for key, field in value.items():
        names += [f"{prefix}{key}", *flatten(field, f"{prefix}{key}.")]
    return names
