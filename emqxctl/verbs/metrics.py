"""The stock verbs `metrics` (the sum, or by node) and `reset-metrics`, made from a Resource."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.errors import ExitCode, ServerError
from emqxctl.output.results import Record, Result, Rows
from emqxctl.resource import Column, Resource
from emqxctl.verbs.get import check_existence
from emqxctl.verbs.locate import get_operations, is_namespaced, perform
from emqxctl.verbs.operation import send_operation, with_legacy_operations
from emqxctl.verbs.parameters import item_parameters, new_parameter, path_values, set_signature

PerNode = Annotated[
    bool, typer.Option("--per-node", help="Show the metrics of each node instead of the sum.")
]


def add_metrics(
    app: Group, resource: Resource, *, columns: Sequence[Column], line: str, reset_method: str = "PUT"
) -> None:
    """Add `metrics` and `reset-metrics`; `line` is an example with `{}` for the verb."""
    path = f"{resource.item_path}/metrics"

    def metrics(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholders
        keys = path_values(resource.item_path, values)
        response = perform(session, resource, keys, lambda owner: owner.client.get(path, *keys))
        counters = response if isinstance(response, dict) else {}
        total = counters.get("metrics")
        if resource.checks_existence and isinstance(total, dict) and not any(total.values()):
            check_existence(session, resource, keys)  # 5.8.9 counts zeros for an unknown action
        if values["per_node"]:
            rows = rows_by_node(counters.get("node_metrics"))
            return Rows(rows, columns, key="node", plural_noun="nodes")
        return Record(total if isinstance(total, dict) else counters)

    metrics.__doc__ = f"Show the metrics of {resource.noun_with_article}."
    set_signature(metrics, [*item_parameters(resource), new_parameter("per_node", PerNode, False)], Result)
    example = line.format("metrics")
    has_reads = resource.checks_existence or is_namespaced(resource)
    reads = get_operations(resource) if has_reads else ()
    calls = (f"GET {path}", *reads)
    app.command("metrics")(command(calls=calls, examples=(example, f"{example} --per-node"))(metrics))
    add_reset_metrics(app, resource, line=line, method=reset_method)


def rows_by_node(response: object) -> list[dict[str, object]]:
    """Return each node's metrics as a flat row; the server nests them, or writes them beside the node."""
    nodes = response if isinstance(response, list) else [response]
    return [
        {"node": node.get("node"), **(node.get("metrics") or node)}
        for node in nodes
        if isinstance(node, dict)
    ]


def add_reset_metrics(
    app: Group, resource: Resource, *, line: str, method: str = "PUT", summary: str = ""
) -> None:
    """Add `reset-metrics`."""
    operation = f"{method} {resource.item_path}/metrics/reset"

    def reset(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholders
        *parents, keys = path_values(resource.item_path, values)
        session.confirm(f"reset the metrics of {resource.describe(keys)}")
        return run_each(
            keys,
            resource.key,
            f"reset the metrics of {resource.noun}",
            lambda key: reset_object(session, resource, operation, [*parents, key]),
        )

    reset.__doc__ = summary or f"Reset {resource.noun} metrics."
    set_signature(reset, item_parameters(resource, multiple=True), Result)
    examples = (line.format("reset-metrics") + " --yes",)
    has_reads = resource.checks_existence or is_namespaced(resource)
    reads = get_operations(resource) if has_reads else ()
    calls = (*with_legacy_operations(operation), *reads)
    app.command("reset-metrics")(command(calls=calls, examples=examples, effect=Effect.DESTROY)(reset))


def reset_object(session: Session, resource: Resource, operation: str, arguments: Sequence[str]) -> None:
    """Reset the metrics of one object."""
    try:
        perform(session, resource, arguments, lambda owner: send_operation(owner, operation, *arguments))
    except ServerError as error:  # 5.8.9 crashes for an unknown source
        if resource.checks_existence and error.exit_code is not ExitCode.NOT_FOUND:
            check_existence(session, resource, arguments)
        raise
