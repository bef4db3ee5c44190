"""`emqxctl configs set`: change keys of the configuration, or a root that has a path of its own."""

import copy
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from emqxctl.api.request import build_request
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body, deep_merge, parse_value, set_steps
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.configs._changes import KeyChange, list_changes
from emqxctl.commands.configs._completion import complete_assignments
from emqxctl.commands.configs._roots import (
    READ_CALLS,
    READ_ONLY_ROOTS,
    WRITE_CALLS,
    build_root_path,
    explain_missing_root,
    find_value,
    missing_key_error,
    parse_key,
    suggest_roots,
)
from emqxctl.diagnosis.configuration_differences import is_same
from emqxctl.diagnosis.node_configurations import JSON_ONLY_ROOT, read_configuration
from emqxctl.emqx.hocon_format import format_hocon
from emqxctl.emqx.node_settings import Path, format_path
from emqxctl.errors import ExitCode, GuardError, NotFoundError, ServerError, UsageError
from emqxctl.output.results import Done, Result, Text
from emqxctl.resource import Resource
from emqxctl.text.escaping import escape_control_characters
from emqxctl.text.redaction import MASK
from emqxctl.verbs.parameters import FileOption, ReplaceOption, SetOption
from emqxctl.verbs.update import apply_update, require_changes

WRITABLE_BELOW_CLUSTER = ("cluster", "links")
ALIASES = frozenset({"global_zone"})  # the group of mqtt, force_gc and others in EMQX's paths

Assignments = list[tuple[Path, Any]]

KeysArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="KEY=VALUE...",
        help="Keys with their new values, such as mqtt.max_packet_size=2MB; or a ROOT.",
    ),
]

app = new_group("")


@app.command("set")
@command(
    calls=("GET /configs", "PUT /configs", *READ_CALLS, *WRITE_CALLS),
    examples=(
        "emqxctl configs set mqtt.max_packet_size=2MB",
        "emqxctl configs set mqtt.max_packet_size=2MB sysmon.os.cpu_high_watermark=90% --dry-run",
        "emqxctl configs set log --set console.level=debug --set console.enable=true",
        "emqxctl configs set sysmon -f sysmon.yaml --replace",
    ),
    effect=Effect.WRITE,
    completes={"keys": complete_assignments},
)
def set_(
    session: Session,
    keys: KeysArgument,
    file: FileOption = None,
    sets: SetOption = None,
    replace: ReplaceOption = False,
) -> Result:
    """Set keys of the configuration on all nodes.

    The difference is printed before the change is sent; --dry-run only prints it. Only these keys are sent
    (EMQX 5.1.1+), and merged: objects key by key, while a list replaces the whole list. A number in a key is
    the position in a list, from 0. VALUE is JSON (2, true, ["a"], "text") or text (2MB, 15s). EMQX checks the
    values, changes one root after the other, and stores them in cluster.hocon; a value in emqx.conf or an
    EMQX_ variable overrides them again when a node restarts. node, rpc and cluster are read-only.

    With ROOT, --set and -f change one root. A root with a path of its own (alarm, broker, dashboard, log,
    sysmon, global_zone ...) is read, changed and sent whole; --replace sends only the body.
    """
    assignments = [text for text in keys if "=" in text]
    if len(assignments) == len(keys):
        if file is not None or sets or replace:
            message = "KEY=VALUE cannot be used together with -f, --set or --replace"
            raise UsageError(message, hint="emqxctl configs set ROOT --set A.B=VALUE")
        return set_keys(session, parse_assignments(assignments))
    if assignments or len(keys) > 1:
        text = next(text for text in keys if "=" not in text)
        message = f"{text!r} is not KEY=VALUE"
        raise UsageError(message, hint=f"write emqxctl configs set {join_words(keys)}")
    return set_root(session, keys[0], build_body(file, sets or [], {}), replace=replace)


def join_words(keys: Sequence[str]) -> str:
    """Return KEY=VALUE for `KEY VALUE` and `ROOT KEY=VALUE`; an example for anything else."""
    if len(keys) != 2 or "=" in keys[0]:  # words
        return "mqtt.max_packet_size=2MB"
    return ".".join(keys) if "=" in keys[1] else "=".join(keys)


def set_root(session: Session, root: str, change: dict[str, Any], *, replace: bool) -> Result:
    """Change one root: whole if it has a path of its own, else the keys of the change."""
    require_changes(change, "use KEY=VALUE, such as mqtt.max_packet_size=2MB; or ROOT with -f FILE or --set")
    path, *arguments = build_root_path(root) or ("",)
    if not path and replace:
        message = f"--replace is not supported for root {root!r}"
        raise UsageError(message, hint="replace it with HOCON: emqxctl configs update -f FILE --mode replace")
    if not path:
        return set_keys(session, [((*parse_key(root), key), value) for key, value in change.items()])
    resource = Resource(
        noun=f"configuration of {root}",
        path=path,
        key="",
        columns=(),
        item_template=path,
        accepts_masked_secrets=True,
    )
    result = apply_update(
        session, resource, arguments, lambda before: change if replace else deep_merge(before, change)
    )
    return (
        result._replace(message=f"updated configuration root {root!r}")
        if isinstance(result, Done)
        else result
    )


def parse_assignments(texts: Sequence[str]) -> Assignments:
    """Parse KEY=VALUE words. Raises UsageError for an invalid or repeated key."""
    assignments: dict[Path, Any] = {}
    for text in texts:
        key, _, value = text.partition("=")
        path = parse_key(key.strip())
        if path[0] in ALIASES and len(path) > 1:
            path = path[1:]
        if path in assignments:
            message = f"{key!r} occurs twice"
            raise UsageError(message)
        assignments[path] = parse_value(value)
    return list(assignments.items())


def check_writable(assignments: Assignments) -> None:
    """Refuse keys that no request can change, and masks that would become the secret.

    Raises UsageError or GuardError.
    """
    for path, value in assignments:
        if path[0] in READ_ONLY_ROOTS and path[:2] != WRITABLE_BELOW_CLUSTER:
            message = f"{format_path(path)} is read-only: EMQX reads {path[0]} only when a node starts"
            raise UsageError(message, hint="set it in etc/emqx.conf of each node, and restart the nodes")
        if MASK in str(value):
            message = f"{format_path(path)} contains {MASK}, which EMQX would store as the secret"
            raise GuardError(message, code="MASKED_SECRET", hint="write the secret itself")


def set_keys(session: Session, assignments: Assignments) -> Result:
    """Show the difference, merge the keys into the configuration, and read them back."""
    check_writable(assignments)
    refuse_whole_roots(session, assignments)
    roots = list(dict.fromkeys(path[0] for path, _ in assignments))
    before = read_roots(session, roots)
    after = copy.deepcopy(before)
    for path, value in assignments:
        set_value(after, path, value)
    changes = list_changes(before, after, session.client.redactor.redact_json)
    if not changes:
        return Done("no changes: the configuration already has these values", {"changes": []})
    if session.settings.dry_run:
        lines = "".join(f"{escape_control_characters(change.line)}\n" for change in changes)
        return Text(lines, notes=("dry run: PUT /configs?mode=merge was not sent",))
    for change in changes:
        session.info(change.line)
    try:
        send_roots(session, select_sent_values(after, [path for path, _ in assignments]))
    except ServerError as error:
        error.hint = suggest_keys(before, assignments) or error.hint
        raise
    return report_changes(session, changes, assignments)


def report_changes(session: Session, changes: Sequence[KeyChange], assignments: Assignments) -> Done:
    """Read the changed roots back and return what changed; the notes name values that are not as sent."""
    roots = list(dict.fromkeys(path[0] for path, _ in assignments))
    current = read_roots(session, roots)
    unapplied = [key for path, value in assignments for key in find_unapplied(current, path, value)]
    notes = [f"compare the nodes: emqxctl configs diff {' '.join(roots)}"]
    notes += [f"EMQX accepted the change, but {key} has another value" for key in unapplied]
    message = f"updated {len(changes)} configuration {'keys' if len(changes) > 1 else 'key'}"
    data = {"changes": [change._asdict() for change in changes]}
    code = ExitCode.PARTIAL if unapplied else ExitCode.OK
    return Done(message, data, notes=notes, exit_code=code)


def find_unapplied(roots: dict[str, Any], path: Path, value: object) -> list[str]:
    """Return the keys at and below a path whose values are not as sent; EMQX may add keys of its own.

    EMQX stores the text of a certificate as a file and returns its path: that counts as applied.
    """
    if isinstance(value, dict):
        return [key for name, item in value.items() for key in find_unapplied(roots, (*path, name), item)]
    try:
        current = find_value(roots, path)
    except NotFoundError:
        current = None
    is_certificate = isinstance(value, str) and "-----BEGIN" in value
    return [] if is_certificate or is_same(path, value, current) else [format_path(path)]


def refuse_whole_roots(session: Session, assignments: Assignments) -> None:
    """Refuse keys without a root, and whole roots; the hint has the keys of that name.

    Raises UsageError or NotFoundError.
    """
    name = next((path[0] for path, _ in assignments if len(path) == 1), None)
    if name is None:
        return
    roots = read_configuration(session.client)
    if name in roots:
        message = f"{name!r} is a whole configuration root"
        raise UsageError(message, hint=f"set one of its keys: emqxctl configs get {name}")
    message = f"configuration key {name!r} not found"
    raise NotFoundError(message, hint=suggest_roots(roots, name))


def suggest_keys(roots: dict[str, Any], assignments: Assignments) -> str:
    """Return a hint with names close to those that are not set yet; empty if there are none."""
    for path, _ in assignments:
        try:
            find_value(roots, path)
        except NotFoundError as error:
            if error.hint.startswith("did you mean"):
                return error.hint
    return ""


def read_roots(session: Session, roots: Sequence[str]) -> dict[str, Any]:
    """Return configuration roots with secrets in plain text. Raises NotFoundError for one that is unknown."""
    names = [root for root in roots if root != JSON_ONLY_ROOT]
    values: dict[str, Any] = {}
    if JSON_ONLY_ROOT in roots:
        values[JSON_ONLY_ROOT] = session.client.get_object(f"/configs/{JSON_ONLY_ROOT}")
    if names:
        root = names[0] if len(names) == 1 else ""
        with explain_missing_root(session, root):
            values |= read_configuration(session.client, root=root)
    missing = next((root for root in names if root not in values), None)
    if missing is not None:
        raise missing_key_error((missing,), values)
    return {root: values[root] for root in roots}


def set_value(roots: dict[str, Any], path: Path, value: object) -> None:
    """Set a key; an object is merged into the one there, as EMQX does."""
    current: Any = roots
    for key in path:
        current = current.get(key) if isinstance(current, dict) else None
    set_steps(roots, path, deep_merge(current, value), format_path(path), overwrite=True)


def select_sent_values(roots: dict[str, Any], paths: Sequence[Path]) -> dict[str, Any]:
    """Return the keys to send; of a list the whole list, which EMQX replaces."""
    part: dict[str, Any] = {}
    for path in paths:
        value: Any = roots
        sent_path: Path = ()
        for key in path:
            if isinstance(value, list):
                break
            value, sent_path = value[key], (*sent_path, key)
        set_steps(part, sent_path, value, format_path(sent_path), overwrite=True)
    return part


def send_roots(session: Session, roots: dict[str, Any]) -> None:
    """Merge keys into the configuration of the cluster. Raises GuardError for a secret that EMQX masked."""
    text = format_hocon(roots)
    if MASK in text:
        message = "EMQX masks a secret in this list and would store the mask as the secret"
        raise GuardError(
            message, code="MASKED_SECRET", hint="change it as HOCON: emqxctl configs update -f FILE"
        )
    request = build_request("PUT", "/configs", query={"mode": "merge"})
    session.client.send(request._replace(content=text.encode(), content_type="text/plain"))
