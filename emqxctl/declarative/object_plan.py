"""The change of one object: differences by projection, their cause, and the body that an update sends."""

from emqxctl.declarative.changes import ABSENT, Action, Cause, Change, FieldChange, Options, Plan
from emqxctl.declarative.documents import Entry, Json, Path, Problem, format_path, value_at
from emqxctl.declarative.kind import Body, Form, Kind
from emqxctl.declarative.projection import Comparer, merge, own_fields, remove_paths, without_nulls
from emqxctl.declarative.record import Record
from emqxctl.declarative.secrets import MASK, is_secret_position, mask_positions
from emqxctl.declarative.server import ITEMS, Server
from emqxctl.emqx.setting_values import is_empty

LIST_MASKS_SINCE = "6.0.0"  # before it, a mask inside a list is stored (emqx #15875)


class ObjectPlanner:
    """Plans the objects of one kind."""

    def __init__(self, server: Server, kind: Kind, record: Record | None, options: Options) -> None:
        """Use a server's facts, and the record of the last apply where there is one."""
        self.server = server
        self.kind = kind
        self.record = record
        self.options = options

    def plan(self, entry: Entry, row: Body | None, plan: Plan) -> Change:
        """Return the change that makes an object what the file states; Action.NONE where it is already."""
        if row is None:
            return self.plan_create(entry, plan)
        comparer = Comparer(self.kind, self.server.shape_of(self.kind, entry.key))
        own = own_fields(self.kind, row, comparer.shape)
        stated = {ITEMS: entry.body} if self.kind.form is Form.ITEMS else entry.body
        compared = comparer.compare(stated, own)
        recorded = self.recorded(entry.key)
        fields = [
            self.with_cause(difference._replace(), recorded, comparer) for difference in compared.differences
        ]
        removed = self.removed_fields(stated, own, recorded, comparer, plan, entry)
        plan.hidden += len(compared.hidden)
        if self.options.send_secrets:
            fields += [FieldChange(path, MASK, MASK, secret=True) for path in compared.hidden]
        conflicts = conflict_roots([*fields, *removed]) if self.options.take == "server" else []
        if conflicts:
            names = ", ".join(format_path(path) for path in conflicts)
            plan.notes.append(f"{self.kind.name} {entry.key}: {names} is left as on the server")
            fields = [difference for difference in fields if not is_below(difference.path, conflicts)]
            removed = [difference for difference in removed if not is_below(difference.path, conflicts)]
        paths = [difference.path for difference in removed]
        body = merge(remove_paths(own, paths), remove_paths(stated, conflicts), comparer)
        change = self.build(entry, own, body, [*fields, *removed], plan)
        change.is_whole = not conflicts
        return change

    def plan_create(self, entry: Entry, plan: Plan) -> Change:
        """Return the change that creates an object; one that was applied before has gone from the server."""
        cause = Cause.FILE if self.recorded(entry.key) is None else Cause.DRIFT
        body = without_nulls(entry.body)
        fields = tuple(self.new_fields(body, (), cause))
        self.refuse_masks(body, entry, plan, keeps=False)
        return Change(self.kind, entry.key, Action.CREATE, cause, fields, entry.body, body)

    def new_fields(self, value: Json, path: Path, cause: Cause) -> list[FieldChange]:
        """Return the fields of a new object, one for each value that is not an object."""
        if isinstance(value, dict) and value and not is_secret_position(path, value, self.kind.secrets):
            return [
                new_field
                for name, below in value.items()
                for new_field in self.new_fields(below, (*path, name), cause)
            ]
        secret = is_secret_position(path, value, self.kind.secrets)
        return [FieldChange(path, ABSENT, value, secret, cause)] if path else []

    def recorded(self, key: str) -> Json:
        """Return an object as it was applied last; None without a record."""
        record = self.record.get(self.kind.name, key) if self.record else None
        return {ITEMS: record} if self.kind.form is Form.ITEMS and record is not None else record

    def with_cause(self, difference: Json, recorded: Json, comparer: Comparer) -> FieldChange:
        """Return a difference as a change of a field, with the side that changed since the last apply."""
        path, before, after, secret = difference
        last = value_or_absent(recorded, path)
        cause = Cause.FILE
        if last is not ABSENT and last != MASK:
            if comparer.is_same(after, last, path):
                cause = Cause.DRIFT
            elif before is ABSENT or not comparer.is_same(last, before, path):
                cause = Cause.BOTH
        return FieldChange(path, before, after, secret, cause, last)

    def removed_fields(  # noqa: PLR0913, PLR0917  # the three sides of a comparison
        self,
        stated: Json,
        own: Body,
        recorded: Json,
        comparer: Comparer,
        plan: Plan,
        entry: Entry,
    ) -> list[FieldChange]:
        """Return the fields that were applied last and left the file; they return to the default."""
        removed = []
        for path in removed_paths(recorded, stated):
            before, last = value_or_absent(own, path), value_or_absent(recorded, path)
            default = comparer.default_at(path, shape_at(comparer, path))
            is_default = default is not ABSENT and comparer.is_same(default, before, path)
            if before is ABSENT or is_empty(before) or is_default:
                continue
            if self.kind.cannot_unset:
                name = format_path(path)
                message = f"{self.kind.name} {entry.key}: {name} left the file, and the API cannot unset it"
                plan.warnings.append(Problem("CANNOT_UNSET", message, str(entry.place), name))
                continue
            cause = Cause.FILE if last == MASK or comparer.is_same(last, before, path) else Cause.BOTH
            secret = is_secret_position(path, before, self.kind.secrets) or last == MASK
            removed.append(FieldChange(path, before, ABSENT, secret, cause, last))
        return removed

    def build(self, entry: Entry, own: Body, body: Json, fields: list[FieldChange], plan: Plan) -> Change:
        """Return the change of an object that exists, checked against what an update cannot do."""
        sent = body[ITEMS] if self.kind.form is Form.ITEMS else body
        change = Change(
            self.kind, entry.key, Action.NONE, cause_of(fields), tuple(fields), entry.body, sent, own
        )
        if not fields:
            return change
        change.action = Action.UPDATE
        switch = fields[0].after if [difference.path for difference in fields] == [("enable",)] else None
        if isinstance(switch, bool) and self.kind.enable and self.server.has_operation(self.kind.enable):
            change.action = Action.ENABLE if switch else Action.DISABLE
            return change
        self.refuse_masks(sent, entry, plan, keeps=self.server.keeps_masks(self.kind))
        self.refuse_immutable(fields, entry, plan)
        return change

    def refuse_masks(self, body: Json, entry: Entry, plan: Plan, *, keeps: bool) -> None:
        """Refuse masks that the server would store as the secret."""
        for path in mask_positions(body):
            in_list = any(isinstance(step, int) for step in path)
            if keeps and (not in_list or self.server.is_at_least(LIST_MASKS_SINCE)):
                continue
            name = format_path(path)
            message = (
                f"{self.kind.name} {entry.key}: {name} is masked, and EMQX would store the mask as the secret"
            )
            plan.refusals.append(Problem("MASKED_SECRET", message, str(entry.place), name))

    def refuse_immutable(self, fields: list[FieldChange], entry: Entry, plan: Plan) -> None:
        """Refuse changes of fields that an update cannot change, and of objects that have no update."""
        fixed = [difference for difference in fields if difference.path[0] in self.kind.immutable]
        no_update = not (self.kind.update or self.kind.write or self.kind.recreate)
        for field in fields if no_update else fixed:
            name = format_path(field.path)
            place = f"{self.kind.name} {entry.key}: {name}"
            message = f"{place} cannot be changed; delete the object and create it again"
            plan.refusals.append(Problem("IMMUTABLE", message, str(entry.place), name))


def cause_of(fields: list[FieldChange]) -> Cause:
    """Return the cause of a change from those of its fields; a conflict in one is a conflict of all."""
    causes = {difference.cause for difference in fields}
    if Cause.BOTH in causes:
        return Cause.BOTH
    return Cause.DRIFT if causes == {Cause.DRIFT} else Cause.FILE


def conflict_roots(fields: list[FieldChange]) -> list[Path]:
    """Return the paths of the fields that both sides changed, cut at the first list: a list is left whole."""
    roots = []
    for difference in fields:
        if difference.cause is Cause.BOTH:
            steps = [at for at, step in enumerate(difference.path) if isinstance(step, int)]
            roots.append(difference.path[: steps[0]] if steps else difference.path)
    return roots


def is_below(path: Path, roots: list[Path]) -> bool:
    """Return whether a path is one of these, or below one."""
    return any(path[: len(root)] == root for root in roots)


def value_or_absent(body: Json, path: Path) -> Json:
    """Return the value at a path, ABSENT where there is none."""
    try:
        return value_at(body, path)
    except KeyError:
        return ABSENT


def removed_paths(recorded: Json, stated: Json, path: Path = ()) -> list[Path]:
    """Return the paths of an object that was applied and is stated no more."""
    if not isinstance(recorded, dict) or not isinstance(stated, dict):
        return []
    paths: list[Path] = []
    for name, value in recorded.items():
        if name not in stated:
            paths.append((*path, name))
        else:
            paths += removed_paths(value, stated[name], (*path, name))
    return paths


def shape_at(comparer: Comparer, path: Path) -> Json:
    """Return the server's description of the value at a path."""
    shape = comparer.shape
    for step in path:
        shape = shape.field(step) if shape else None
    return shape
