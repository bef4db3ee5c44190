"""`emqxctl configs`: manage the configuration of the cluster, as HOCON or root by root."""

from typing import Annotated, Any

import typer

from emqxctl.api.request import build_request
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body, deep_merge
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._server_text import fetch_text, wants_text
from emqxctl.errors import GuardError, UnsupportedError, UsageError
from emqxctl.output.results import Done, Record, Result, Value
from emqxctl.resource import Resource
from emqxctl.text.redaction import MASK
from emqxctl.verbs.parameters import FileOption, ReplaceOption, SetOption
from emqxctl.verbs.update import apply_update, require_changes

# The roots with a path of their own; the others are read with --key and written with `update`.
ROOTS = (
    "a2a_registry",
    "alarm",
    "broker",
    "dashboard",
    "file_transfer",
    "global_zone",
    "limiter",
    "log",
    "persistent_session_store",
    "sys_topics",
    "sysmon",
    "zones",
)
LIMITER_PATH = "/configs/limiter/{limiter_type}"  # EMQX 5.0 until 5.0.24
READ_CALLS = (*(f"GET /configs/{root}" for root in ROOTS), f"GET {LIMITER_PATH}")
WRITE_CALLS = (*(f"PUT /configs/{root}" for root in ROOTS), f"PUT {LIMITER_PATH}")

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
RootArgument = Annotated[
    str, typer.Argument(metavar="ROOT", help="Configuration root, such as alarm, log or sysmon.")
]

app = new_group("Manage the cluster configuration.")


@app.command()
@command(
    calls=("GET /configs", *READ_CALLS),
    examples=(
        "emqxctl configs get log",
        "emqxctl configs get > emqx.hocon",
        "emqxctl configs get --key listeners --node emqx@10.0.0.1",
        "emqxctl configs get -o json",
    ),
)
def get(
    session: Session,
    root: Annotated[
        str | None, typer.Argument(metavar="ROOT", help="Configuration root, such as log.")
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="ROOT", help="Any configuration root, as HOCON.")] = None,
    node: Annotated[str | None, typer.Option(metavar="NODE", help="Node to read from.")] = None,
) -> Result:
    """Show the configuration, as HOCON or one root as fields.

    HOCON contains secrets in plain text. Roots with a path of their own (alarm, broker, dashboard, log,
    sys_topics, sysmon, global_zone ...) are shown as fields, with secrets masked; so are all other roots with
    --fields, --query or -o json. Without ROOT, -o json shows the roots that EMQX returns as JSON.
    """
    if root is not None and key is not None:
        message = "ROOT and --key cannot be used together"
        raise UsageError(message)
    if "" in (root, key):
        message = "the configuration root is empty"
        raise UsageError(message, hint="omit it for the whole configuration: emqxctl configs get")
    if root is not None and node is None and root_path(root):
        return Record(session.client.get_object(*root_path(root)))
    root_name = root or key
    if wants_text(session) and not (session.settings.fields or session.settings.query):
        return fetch_text(session, "/configs", {"key": root_name, "node": node})
    roots = session.client.get_object("/configs", query={"node": node})
    if root_name is None:
        return Value(roots)
    if root_name not in roots:
        roots = fetch_hocon_root(session, root_name, node)
    value = roots.get(root_name)
    return Record(value) if isinstance(value, dict) else Value(value)


def root_path(root: str) -> tuple[str, ...]:
    """Return the path template of a root and its arguments; empty for one without a path of its own."""
    if root.startswith("limiter/"):
        return LIMITER_PATH, root.partition("/")[2]
    return (f"/configs/{root}",) if root in ROOTS else ()


def fetch_hocon_root(session: Session, root: str, node: str | None) -> dict[str, Any]:
    """Return a root that EMQX returns as HOCON only, by its name, with secrets masked.

    Raises UnsupportedError for HOCON that cannot be parsed.
    """
    from emqxctl.emqx.hocon import HoconError, parse_hocon
    from emqxctl.text.redaction import redact_json

    request = build_request("GET", "/configs", query={"key": root, "node": node})
    text = session.client.send(request._replace(accept="text/plain")).text
    try:
        roots: dict[str, Any] = redact_json(parse_hocon(text))
    except HoconError as error:
        message = f"cannot parse line {error.line} of configuration root {root!r}"
        raise UnsupportedError(message, hint=f"show it as HOCON: emqxctl configs get {root}") from error
    return roots


@app.command()
@command(
    calls="PUT /configs",
    examples=(
        "emqxctl configs update -f changes.hocon",
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
) -> Done:
    """Update the configuration of the cluster with HOCON.

    EMQX validates the whole file before it changes anything. `--mode replace` replaces only the roots that
    the file contains.
    """
    if mode not in {"merge", "replace"}:
        message = f"invalid --mode {mode!r}"
        raise UsageError(message, hint="use merge or replace")
    text = check_hocon(file, read_text(file, "--file"))
    if mode == "replace":
        session.confirm(f"replace the configuration roots of {file}")
    query = {"mode": mode, "ignore_readonly": True if ignore_readonly else None}
    request = build_request("PUT", "/configs", query=query)
    session.client.send(request._replace(content=text.encode(), content_type="text/plain"))
    return Done("updated the configuration", {"mode": mode, "file": file})


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


@app.command("set")
@command(
    calls=(*READ_CALLS, *WRITE_CALLS),
    examples=(
        "emqxctl configs set log --set console.level=debug --set console.enable=true",
        "emqxctl configs set global_zone --set mqtt.max_packet_size=2MB --dry-run",
        "emqxctl configs set sysmon -f sysmon.yaml --replace",
    ),
    effect=Effect.WRITE,
)
def set_(
    session: Session,
    root: RootArgument,
    file: FileOption = None,
    sets: SetOption = None,
    replace: ReplaceOption = False,
) -> Result:
    """Set fields of one configuration root.

    The root is read, changed and sent whole; --dry-run shows the difference. global_zone contains mqtt,
    force_gc, flapping_detect and more. EMQX 5.0 has limiter/TYPE.
    """
    path, *arguments = root_path(root) or ("",)
    if not path:
        message = f"configs set is not supported for root {root!r}"
        hint = "change it as HOCON: emqxctl configs update -f FILE; list roots: emqxctl configs get"
        raise UsageError(message, hint=hint)
    change = build_body(file, sets or [], {})
    require_changes(change, "use -f FILE or --set A.B=VALUE")
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


@app.command()
@command(
    calls="POST /configs_reset/{rootname}",
    examples=("emqxctl configs reset sysmon --path os.mem_check_interval --yes",),
    effect=Effect.DESTROY,
)
def reset(
    session: Session,
    root: RootArgument,
    path: Annotated[
        str | None, typer.Option(metavar="A.B", help="Field to reset (default: the whole root).")
    ] = None,
) -> Done:
    """Reset a configuration root or one of its fields.

    EMQX can reset alarm, broker, dashboard, log, sys_topics and sysmon; a whole root only if it has a
    default.
    """
    target = f"{root}.{path}" if path else root
    session.confirm(f"reset the configuration of {target}")
    session.client.post("/configs_reset/{rootname}", root, query={"conf_path": path})
    return Done(f"reset the configuration of {target}", {"root": root, "path": path or ""})
