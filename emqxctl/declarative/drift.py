"""Drift: what a server has now compared with what was applied last, without the files."""

from emqxctl.declarative.changes import Action, Cause, Change, FieldChange, Options, Plan
from emqxctl.declarative.documents import Document, Entry, Place
from emqxctl.declarative.kind import Form
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.planner import Planner
from emqxctl.declarative.record import Record
from emqxctl.declarative.server import Server
from emqxctl.errors import UsageError


def recorded_document(record: Record) -> Document:
    """Return the document that a record holds. Raises UsageError for a target that nothing was applied to."""
    if record.is_new:
        message = f"{record.path} has no record of an apply to {record.target}"
        raise UsageError(
            message, code="NO_RECORD", hint="emqxctl apply writes one; or name it: --record FILE"
        )
    document = Document()
    place = Place(str(record.path), 1)
    for name, rows in record.objects.items():
        if name not in all_kinds():
            continue
        document.kinds.append(name)
        order = record.order.get(name, [])
        keys = sorted(rows, key=lambda key: (order.index(key) if key in order else len(order), key))
        for key in keys:
            document.entries[name, key] = Entry(name, key, rows[key], place)
    return document


def plan_drift(server: Server, record: Record) -> Plan:
    """Return what would bring the server back to what was applied: every change is the server's."""
    document = recorded_document(record)
    plan = Planner(server, document, record, Options()).build()
    for change in plan.changes:
        change.cause = Cause.DRIFT
        change.fields = tuple(mark_as_drift(item) for item in change.fields)
    plan.changes = [item for item in plan.changes if not is_order_unknown(item, record)]
    plan.orphans, plan.missing = [], []
    return plan


def mark_as_drift(field: FieldChange) -> FieldChange:
    """Return a field whose change is the server's."""
    return field._replace(cause=Cause.DRIFT)


def is_order_unknown(change: Change, record: Record) -> bool:
    """Return whether a reorder is about a list whose order was not recorded."""
    unknown = change.kind.name not in record.order
    return change.action is Action.REORDER and change.kind.form is Form.LIST and unknown
