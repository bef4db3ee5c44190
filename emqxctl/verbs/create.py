"""The stock verb `create`, made from a Resource: the key as argument, the body from -f, --set and options."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import Body, build_body, reject_masked_secrets
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Done
from emqxctl.resource import Resource, ValueType
from emqxctl.verbs.existence import can_read, create_if_missing
from emqxctl.verbs.locate import namespace_of_body
from emqxctl.verbs.parameters import (
    BODY_PARAMETERS,
    check_new_key,
    key_metavar,
    key_type,
    new_parameter,
    option_parameters,
    option_values,
    parent_parameters,
    path_values,
    reject_cluster_url,
    set_signature,
    strip_types,
)
from emqxctl.verbs.versions import check_option_versions
from emqxctl.verbs.write_hooks import WriteHooks, write_with_hooks

Send = Callable[[Session, Body], dict[str, Any]]


def add_create(
    app: Group,
    resource: Resource,
    *,
    summary: str = "",
    examples: Sequence[str] = (),
    send: Send | None = None,
    calls: Sequence[str] = (),
    hooks: WriteHooks | None = None,
) -> None:
    """Add `create`; `send` sends the body, if that is more than one POST, with the operations `calls`."""

    def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
        return create_object(session, resource, values, send=send, hooks=hooks)

    create.__doc__ = summary or f"Create {resource.noun_with_article}."
    set_signature(create, create_parameters(resource), Done)
    operations = (*(calls or (f"POST {resource.path}",)), *(hooks.calls if hooks else ()))
    app.command("create")(command(calls=operations, examples=examples, effect=Effect.WRITE)(create))


def create_object(
    session: Session,
    resource: Resource,
    values: Mapping[str, Any],
    *,
    send: Send | None,
    hooks: WriteHooks | None,
) -> Done:
    """Create the object that the parameters of `create` describe, unless --if-not-exists finds it."""
    parents, key = path_values(resource.path, values), check_new_key(values["key"])
    session, body = build_new_body(session, resource, key, values)
    arguments = resource.path_arguments([*parents, key])

    def send_body() -> Done:
        response = (
            send(session, body) if send else session.client.post_object(resource.path, *parents, body=body)
        )
        return report_created(resource, arguments[-1], response)

    return create_if_missing(
        session,
        f"{resource.noun} {arguments[-1]!r}",
        {resource.key: arguments[-1]},
        lambda: write_with_hooks(hooks, session, body, send_body),
        lambda: can_read(session, resource.item_path, *arguments),
    )


def build_new_body(
    session: Session, resource: Resource, key: str, values: Mapping[str, Any]
) -> tuple[Session, Body]:
    """Build the body of a new object; return it with the session of the namespace that it names.

    Raises UsageError for masked secrets, and for a URL that is that of the cluster.
    """
    raw_body = body_from_options(session, resource, values)
    namespace = namespace_of_body(session, resource, raw_body)
    session = session.in_namespace(namespace) if namespace else session
    normalized = resource.normalize(raw_body) if resource.normalize else raw_body
    body = {**strip_types(resource, key, normalized), **resource.identity_fields(key)}
    body = resource.finish_body(body) if resource.finish_body else body
    reject_masked_secrets(body, accepted=False, noun=resource.noun)
    reject_cluster_url(session, resource, body)
    return session, body


def create_parameters(resource: Resource) -> list[Any]:
    """Return the parameters of `create`: the key of the new object, -f, --set and the resource's settings."""
    text = f"{resource.key.capitalize()} of the new {resource.noun}."
    metavar = resource.key_metavar or key_metavar(resource.key)
    argument = typer.Argument(metavar=metavar, help=text, click_type=key_type(resource))
    key = new_parameter("key", Annotated[str, argument])
    options = option_parameters(resource.settings)
    return [*parent_parameters(resource.path), key, *BODY_PARAMETERS, *options]


def report_created(resource: Resource, key: str, response: dict[str, Any]) -> Done:
    """Return the result of a creation: the new object as the server returned it, else what names it."""
    row = response or {resource.key: key, **resource.identity_fields(key)}
    row = resource.from_response(row) if resource.from_response else row
    notes = resource.notes_after_write(row) if resource.notes_after_write else ()
    return Done(f"created {resource.noun} {key!r}", row, key=resource.key, notes=notes)


def normalized_body(session: Session, resource: Resource, values: Mapping[str, Any]) -> Body:
    """Return the body of a command's -f, --set and settings as the server takes it."""
    body = body_from_options(session, resource, values)
    return resource.normalize(body) if resource.normalize else body


def body_from_options(session: Session, resource: Resource, values: Mapping[str, Any]) -> Body:
    """Return the body that a command's -f, --set and settings describe; secrets are masked in logs.

    Raises UnsupportedError for a setting that this version of EMQX does not have.
    """
    settings = option_values(resource.settings, values)
    hint = "omit it, or set the field with --set if this release has it"
    check_option_versions(session, resource.settings, settings, hint=hint)
    for setting in resource.settings:
        if setting.value_type is ValueType.FIRST_LINE and setting.param in settings:
            session.client.redactor.add_secrets(settings[setting.param])
    return build_body(values.get("file"), values.get("set_") or [], settings)
