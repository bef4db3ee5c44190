"""The stock verbs that change, made from a Resource: create, update, delete, switches, operations."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import (
    Body,
    build_body,
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
from emqxctl.verbs.parameters import arguments, chosen, keyword, options, path_values, set_signature

File = Annotated[
    str | None,
    typer.Option("--file", "-f", metavar="FILE", help="The body: JSON, YAML or TOML; - for stdin."),
]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="A.B=VALUE", help="Set one field; repeatable.")
]
Replace = Annotated[bool, typer.Option("--replace", help="The body is all there is; merge nothing.")]

BODY = [keyword("file", File, None), keyword("set_", Set, None)]


def add_create(
    app: Group, resource: Resource, *, name: str = "create", summary: str = "", examples: Sequence[str] = ()
) -> None:
    """Add `create`: the key as argument, the body from -f, --set and the resource's settings."""

    def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
        parents = path_values(resource.path, values)
        key = values["key"]
        body = {**body_of(resource, values), **resource.identity_fields(key)}
        reject_masked_secrets(body, kept=False, noun=resource.noun)
        made = session.client.post(resource.path, *parents, body=body)
        found = made if isinstance(made, dict) else resource.identity_fields(key)
        return Done(
            f"created {resource.noun} {resource.path_arguments([*parents, key])[-1]!r}",
            found,
            key=resource.key,
        )

    create.__doc__ = summary or f"Create {article(resource.noun)}; an existing one is refused."
    annotation = Annotated[
        str, typer.Argument(metavar=resource.key.upper(), help=f"The new {resource.noun}.")
    ]
    parameters = [*arguments(resource.path), keyword("key", annotation), *BODY, *options(resource.settings)]
    set_signature(create, parameters, Done)
    app.command(name)(command(calls=f"POST {resource.path}", examples=examples, effect=Effect.WRITE)(create))


def article(noun: str) -> str:
    """Put the article before a noun: `a rule`, `an action`."""
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def body_of(resource: Resource, values: dict[str, Any]) -> Body:
    """Give the change that a command's -f, --set and settings make."""
    return build_body(values.get("file"), values.get("set_") or [], chosen(resource.settings, values))


def add_update(
    app: Group, resource: Resource, *, name: str = "update", summary: str = "", examples: Sequence[str] = ()
) -> None:
    """Add `update`: reads the thing, applies the change, sends it whole; a dry run shows the difference."""

    def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
        places = path_values(resource.item_path, values)
        change = body_of(resource, values)
        if not change:
            message = "nothing to change was given"
            raise UsageError(message, hint="-f FILE, --set A.B=VALUE, or an option of the command")
        return updated(
            session, resource, places, lambda now: change if values["replace_"] else deep_merge(now, change)
        )

    update.__doc__ = summary or f"Change {article(resource.noun)}; an unknown one is refused."
    parameters = [
        *arguments(resource.item_path, resource.noun),
        *BODY,
        keyword("replace_", Replace, False),
        *options(resource.settings),
    ]
    set_signature(update, parameters, Result)
    calls = (f"GET {resource.item_path}", f"PUT {resource.item_path}")
    app.command(name)(command(calls=calls, examples=examples, effect=Effect.WRITE)(update))


def updated(
    session: Session, resource: Resource, places: Sequence[str], change: Callable[[Body], Body]
) -> Result:
    """Read a thing, change it, and send it whole; in a dry run show what would change instead."""
    found = session.client.get(resource.item_path, *places)
    before = without_fields(found if isinstance(found, dict) else {}, resource.read_only_fields)
    after = change(before)
    reject_masked_secrets(after, kept=resource.accepts_masked_secrets, noun=resource.noun)
    if session.settings.dry_run:
        return Text(
            unified_diff_of(before, after), notes=(f"dry run: PUT {resource.item_path} was not sent",)
        )
    made = session.client.put(resource.item_path, *places, body=after)
    named = f"{resource.noun} {places[-1]!r}" if places else resource.noun
    shown = made if isinstance(made, dict) else after
    return Done(f"updated {named}", shown, key=resource.key)


def add_delete(
    app: Group, resource: Resource, *, name: str = "delete", summary: str = "", examples: Sequence[str] = ()
) -> None:
    """Add `delete`: one or several, confirmed, each accounted for."""

    def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholders
        *parents, keys = path_values(resource.item_path, values)
        named = f"{resource.noun} {keys[0]!r}" if len(keys) == 1 else f"{len(keys)} {resource.plural_noun}"
        session.confirm(f"delete {named}")
        deed = lambda key: session.client.delete(
            resource.item_path, *resource.path_arguments([*parents, key])
        )  # used once
        return run_each(keys, resource.key, f"deleted {resource.noun}", deed)

    delete.__doc__ = summary or f"Delete {resource.plural_noun}."
    set_signature(delete, arguments(resource.item_path, resource.noun, many=True), Result)
    calls = f"DELETE {resource.item_path}"
    app.command(name)(command(calls=calls, examples=examples, effect=Effect.DESTROY)(delete))


def add_switch(app: Group, resource: Resource, *, examples: Sequence[str] = ()) -> None:
    """Add `enable` and `disable`: `PUT .../enable/true|false`."""
    path = resource.item_path + "/enable/{enable}"
    for verb, value in (("enable", "true"), ("disable", "false")):
        add_operation(app, resource, verb, path, ending=(value,), method="PUT", examples=examples)


def add_operation(
    app: Group,
    resource: Resource,
    verb: str,
    path: str,
    *,
    ending: Sequence[str] = (),
    method: str = "POST",
    effect: Effect = Effect.WRITE,
    summary: str = "",
    examples: Sequence[str] = (),
) -> None:
    """Add a verb that is one request without a body: `ending` fills the last placeholders of `path`."""
    done = PAST.get(verb, verb + "ed")

    def operation(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholders
        *parents, keys = path_values(resource.item_path, values)
        if effect is Effect.DESTROY:
            session.confirm(f"{verb} {resource.noun} {', '.join(map(repr, keys))}")
        send = {"POST": session.client.post, "PUT": session.client.put, "DELETE": session.client.delete}[
            method
        ]
        return run_each(
            keys, resource.key, f"{done} {resource.noun}", lambda key: send(path, *parents, key, *ending)
        )

    operation.__doc__ = summary or f"{verb.capitalize()} {resource.plural_noun}."
    set_signature(operation, arguments(resource.item_path, resource.noun, many=True), Result)
    app.command(verb)(command(calls=f"{method} {path}", examples=examples, effect=effect)(operation))


PAST = {"enable": "enabled", "disable": "disabled", "stop": "stopped", "start": "started", "reset": "reset"}
