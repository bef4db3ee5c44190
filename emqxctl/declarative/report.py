"""A plan or what became of it as data: the one schema of diff, a dry run and an apply."""

from emqxctl.declarative.changes import ABSENT, Action, Change, FieldChange, Outcome, Plan
from emqxctl.declarative.documents import Json, Problem, format_path
from emqxctl.declarative.secrets import AFTER, BEFORE, secret_positions, without_secrets

COUNTED = (Action.CREATE, Action.UPDATE, Action.ENABLE, Action.DISABLE, Action.DELETE, Action.REORDER)


def report_data(plan: Plan, *, applied: bool = False) -> dict[str, Json]:
    """Return the report of a plan: changes, summary, warnings. No secret is in it."""
    changes = [change_data(item) for item in plan.changes]
    if applied:
        changes += [change_data(item) for item in plan.unchanged]
    return {
        "changes": changes,
        "summary": summary(plan, applied=applied),
        "warnings": [problem_data(item) for item in plan.warnings],
        "refusals": [problem_data(item) for item in plan.refusals],
        "notes": list(plan.notes),
    }


def summary(plan: Plan, *, applied: bool) -> dict[str, int]:
    """Count the actions, and after an apply the outcomes."""
    counts = {action.value: plan.count(action) for action in COUNTED}
    counts["unchanged"] = len(plan.unchanged)
    counts["not_comparable_secrets"] = plan.hidden
    if applied:
        for outcome in (Outcome.DONE, Outcome.FAILED, Outcome.NOT_TRIED):
            counts[outcome.value] = sum(change.outcome is outcome for change in plan.changes)
    return counts


def change_data(change: Change) -> dict[str, Json]:
    """Return one change as data."""
    error = {key: value for key, value in (change.error or {}).items() if key != "exit_code"}
    return {
        "kind": change.kind.name,
        "name": change.key,
        "action": change.action.value,
        "cause": change.cause.value,
        "fields": [field_data(field, change) for field in change.fields],
        "result": change.outcome.value if change.outcome else None,
        "error": error or None,
    }


def field_data(field: FieldChange, change: Change) -> dict[str, Json]:
    """Return one field of a change as data; a side that does not have it has no key."""
    extra = change.kind.secrets
    data: dict[str, Json] = {
        "path": format_path(field.path),
        "secret": field.secret,
        "cause": field.cause.value,
    }
    for name, value, mask in (("from", field.before, BEFORE), ("to", field.after, AFTER)):
        if value is not ABSENT:
            data[name] = mask if field.secret else safe_value(value, extra)
    if field.cause.value == "both" and field.recorded is not ABSENT and not field.secret:
        data["applied"] = safe_value(field.recorded, extra)
    return data


def safe_value(value: Json, extra: frozenset[str]) -> Json:
    """Return a value with its secrets masked."""
    return without_secrets(value, secret_positions(value, extra))


def problem_data(problem: Problem) -> dict[str, str]:
    """Return a warning or refusal as data."""
    return {"code": problem.code, "path": problem.path, "message": problem.message, "place": problem.place}
