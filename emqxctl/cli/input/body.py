"""Request bodies of create and update: a file, `--set a.b=1` over it, typed options over both."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from emqxctl.cli.input.files import read_text
from emqxctl.errors import GuardError, UsageError
from emqxctl.text.redaction import MASK

Body = dict[str, Any]


def build_body(file: str | None, assignments: Sequence[str], settings: Mapping[str, Any]) -> Body:
    """Build a body from a file, then `A.B=VALUE` assignments, then typed settings by path.

    Raises UsageError that names the file or the assignment that is invalid.
    """
    body = read_object(file) if file is not None else {}
    for text in assignments:
        path, equals, value = text.partition("=")
        if not equals or not path.strip("."):
            message = f"--set {text}: expected A.B=VALUE"
            raise UsageError(message)
        set_path(body, path, parse_value(value))
    for path, value in settings.items():
        set_path(body, path, value)
    return body


def read_object(file: str) -> Body:
    """Read an object from a JSON, YAML or TOML file, recognized by its name's ending or its content.

    `-` is stdin. Raises UsageError when it cannot be parsed or is not an object.
    """
    document = parse_document(file, read_text(file, "--file"))
    if not isinstance(document, dict):
        message = f"--file {file}: expected an object, got {describe_type(document)}"
        raise UsageError(message, hint='use the body of one object: {"field": value, ...}')
    return document


def describe_type(document: object) -> str:
    """Return what a document is, in the words of JSON."""
    names = {list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(document), "a number")


def parse_document(file: str, text: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Parse a document by its name's ending. Raises UsageError with the position of the error."""
    if not text.strip():
        message = f"--file {file}: the file is empty"
        raise UsageError(message, hint='use the body of one object: {"field": value, ...}')
    try:
        if file.endswith(".toml"):
            import tomllib

            return tomllib.loads(text)
        if file.endswith(".json") or text.lstrip()[:1] in {"{", "["}:
            return json.loads(text)
        import yaml

        return yaml.safe_load(text)
    except Exception as error:
        if not isinstance(error, ValueError) and type(error).__module__.partition(".")[0] != "yaml":
            raise
        reason = " ".join(str(error).split())
        message = f"--file {file}: {reason}"
        hint = "the file's ending selects the format: .json, .yaml, .yml or .toml"
        raise UsageError(message, hint=hint) from error


def parse_value(text: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Parse a value of --set: JSON if it is JSON (`1`, `true`, `["a"]`, `"1"`), else text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def set_path(body: Any, path: str, value: object) -> None:  # noqa: ANN401  # JSON is Any
    """Set a value at a dotted path; missing objects are created, a number is an index of an existing list."""
    set_steps(body, path.split("."), value, path, overwrite=True)


def set_steps(
    body: Any,  # noqa: ANN401  # JSON is Any
    steps: Sequence[str],
    value: object,
    path: str,
    *,
    overwrite: bool,
) -> None:
    """Set a value at a path of steps; missing objects and lists are created.

    An empty step appends to a list, a number is an index of an existing list. With `overwrite` an object may
    replace a value on the way. Raises UsageError that names `path`.
    """
    container = body
    for step, next_step in zip(steps, [*steps[1:], None], strict=True):
        new_item: Any = value if next_step is None else [] if next_step == "" else {}
        if isinstance(container, list):
            container = set_list_item(container, step, new_item, path, is_last=next_step is None)
        elif isinstance(container, dict) and step:
            is_container = isinstance(container.get(step), dict | list)
            if next_step is None or step not in container or (overwrite and not is_container):
                container[step] = new_item
            container = container[step]
        else:
            message = f"{path}: {step!r} is not in an object"
            raise UsageError(message)


def set_list_item(items: list[Any], step: str, new_item: object, path: str, *, is_last: bool) -> Any:  # noqa: ANN401
    """Append to a list, or select its item by index and set it if it is the last step. Raises UsageError."""
    if step == "":
        items.append(new_item)
        return new_item
    if not step.isdigit() or int(step) >= len(items):
        message = f"{path}: item {step!r} of the list not found"
        raise UsageError(message)
    if is_last:
        items[int(step)] = new_item
    return items[int(step)]


def deep_merge(before: Any, change: Any) -> Any:  # noqa: ANN401  # JSON is Any
    """Merge a change into a value: objects field by field, everything else is replaced."""
    if not isinstance(before, dict) or not isinstance(change, dict):
        return change
    return {**before, **{key: deep_merge(before.get(key), value) for key, value in change.items()}}


def without_fields(body: Body, fields: Sequence[str]) -> Body:
    """Return a body without some fields, such as those that the server computes."""
    return {key: value for key, value in body.items() if key not in fields}


def masked_paths(body: Any, path: str = "") -> list[str]:  # noqa: ANN401  # JSON is Any
    """Return the paths at which a body has a mask instead of a secret."""
    if body == MASK:
        return [path]
    items: Any = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    paths = []
    for key, value in items:
        paths += masked_paths(value, f"{path}.{key}" if path else str(key))
    return paths


def reject_masked_secrets(body: Body, *, accepted: bool, noun: str) -> None:
    """Refuse to send a mask back if EMQX would store it as the secret. Raises GuardError."""
    paths = [] if accepted else masked_paths(body)
    if paths:
        message = f"EMQX masks {', '.join(paths)} of this {noun} and would store the mask as the secret"
        raise GuardError(message, code="MASKED_SECRET", hint=f"set the secret again: --set {paths[0]}=...")


def unified_diff_of(before: Body, after: Body) -> str:
    """Return what an update changes, as a unified diff of sorted JSON without secrets; empty if nothing.

    A changed secret is marked: `******` becomes `****** (another)`.
    """
    from difflib import unified_diff

    from emqxctl.text.redaction import redact_json

    redacted_before = redact_json(before)
    redacted_after = mark_changed_secrets(before, after, redact_json(after))
    lines = unified_diff(json_lines(redacted_before), json_lines(redacted_after), "now", "then", lineterm="")
    return "".join(f"{line}\n" for line in lines)


def mark_changed_secrets(before: Any, after: Any, redacted: Any) -> Any:  # noqa: ANN401  # JSON is Any
    """Return the redacted form of `after` with the secrets marked that differ from those of `before`."""
    if isinstance(redacted, dict) and isinstance(after, dict):
        before_fields = before if isinstance(before, dict) else {}
        return {
            key: mark_changed_secrets(before_fields.get(key), after.get(key), value)
            for key, value in redacted.items()
        }
    return f"{MASK} (another)" if redacted == MASK and before not in (after, None) else redacted


def json_lines(body: Body) -> list[str]:
    """Format an object as lines of sorted JSON."""
    return json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
