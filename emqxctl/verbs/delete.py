"""The stock verb `delete`, made from a Resource: asks for confirmation, and reports on each object."""

from collections.abc import Mapping, Sequence
from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode, ServerError
from emqxctl.output.results import Result
from emqxctl.resource import Resource
from emqxctl.verbs.existence import run_deletion
from emqxctl.verbs.locate import get_operations, locate_object
from emqxctl.verbs.operation import Impact, confirm_keys
from emqxctl.verbs.parameters import item_parameters, path_values, set_signature


def add_delete(
    app: Group,
    resource: Resource,
    *,
    name: str = "delete",
    summary: str = "",
    examples: Sequence[str] = (),
    impact: Impact | None = None,
) -> None:
    """Add `delete`; `impact` returns what it affects, for the confirmation: it reads the list."""

    def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholders
        *parents, keys = path_values(resource.item_path, values)
        confirm_keys(session, "delete", resource, keys, impact)
        return delete_each(session, resource, keys, parents)

    delete.__doc__ = summary or f"Delete {resource.plural_noun}."
    set_signature(delete, item_parameters(resource, multiple=True), Result)
    reads = [*(get_operations(resource) if resource.checks_existence else ())]
    reads += [f"GET {resource.path}"] if impact else []
    calls = (*reads, f"DELETE {resource.item_path}")
    app.command(name)(command(calls=calls, examples=examples, effect=Effect.DESTROY)(delete))


def delete_each(
    session: Session,
    resource: Resource,
    keys: Sequence[str],
    parents: Sequence[str] = (),
    query: Mapping[str, object] | None = None,
) -> Result:
    """Delete objects one by one, and report on each."""

    def delete_one(key: str) -> None:
        arguments = resource.path_arguments([*parents, key])
        owner = find_owner(session, resource, arguments) if resource.checks_existence else session
        owner.client.delete(resource.item_path, *arguments, query=query or {})

    return run_deletion(session, keys, resource.key, f"deleted {resource.noun}", delete_one)


def find_owner(session: Session, resource: Resource, keys: Sequence[str]) -> Session:
    """Return the session for an existing object. If EMQX fails to show it, it can still be deleted."""
    try:
        return locate_object(session, resource, keys)[0]
    except ServerError as error:
        if error.exit_code is not ExitCode.SERVER:
            raise
        return session
