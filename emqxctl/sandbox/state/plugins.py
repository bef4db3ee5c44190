"""Plugins: what is installed, and what may be."""

import hashlib
import json
from dataclasses import dataclass, field

from emqxctl.emqx.backup_files import SUFFIX, read_archive
from emqxctl.sandbox.messages import Json, Row


class BadPackageError(Exception):
    """A package that is no plugin, with EMQX's message."""


@dataclass
class Plugin:
    """One installed plugin; `info` is what its `release.json` says."""

    info: Row
    readme: str = ""
    running: bool = False
    config: Json = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Format its name with its version."""
        return f"{self.info['name']}-{self.info['rel_vsn']}"

    def row(self, nodes: list[str]) -> Row:
        """Return it as `GET /plugins` writes it."""
        status = "running" if self.running else "stopped"
        return {**self.info, "running_status": [{"node": node, "status": status} for node in reversed(nodes)]}


def parse_name(filename: str) -> str:
    """Return the name and version out of a file name. Raises BadPackageError."""
    name = filename.removesuffix(SUFFIX)
    if "-" not in name:
        raise BadPackageError(f"bad_name_vsn:{filename}")  # noqa: EM102 - EMQX's words
    return name


def parse_package(filename: str, content: bytes) -> Plugin:
    """Read a package, whose folder must be named like its file. Raises BadPackageError."""
    name = parse_name(filename)
    read = read_archive(content)
    if read is None:
        raise BadPackageError(f"bad_plugin_package: {filename}")  # noqa: EM102, TRY003 - EMQX's words
    try:
        info = json.loads(read[f"{name}/release.json"])
    except (KeyError, ValueError):
        raise BadPackageError(f"bad_info_file: {filename}") from None  # noqa: EM102, TRY003 - EMQX's words
    has_schema = any(path.endswith("config_schema.avsc") for path in read)
    more = {"hidden": False, "md5sum": hashlib.md5(content, usedforsecurity=False).hexdigest()}
    readme = read.get(f"{name}/README.md", b"").decode("utf-8", "replace")
    return Plugin({**info, **more, "with_config_schema": has_schema}, readme)
