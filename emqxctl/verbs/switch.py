"""The stock verbs `enable` and `disable`, made from a Resource."""

from collections.abc import Sequence
from typing import Any

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import reject_masked_secrets, without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Result
from emqxctl.resource import Resource
from emqxctl.verbs.locate import get_operations, is_namespaced, locate, locate_object
from emqxctl.verbs.operation import send_operation, with_legacy_operations
from emqxctl.verbs.parameters import item_parameters, path_values, set_signature

VERBS = {"enable": True, "disable": False}


def add_switch(
    app: Group, resource: Resource, *, line: str, method: str = "PUT", verbs: Sequence[str] = tuple(VERBS)
) -> None:
    """Add `enable` and `disable`; `line` is an example with `{}` for the verb: `emqxctl rules {} hot`."""
    for verb in verbs:
        add_verb(app, resource, verb, method, line.format(verb))


def add_verb(app: Group, resource: Resource, verb: str, method: str, example: str) -> None:
    """Add one of the two verbs."""

    def switch(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholders
        *parents, keys = path_values(resource.item_path, values)
        return switch_each(session, resource, keys, parents, enable=VERBS[verb], method=method)

    switch.__doc__ = f"{verb.capitalize()} {resource.plural_noun}."
    set_signature(switch, item_parameters(resource, multiple=True), Result)
    calls = switch_operations(resource, method)
    app.command(verb)(command(calls=calls, examples=(example,), effect=Effect.WRITE)(switch))


def switch_operations(resource: Resource, method: str = "PUT") -> tuple[str, ...]:
    """Return the operations that enable and disable an object."""
    if resource.switch_by_update:
        return (*get_operations(resource), f"PUT {resource.item_path}")
    reads = get_operations(resource) if is_namespaced(resource) else ()
    return (*with_legacy_operations(enable_operation(resource, method)), *reads)


def enable_operation(resource: Resource, method: str) -> str:
    """Return EMQX's own operation that enables and disables."""
    return f"{method} {resource.item_path}/enable/{{enable}}"


def switch_each(
    session: Session,
    resource: Resource,
    keys: Sequence[str],
    parents: Sequence[str] = (),
    *,
    enable: bool,
    method: str = "PUT",
) -> Result:
    """Enable or disable objects one by one, and report on each."""

    def switch_one(key: str) -> None:
        arguments = resource.path_arguments([*parents, key])
        if not resource.switch_by_update:
            operation = enable_operation(resource, method)
            send_operation(locate(session, resource, arguments), operation, *arguments, str(enable).lower())
            return
        namespaced_session, row = locate_object(session, resource, arguments)
        before = without_fields(row, resource.read_only_fields)
        body = {**before, "enable": enable}
        reject_masked_secrets(body, accepted=resource.accepts_masked_secrets, noun=resource.noun)
        namespaced_session.client.put(resource.item_path, *arguments, body=body)

    return run_each(keys, resource.key, f"{'enabled' if enable else 'disabled'} {resource.noun}", switch_one)
