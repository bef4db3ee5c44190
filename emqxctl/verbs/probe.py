"""The stock verbs `test`, which tries a definition without saving it, and `types`."""

from typing import Any

from emqxctl.api.response import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import deep_merge, without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column, Resource
from emqxctl.verbs.create import normalized_body
from emqxctl.verbs.locate import get_operations, locate_object
from emqxctl.verbs.operation import send_operation, with_legacy_operations
from emqxctl.verbs.parameters import (
    BODY_PARAMETERS,
    item_parameters,
    option_parameters,
    path_values,
    set_signature,
    strip_types,
)


def add_test(app: Group, resource: Resource, *, examples: tuple[str, ...]) -> None:
    """Add `test`: sends a definition to `PATH_probe`, which tries it without saving it."""
    operation = f"POST {resource.path}_probe"

    def test(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
        (key,) = path_values(resource.item_path, values)
        identity = resource.identity_fields(key)
        body = strip_types(resource, key, normalized_body(session, resource, values))
        if values["file"] is None:
            session, before = locate_object(session, resource, [key])
            body = deep_merge(without_fields(before, resource.read_only_fields), body)
        body = {**body, **identity}
        body = resource.finish_body(body) if resource.finish_body else body
        send_operation(session, operation, body=body)
        return Done(f"{resource.noun} {key!r} works", {resource.key: key, "result": "ok"}, key=resource.key)

    test.__doc__ = (
        f"Test {resource.noun_with_article} without saving it.\n\n"
        f"Without -f, the existing {resource.noun} is tested with --set and the options applied; "
        "with -f, the definition in the file."
    )
    parameters = [*item_parameters(resource), *BODY_PARAMETERS, *option_parameters(resource.settings)]
    set_signature(test, parameters, Done)
    calls = (*get_operations(resource), *with_legacy_operations(operation))
    app.command("test")(command(calls=calls, examples=examples, effect=Effect.WRITE)(test))


def add_types(app: Group, resource: Resource, path: str, *, example: str) -> None:
    """Add `types`: the types of the resource that this EMQX supports, listed at `path`."""

    def types(session: Session) -> Rows:
        response = session.client.get(path)
        names = response if isinstance(response, list) else page_rows(response)
        return Rows([{"type": name} for name in names], (Column("type"),), key="type", plural_noun="types")

    types.__doc__ = f"List the supported {resource.noun} types."
    app.command("types")(command(calls=f"GET {path}", examples=(example,))(types))
