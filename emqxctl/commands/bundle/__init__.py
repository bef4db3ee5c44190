"""`emqxctl bundle`: what a support case needs, in one archive and without secrets."""

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
from emqxctl.cli.session import Session
from emqxctl.commands.bundle._contents import CALLS, TOTAL, Contents, gather, written
from emqxctl.config.profiles import expand_path
from emqxctl.errors import GuardError, UsageError
from emqxctl.output.formatters import format_plain, number_formatter
from emqxctl.output.progress import show_count_progress
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column
from emqxctl.text.units import format_size

FOLDER = "emqxctl-bundle"  # in the archive, so that unpacking it litters nothing
COLUMNS = (
    Column("file"),
    Column("bytes", "SIZE", format=number_formatter(format_size), align_right=True),
    Column("redacted", align_right=True),
    Column("missing", format=lambda value: format_plain(value) if value else ""),
)
PRIVATE = "client ids, topics and addresses are in it: look it through before you pass it on"

app = new_group("A support archive: state, config, metrics; redacted.")


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
    file: Annotated[str, typer.Argument(metavar="FILE", help="The archive to write: emqx.tar.gz.")],
    interval: Annotated[
        str, typer.Option(metavar="TIME", help="The time between the first metrics and the second.")
    ] = "5s",
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what it would hold and redact; write nothing.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> Result:
    """Gather what a support case needs, without secrets.

    Versions, nodes, alarms, configuration, metrics twice, stats, listeners, connectors, rules, actions,
    sources, plugins, slow subscriptions, the doctor's findings and the requests made. Passwords, secrets,
    keys, tokens and cookies are masked. manifest.json lists the files, what was masked (path and count) and
    what could not be read, with the reason: that never stops the rest.
    """
    seconds = read_interval(interval)
    if session.prefix_messages and not preview:
        message = "an archive holds one profile"
        raise UsageError(message, hint="one run for each: emqxctl bundle prod-1.tar.gz -p prod-1")
    if not preview:
        refuse_existing(file, force=force)
    session.connection  # noqa: B018  # without a cluster or a secret there is nothing to gather
    with show_count_progress("gathering", TOTAL, is_shown=shows_progress(session)) as step:
        contents = gather(session, step, lambda: None if preview else time.sleep(seconds))
    moment = int(time.time())
    facts: dict[str, object] = {
        "created_at": datetime.fromtimestamp(moment, UTC).isoformat(),
        "emqxctl": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "interval": seconds,
    }
    contents.files["manifest.json"] = written(contents.manifest(facts))
    if preview:
        return Rows(
            list_parts(contents), COLUMNS, key="file", plural_noun="files", exit_code=contents.exit_code
        )
    refuse_existing(file, force=force)
    written_bytes = write_file(file, [pack(contents.files, moment)], private=True)
    return told(file, written_bytes, contents)


def read_interval(text: str) -> float:
    """Read --interval. Raises UsageError."""
    from emqxctl.text.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        message = f"--interval: {error}"
        raise UsageError(message, hint="--interval 5s") from error


def refuse_existing(file: str, *, force: bool) -> None:
    """Refuse to replace a file unless told to, and to write where no file can be. Raises GuardError."""
    path = expand_path(file)
    if path.is_dir():
        message = f"{file} is a folder"
        raise UsageError(message, hint=f"emqxctl bundle {path / 'emqx.tar.gz'}")
    if path.exists() and not force:
        message = f"{file} exists already"
        raise GuardError(message, code="FILE_EXISTS", hint="choose another name, or --force to replace it")


def pack(files: Mapping[str, bytes], moment: int) -> bytes:
    """Make the archive: the same files at the same moment give the same bytes."""
    import gzip
    import tarfile
    from io import BytesIO

    packed = BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=moment) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{FOLDER}/{name}")
            entry.size, entry.mtime, entry.mode = len(content), moment, 0o600
            archive.addfile(entry, BytesIO(content))
    return packed.getvalue()


def list_parts(contents: Contents) -> list[dict[str, object]]:
    """Give a row for every file that is there, and for every one that could not be read."""
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


def alike(contents: Contents) -> dict[str, str]:
    """Name what is missing by the reason: a server that is gone is one line, not one for each file."""
    found: dict[str, list[str]] = {}
    for name, error in sorted(contents.missing.items()):
        found.setdefault(error.message, []).append(name)
    return {why: ", ".join(names) for why, names in found.items()}


def told(file: str, count: int, contents: Contents) -> Done:
    """Say what was written, what is missing, and what to look at."""
    masked = contents.count
    words = f"wrote {file}: {len(contents.files)} files, {format_size(count)}, {masked} secrets masked"
    notes = [f"without {names}: {why}" for why, names in alike(contents).items()]
    data = {
        "file": file,
        "bytes": count,
        "files": sorted(contents.files),
        "redacted": masked,
        "missing": sorted(contents.missing),
    }
    return Done(words, data, key="file", notes=(*notes, PRIVATE), exit_code=contents.exit_code)
