"""`emqxctl configs update`: change the configuration with a HOCON file, the changes shown before."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from emqxctl.api.request import build_request
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.configs._changes import KeyChange, list_changes, merge_roots
from emqxctl.commands.configs._roots import READ_ONLY_ROOTS
from emqxctl.diagnosis.node_configurations import read_configuration
from emqxctl.emqx.hocon import HoconError, parse_hocon
from emqxctl.errors import GuardError, ServerError, UsageError
from emqxctl.output.results import Done, Result, Text
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.redaction import MASK

ModeOption = Annotated[
    str,
    typer.Option(
        metavar="merge|replace", help="Merge into the configuration, or replace each root of the file."
    ),
]
HoconOption = Annotated[
    str,
    typer.Option("--file", "-f", metavar="FILE", help="File that contains HOCON or JSON (- for stdin)."),
]

app = new_group("")


@app.command("update")
@command(
    calls=("PUT /configs", "GET /configs"),
    examples=(
        "emqxctl configs update -f changes.hocon --dry-run",
        "emqxctl configs update -f emqx.hocon --mode replace --yes",
        "echo 'sysmon.os.cpu_high_watermark = 90%' | emqxctl configs update -f -",
    ),
    effect=Effect.WRITE,
)
def update(
    session: Session,
    file: HoconOption,
    mode: ModeOption = "merge",
    ignore_readonly: Annotated[
        bool,
        typer.Option("--ignore-readonly", help="Ignore roots that cannot be changed: node, rpc and cluster."),
    ] = False,
) -> Result:
    """Update the configuration of the cluster with HOCON.

    The differences are printed before the file is sent; --dry-run only prints them. EMQX checks the whole
    file first, then changes one root after the other: if one fails, those before it stay changed.

    merge adds and changes keys and removes none: objects are merged key by key, lists are replaced, except
    those of authentication (by mechanism and backend) and authorization sources (by type). replace changes
    only the roots of the file, but of a root without checks of its own, such as mqtt, sysmon, alarm or
    sys_topics, EMQX keeps the first-level keys that the file leaves out: such a key cannot be removed through
    the API. Values of emqx.conf and EMQX_ variables override these again when a node restarts.
    """
    if mode not in {"merge", "replace"}:
        message = f"invalid --mode {mode!r}"
        raise UsageError(message, hint="use merge or replace")
    text = check_hocon(file, read_text(file, "--file"))
    changes = find_changes(session, file, text, mode, ignore_readonly=ignore_readonly)
    if session.settings.dry_run and changes is not None:
        lines = "".join(f"{escape_control_characters(change.line)}\n" for change in changes)
        note = f"dry run: PUT /configs?mode={mode} was not sent"
        return Text(lines, notes=(*describe_changes(changes), note))
    for change in changes or ():
        session.info(change.line)
    if mode == "replace":
        session.confirm(f"replace the configuration roots of {file}")
    query = {"mode": mode, "ignore_readonly": True if ignore_readonly else None}
    request = build_request("PUT", "/configs", query=query)
    session.client.send(request._replace(content=text.encode(), content_type="text/plain"))
    rows = [change._asdict() for change in changes or ()]
    notes = ("compare the nodes: emqxctl configs diff",)
    return Done("updated the configuration", {"mode": mode, "file": file, "changes": rows}, notes=notes)


def describe_changes(changes: list[KeyChange]) -> tuple[str, ...]:
    """Return a note for a file that changes nothing, or leaves out keys of the roots that it replaces."""
    if not changes:
        return ("no changes: the configuration already has these values",)
    if any(change.after is None for change in changes):
        return ("keys that the file leaves out keep their value or get their default, as the help page says",)
    return ()


def find_changes(
    session: Session, file: str, text: str, mode: str, *, ignore_readonly: bool
) -> list[KeyChange] | None:
    """Return the keys that the file changes; None after a note that says why they are unknown."""
    try:
        configuration = parse_hocon(text)
        if ignore_readonly:
            configuration = {
                root: value for root, value in configuration.items() if root not in READ_ONLY_ROOTS
            }
    except HoconError as error:
        reason = error.reason or "invalid HOCON"
        session.info(f"changes not shown: cannot parse {file}, line {error.line}: {reason}")
        return None
    try:
        before = read_configuration(session.client)
    except ServerError as error:  # the update itself may still be possible
        session.info(f"changes not shown: {error.message}")
        return None
    after = merge_roots(before, configuration) if mode == "merge" else {**before, **configuration}
    names = configuration.keys()
    redact = session.client.redactor.redact_json
    return list_changes(select(before, names), select(after, names), redact)


def select(roots: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the roots of these names that exist."""
    return {name: roots[name] for name in names if name in roots}


def check_hocon(file: str, text: str) -> str:
    """Return HOCON that EMQX accepts: an empty text crashes it, and masks would be stored as secrets.

    Raises UsageError or GuardError.
    """
    if not text.strip():
        message = f"--file: {file} is empty"
        raise UsageError(message, hint="write HOCON, such as log.console.level = debug")
    if MASK in text:
        message = f"--file: {file} contains {MASK}, which EMQX would store as the secret"
        hint = "remove that line, or write the secret; emqxctl configs set keeps masked secrets"
        raise GuardError(message, code="MASKED_SECRET", hint=hint)
    return text
