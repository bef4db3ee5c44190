"""The record of the last apply: which objects a file owns on which target, as applied, without secrets."""

import json
from collections.abc import Sequence
from pathlib import Path as FilePath

from emqxctl.config.atomic_file import replace_file
from emqxctl.declarative.documents import Json
from emqxctl.declarative.kind import Kind
from emqxctl.declarative.secrets import secret_positions, without_secrets
from emqxctl.errors import ConfigError

FORMAT = 1
SUFFIX = ".applied.json"


class Record:
    """What was applied to one target; other targets in the same file are left as they are."""

    def __init__(self, path: FilePath, target: str) -> None:
        """Read the record of a target. Raises ConfigError for a file that is no record."""
        self.path = path
        self.target = target
        self.is_new = True
        self.is_changed = False
        self.objects: dict[str, dict[str, Json]] = {}
        self.order: dict[str, list[str]] = {}
        target_record = self.read_file().get("targets", {}).get(target)
        if isinstance(target_record, dict):
            self.is_new = False
            self.objects = {kind: dict(rows) for kind, rows in target_record.get("objects", {}).items()}
            self.order = dict(target_record.get("order", {}))

    def read_file(self) -> dict[str, Json]:
        """Return the whole file, empty where there is none."""
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None)
            message = f"cannot read {self.path}: {reason.lower() if reason else 'not UTF-8'}"
            raise ConfigError(message, code="BAD_RECORD") from error
        try:
            content = json.loads(text)
            if content["emqxctl"] == FORMAT and isinstance(content["targets"], dict):
                return dict(content)
        except (ValueError, KeyError, TypeError):
            pass
        message = f"{self.path} is not a record of an apply"
        raise ConfigError(message, code="BAD_RECORD", hint="name another file: --record FILE")

    def get(self, kind: str, key: str) -> Json:
        """Return an object as it was applied, None for one that was not."""
        return self.objects.get(kind, {}).get(key)

    def put(self, kind: Kind, key: str, stated: Json) -> None:
        """Note an object as applied."""
        clean = without_secrets(stated, secret_positions(stated, kind.secrets))
        rows = self.objects.setdefault(kind.name, {})
        if key not in rows or rows[key] != clean:
            rows[key] = clean
            self.is_changed = True

    def put_order(self, kind: str, keys: Sequence[str]) -> None:
        """Note the order of a list."""
        if self.order.get(kind) != list(keys):
            self.order[kind] = list(keys)
            self.is_changed = True

    def remove(self, kind: str, key: str) -> None:
        """Forget an object."""
        if self.objects.get(kind, {}).pop(key, self) is not self:
            self.is_changed = True

    def save(self) -> None:
        """Write the record in place of the old one, whole or not at all."""
        targets = dict(self.read_file().get("targets", {}))
        objects = {kind: dict(sorted(rows.items())) for kind, rows in sorted(self.objects.items()) if rows}
        targets[self.target] = {"objects": objects, "order": dict(sorted(self.order.items()))}
        document = {"emqxctl": FORMAT, "targets": dict(sorted(targets.items()))}
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        replace_file(self.path, text.encode("utf-8", "surrogatepass"))
        self.is_changed, self.is_new = False, False


def record_path(names: list[str]) -> FilePath:
    """Return where the record of files is kept: beside the first of them."""
    first = names[0] if names and names[0] != "-" else "emqxctl"
    return FilePath(first.rstrip("/") + SUFFIX)
