"""`emqxctl bundle`: create a support archive with secrets masked."""

import platform
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from emqxctl import __version__
from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import shows_progress
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import write_file
from emqxctl.cli.param_types import DURATION
from emqxctl.cli.session import Session
from emqxctl.commands.bundle._contents import CALLS, STEPS, Contents, collect_contents, format_json
from emqxctl.config.profiles import expand_path
from emqxctl.errors import GuardError, UsageError
from emqxctl.output.formatters import format_byte_count, format_plain
from emqxctl.output.progress import show_count_progress
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column
from emqxctl.text.nouns import count_noun
from emqxctl.text.shortening import shorten
from emqxctl.text.units import format_size

MAX_REASON = 150  # characters of the reason why files are missing
FOLDER = "emqxctl-bundle"  # inside the archive
COLUMNS = (
    Column("file"),
    Column("bytes", "SIZE", format=format_byte_count, align_right=True),
    Column("redacted", align_right=True),
    Column("missing", format=lambda value: format_plain(value) if value else ""),
)
PRIVACY_NOTE = "the archive contains client IDs, topics and addresses: review it before you share it"

app = new_group("Create a support archive with secrets masked.")


@app.command()
@command(
    calls=(*CALLS, "POST /rule_test"),
    examples=(
        "emqxctl bundle emqx.tar.gz",
        "emqxctl bundle emqx.tar.gz --preview",
        "emqxctl bundle emqx.tar.gz -p prod --interval 30s --force",
    ),
)
def bundle(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Archive to write, such as emqx.tar.gz.")],
    interval: Annotated[
        float,
        typer.Option(click_type=DURATION, help="Time between the two reads of the metrics (default 5s)."),
    ] = 5.0,
    preview: Annotated[
        bool, typer.Option("--preview", help="List the files and masked secrets; write nothing.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> Result:
    """Create a support archive with secrets masked.

    The archive contains versions, nodes, alarms, configuration, metrics (twice), stats, listeners,
    connectors, rules, actions, sources, plugins, slow subscriptions, the findings of emqxctl doctor and the
    sent requests. Passwords, secrets, keys, tokens and cookies are masked.

    manifest.json lists the files, the masked secrets (path and count), and the files that could not be read,
    with the reason. A file that cannot be read does not stop the others.
    """
    if session.prefix_messages and not preview:
        message = "emqxctl bundle supports only one profile"
        raise UsageError(message, hint="run it once per profile: emqxctl bundle prod-1.tar.gz -p prod-1")
    if not preview:
        refuse_existing(file, force=force)
    session.connection  # noqa: B018  # fails here if no cluster or no secret is configured
    with show_count_progress("collecting", STEPS, is_shown=shows_progress(session)) as on_progress:
        contents = collect_contents(session, on_progress, lambda: None if preview else time.sleep(interval))
    created_at = int(time.time())
    metadata: dict[str, object] = {
        "created_at": datetime.fromtimestamp(created_at, UTC).isoformat(),
        "emqxctl": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "interval": interval,
    }
    contents.files["manifest.json"] = format_json(contents.build_manifest(metadata))
    if preview:
        rows = list_files(contents)
        return Rows(rows, COLUMNS, key="file", plural_noun="files", exit_code=contents.exit_code)
    refuse_existing(file, force=force)
    byte_count = write_file(file, [build_archive(contents.files, created_at)], private=True)
    return build_result(file, byte_count, contents)


def refuse_existing(file: str, *, force: bool) -> None:
    """Check that the file may be written. Raises UsageError for a folder, GuardError if the file exists."""
    path = expand_path(file)
    if path.is_dir():
        message = f"{file} is a directory"
        raise UsageError(message, hint=f"name a file: emqxctl bundle {path / 'emqx.tar.gz'}")
    if path.exists() and not force:
        message = f"{file} already exists"
        raise GuardError(message, code="FILE_EXISTS", hint="choose another name, or replace it with --force")


def build_archive(files: Mapping[str, bytes], created_at: int) -> bytes:
    """Return the archive (tar.gz); the same files and time give the same bytes."""
    import gzip
    import tarfile
    from io import BytesIO

    buffer = BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=created_at) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{FOLDER}/{name}")
            entry.size, entry.mtime, entry.mode = len(content), created_at, 0o600
            archive.addfile(entry, BytesIO(content))
    return buffer.getvalue()


def list_files(contents: Contents) -> list[dict[str, object]]:
    """Return a row for every file, including those that could not be read."""
    rows: list[dict[str, object]] = []
    for name in sorted({*contents.files, *contents.missing}):
        content, error = contents.files.get(name), contents.missing.get(name)
        masked = contents.redacted.get(name, {})
        rows.append(
            {
                "file": name,
                "bytes": None if content is None else len(content),
                "redacted": sum(masked.values()),
                "paths": masked,
                "missing": f"{error.message} [{error.code}]" if error else None,
            }
        )
    return rows


def group_missing(contents: Contents) -> dict[str, str]:
    """Return the missing files by reason: an unreachable server is one note, not one per file."""
    files_by_reason: dict[str, list[str]] = {}
    for name, error in sorted(contents.missing.items()):
        files_by_reason.setdefault(shorten(error.message, MAX_REASON), []).append(name)
    return {reason: ", ".join(names) for reason, names in files_by_reason.items()}


def build_result(file: str, byte_count: int, contents: Contents) -> Done:
    """Return the result: what was written, what is missing, and a privacy note."""
    file_count, masked_count = len(contents.files), contents.masked_count
    files, secrets = count_noun(file_count, "file"), count_noun(masked_count, "secret")
    message = f"wrote {file}: {files}, {format_size(byte_count)}, {secrets} masked"
    notes = [f"missing {names}: {reason}" for reason, names in group_missing(contents).items()]
    data = {
        "file": file,
        "bytes": byte_count,
        "files": sorted(contents.files),
        "redacted": masked_count,
        "missing": sorted(contents.missing),
    }
    return Done(message, data, key="file", notes=(*notes, PRIVACY_NOTE), exit_code=contents.exit_code)
