"""Completion of bodies: fields of --set, values of fields, types of new objects."""

from emqxctl.cli.completion.candidates import Candidate
from emqxctl.cli.completion.name_paths import read_metavar
from emqxctl.cli.completion.request import CompletionRequest
from emqxctl.emqx.body_fields import BodyField, find_type, flatten_fields, list_types, read_body_fields


def list_body_fields(request: CompletionRequest) -> list[Candidate]:
    """Return the fields of --set: those of the object as the cluster has it, or those of a new one.

    After `=` the values of the field.
    """
    name, equals, _ = request.typed.partition("=")
    if equals:
        field = read_known_fields(request).get(name)
        return [Candidate(f"{name}={value}") for value in list_field_values(field)]
    if "key" in request.values:
        known_fields = read_known_fields(request).items()
        return [Candidate(f"{name}=", field.text, partial=True) for name, field in known_fields]
    root = request.values.get("root") or next(iter(request.values.get("keys") or ()), "")
    paths = [call.removeprefix("GET ") for call in request.spec.calls if call.startswith("GET ")]
    for path in [f"/configs/{root}"] if root else paths:
        arguments = request.fill(path)
        if arguments is not None:
            return [Candidate(f"{name}=", partial=True) for name in request.keys(path, *arguments)]
    return []


def read_known_fields(request: CompletionRequest) -> dict[str, BodyField]:
    """Return the fields that an object of the command's kind and type can have, by their dotted names."""
    keys = (request.values.get(name) for name in ("key", "path_id", "path_name", "path_type"))
    key = next((key for key in keys if isinstance(key, str)), "")
    return flatten_fields(read_body_fields(request.kind, find_type(request.kind, key, {})))


def list_field_values(field: BodyField | None) -> tuple[str, ...]:
    """Return the only values of a field; empty if it has others."""
    if field is None:
        return ()
    return ("true", "false") if field.type == "boolean" else field.values


def list_option_values(request: CompletionRequest) -> list[Candidate]:
    """Return the values of an option that sets a field with fixed values, such as `--method`."""
    option = request.parameter.name.removeprefix("option_")
    for name, field in read_known_fields(request).items():
        if name.replace(".", "_").replace("-", "_") == option:
            return [Candidate(value) for value in list_field_values(field)]
    return []


def list_new_types(request: CompletionRequest) -> list[Candidate]:
    """Return the types that a new object can have: `http:` for its id, `redis` if the type is the id."""
    is_named = "NAME" in read_metavar(request.parameter)
    types = list_types(request.kind)
    return [Candidate(f"{name}:" if is_named else name, partial=is_named) for name in types]
