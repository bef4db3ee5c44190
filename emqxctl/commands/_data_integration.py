"""Shared by rules, connectors, actions, sources and bridges: fields, formats and verbs."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emqxctl.cli.group import Group
from emqxctl.cli.input.body import Body, without_fields
from emqxctl.cli.session import Session
from emqxctl.commands._integration_deletion import add_delete
from emqxctl.commands._node_operations import add_node_operation
from emqxctl.diagnosis.health import take_first_sentence
from emqxctl.errors import EmqxctlError
from emqxctl.output.formatters import format_plain, format_relative_time
from emqxctl.output.results import Row
from emqxctl.resource import Column, Resource, Setting
from emqxctl.verbs.create import add_create
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list
from emqxctl.verbs.parameters import (
    check_type_and_name,
    type_and_name_fields,
)
from emqxctl.verbs.probe import add_test
from emqxctl.verbs.switch import add_switch
from emqxctl.verbs.update import add_update
from emqxctl.verbs.write_hooks import WriteHooks

# What GET returns and PUT refuses (recorded 5.8.9); the metrics were part of it until 5.0.14.
READ_ONLY_FIELDS = (
    "id",
    "type",
    "name",
    "status",
    "status_reason",
    "node_status",
    "error",
    "metrics",
    "node_metrics",
    "created_at",
    "last_modified_at",
    "rules",
    "namespace",
)
EXPLAINED = frozenset({"connectors", "actions", "sources"})  # groups with the verb `why`
WORKING_STATES = frozenset({"connected", "connecting"})
TIMES = (
    Column("created_at", "CREATED", format=format_relative_time, wide=True),
    Column("last_modified_at", "CHANGED", format=format_relative_time, wide=True),
)
NAMESPACE = Column("namespace", optional=True)  # of EMQX 6.0 and later; empty for a global object
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


def add_id(response: object) -> Row:
    """Return an object with its id first; since 5.1 the server returns only the type and the name."""
    row = response if isinstance(response, dict) else {}
    if "id" in row or not (row.get("type") and row.get("name")):
        return row
    return {"id": f"{row['type']}:{row['name']}", **row}


def format_first_sentence(value: object) -> str:
    """Format the first sentence of a reason; EMQX explains a refused MQTT connection in five."""
    return take_first_sentence(format_plain(value))


def list_problems(row: Row, group: str) -> tuple[str, ...]:
    """Return notes if an object exists but does not work: EMQX answers 201 all the same."""
    status = format_plain(row.get("status"))
    if status in WORKING_STATES or "status" not in row or row.get("enable") is False:
        return ()
    reason = format_first_sentence(row.get("status_reason") or row.get("error"))
    problem = f"its status is {status}: {reason}"
    return (problem, f"explain it: emqxctl {group} why {row['id']}") if group in EXPLAINED else (problem,)


def remove_fields(fields: Sequence[str]) -> Callable[[Body], Body]:
    """Return what removes read-only fields from a user's body: a file may be the output of `get`."""
    return lambda body: without_fields(body, fields)


TAGS = Setting(
    "tags",
    "Tag. Repeatable; replaces the list (EMQX 5.5+).",
    multiple=True,
    option="tag",
    since=(5, 5, 0),
)
STATUS_REASON = Column("status_reason", "REASON", format=format_first_sentence)


def new_resource(
    noun: str,
    columns: tuple[Column, ...],
    settings: tuple[Setting, ...],
    more_read_only: tuple[str, ...] = (),
    parse_body: Callable[[Body], Body] | None = None,
    finish_body: Callable[[Body], Body] | None = None,
) -> Resource:
    """Describe connectors, actions, sources or bridges: their ids are TYPE:NAME, their secrets are kept.

    `parse_body` parses the values of their own options in a body; `finish_body` is that of the Resource.
    """
    read_only_fields = (*READ_ONLY_FIELDS, *more_read_only)
    remove_read_only = remove_fields(read_only_fields)
    return Resource(
        noun=noun,
        path=f"/{noun}s",
        key="id",
        key_metavar="TYPE:NAME",
        columns=(columns[0], NAMESPACE, *columns[1:], *TIMES),
        settings=settings,
        read_only_fields=read_only_fields,
        key_to_fields=type_and_name_fields,
        check_key=check_type_and_name,
        accepts_masked_secrets=True,
        normalize=lambda body: parse_body(remove_read_only(body)) if parse_body else remove_read_only(body),
        from_response=add_id,
        checks_existence=True,
        finish_body=finish_body,
        notes_after_write=lambda row: list_problems(row, f"{noun}s"),
        same_type_fields=() if noun == "connector" else ("connector",),
    )


def explain_write_error(session: Session, error: EmqxctlError, body: Mapping[str, Any]) -> EmqxctlError:
    """Return an error for a connector or type that does not exist in the words of its cause."""
    connector_type = re.search(r"connector_not_found\w*.*?\bbridge_type: ([^,)]+)", error.message)
    if connector_type is None:
        return explain_type_error(session, error, body)
    error.message = f"connector '{connector_type[1]}:{body.get('connector', '')}' does not exist"
    error.hint = "list connectors: emqxctl connectors list"
    return error


def explain_type_error(session: Session, error: EmqxctlError, body: Mapping[str, Any]) -> EmqxctlError:
    """Return an error for an unknown type with the type that is meant, or with those that EMQX has."""
    if "unknown connector type" not in error.message and "unknown bridge type" not in error.message:
        return error
    from emqxctl.emqx.connector_types import explain_unknown_type, parse_schema_types

    try:
        supported = parse_schema_types(session.client.get("/schemas/{name}", "connectors"))
    except EmqxctlError:
        supported = []
    hint = explain_unknown_type(str(body.get("type", "")), supported)
    error.hint = "\n".join(filter(None, (hint, "list the types: emqxctl connectors types")))
    return error


WRITE_HOOKS = WriteHooks(explain_write_error, calls=("GET /schemas/{name}",))


def add_verbs(
    app: Group,
    resource: Resource,
    *,
    sample: str,
    draft: str,
    list_example: str,
    create_examples: Sequence[str],
    update_examples: Sequence[str],
    with_actions: bool,
    check_new_body: Callable[[Mapping[str, Any]], None] = lambda _body: None,
    create_summary: str = "",
    update_summary: str = "",
) -> None:
    """Add the verbs that connectors, actions, sources and bridges have in common.

    The examples are what follows `emqxctl GROUP VERB`; `sample` is an id, `draft` the id of one to test;
    `with_actions` says whether `delete` can remove objects from rules. `check_new_body` raises UsageError.
    """
    line = f"emqxctl {resource.path[1:]}"
    add_list(app, resource, examples=(f"{line} list", f"{line} list {list_example}"))
    add_get(app, resource, examples=(f"{line} get {sample}",))
    creations = [f"{line} create {example}" for example in create_examples]
    updates = [f"{line} update {example}" for example in update_examples]
    create_hooks = WRITE_HOOKS._replace(check_body=check_new_body)
    add_create(app, resource, summary=create_summary, examples=creations, hooks=create_hooks)
    add_update(app, resource, summary=update_summary, examples=updates, hooks=WRITE_HOOKS)
    add_delete(app, resource, with_actions=with_actions, line=f"{line} delete {sample}")
    add_switch(app, resource, line=f"{line} {{}} {sample}")
    add_node_operation(app, resource, "start", sample=sample)
    definition = f"{line} test {draft} -f {resource.noun}.yaml"
    add_test(app, resource, examples=(f"{line} test {sample}", definition))


def add_summary(app: Group, resource: Resource) -> None:
    """Add `summary`: the list without the settings, and without the connector, which it does not name."""
    path = f"{resource.path}_summary"
    columns = tuple(column for column in resource.columns if column.field != "connector")
    add_list(
        app,
        resource._replace(path=path, columns=columns),
        name="summary",
        summary=f"List {resource.plural_noun} with their state and rules (EMQX 5.8.5+).",
        examples=(f"emqxctl {resource.path[1:]} summary --where 'status!=connected'",),
    )
