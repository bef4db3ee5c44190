"""The stock verb `update`, made from a Resource: reads an object, changes it and sends it back whole."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emqxctl.api.request import expand_path
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import (
    Body,
    deep_merge,
    reject_masked_secrets,
    unified_diff_of,
    without_fields,
)
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import UsageError
from emqxctl.output.results import Done, Result, Text
from emqxctl.resource import Resource
from emqxctl.verbs.create import body_from_options
from emqxctl.verbs.locate import get_operations, locate_object, namespace_of_body
from emqxctl.verbs.parameters import (
    BODY_PARAMETERS,
    ReplaceOption,
    item_parameters,
    new_parameter,
    option_parameters,
    path_values,
    set_signature,
    strip_types,
)
from emqxctl.verbs.write_hooks import WriteHooks, write_with_hooks

BODY_HINT = "use -f FILE, --set A.B=VALUE, or an option of the command"
REPLACE_PARAMETER = new_parameter("replace_", ReplaceOption, False)


def add_update(
    app: Group,
    resource: Resource,
    *,
    name: str = "update",
    summary: str = "",
    examples: Sequence[str] = (),
    hooks: WriteHooks | None = None,
) -> None:
    """Add `update`; a dry run shows the difference."""

    def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
        keys = resource.path_arguments(path_values(resource.item_path, values))
        change, namespace = change_from_options(session, resource, values, keys[-1] if keys else "")
        return apply_update(
            session.in_namespace(namespace) if namespace else session,
            resource,
            keys,
            lambda before: change if values["replace_"] else merge_change(resource, before, change),
            hooks,
        )

    update.__doc__ = summary or f"Update {resource.noun_with_article}."
    set_signature(update, update_parameters(resource), Result)
    path = resource.update_path or resource.item_path
    calls = (*get_operations(resource), f"PUT {path}", *(hooks.calls if hooks else ()))
    app.command(name)(command(calls=calls, examples=examples, effect=Effect.WRITE)(update))


def update_parameters(resource: Resource) -> list[Any]:
    """Return the parameters of `update`: the object, -f, --set, --replace and the resource's settings."""
    options = [*BODY_PARAMETERS, REPLACE_PARAMETER, *option_parameters(resource.settings)]
    return [*item_parameters(resource), *options]


def change_from_options(
    session: Session, resource: Resource, values: Mapping[str, Any], key: str
) -> tuple[Body, str]:
    """Return the change that a command's options describe, and the namespace that the body names.

    Raises UsageError for no change.
    """
    body = body_from_options(session, resource, values)
    require_changes(body)
    namespace = namespace_of_body(session, resource, body)
    reject_other_identity(resource, key, body)
    if resource.normalize:
        body = resource.normalize(body)
        require_changes(body)
    return strip_types(resource, key, body), namespace


def require_changes(change: Mapping[str, object], hint: str = BODY_HINT) -> None:
    """Check that there is something to change. Raises UsageError."""
    if not change:
        message = "no changes specified"
        raise UsageError(message, hint=hint)


def reject_other_identity(resource: Resource, key: str, body: Body) -> None:
    """Reject another object's body: EMQX would rename this one or change the other. Raises UsageError."""
    if not (key and resource.key_in_body):
        return
    for field, value in {resource.key: key, **resource.identity_fields(key)}.items():
        if body.get(field, value) != value:
            message = f"the body has {field} {body[field]!r}, but the {resource.noun} is {value!r}"
            raise UsageError(message, hint=f"remove {field} from the body, or set it to {value!r}")


def apply_update(
    session: Session,
    resource: Resource,
    keys: Sequence[str],
    change: Callable[[Body], Body],
    hooks: WriteHooks | None = None,
) -> Result:
    """Read an object, change it and send it back whole; in a dry run return the difference."""
    path, key = resource.update_path or resource.item_path, keys[-1] if keys else ""
    session, row_before = locate_object(session, resource, keys)
    before = without_fields(row_before, resource.read_only_fields)
    before = resource.before_update(before) if resource.before_update else before
    identity = {resource.key: key, **(resource.identity_fields(key) if key else {})}
    required = {field: identity[field] for field in resource.fields_in_update if field in identity}
    after = {**change(before), **required}
    after = finish_body(resource, after, identity)
    reject_masked_secrets(after, accepted=resource.accepts_masked_secrets, noun=resource.noun)
    if session.settings.dry_run:
        warnings = hooks.list_notes(session, after) if hooks else ()
        path = expand_path(path, () if resource.update_path else keys)
        notes = (f"dry run: PUT {path} was not sent", *warnings)
        return Text(unified_diff_of(before, after), notes=notes)

    def send_body() -> Done:
        row = session.client.put_object(path, *(() if resource.update_path else keys), body=after) or after
        return report_updated(resource, keys, row)

    return write_with_hooks(hooks, session, after, send_body)


def finish_body(resource: Resource, body: Body, identity: Mapping[str, object]) -> Body:
    """Return a body as it is sent; `identity` has the fields of the key, which the body of a PUT may lack."""
    if resource.finish_body is None:
        return body
    finished = resource.finish_body({**identity, **body})
    return {field: value for field, value in finished.items() if field in body or field not in identity}


def merge_change(resource: Resource, before: Body, change: Body) -> Body:
    """Return an object with a change merged in; a nested object whose variant changes is replaced.

    EMQX refuses the fields of one variant in another: the salt position of sha256 in bcrypt.
    """
    kept = dict(before)
    for path in resource.variant_fields:
        field, _, name = path.partition(".")
        old, new = before.get(field), change.get(field)
        if isinstance(old, dict) and isinstance(new, dict) and new.get(name) not in {None, old.get(name)}:
            del kept[field]
    return deep_merge(kept, change)  # type: ignore[no-any-return]  # an object merged into an object is one


def report_updated(resource: Resource, keys: Sequence[str], response: Body) -> Done:
    """Return the result of an update: the object as the server returned it."""
    row = resource.from_response(response) if resource.from_response else response
    if keys and keys[-1] and resource.key_in_body:
        row = {resource.key: keys[-1], **row}
    notes = resource.notes_after_write(row) if resource.notes_after_write else ()
    return Done(f"updated {resource.describe(keys[-1:])}", row, key=resource.key, notes=notes)
