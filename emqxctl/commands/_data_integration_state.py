"""What connectors, actions, sources and bridges share: states, tests, metrics."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from emqxctl.api.legacy_paths import find_legacy_operation
from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import deep_merge, without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._data_integration import a, ensure_there, identity, parts, settled
from emqxctl.errors import EmqxctlError, ExitCode, GuardError, ServerError
from emqxctl.output.results import Done, Record, Result, Rows
from emqxctl.resource import Column, Resource
from emqxctl.verbs import edits
from emqxctl.verbs.parameters import arguments, keyword, options, set_signature

PAST = {**edits.PAST, "restart": "restarted"}
Node = Annotated[str | None, typer.Option("--node", metavar="NODE", help="On this node only.")]
PerNode = Annotated[bool, typer.Option("--per-node", help="Each node for itself, not the sum.")]


def calls_of(*operations: str) -> tuple[str, ...]:
    """Give operations and those that did the same under another name."""
    former = (find_legacy_operation(one) for one in operations)
    return tuple(dict.fromkeys((*operations, *(one for one in former if one))))


def send(session: Session, operation: str, *given_: str, body: object = None) -> object:
    """Put or post."""
    method, _, path = operation.partition(" ")
    answer: object = (session.client.put if method == "PUT" else session.client.post)(
        path, *given_, body=body
    )
    return answer


def add_switch(app: Group, resource: Resource, *, sample: str) -> None:
    """Add `enable` and `disable`."""
    for verb, value in (("enable", "true"), ("disable", "false")):
        add_deed(app, resource, verb, f"PUT {resource.item_path}/enable/{{enable}}", value, sample=sample)


def add_deed(app: Group, resource: Resource, verb: str, operation: str, *ending: str, sample: str) -> None:
    """Add a verb that is one request without a body, for one or several."""

    def deed(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        done = f"{PAST[verb]} {resource.noun}"
        return run_each(values["at_id"], "id", done, lambda key: send(session, operation, key, *ending))

    deed.__doc__ = f"{verb.capitalize()} {resource.plural_noun}, on every node and for good."
    set_signature(deed, arguments(resource.item_path, resource.noun, many=True), Result)
    examples = (f"emqxctl {resource.path[1:]} {verb} {sample}",)
    app.command(verb)(command(calls=calls_of(operation), examples=examples, effect=Effect.WRITE)(deed))


def add_operation(app: Group, resource: Resource, verb: str, *, sample: str, summary: str) -> None:
    """Add `start`, `stop` or `restart`: on every node, or on one."""
    everywhere = f"POST {resource.item_path}/{{operation}}"
    on_one = f"POST /nodes/{{node}}{resource.item_path}/{{operation}}"
    effect = Effect.WRITE if verb == "start" else Effect.DESTROY

    def operate(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        keys, node = values["at_id"], values["node"]
        if effect is Effect.DESTROY:
            session.confirm(f"{verb} {resource.noun} {', '.join(map(repr, keys))}")

        def deed(key: str) -> object:
            if node is None:
                return send(session, everywhere, key, verb)
            return send(session, on_one, node, key, verb)

        where = f" on {node}" if node else ""
        done = run_each(keys, "id", f"{PAST[verb]} {resource.noun}", deed)
        return done._replace(message=done.message + where) if isinstance(done, Done) else done

    operate.__doc__ = summary
    set_signature(
        operate,
        [*arguments(resource.item_path, resource.noun, many=True), keyword("node", Node, None)],
        Result,
    )
    yes = " --yes" if effect is Effect.DESTROY else ""
    line = f"emqxctl {resource.path[1:]} {verb} {sample}"
    examples = (f"{line}{yes}", f"{line} --node emqx@10.0.0.1{yes}")
    calls = calls_of(everywhere, on_one)
    app.command(verb)(command(calls=calls, examples=examples, effect=effect)(operate))


def add_restart(app: Group, resource: Resource, *, sample: str) -> None:
    """Add `restart` where the API has none: disable and enable."""
    path = f"{resource.item_path}/enable/{{enable}}"
    group = resource.path[1:]

    def restarted(session: Session, key: str) -> None:
        found = session.client.get(resource.item_path, key)
        if isinstance(found, dict) and found.get("enable") is False:
            message = f"{resource.noun} {key!r} is disabled, and would be enabled by a restart"
            raise GuardError(message, code="NOT_ENABLED", hint=f"emqxctl {group} enable {key}")
        session.client.put(path, key, "false")
        try:
            session.client.put(path, key, "true")
        except EmqxctlError as error:
            error.message = f"{resource.noun} {key!r} is disabled now: {error.message}"
            error.hint = f"emqxctl {group} enable {key}"
            raise

    def restart(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        keys = values["at_id"]
        session.confirm(f"restart {resource.noun} {', '.join(map(repr, keys))}")
        return run_each(keys, "id", f"restarted {resource.noun}", lambda key: restarted(session, key))

    restart.__doc__ = (
        f"Restart {resource.plural_noun}: disable and enable them.\n\n"
        "EMQX has no such operation of its own; what is buffered is lost."
    )
    set_signature(restart, arguments(resource.item_path, resource.noun, many=True), Result)
    examples = (f"emqxctl {group} restart {sample} --yes",)
    calls = (f"GET {resource.item_path}", f"PUT {path}")
    app.command("restart")(command(calls=calls, examples=examples, effect=Effect.DESTROY)(restart))


def add_test(app: Group, resource: Resource, *, sample: str, example: str) -> None:
    """Add `test`: try a definition without keeping it."""
    probe = f"POST {resource.path}_probe"

    def test(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
        key = values["at_id"]
        parts(key)
        body = settled(edits.body_of(resource, values), resource)
        if values["file"] is None:
            now = session.client.get(resource.item_path, key)
            body = deep_merge(
                without_fields(now if isinstance(now, dict) else {}, resource.read_only_fields), body
            )
        send(session, probe, body={**body, **identity(key)})
        return Done(f"{resource.noun} {key!r} works", {"id": key, "result": "ok"}, key="id")

    test.__doc__ = (
        f"Test whether {a(resource)} works, without keeping it.\n\n"
        "Without -f the existing one is tested, with --set and the options on top;\n"
        "with -f what the file says."
    )
    named = arguments(resource.item_path, resource.noun)
    set_signature(test, [*named, *edits.BODY, *options(resource.settings)], Done)
    line = f"emqxctl {resource.path[1:]} test"
    examples = (f"{line} {sample}", f"{line} {example}")
    calls = (f"GET {resource.item_path}", *calls_of(probe))
    app.command("test")(command(calls=calls, examples=examples, effect=Effect.WRITE)(test))


def add_types(app: Group, resource: Resource, path: str) -> None:
    """Add `types`: which there can be."""

    def types(session: Session) -> Rows:
        found = session.client.get(path)
        names = found if isinstance(found, list) else page_rows(found)
        return Rows([{"type": name} for name in names], (Column("type"),), key="type", plural_noun="types")

    types.__doc__ = f"List the types of {resource.plural_noun} that this EMQX knows."
    examples = (f"emqxctl {resource.path[1:]} types -o name",)
    app.command("types")(command(calls=f"GET {path}", examples=examples)(types))


METRICS = (
    Column("node"),
    Column("matched", align_right=True),
    Column("success", align_right=True),
    Column("failed", align_right=True),
    Column("dropped", align_right=True),
    Column("received", align_right=True),
    Column("rate", align_right=True),
    Column("queuing", align_right=True),
    Column("inflight", align_right=True, wide=True),
    Column("retried", align_right=True, wide=True),
    Column("rate_max", align_right=True, wide=True),
    Column("rate_last5m", "RATE 5M", align_right=True, wide=True),
)


def add_metrics(app: Group, resource: Resource, *, sample: str, columns: Sequence[Column] = METRICS) -> None:
    """Add `metrics` and `reset-metrics`."""
    line = f"emqxctl {resource.path[1:]} metrics {sample}"

    def metrics(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        key = values["at_id"]
        found = session.client.get(f"{resource.item_path}/metrics", key)
        counted = found if isinstance(found, dict) else {}
        total = counted.get("metrics")
        if isinstance(total, dict) and not any(total.values()):
            ensure_there(session, resource, key)  # 5.8.9 counts zeros for an action that is not there
        if values["per_node"]:
            nodes = counted.get("node_metrics") or []
            rows = [{"node": one.get("node"), **(one.get("metrics") or {})} for one in page_rows(nodes)]
            return Rows(rows, columns, key="node", plural_noun="nodes")
        return Record(total if isinstance(total, dict) else counted)

    metrics.__doc__ = f"Show the metrics of one {resource.noun}: the sum, or node by node."
    named = arguments(resource.item_path, resource.noun)
    set_signature(metrics, [*named, keyword("per_node", PerNode, False)], Result)
    calls = (f"GET {resource.item_path}/metrics", f"GET {resource.item_path}")
    app.command("metrics")(command(calls=calls, examples=(line, f"{line} --per-node"))(metrics))
    add_reset(app, resource, sample)


def add_reset(app: Group, resource: Resource, sample: str) -> None:
    """Add `reset-metrics`."""
    operation = f"PUT {resource.item_path}/metrics/reset"

    def reset(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        keys = values["at_id"]
        session.confirm(f"reset the metrics of {', '.join(map(repr, keys))}")

        def deed(key: str) -> None:
            try:
                send(session, operation, key)
            except ServerError as error:  # 5.8.9 crashes for a source that is not there
                if error.exit_code is not ExitCode.NOT_FOUND:
                    ensure_there(session, resource, key)
                raise

        return run_each(keys, "id", f"reset the metrics of {resource.noun}", deed)

    reset.__doc__ = f"Set the metrics of {resource.plural_noun} to zero."
    set_signature(reset, arguments(resource.item_path, resource.noun, many=True), Result)
    examples = (f"emqxctl {resource.path[1:]} reset-metrics {sample} --yes",)
    calls = (*calls_of(operation), f"GET {resource.item_path}")
    app.command("reset-metrics")(command(calls=calls, examples=examples, effect=Effect.DESTROY)(reset))
