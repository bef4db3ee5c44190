"""`emqxctl configs`: the configuration of the cluster, as HOCON or root by root."""

from typing import Annotated

import typer

from emqxctl.api.request import build_request
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import build_body, deep_merge
from emqxctl.cli.input.files import read_text
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._server_text import fetch_text, wants_text
from emqxctl.errors import GuardError, NotFoundError, UsageError
from emqxctl.output.results import Done, Record, Result, Value
from emqxctl.resource import Resource
from emqxctl.text.redaction import MASK
from emqxctl.verbs.parameters import FileOption, ReplaceOption, SetOption
from emqxctl.verbs.update import apply_update

# The roots that have a path of their own; all others are read with --key and written with `update`.
ROOTS = (
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
LIMITER = "/configs/limiter/{limiter_type}"  # EMQX 5.0 until 5.0.24
READS = (*(f"GET /configs/{root}" for root in ROOTS), f"GET {LIMITER}")
WRITES = (*(f"PUT /configs/{root}" for root in ROOTS), f"PUT {LIMITER}")

Mode = Annotated[
    str, typer.Option(metavar="merge|replace", help="Merge into what there is, or replace each root given.")
]
Hocon = Annotated[str, typer.Option("--file", "-f", metavar="FILE", help="HOCON (or JSON); - for stdin.")]
Root = Annotated[str, typer.Argument(metavar="ROOT", help="alarm, log, sysmon, global_zone ...")]

app = new_group("Configuration: read, merge, replace, reset.")


@app.command()
@command(
    calls=("GET /configs", *READS),
    examples=(
        "emqxctl configs get log",
        "emqxctl configs get > emqx.hocon",
        "emqxctl configs get --key listeners --node emqx@10.0.0.1",
        "emqxctl configs get -o json",
    ),
)
def get(
    session: Session,
    root: Annotated[str | None, typer.Argument(metavar="[ROOT]", help="One root: log, mqtt.")] = None,
    key: Annotated[str | None, typer.Option(metavar="ROOT", help="One root, of any kind, as HOCON.")] = None,
    node: Annotated[str | None, typer.Option(metavar="NODE", help="As this node has it.")] = None,
) -> Result:
    """Show the configuration, as HOCON or one root as fields.

    HOCON holds secrets in clear. Roots with a path of their own (alarm, broker, dashboard, log, sys_topics,
    sysmon, global_zone ...) are shown as fields, with secrets masked; so is everything under -o json.
    """
    if root is not None and key is not None:
        message = "ROOT and --key exclude each other"
        raise UsageError(message)
    if root is not None and node is None and path_of(root):
        return Record(session.client.get_object(*path_of(root)))
    wanted = root or key
    if not wants_text(session):
        return as_json(session, wanted, node)
    return fetch_text(session, "/configs", {"key": wanted, "node": node})


def path_of(root: str) -> tuple[str, ...]:
    """Give the path template of a root and its arguments; nothing for one without a path of its own."""
    if root.startswith("limiter/"):
        return LIMITER, root.partition("/")[2]
    return (f"/configs/{root}",) if root in ROOTS else ()


def as_json(session: Session, root: str | None, node: str | None) -> Value:
    """Give the roots that EMQX gives as JSON, or one of them. Raises NotFoundError for any other."""
    found = session.client.get("/configs", query={"node": node})
    if root is None:
        return Value(found)
    known = found if isinstance(found, dict) else {}
    if root not in known:
        message = f"EMQX gives {root!r} as HOCON only"
        raise NotFoundError(message, hint=f"leave -o out; as JSON there are {', '.join(known) or 'none'}")
    return Value(known[root])


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
    file: Hocon,
    mode: Mode = "merge",
    ignore_readonly: Annotated[
        bool, typer.Option("--ignore-readonly", help="Leave out what cannot be changed: node, rpc, cluster.")
    ] = False,
) -> Done:
    """Change the configuration of the cluster with HOCON.

    EMQX checks all of it before it changes anything. `--mode replace` replaces the roots that the file names,
    and no others.
    """
    if mode not in {"merge", "replace"}:
        message = f"--mode {mode}: not merge or replace"
        raise UsageError(message)
    text = checked(file, read_text(file, "--file"))
    if mode == "replace":
        session.confirm(f"replace the roots that {file} names")
    query = {"mode": mode, "ignore_readonly": True if ignore_readonly else None}
    call = build_request("PUT", "/configs", query=query)
    session.client.send(call._replace(content=text.encode(), content_type="text/plain"))
    return Done("changed the configuration", {"mode": mode, "file": file})


def checked(file: str, text: str) -> str:
    """Refuse what EMQX would crash at, or store in a secret's place. Raises UsageError or GuardError."""
    if not text.strip():
        message = f"--file {file}: it is empty"
        raise UsageError(message, hint="HOCON like: log.console.level = debug")
    if MASK in text:
        message = f"--file {file} holds {MASK}, which EMQX would store as the secret"
        hint = "take that line out, or put the secret there; `configs set` keeps masked ones"
        raise GuardError(message, code="MASKED_SECRET", hint=hint)
    return text


@app.command("set")
@command(
    calls=(*READS, *WRITES),
    examples=(
        "emqxctl configs set log --set console.level=debug --set console.enable=true",
        "emqxctl configs set global_zone --set mqtt.max_packet_size=2MB --dry-run",
        "emqxctl configs set sysmon -f sysmon.yaml --replace",
    ),
    effect=Effect.WRITE,
)
def set_(
    session: Session,
    root: Root,
    file: FileOption = None,
    sets: SetOption = None,
    replace: ReplaceOption = False,
) -> Result:
    """Change fields of one root, and keep its others.

    The root is read, changed and sent whole; a dry run shows the difference. global_zone holds mqtt,
    force_gc, flapping_detect and more. EMQX 5.0 has limiter/TYPE.
    """
    path, *places = path_of(root) or ("",)
    if not path:
        message = f"{root!r} has no path of its own"
        raise UsageError(message, hint=f"one of {', '.join(ROOTS)}; others: emqxctl configs update -f FILE")
    change = build_body(file, sets or [], {})
    if not change:
        message = "nothing to change was given"
        raise UsageError(message, hint="-f FILE or --set A.B=VALUE")
    one = Resource(
        noun=f"configuration of {root}",
        path=path,
        key="",
        columns=(),
        item_template=path,
        accepts_masked_secrets=True,
    )
    done = apply_update(session, one, places, lambda now: change if replace else deep_merge(now, change))
    return done._replace(message=f"updated the configuration of {root}") if isinstance(done, Done) else done


@app.command()
@command(
    calls="POST /configs_reset/{rootname}",
    examples=("emqxctl configs reset sysmon --path os.mem_check_interval --yes",),
    effect=Effect.DESTROY,
)
def reset(
    session: Session,
    root: Root,
    path: Annotated[str | None, typer.Option(metavar="A.B", help="One field in it.")] = None,
) -> Done:
    """Set a root, or one field of it, to its default.

    EMQX resets alarm, broker, dashboard, log, sys_topics and sysmon; whole ones only if they have a default.
    """
    what = f"{root}.{path}" if path else root
    session.confirm(f"reset the configuration of {what}")
    session.client.post("/configs_reset/{rootname}", root, query={"conf_path": path})
    return Done(f"reset the configuration of {what}", {"root": root, "path": path or ""})
