"""Deletion of connectors, actions, sources and bridges, which names what uses them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, ExitCode, ServerError
from emqxctl.output.formatters import format_names
from emqxctl.output.results import BulkResult, Done, Result
from emqxctl.resource import Resource
from emqxctl.verbs.existence import run_deletion
from emqxctl.verbs.locate import get_operations, locate_object
from emqxctl.verbs.parameters import item_parameters, new_parameter, path_values, set_signature

USER_FIELDS = ("rules", "actions", "sources")  # what uses an object, as 5.8.0 and later list it
WithActions = Annotated[
    bool,
    typer.Option(
        "--with-actions",
        "--with-dependants",
        help="Delete even if rules use it, and remove it from them.",
    ),
]


def add_delete(app: Group, resource: Resource, *, with_actions: bool, line: str) -> None:
    """Add `delete`, which names what uses an object; with `with_actions` it can be removed from rules."""

    def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        (keys,) = path_values(resource.item_path, values)
        return delete_objects(
            session, resource, keys, cascade=values.get("with_actions", False), can_cascade=with_actions
        )

    delete.__doc__ = f"Delete {resource.plural_noun} that are not in use." + (
        f"\n\n--with-actions deletes {resource.plural_noun} in use too, and removes them from rules."
        if with_actions
        else ""
    )
    options = [new_parameter("with_actions", WithActions, False)] if with_actions else []
    set_signature(delete, [*item_parameters(resource, multiple=True), *options], Result)
    examples = (f"{line} --yes", *((f"{line} --with-actions --yes",) if with_actions else ()))
    calls = (*get_operations(resource), f"DELETE {resource.item_path}")
    app.command("delete")(command(calls=calls, examples=examples, effect=Effect.DESTROY)(delete))


def delete_objects(
    session: Session, resource: Resource, keys: Sequence[str], *, cascade: bool, can_cascade: bool
) -> Result:
    """Delete objects after confirmation; with `cascade` also those in use, which are removed from rules.

    `can_cascade` is false for a resource whose objects cannot be removed from rules.
    """
    located = {key: find_users(session, resource, key) for key in keys}
    users = {key: text for key, (_, text) in located.items()}
    session.confirm(describe_deletion(resource, users))
    query = {"also_delete_dep_actions": True} if cascade else {}

    def delete_one(key: str) -> None:
        try:
            located[key][0].client.delete(resource.item_path, key, query=query)
        except ServerError as error:
            raise add_deletion_hint(error, users[key], with_actions=can_cascade) from error

    result = run_deletion(session, keys, "id", f"deleted {resource.noun}", delete_one)
    notes = [f"{key} was used by {text}" for key, text in users.items() if text and cascade]
    is_report = isinstance(result, Done | BulkResult)
    return result._replace(notes=(*result.notes, *notes)) if is_report else result


def find_users(session: Session, resource: Resource, key: str) -> tuple[Session, str]:
    """Return the session for an object, in its namespace, and what uses the object, for sentences.

    The text is empty if nothing uses it, or if the server does not list it.
    """
    try:
        owner, row = locate_object(session, resource, [key])
    except ServerError:  # the request that deletes will report it
        return session, ""
    users = {field: row[field] for field in USER_FIELDS if isinstance(row.get(field), list) and row[field]}
    return owner, " and ".join(f"{field} {format_names(names)}" for field, names in users.items())


def describe_deletion(resource: Resource, users: Mapping[str, str]) -> str:
    """Return what is to be deleted and what uses it, for the confirmation."""
    uses = "; ".join(f"{key} is used by {text}" for key, text in users.items() if text)
    return f"delete {resource.describe(list(users))}" + (f" ({uses})" if uses else "")


def add_deletion_hint(error: EmqxctlError, users: str, *, with_actions: bool) -> EmqxctlError:
    """Add to the error of an object in use what to do about it."""
    if error.exit_code is ExitCode.REJECTED and (users or "rules" in error.details):
        if with_actions:
            error.hint = "change these rules (emqxctl rules update), or use --with-actions"
        else:
            error.message = f"{error.message} (used by {users})"
            error.hint = "delete these first, or change their connector: emqxctl actions update"
    return error
