"""Apply a plan: one change after another, each read again before it is made and read back after it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic

from emqxctl.declarative.changes import ABSENT, Action, Change, Outcome, Plan
from emqxctl.declarative.documents import Problem, format_path
from emqxctl.declarative.kind import Body, Form, Reference
from emqxctl.declarative.object_plan import value_or_absent
from emqxctl.declarative.ordering import arrange, blockers
from emqxctl.declarative.projection import Comparer, own_fields
from emqxctl.declarative.record import Record
from emqxctl.declarative.server import ITEMS, Server
from emqxctl.declarative.warnings import find_lag
from emqxctl.errors import EmqxctlError, ExitCode

# After these nothing else can be done.
FATAL = frozenset({ExitCode.UNREACHABLE, ExitCode.UNAUTHENTICATED})
SAVE_SECONDS = 1.0
IN_DOUBT = frozenset({ExitCode.UNREACHABLE, ExitCode.TIMED_OUT})
Progress = Callable[[Change], None]


def never() -> bool:
    """Return that the apply goes on: no stop was requested."""
    return False


@dataclass
class Applier:
    """Makes the changes of a plan and notes what became of each.

    `record` is saved as objects are done. `should_stop` is called before each change: the one in hand is
    finished first. With `fail_fast` nothing follows a failure.
    """

    server: Server
    plan: Plan
    record: Record | None = None
    fail_fast: bool = False
    should_stop: Callable[[], bool] = never
    on_change: Progress | None = None
    failed: dict[Reference, Change] = field(default_factory=dict)
    stopped: bool = False
    next_save: float = 0.0

    def run(self) -> None:
        """Make all changes; failures are noted in them, never raised."""
        for change in self.plan.changes:
            self.apply_change(change)
            if self.on_change:
                self.on_change(change)

    def finish(self) -> None:
        """Note what was not reached, and record the objects that were as stated already."""
        for change in self.plan.changes:
            change.outcome = change.outcome or Outcome.NOT_TRIED
        for change in self.plan.unchanged:
            change.outcome = Outcome.UNCHANGED
        self.record_unchanged()

    def apply_change(self, change: Change) -> None:
        """Make one change, unless the apply has stopped or what it needs has failed."""
        self.stopped = self.stopped or self.should_stop()
        blocking = blockers(change, self.failed)
        if self.stopped or blocking:
            change.outcome = Outcome.NOT_TRIED
            failed = [blocker for blocker in blocking if blocker.error]  # the others were not reached
            if failed:
                names = ", ".join(f"{blocker.kind.noun} {blocker.key}" for blocker in failed)
                change.error = {"code": "BLOCKED", "message": f"needs {names}, which failed"}
            self.failed[change.identity] = change
            return
        change.outcome = Outcome.FAILED  # until it is known: a second Ctrl-C breaks it off
        change.error = {
            "code": "INTERRUPTED",
            "message": "interrupted; the outcome is unknown",
            "exit_code": 130,
        }
        try:
            self.make_change(change)
        except EmqxctlError as error:
            self.note_failure(change, error)
        else:
            change.outcome, change.error = Outcome.DONE, None
            self.note_done(change)

    def note_failure(self, change: Change, error: EmqxctlError) -> None:
        """Note why a change failed; after some failures nothing else is tried."""
        change.outcome = Outcome.FAILED
        hint = {"hint": error.hint} if error.hint else {}
        code = int(error.exit_code)
        change.error = {"code": error.code, "message": error.message, **hint, "exit_code": code}
        self.failed[change.identity] = change
        self.stopped = self.stopped or self.fail_fast or error.exit_code in FATAL

    def make_change(self, change: Change) -> None:
        """Make one change. Raises EmqxctlError; a lost answer is settled by reading the object."""
        if change.action is Action.REORDER:
            self.reorder(change)
            return
        self.refuse_changed_object(change)
        try:
            self.send(change)
        except EmqxctlError as error:
            if error.exit_code not in IN_DOUBT or not self.is_settled(change):
                raise
        if change.action is not Action.DELETE:
            self.read_back(change)

    def send(self, change: Change) -> None:
        """Send the request of a change."""
        match change.action:
            case Action.CREATE:
                self.server.create(change.kind, change.key, change.body)
            case Action.UPDATE:
                self.server.update(change.kind, change.key, change.body, change.before)
            case Action.ENABLE | Action.DISABLE:
                self.server.enable(change.kind, change.key, enabled=change.action is Action.ENABLE)
            case Action.DELETE:
                self.delete(change)
            case _:
                pass

    def delete(self, change: Change) -> None:
        """Delete an object; one that is gone already is what was wanted."""
        try:
            self.server.delete(change.kind, change.key)
        except EmqxctlError as error:
            if error.exit_code is not ExitCode.NOT_FOUND:
                raise

    def refuse_changed_object(self, change: Change) -> None:
        """Raise CHANGED_MEANWHILE when an object has changed since the plan was made."""
        if change.before is None:
            return
        now = self.own(change, self.server.read(change.kind, change.key))
        if now is None and change.action is Action.DELETE:
            return
        comparer = Comparer(change.kind, self.server.shape_of(change.kind, change.key))
        if now is None or has_changed(change.before, now, comparer):
            message = f"{change.kind.noun} {change.key!r} has changed since the plan was made"
            hint = "run the diff again"
            raise EmqxctlError(message, code="CHANGED_MEANWHILE", hint=hint, exit_code=ExitCode.GUARDED)

    def own(self, change: Change, row: Body | None) -> Body | None:
        """Return an object without what the server adds."""
        shape = None if change.action is Action.DELETE else self.server.shape_of(change.kind, change.key)
        return None if row is None else own_fields(change.kind, row, shape)

    def read_back(self, change: Change) -> None:
        """Compare what the server has now with what was sent; warn of what it made otherwise.

        Raises EmqxctlError when nothing has changed although the server said so.
        """
        row = self.server.read(change.kind, change.key)
        own = self.own(change, row)
        if own is None or row is None:
            message = f"{change.kind.noun} {change.key!r} is not there after it was sent"
            raise EmqxctlError(message, code="NOT_APPLIED", exit_code=ExitCode.SERVER)
        comparer = Comparer(change.kind, self.server.shape_of(change.kind, change.key))
        stated = {ITEMS: change.stated} if change.kind.form is Form.ITEMS else change.stated
        differences = comparer.compare(stated, own).differences
        if differences and own == change.before:
            names = ", ".join(format_path(difference.path) for difference in differences)
            name = f"{change.kind.noun} {change.key!r}"
            message = f"{name}: the server accepted the change but did not apply it: {names}"
            raise EmqxctlError(message, code="NOT_APPLIED", exit_code=ExitCode.SERVER)
        for difference in differences:
            name = format_path(difference.path)
            message = (
                f"{change.kind.name} {change.key}: the server keeps another value of {name} than was sent"
            )
            self.plan.warnings.append(Problem("VALUE_CHANGED", message, "", name))
        self.warn_of_kept(change, own)
        self.plan.warnings += find_lag(change.kind.name, change.key, row)

    def warn_of_kept(self, change: Change, own: Body) -> None:
        """Warn of fields that left the file and keep their value on the server all the same."""
        for field_change in change.fields:
            path = field_change.path
            if field_change.after is ABSENT and value_or_absent(own, path) == field_change.before:
                name = format_path(path)
                message = (
                    f"{change.kind.name} {change.key}: {name} left the file, and the API did not unset it"
                )
                self.plan.warnings.append(Problem("CANNOT_UNSET", message, "", name))

    def is_settled(self, change: Change) -> bool:
        """Return whether a change whose answer was lost has been made all the same."""
        try:
            own = self.own(change, self.server.read(change.kind, change.key))
        except EmqxctlError:
            return False
        if change.action is Action.DELETE or own is None:
            return own is None and change.action is Action.DELETE
        comparer = Comparer(change.kind, self.server.shape_of(change.kind, change.key))
        stated = {ITEMS: change.stated} if change.kind.form is Form.ITEMS else change.stated
        return not comparer.compare(stated, own).differences

    def reorder(self, change: Change) -> None:
        """Put the objects of a kind in order, as far as they are there now."""
        present = list(self.server.read_kind(change.kind))
        target = arrange(present, change.keys)
        if target != present:
            self.server.reorder(change.kind, target)

    def note_done(self, change: Change) -> None:
        """Note a change in the record, which is saved every second: a run that is killed is known so far.

        What a kill loses of it is found as stated already, and recorded, by the next run.
        """
        if self.record is None:
            return
        if change.action is Action.DELETE:
            self.record.remove(change.kind.name, change.key)
        elif change.action is Action.REORDER:
            self.record.put_order(change.kind.name, change.keys)
        elif change.is_whole:
            self.record.put(change.kind, change.key, change.stated)
        if monotonic() >= self.next_save:
            self.save_record(self.record)
            self.next_save = monotonic() + SAVE_SECONDS

    def save_record(self, record: Record) -> None:
        """Save the record; where that is not possible the apply goes on, and a warning says so once."""
        try:
            record.save()
        except EmqxctlError as error:
            self.plan.warnings.append(Problem("RECORD_NOT_WRITTEN", error.message, "", str(record.path)))
            self.record = None

    def record_unchanged(self) -> None:
        """Note the objects that were as stated already, and the orders: the files own them too."""
        if self.record is None:
            return
        for change in self.plan.unchanged:
            if change.is_whole:
                self.record.put(change.kind, change.key, change.stated)
        self.record_orders()
        if self.record.is_changed or self.record.is_new:
            self.save_record(self.record)

    def record_orders(self) -> None:
        """Note the order of each list that is as stated."""
        pending = {change.kind.name for change in self.plan.changes if change.outcome is not Outcome.DONE}
        for name, keys in self.plan.orders.items():
            if name not in pending and self.record is not None:
                self.record.put_order(name, keys)


def has_changed(before: Body, now: Body, comparer: Comparer) -> bool:
    """Return whether an object has changed; lists and single objects may differ in form and in fields."""
    common = before.keys() & now.keys()
    pairs = [(before[name], now[name], (name,)) for name in common]
    return not all(comparer.is_same(*pair) and comparer.is_same(pair[1], pair[0], pair[2]) for pair in pairs)


def exit_code(changes: Iterable[Change], *, interrupted: bool = False) -> ExitCode:
    """Return 0, the cause's code where nothing was done, else 9."""
    all_changes = list(changes)
    bad = [change for change in all_changes if change.outcome in {Outcome.FAILED, Outcome.NOT_TRIED}]
    if interrupted:
        return ExitCode.INTERRUPTED
    if not bad:
        return ExitCode.OK
    codes = {change.error["exit_code"] for change in bad if change.error and "exit_code" in change.error}
    if any(change.outcome is Outcome.DONE for change in all_changes) or len(codes) != 1:
        return ExitCode.PARTIAL
    return next(code for code in ExitCode if int(code) in codes)
