"""A stock verb that is one request without a body: `start`, `stop`, `restart`."""

from collections.abc import Callable, Sequence
from typing import Any

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Result
from emqxctl.resource import Resource
from emqxctl.verbs.parameters import item_parameters, path_values, set_signature

Impact = Callable[[Session, Sequence[str]], str]  # what a change of these objects affects, in words
PAST = {
    "enable": "enabled",
    "disable": "disabled",
    "stop": "stopped",
    "start": "started",
    "restart": "restarted",
    "reset": "reset",
}


def add_operation(
    app: Group,
    resource: Resource,
    verb: str,
    path: str,
    *,
    last_arguments: Sequence[str] = (),
    method: str = "POST",
    effect: Effect = Effect.WRITE,
    summary: str = "",
    examples: Sequence[str] = (),
    impact: Impact | None = None,
) -> None:
    """Add a verb for one or several objects; `last_arguments` fill the last placeholders of `path`.

    `impact` returns what a destructive verb affects, for the confirmation; it reads the list.
    """

    def operate(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholders
        *parents, keys = path_values(resource.item_path, values)
        if effect is Effect.DESTROY:
            confirm_keys(session, verb, resource, keys, impact)
        return run_each(
            keys,
            resource.key,
            f"{past_of(verb)} {resource.noun}",
            lambda key: send_operation(session, f"{method} {path}", *parents, key, *last_arguments),
        )

    operate.__doc__ = summary or f"{verb.capitalize()} {resource.plural_noun}."
    set_signature(operate, item_parameters(resource, multiple=True), Result)
    reads = (f"GET {resource.path}",) if impact else ()
    calls = (*with_legacy_operations(f"{method} {path}"), *reads)
    app.command(verb)(command(calls=calls, examples=examples, effect=effect)(operate))


def confirm_keys(
    session: Session, verb: str, resource: Resource, keys: Sequence[str], impact: Impact | None = None
) -> None:
    """Require confirmation of a destructive verb; what it affects is read unless --yes confirms already."""
    subject = resource.describe(keys)
    is_asked = not session.settings.yes or session.settings.protected or session.settings.dry_run
    affected = impact(session, keys) if impact and is_asked else ""
    session.confirm(f"{verb} {subject}" + (f" ({affected})" if affected else ""))


def past_of(verb: str) -> str:
    """Return the past participle of a verb, for the report."""
    return PAST.get(verb, verb + "ed")


def send_operation(session: Session, operation: str, *arguments: str, body: object = None) -> object:
    """Send `METHOD /path/{template}`, and return the response's JSON."""
    method, _, path = operation.partition(" ")
    if method == "DELETE":
        return session.client.delete(path, *arguments)
    send = session.client.put if method == "PUT" else session.client.post
    response: object = send(path, *arguments, body=body)
    return response


def with_legacy_operations(*operations: str) -> tuple[str, ...]:
    """Return operations, and those that did the same in older versions of EMQX."""
    from emqxctl.api.legacy_paths import find_legacy_operation

    legacy = (find_legacy_operation(operation) for operation in operations)
    return tuple(dict.fromkeys((*operations, *(operation for operation in legacy if operation))))
