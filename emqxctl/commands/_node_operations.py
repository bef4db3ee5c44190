"""Start, stop and restart of connectors, actions, sources and bridges: on all nodes or on one."""

from typing import Annotated, Any

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import EmqxctlError, GuardError
from emqxctl.output.results import Done, Result
from emqxctl.resource import Resource
from emqxctl.verbs.locate import get_operations, is_namespaced, locate_object, perform
from emqxctl.verbs.operation import past_of, send_operation, with_legacy_operations
from emqxctl.verbs.parameters import item_parameters, new_parameter, path_values, set_signature

Node = Annotated[str | None, typer.Option("--node", metavar="NODE", help="Only on this node.")]
SUMMARIES = {
    "start": "Start {} that are enabled but not connected.",
    "stop": "Stop {}, which stay enabled.",
    "restart": "Restart {}.",
}


def add_node_operation(app: Group, resource: Resource, verb: str, *, sample: str) -> None:
    """Add `start`, `stop` or `restart`; `sample` is an id."""
    on_all_nodes = f"POST {resource.item_path}/{{operation}}"
    on_one_node = f"POST /nodes/{{node}}{resource.item_path}/{{operation}}"
    effect = Effect.WRITE if verb == "start" else Effect.DESTROY

    def operate(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        (keys,), node = path_values(resource.item_path, values), values["node"]
        if effect is Effect.DESTROY:
            session.confirm(f"{verb} {resource.describe(keys)}")

        def operate_one(key: str) -> object:
            operation, arguments = (on_one_node, [node, key, verb]) if node else (on_all_nodes, [key, verb])
            return perform(
                session, resource, [key], lambda owner: send_operation(owner, operation, *arguments)
            )

        result = run_each(keys, "id", f"{past_of(verb)} {resource.noun}", operate_one)
        place = f" on {node}" if node else ""
        return result._replace(message=result.message + place) if isinstance(result, Done) else result

    operate.__doc__ = SUMMARIES[verb].format(resource.plural_noun)
    keys = item_parameters(resource, multiple=True)
    set_signature(operate, [*keys, new_parameter("node", Node, None)], Result)
    yes = " --yes" if effect is Effect.DESTROY else ""
    line = f"emqxctl {resource.path[1:]} {verb} {sample}"
    examples = (f"{line}{yes}", f"{line} --node emqx@10.0.0.1{yes}")
    reads = get_operations(resource) if is_namespaced(resource) else ()
    calls = (*with_legacy_operations(on_all_nodes, on_one_node), *reads)
    app.command(verb)(command(calls=calls, examples=examples, effect=effect)(operate))


def add_restart(app: Group, resource: Resource, *, sample: str) -> None:
    """Add `restart` for a resource for which the API has none: disable and enable."""
    path = f"{resource.item_path}/enable/{{enable}}"

    def restart(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        (keys,) = path_values(resource.item_path, values)
        session.confirm(f"restart {resource.describe(keys)}")
        done = f"restarted {resource.noun}"
        return run_each(keys, "id", done, lambda key: disable_and_enable(session, resource, path, key))

    restart.__doc__ = (
        f"Restart {resource.plural_noun}: disable and enable them.\n\n"
        "EMQX has no restart operation; buffered messages are lost."
    )
    set_signature(restart, item_parameters(resource, multiple=True), Result)
    examples = (f"emqxctl {resource.path[1:]} restart {sample} --yes",)
    calls = (*get_operations(resource), f"PUT {path}")
    app.command("restart")(command(calls=calls, examples=examples, effect=Effect.DESTROY)(restart))


def disable_and_enable(session: Session, resource: Resource, path: str, key: str) -> None:
    """Disable and enable an object. Raises GuardError if it is disabled: a restart would enable it."""
    hint = f"enable it: emqxctl {resource.path[1:]} enable {key}"
    session, row = locate_object(session, resource, [key])
    if row.get("enable") is False:
        message = f"{resource.noun} {key!r} is disabled: a restart would enable it"
        raise GuardError(message, code="NOT_ENABLED", hint=hint)
    session.client.put(path, key, "false")
    try:
        session.client.put(path, key, "true")
    except EmqxctlError as error:
        error.message = f"{resource.noun} {key!r} is now disabled: {error.message}"
        error.hint = hint
        raise
