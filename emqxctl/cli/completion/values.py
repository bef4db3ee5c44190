"""The values that complete a parameter: its choices, fields, profiles, names of objects, or files."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from emqxctl.cli.completion.candidates import FILES, Candidate, Candidates, select_candidates
from emqxctl.cli.completion.name_paths import find_item_path, read_metavar
from emqxctl.cli.completion.request import CompletionRequest

CHOICE_METAVAR = re.compile(r"[a-z0-9][\w.-]*(?:\|[a-z0-9][\w.-]*)+")
FILE_METAVARS = frozenset({"FILE", "FILE|DIR", "DIR", "FOLDER"})
LAST_FIELD = re.compile(r".*(?:[\s(]|^)")  # of --where: what is before the field that is typed
VALUES_OF_METAVARS: Mapping[
    str, tuple[str, ...]
] = {  # values that EMQX has, although an option takes others too
    "ROLE": ("administrator", "viewer", "publisher"),
    "ACTION": ("read", "write", "observe", "discover"),
}
LISTED = frozenset({"fields", "sort"})  # values with commas


def complete_value(request: CompletionRequest) -> Candidates:
    """Return the values that begin with what is typed."""
    parameter, typed = request.parameter, request.typed
    if takes_files(request):
        return FILES
    head = find_head(request)
    request.typed = typed[len(head) :]
    items = [item._replace(value=head + item.value) for item in list_values(request)]
    request.typed = typed
    already_typed = request.context.params.get(parameter.name)
    repeated = set(already_typed) if isinstance(already_typed, list | tuple) else set()
    return select_candidates((item for item in items if item.value not in repeated), typed)


def takes_files(request: CompletionRequest) -> bool:
    """Return whether a parameter is a file of this machine, not one in the cluster (`backups get FILE`)."""
    parameter = request.parameter
    if parameter.name in request.spec.completes or read_metavar(parameter) not in FILE_METAVARS:
        return False
    return not find_item_path(request.spec, request.parameters, parameter)


def find_head(request: CompletionRequest) -> str:
    """Return the part of a value that is complete: the fields before the last comma, the tests before."""
    name, typed = request.parameter.name, request.typed
    if is_shared(request, "where"):
        match = LAST_FIELD.match(typed)
        return match.group() if match else ""
    takes_commas = "," in (request.parameter.metavar or "") or (name in LISTED and is_shared(request, name))
    head = typed[: typed.rfind(",") + 1] if takes_commas or is_shared(request, "profile") else ""
    is_descending = is_shared(request, "sort") and typed[len(head) :].startswith("-")
    return head + "-" * is_descending


def is_shared(request: CompletionRequest, name: str) -> bool:
    """Return whether the parameter is a shared option of that name, not one of the command's own."""
    return request.parameter.name == name and name not in request.spec.parameters


def list_values(request: CompletionRequest) -> Iterable[Candidate]:
    """Return the values of a parameter, from the first source that has some."""
    parameter, spec = request.parameter, request.spec
    if parameter.name in spec.completes:
        return list_declared(request)
    choices = read_choices(parameter)
    if choices:
        return [Candidate(choice) for choice in choices]
    path = find_item_path(spec, request.parameters, parameter, request.position)
    for is_source, source in (
        (is_shared(request, "profile"), list_profiles),
        (any(is_shared(request, name) for name in ("fields", "sort", "where")), list_fields),
        (is_of_body(parameter) and not path, list_body_values),
        (getattr(parameter.type, "name", "") == "position", list_positions),
    ):
        if is_source:
            return source(request)
    return request.names(path)


def is_of_body(parameter: Any) -> bool:  # noqa: ANN401  # Typer's own types are private
    """Return whether a parameter is part of a body: --set, an option for a field, the key of a new object."""
    is_setting = parameter.metavar == "A.B=VALUE" or parameter.name.startswith("option_")
    return bool(is_setting or parameter.name == "key")


def list_body_values(request: CompletionRequest) -> Iterable[Candidate]:
    """Return the values of a parameter that is a part of a body."""
    from emqxctl.cli.completion import body_values

    if request.parameter.name == "key":
        return body_values.list_new_types(request)
    if request.parameter.metavar == "A.B=VALUE":
        return body_values.list_body_fields(request)
    return body_values.list_option_values(request)


def list_declared(request: CompletionRequest) -> Iterable[Candidate]:
    """Return what the command declares for the parameter."""
    declared = request.spec.completes[request.parameter.name]
    if isinstance(declared, str):
        return request.names(declared)
    if isinstance(declared, tuple):
        return [Candidate(value) for value in declared]
    return declared(request)


def read_choices(parameter: Any) -> list[str]:  # noqa: ANN401  # Typer's own types are private
    """Return the fixed values of a parameter: those of its type, or of a metavar such as `allow|deny`."""
    choices = getattr(parameter.type, "choices", None)
    if choices:
        return [str(getattr(choice, "value", choice)) for choice in choices]
    metavar = parameter.metavar or ""
    if CHOICE_METAVAR.fullmatch(metavar):
        return metavar.split("|")
    return list(VALUES_OF_METAVARS.get(metavar, ()))


def list_profiles(request: CompletionRequest) -> list[Candidate]:
    """Return the profiles with their URLs, the current one marked, and the sandbox."""
    from emqxctl.config.profiles import SANDBOX, load_config

    config = load_config(request.environ)
    candidates = [
        Candidate(name, f"{profile.url} (current)" if name == config.current else profile.url)
        for name, profile in sorted(config.profiles.items())
    ]
    return [*candidates, Candidate(SANDBOX, "simulated cluster")]


def list_fields(request: CompletionRequest) -> list[Candidate]:
    """Return the fields of the rows of the command's list, with their types."""
    from emqxctl.emqx.row_fields import get_field_types

    for call in request.spec.calls:
        method, _, path = call.partition(" ")
        types = get_field_types(path) or get_field_types(path.rpartition("/{")[0])
        if method == "GET" and types:
            is_open = is_shared(request, "where")
            return [Candidate(name, "|".join(sorted(types[name])), partial=is_open) for name in sorted(types)]
    return []


def list_positions(request: CompletionRequest) -> list[Candidate]:
    """Return the positions in an ordered list: front, rear, and before or after another object."""
    first = next(item for item in request.parameters if item.param_type_name == "argument")
    path = find_item_path(request.spec, request.parameters, first)
    side, colon, typed = request.typed.partition(":")
    if not colon:
        return [
            *(Candidate(word) for word in ("front", "rear")),
            *(Candidate(word, partial=True) for word in ("before:", "after:")),
        ]
    return [item._replace(value=f"{side}:{item.value}") for item in request.names(path, typed)]
