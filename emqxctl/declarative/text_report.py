"""A report for a person: one line for each object, its fields below it, long texts as unified diffs."""

import json
from collections.abc import Iterator

from emqxctl.declarative.documents import Json
from emqxctl.text.escaping import escape_control_characters

SIGNS = {
    "create": "+",
    "delete": "-",
    "update": "~",
    "enable": "~",
    "disable": "~",
    "reorder": "~",
    "none": " ",
}
WORDS = {
    "create": "to create",
    "update": "to update",
    "enable": "to enable",
    "disable": "to disable",
    "delete": "to delete",
    "reorder": "to reorder",
}
DONE_WORDS = {"done": "done", "failed": "failed", "not_tried": "not tried"}
CAUSES = {"drift": "server changed", "both": "both changed", "file": ""}
LONGEST = 60  # characters of a value that is on one line with the one before it
RESULTS = {"failed": "FAILED", "not_tried": "not tried", "done": "done", None: ""}


def text_lines(report: dict[str, Json]) -> Iterator[str]:
    """Yield the lines of a report; everything that came from a server or a file is escaped."""
    for change in report["changes"]:
        if change["result"] != "unchanged":
            yield from change_lines(change)
    for refusal in report["refusals"]:
        place = f"{refusal['place']}: " if refusal["place"] else ""
        yield escape_control_characters(f"! {place}{refusal['message']} [{refusal['code']}]")
    yield last_line(report["summary"])


def change_lines(change: dict[str, Json]) -> Iterator[str]:
    """Yield the lines of one change."""
    name = f"{change['kind']} {change['name']}".strip()
    remarks = [CAUSES[change["cause"]], RESULTS[change["result"]]]
    if change["action"] in {"enable", "disable", "reorder"}:
        remarks.insert(0, change["action"])
    remark = ", ".join(part for part in remarks if part)
    yield escape_control_characters(f"{SIGNS[change['action']]} {name}" + (f"  ({remark})" if remark else ""))
    for field in change["fields"]:
        yield from field_lines(field, is_new=change["action"] == "create")
    if change["error"]:
        error = change["error"]
        yield escape_control_characters(f"    error: {error['message']} [{error['code']}]")
        if error.get("hint"):
            yield escape_control_characters(f"    hint: {error['hint']}")


def field_lines(field: dict[str, Json], *, is_new: bool) -> Iterator[str]:
    """Yield the lines of one field: before and after, or a diff of their lines."""
    before, after = field.get("from"), field.get("to")
    path = escape_control_characters(field["path"])
    mark = f"  ({CAUSES[field['cause']]})" if CAUSES[field["cause"]] else ""
    if is_long(before) or is_long(after):
        yield f"    {path}:{mark}"
        for line in diff_lines(before, after):
            yield "      " + escape_control_characters(line)
    elif is_new:
        yield f"    {path}: {format_value(after)}"
    else:
        before_text = format_value(before) if "from" in field else "(not set)"
        right = format_value(after) if "to" in field else "(unset)"
        yield f"    {path}: {before_text} -> {right}{mark}"
    if "applied" in field:
        yield f"      last applied: {format_value(field['applied'])}"


def is_long(value: object) -> bool:
    """Return whether a value is a long text, one of several lines, or a list."""
    if isinstance(value, str):
        return "\n" in value or len(value) > LONGEST
    return isinstance(value, list) and bool(value)


def diff_lines(before: object, after: object) -> Iterator[str]:
    """Yield a unified diff of two texts or lists, without its header."""
    from difflib import unified_diff

    diff = unified_diff(lines_of(before), lines_of(after), lineterm="", n=2)
    for line in diff:
        if not line.startswith(("---", "+++")):
            yield line


def lines_of(value: object) -> list[str]:
    """Return the lines of a text, or one line for each element of a list."""
    if isinstance(value, str):
        return value.split("\n")
    if isinstance(value, list):
        return [format_value(item) for item in value]
    return [] if value is None else [format_value(value)]


def format_value(value: object) -> str:
    """Return a value as JSON on one line, without quotes where a word needs none."""
    if isinstance(value, str) and value.isprintable() and value and not value.startswith(('"', "{", "[")):
        return escape_control_characters(value)
    return escape_control_characters(json.dumps(value, ensure_ascii=False, sort_keys=True))


def last_line(summary: dict[str, int]) -> str:
    """Return the line with the counts."""
    counts = [f"{summary[action]} {words}" for action, words in WORDS.items() if summary[action]]
    if "done" in summary:
        counts = [f"{summary[name]} {words}" for name, words in DONE_WORDS.items() if summary[name]]
    line = ", ".join(counts) or "no changes"
    line += f"; {summary['unchanged']} unchanged"
    hidden = summary["not_comparable_secrets"]
    return line + (f"; {hidden} secret{'s' if hidden > 1 else ''} cannot be compared" if hidden else "")
