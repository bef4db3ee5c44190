"""Bodies of create and update: a file, `--set a.b=1` on top, typed options on top of that."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from emqxctl.cli.input.files import read_text
from emqxctl.errors import GuardError, UsageError

Body = dict[str, Any]
MASK = "******"  # what EMQX shows in place of a stored secret


def build_body(file: str | None, sets: Sequence[str], settings: Mapping[str, Any]) -> Body:
    """Make a body of a file, of `A.B=VALUE` texts on top, and of typed settings on top of both.

    Raises UsageError naming the file or the text that cannot be read.
    """
    body = read_object(file) if file is not None else {}
    for text in sets:
        path, sign, value = text.partition("=")
        if not sign or not path.strip("."):
            message = f"--set {text}: not A.B=VALUE"
            raise UsageError(message)
        set_path(body, path, parse_value(value))
    for path, value in settings.items():
        set_path(body, path, value)
    return body


def read_object(file: str) -> Body:
    """Read an object from a JSON, YAML or TOML file, told by its name's ending; `-` and others by trying.

    Raises UsageError when it is none, or no object.
    """
    text = read_text(file, "--file")
    found = parse_document(file, text)
    if not isinstance(found, dict):
        message = f"--file {file}: it holds {type(found).__name__}, not an object"
        raise UsageError(message, hint='the body of one thing: {"field": value, ...}')
    return found


def parse_document(file: str, text: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Parse a document by its name's ending. Raises UsageError with the place of the mistake."""
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
        words = " ".join(str(error).split())
        message = f"--file {file}: {words}"
        raise UsageError(message, hint="JSON, YAML or TOML, told by the file's ending") from error


def parse_value(text: str) -> Any:  # noqa: ANN401  # JSON is Any
    """Read a value of --set: JSON where it is JSON (`1`, `true`, `["a"]`, `"1"`), else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def set_path(body: Any, path: str, value: object) -> None:  # noqa: ANN401  # JSON is Any
    """Put a value at a dotted path, making objects on the way; a number is an index where a list stands."""
    steps = path.split(".")
    place = body
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(place, list):
            if not step.isdigit() or int(step) >= len(place):
                message = f"{path}: there is no element {step!r} in that list"
                raise UsageError(message)
            if following is None:
                place[int(step)] = value
            place = place[int(step)]
        elif isinstance(place, dict):
            if following is None:
                place[step] = value
            elif not isinstance(place.get(step), dict | list):
                place[step] = {}
            place = place[step]
        else:
            message = f"{path}: {step!r} is not within an object"
            raise UsageError(message)


def deep_merge(before: Any, change: Any) -> Any:  # noqa: ANN401  # JSON is Any
    """Merge a change into what is there: objects field by field, everything else replaced."""
    if not isinstance(before, dict) or not isinstance(change, dict):
        return change
    return {**before, **{key: deep_merge(before.get(key), value) for key, value in change.items()}}


def without_fields(found: Body, computed: Sequence[str]) -> Body:
    """Give a thing without the fields that the server computes."""
    return {key: value for key, value in found.items() if key not in computed}


def masked_paths(body: Any, path: str = "") -> list[str]:  # noqa: ANN401  # JSON is Any
    """Give the places where a body holds a mask in place of a secret."""
    if body == MASK:
        return [path]
    items: Any = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [
        found for key, value in items for found in masked_paths(value, f"{path}.{key}" if path else str(key))
    ]


def reject_masked_secrets(body: Body, *, kept: bool, noun: str) -> None:
    """Refuse to send a mask back where EMQX would store it as the secret. Raises GuardError."""
    found = [] if kept else masked_paths(body)
    if found:
        message = (
            f"EMQX shows {', '.join(found)} of this {noun} masked, and would store the mask as the secret"
        )
        raise GuardError(message, code="MASKED_SECRET", hint=f"give the secret again: --set {found[0]}=...")


def unified_diff_of(before: Body, after: Body) -> str:
    """Write what an update changes, as a unified diff of sorted JSON without secrets; nothing when the same.

    A secret that changes shows as one: `******` becomes `****** (another)`.
    """
    from difflib import unified_diff

    from emqxctl.text.redaction import redact_json

    shown = redact_json(before)
    then = mark_changed_secrets(before, after, redact_json(after))

    return "".join(
        f"{line}\n" for line in unified_diff(json_lines(shown), json_lines(then), "now", "then", lineterm="")
    )


def mark_changed_secrets(before: Any, after: Any, shown: Any) -> Any:  # noqa: ANN401  # JSON is Any
    """Mark in what is shown of a change the secrets that differ from what was there."""
    if isinstance(shown, dict) and isinstance(after, dict):
        known = before if isinstance(before, dict) else {}
        return {
            key: mark_changed_secrets(known.get(key), after.get(key), value) for key, value in shown.items()
        }
    return f"{MASK} (another)" if shown == MASK and before not in (after, None) else shown


def json_lines(one: Body) -> list[str]:
    """Write an object as lines of sorted JSON."""
    return json.dumps(one, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
