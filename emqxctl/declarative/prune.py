"""Which objects an apply deletes: those of the record that left the file, never more."""

from collections.abc import Collection, Mapping, Sequence

from emqxctl.declarative.changes import Action, Cause, Change, Options, Plan
from emqxctl.declarative.documents import Entry
from emqxctl.declarative.kind import Body, Form, Kind, Reference
from emqxctl.declarative.projection import own_fields
from emqxctl.declarative.record import Record


def plan_deletes(  # noqa: PLR0913, PLR0917  # what a kind's deletes depend on
    kind: Kind,
    entries: Sequence[Entry],
    actual: Mapping[str, Body],
    record: Record | None,
    options: Options,
    plan: Plan,
) -> list[Change]:
    """Return the deletes of a kind; recorded objects that are not to be deleted are listed as orphans."""
    if kind.form is Form.ITEMS or kind.members is not None:
        return []
    stated = {entry.key for entry in entries}
    recorded_keys = set(record.objects.get(kind.name, {})) if record else set()
    extra = [key for key in actual if key not in stated]
    chosen = [key for key in extra if is_chosen(kind, key, recorded_keys, options)]
    named = {key for key in chosen if f"{kind.name}/{key}" in options.prune}
    spared = [key for key in chosen if is_protected(kind, key, chosen, actual) and key not in named]
    plan.orphans += [Reference(kind.name, key) for key in extra if key in recorded_keys and key not in chosen]
    for key in spared:
        plan.notes.append(f"{kind.noun} {key!r} is deleted only by name: --prune {kind.name}/{key}")
    plan.notes += missing_name_notes(kind, stated, actual, options)
    return [delete_change(kind, key, actual[key]) for key in chosen if key not in spared]


def missing_name_notes(
    kind: Kind, stated: Collection[str], actual: Collection[str], options: Options
) -> list[str]:
    """Return a note for each object that --prune names and that cannot be deleted."""
    notes = []
    for name in options.prune:
        kind_name, _, key = name.partition("/")
        if kind_name != kind.name or not key:
            continue
        if key in stated:
            notes.append(f"--prune {name} deletes nothing: the files state it")
        elif key not in actual:
            notes.append(f"--prune {name} deletes nothing: it is not on the server")
    return notes


def ineffective_prune_notes(kinds: Collection[str], record: Record | None, options: Options) -> list[str]:
    """Return why --prune or --prune-all deletes nothing: a kind not in the files, or no record."""
    recorded = {kind for kind, rows in record.objects.items() if rows} if record else set()
    named = {name.partition("/")[0] for name in (*options.prune, *options.prune_all)}
    pruned = named if named or not options.prune_recorded else recorded
    notes = []
    skipped = sorted(pruned - set(kinds))
    if skipped:
        notes.append(
            f"nothing is deleted of {', '.join(skipped)}: not in the files"
            f" (to delete all objects, add the empty section `{skipped[0]}:`)"
        )
    needs_record = options.prune_recorded and not all("/" in name for name in options.prune or ("",))
    if needs_record and record is not None and record.is_new:
        notes.append(f"--prune deletes only recorded objects: {record.path} has no record of {record.target}")
    return notes


def is_chosen(kind: Kind, key: str, recorded_keys: set[str], options: Options) -> bool:
    """Return whether an object that left the file is to be deleted."""
    if f"{kind.name}/{key}" in options.prune or kind.name in options.prune_all:
        return True
    prunes_kind = options.prune_recorded and (not options.prune or kind.name in options.prune)
    return prunes_kind and key in recorded_keys


def is_protected(kind: Kind, key: str, chosen: Sequence[str], actual: Mapping[str, Body]) -> bool:
    """Return whether an object is deleted only by name: a default listener, the last authenticator ..."""
    if key in kind.protected or "*" in kind.protected:
        return True
    return kind.keep_one and len(chosen) == len(actual) and key == next(iter(actual))


def delete_change(kind: Kind, key: str, row: Body) -> Change:
    """Return the change that deletes an object."""
    return Change(kind, key, Action.DELETE, Cause.FILE, before=own_fields(kind, row, None))
