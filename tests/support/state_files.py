"""State files against a sandbox, without the command line: export, edit, plan, apply."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from emqxctl.api.client import Client
from emqxctl.api.connection import Connection
from emqxctl.declarative.apply import Applier
from emqxctl.declarative.changes import Options, Plan
from emqxctl.declarative.documents import Document, format_path
from emqxctl.declarative.export import Choice, read_export
from emqxctl.declarative.files import Part, load, raise_problems
from emqxctl.declarative.kind import Form
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.planner import Planner
from emqxctl.declarative.record import Record
from emqxctl.declarative.server import Server
from emqxctl.declarative.write import write_document
from emqxctl.sandbox.server import Sandbox

State = dict[str, Any]
SECRET = "s3cret-of-the-test"


class EveryVariable(dict[str, str]):
    """An environment in which every variable is set to the same secret."""

    def get(self, _key: str, _default: Any = None) -> Any:
        """Return the secret."""
        return SECRET


def server_of(sandbox: Sandbox, **connection: Any) -> Server:
    """Return a sandbox's server."""
    settings = {"timeout": 10.0, "retries": 0, **connection}
    known = Connection(url=sandbox.url, api_key=sandbox.api_key, api_secret=sandbox.api_secret, **settings)
    return Server(Client(known, lambda _: None), Client(known, lambda _: None))


def export(sandbox: Sandbox, choice: Choice = Choice()) -> str:  # noqa: B008  # it is immutable
    """Return the text of an export."""
    server = server_of(sandbox)
    found = read_export(server, choice)
    return write_document(found.objects, all_kinds(), server.version, found.variables)


def parse(text: str, environ: Mapping[str, str] | None = None) -> Document:
    """Return the document of a text; every variable is set unless an environment is given."""
    document, problems = load([[Part("cluster.yaml", text)]], EveryVariable() if environ is None else environ)
    raise_problems(problems)
    return document


def to_state(document: Document) -> State:
    """Return a document as plain data, for tests to edit."""
    state: State = {"emqxctl": 1}
    for name in document.kinds:
        kind, rows = all_kinds()[name], list(document.of_kind(name))
        if kind.form is Form.MAP:
            state[name] = {row.key: row.body for row in rows}
        elif kind.form is Form.LIST:
            state[name] = [{**kind.key_fields(row.key), **row.body} for row in rows]
        else:
            state[name] = rows[0].body
    copied: State = json.loads(json.dumps(state))
    return copied


def exported_state(sandbox: Sandbox) -> State:
    """Return a sandbox's state as plain data."""
    return to_state(parse(export(sandbox)))


def plan(
    sandbox: Sandbox,
    state: State | str,
    record: Record | None = None,
    options: Options = Options(),  # noqa: B008
) -> Plan:
    """Return the plan of a state."""
    text = state if isinstance(state, str) else json.dumps(state)
    return Planner(server_of(sandbox), parse(text), record, options).build()


def apply(
    sandbox: Sandbox,
    state: State | str,
    record: Record | None = None,
    options: Options = Options(),  # noqa: B008
    should_stop: Callable[[], bool] = lambda: False,
) -> Plan:
    """Apply a state and return the plan with what became of it."""
    text = state if isinstance(state, str) else json.dumps(state)
    server = server_of(sandbox)
    made = Planner(server, parse(text), record, options).build()
    applier = Applier(server, made, record, should_stop=should_stop)
    applier.run()
    applier.finish()
    return made


def outline(plan_: Plan) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return the changes of a plan in short: action, kind, key, the paths of the fields."""
    return [
        (one.action.value, one.kind.name, one.key, tuple(format_path(field.path) for field in one.fields))
        for one in plan_.changes
    ]


def writes(sandbox: Sandbox, since: int = 0) -> list[str]:
    """Return the writes that a sandbox got, as `PUT /rules/hot`."""
    return [
        f"{one.method} {one.path.removeprefix('/api/v5')}"
        for one in sandbox.requests[since:]
        if one.method != "GET"
    ]


def clear(sandbox: Sandbox) -> None:
    """Take everything out of a sandbox that a file can create."""
    with sandbox.cluster.lock:
        integration, features = sandbox.cluster.integration, sandbox.cluster.features
        for held in (integration.rules, integration.actions, integration.sources, integration.connectors):
            held.clear()
        features.exhooks.clear()
        features.topic_metrics.clear()
        features.auto_subscribe = []
        features.rewrites = []
        sandbox.cluster.access.authenticators.clear()
