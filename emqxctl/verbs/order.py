"""The stock verbs that order a list, made from a Resource: `move` one object, `order` all of them."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.param_types import POSITION
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.results import Done
from emqxctl.resource import Resource
from emqxctl.verbs.operation import send_operation
from emqxctl.verbs.parameters import item_parameters, key_metavar, new_parameter, path_values, set_signature

PositionArgument = Annotated[
    str,
    typer.Argument(
        click_type=POSITION, metavar="POSITION", help="Position: front, rear, before:NAME or after:NAME."
    ),
]


def add_move(
    app: Group,
    resource: Resource,
    *,
    calls: Sequence[str],
    examples: Sequence[str],
    send: Callable[[Session, str, str], object] | None = None,
    summary: str = "",
) -> None:
    """Add `move`: the last of `calls` sends the position; `send` does it if that is more than one request."""

    def move(session: Session, **values: Any) -> Done:  # noqa: ANN401  # the path's placeholders
        key, position = path_values(resource.item_path, values)[-1], values["position"]
        if send:
            send(session, key, position)
        else:
            send_operation(session, calls[-1], key, body={"position": position})
        fields = {resource.key: key, "position": position}
        return Done(f"moved {resource.describe([key])} to {position}", fields, key=resource.key)

    move.__doc__ = summary or f"Change the position of {resource.noun_with_article}."
    set_signature(move, [*item_parameters(resource), new_parameter("position", PositionArgument)], Done)
    app.command("move")(command(calls=calls, examples=examples, effect=Effect.WRITE)(move))


def add_order(
    app: Group,
    resource: Resource,
    *,
    operation: str,
    build_body: Callable[[Sequence[str]], object],
    examples: Sequence[str],
    name: str = "order",
    summary: str = "",
) -> None:
    """Add `order` (or `name`): takes all keys in the new order, and sends what `build_body` makes of them."""
    text = f"{resource.plural_noun.capitalize()} in the new order."
    metavar = f"{resource.key_metavar or key_metavar(resource.key)}..."
    keys_argument = Annotated[list[str], typer.Argument(metavar=metavar, help=text)]

    def order(session: Session, keys: keys_argument) -> Done:
        send_operation(session, operation, body=build_body(keys))
        return Done(f"set the order of {resource.plural_noun}: {', '.join(keys)}", {"order": list(keys)})

    order.__doc__ = summary or f"Set the order of all {resource.plural_noun}."
    app.command(name)(
        command(
            calls=operation, examples=examples, effect=Effect.WRITE, completes={"keys": resource.item_path}
        )(order)
    )
