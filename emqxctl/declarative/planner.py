"""Plans: what a document states compared with what a server has, and with what was applied last."""

from collections.abc import Mapping

from emqxctl.declarative.changes import Action, Cause, Change, Options, Plan
from emqxctl.declarative.documents import Document, Problem, variables
from emqxctl.declarative.kind import Body, Form, Kind, Reference
from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.object_plan import ObjectPlanner
from emqxctl.declarative.ordering import order_changes, plan_order
from emqxctl.declarative.preflight import find_unsupported
from emqxctl.declarative.prune import ineffective_prune_notes, plan_deletes
from emqxctl.declarative.record import Record
from emqxctl.declarative.server import Server
from emqxctl.declarative.warnings import add_warnings
from emqxctl.errors import UnsupportedError


class Planner:
    """Builds one plan: reads each kind that the document has, in as few requests as there can be."""

    def __init__(self, server: Server, document: Document, record: Record | None, options: Options) -> None:
        """Prepare; nothing is read yet."""
        self.server = server
        self.document = document
        self.record = record
        self.options = options
        self.plan = Plan()
        self.known: dict[Reference, bool] = {}  # whether objects of other kinds are on the server

    def build(self) -> Plan:
        """Read the server and return the plan. Raises UnsupportedError for kinds it does not have."""
        if not self.server.version:
            self.server.read_version()
        refuse_unsupported(self.document, self.server)
        existing: dict[str, Mapping[str, Body]] = {}
        for name, kind in all_kinds().items():
            if name in self.document.kinds:
                existing[name] = self.plan_kind(kind)
        self.plan.notes += ineffective_prune_notes(self.document.kinds, self.record, self.options)
        self.check_references(existing)
        self.plan.changes = order_changes(self.plan.changes)
        self.plan.missing = sorted(
            {variable.variable for change in self.plan.changes for variable in variables(change.body)}
        )
        if self.plan.changes and (self.record is None or self.record.is_new):
            self.plan.notes.append(
                "no record of an earlier apply: changes of the server are not distinguished"
            )
        add_warnings(self.plan, self.server)
        return self.plan

    def plan_kind(self, kind: Kind) -> Mapping[str, Body]:
        """Plan the objects of one kind; returns those on the server."""
        entries = list(self.document.of_kind(kind.name))
        actual = self.server.read_kind(kind, [entry.key for entry in entries])
        objects = ObjectPlanner(self.server, kind, self.record, self.options)
        for entry in entries:
            change = objects.plan(entry, actual.get(entry.key), self.plan)
            self.add(change)
        deletes = plan_deletes(kind, entries, actual, self.record, self.options, self.plan)
        for change in deletes:
            self.plan.changes.append(change)
        if kind.form is Form.LIST:
            self.plan.orders[kind.name] = [entry.key for entry in entries]
            reorder = plan_order(kind, entries, actual, deletes, self.record)
            if reorder and not (reorder.cause is Cause.BOTH and self.options.take == "server"):
                self.plan.changes.append(reorder)
        return actual

    def add(self, change: Change) -> None:
        """Add the change of an object, or note that there is none."""
        target = self.plan.unchanged if change.action is Action.NONE else self.plan.changes
        target.append(change)

    def check_references(self, existing: Mapping[str, Mapping[str, Body]]) -> None:
        """Refuse changes that need an object which is neither in the file nor on the server."""
        stated = {Reference(*identity) for identity in self.document.entries}
        gone = {change.identity for change in self.plan.changes if change.action is Action.DELETE}
        for change in (*self.plan.changes, *self.plan.unchanged):
            for needed in change.needs():
                if change.action is Action.NONE and needed not in gone:
                    continue
                kind = all_kinds()[needed.kind]
                if needed in stated or (needed.kind in existing and needed.key in existing[needed.kind]):
                    if needed not in gone:
                        continue
                elif needed.kind not in existing and self.exists(kind, needed.key):
                    continue
                name = f"{change.kind.noun} {change.key!r}"
                state = "would be deleted" if needed in gone else "does not exist"
                message = f"{name} needs {kind.noun} {needed.key!r}, which {state}"
                place = str(self.document.entries[change.identity].place) if change.identity in stated else ""
                self.plan.refusals.append(Problem("MISSING_REFERENCE", message, place, change.kind.name))

    def exists(self, kind: Kind, key: str) -> bool:
        """Return whether the server has an object of a kind that the files do not mention."""
        reference = Reference(kind.name, key)
        if reference not in self.known:
            missing = bool(self.server.missing_reason(kind))
            self.known[reference] = missing or self.server.read(kind, key) is not None
        return self.known[reference]


def refuse_unsupported(document: Document, server: Server) -> None:
    """Raise UnsupportedError with all kinds of a document that the server does not have."""
    problems = find_unsupported(document, server).values()
    if problems:
        message = "; ".join(problem.message for problem in problems)
        hint = "check the file offline: emqxctl validate --against VERSION"
        details = {"problems": [problem._asdict() for problem in problems]}
        raise UnsupportedError(message, hint=hint, details=details)
