"""Saved plans: hashes of both sides, so that what was reviewed is what is applied. No secret, no value."""

import json
from hashlib import sha256
from pathlib import Path as FilePath

from emqxctl.cli.input.files import write_file
from emqxctl.declarative.changes import Action, Change, Options, Plan
from emqxctl.declarative.documents import Json
from emqxctl.declarative.files import Part
from emqxctl.declarative.secrets import secret_positions, without_secrets
from emqxctl.errors import GuardError, UsageError

FORMAT = 1


def save_plan(  # noqa: PLR0913  # what a plan is about
    path: FilePath,
    plan: Plan,
    *,
    files: list[str],
    layers: list[list[Part]],
    record: str | None,
    target: str,
    options: Options,
) -> None:
    """Write what a plan would do, as hashes of the files and of the objects as they were read."""
    document = {
        "emqxctl_plan": FORMAT,
        "target": target,
        "files": files,
        "hashes": hash_layers(layers),
        "record": record,
        "options": options._asdict(),
        "changes": [change_row(change) for change in plan.changes],
    }
    write_file(str(path), [(json.dumps(document, indent=1) + "\n").encode()], private=True)


def change_row(change: Change) -> dict[str, str]:
    """Return one change: what is done to which object, and a hash of the object before and after."""
    clean = without_secrets(change.body, secret_positions(change.body, change.kind.secrets))
    after = list(change.keys) if change.action is Action.REORDER else clean
    return {
        "kind": change.kind.name,
        "name": change.key,
        "action": change.action.value,
        "before": digest(change.before),
        "after": digest(after),
    }


def digest(value: Json) -> str:
    """Return a hash of a value without its secrets."""
    clean = without_secrets(value, secret_positions(value))
    return sha256(json.dumps(clean, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()


def hash_layers(layers: list[list[Part]]) -> list[str]:
    """Return a hash of each file's text."""
    return [
        sha256(part.text.encode("utf-8", "surrogatepass")).hexdigest() for layer in layers for part in layer
    ]


class SavedPlan:
    """A plan as it was saved."""

    def __init__(self, path: FilePath) -> None:
        """Read a plan. Raises UsageError for a file that is none."""
        try:
            content = json.loads(path.read_text("utf-8"))
            if content["emqxctl_plan"] != FORMAT:
                content = {}
            self.target = str(content["target"])
            self.files = [str(file) for file in content["files"]]
            self.hashes = list(content["hashes"])
            record = content.get("record")
            self.record = str(record) if record else None  # None: the default record of the files
            options = content["options"]
            self.options = Options(**{name: to_tuple(options[name]) for name in Options._fields})
            self.changes = list(content["changes"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = (getattr(error, "strerror", None) or "not a saved plan").lower()
            message = f"cannot read {path}: {reason}"
            raise UsageError(message, hint="emqxctl diff -f FILE --save-plan PLAN writes one") from error

    def check_files(self, layers: list[list[Part]]) -> None:
        """Raise GuardError when the files are no more what they were."""
        if hash_layers(layers) != self.hashes:
            message = "the files have changed since the plan was saved"
            raise stale_error(message)

    def check_target(self, target: str) -> None:
        """Raise GuardError when another server is meant."""
        if target != self.target:
            message = f"the plan is for {self.target}, not for {target}"
            raise stale_error(message)

    def check_plan(self, plan: Plan) -> None:
        """Raise GuardError when the plan of now is not the one that was saved."""
        rows = [change_row(change) for change in plan.changes]
        if rows == self.changes:
            return
        moved = [row for row in [*rows, *self.changes] if row not in rows or row not in self.changes]
        names = sorted({f"{row['kind']} {row['name']}".strip() for row in moved})
        message = f"the server has changed since the plan was saved: {', '.join(names)}"
        raise stale_error(message)


def to_tuple(value: Json) -> Json:
    """Return lists as tuples, as options hold them."""
    return tuple(value) if isinstance(value, list) else value


def stale_error(message: str) -> GuardError:
    """Return the error for a plan that does not fit any more."""
    return GuardError(
        message, code="STALE_PLAN", hint="make and review a new one: emqxctl diff -f FILE --save-plan PLAN"
    )
