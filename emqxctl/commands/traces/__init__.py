"""`emqxctl traces`: logs of what single clients, topics, addresses or rules do."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.file_transfer import fetch_file, safe_name
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.traces._log import DETAIL, LOG, lines, logging_nodes, plain_lines, read_size
from emqxctl.commands.traces.tail import Payloads, tail
from emqxctl.errors import UsageError
from emqxctl.output.formatters import color_state, format_byte_count, format_relative_time, number_formatter
from emqxctl.output.results import Bytes, Done, Result, Row, Rows
from emqxctl.resource import Column, Resource
from emqxctl.text.units import parse_duration, parse_time
from emqxctl.verbs import edits, stock


def total(sizes: object) -> str:
    """Write the size of a trace's logs on all nodes."""
    if not isinstance(sizes, dict):
        return format_byte_count(sizes)
    return format_byte_count(sum(size for size in sizes.values() if isinstance(size, int)))


def moment(seconds: float) -> str:
    """Write epoch seconds as RFC 3339 in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return str(seconds)


TRACES = Resource(
    noun="trace",
    path="/trace",
    key="name",
    columns=(
        Column("name"),
        Column("status", style=color_state),
        Column("type"),
        Column("clientid", "CLIENT ID"),
        Column("topic"),
        Column("ip_address", "ADDRESS"),
        Column("ruleid", "RULE"),
        Column("start_at", "STARTS", format=format_relative_time),
        Column("end_at", "ENDS", format=format_relative_time),
        Column("log_size", "LOG", format=total, align_right=True),
        Column("formatter", "FORMAT", wide=True),
        Column("payload_encode", "PAYLOADS", wide=True),
        Column("payload_limit", format=format_byte_count, align_right=True, wide=True),
    ),
)


class What(StrEnum):
    """What is traced; rules since EMQX 5.7."""

    clientid = "clientid"
    topic = "topic"
    ip_address = "ip_address"
    ruleid = "ruleid"


class Formatter(StrEnum):
    """How a log is written."""

    text = "text"
    json = "json"


TraceArgument = Annotated[str, typer.Argument(metavar="NAME", help="The trace.")]
NodeOption = Annotated[str | None, typer.Option("--node", metavar="NODE", help="Only of this node.")]

app = new_group("Traces: logs of a client, a topic, an address or a rule.")
stock.add_list(
    app, TRACES, examples=("emqxctl traces list", "emqxctl traces list --where status=running -o name")
)


@app.command()
@command(
    calls="POST /trace",
    examples=(
        "emqxctl traces create slow1 clientid dev-1 --for 30m",
        "emqxctl traces create night topic 'alerts/#' --start-at 2026-12-01T22:00:00Z --for 8h",
    ),
    effect=Effect.WRITE,
)
def create(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new trace: letters, digits, - and _.")],
    what: Annotated[What, typer.Argument(help="What is traced.", show_choices=True)],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Its id, filter or address.")],
    for_: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="How long: 30m, 8h. Default: 10m.")
    ] = None,
    start_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="From when (RFC 3339). Default: now.")
    ] = None,
    end_at: Annotated[str | None, typer.Option(metavar="TIME", help="Until when (RFC 3339).")] = None,
    formatter: Annotated[Formatter | None, typer.Option(help="How the log is written (5.7+).")] = None,
    payload_encode: Annotated[Payloads | None, typer.Option(help="How payloads are written.")] = None,
    payload_limit: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Bytes of a payload at most (5.9+).")
    ] = None,
) -> Done:
    """Start to trace a client, topic, address or rule.

    At most 30 traces are kept; each logs on every node until its end.
    """
    begin, end = span(for_, start_at, end_at)
    wanted: Row = {
        "name": name,
        "type": what.value,
        what.value: value,
        "start_at": begin,
        "end_at": end,
        "formatter": formatter and formatter.value,
        "payload_encode": payload_encode and payload_encode.value,
        "payload_limit": payload_limit,
    }
    body = {field: given for field, given in wanted.items() if given is not None}
    made = session.client.post("/trace", body=body)
    found: Row = {**made} if isinstance(made, dict) else {**body}
    if found.get("end_at") == found.get("start_at"):  # EMQX answers so, whatever it keeps (5.8)
        found.pop("end_at", None)
    found |= {"end_at": end} if end else {}
    return Done(f"tracing {what.value} {value!r} as {name!r}", found, key="name")


def span(length: str | None, start: str | None, end: str | None) -> tuple[str | None, str | None]:
    """Give begin and end of a trace as RFC 3339, None for EMQX's defaults. Raises UsageError."""
    if length and end:
        message = "--for and --end-at say the same thing"
        raise UsageError(message, hint="give one of them")
    flag = ""
    try:
        flag = "--start-at"
        begin = parse_time(start) if start else None
        flag = "--for" if length else "--end-at"
        until = parse_time(end) if end else None
        if length:
            until = (begin or datetime.now(UTC)) + timedelta(seconds=parse_duration(length))
    except (ValueError, OverflowError) as error:
        message = f"{flag}: {error}"
        raise UsageError(message) from error
    return written(begin), written(until)


def written(time: datetime | None) -> str | None:
    """Write a time as RFC 3339 in whole seconds."""
    return time.isoformat(timespec="seconds") if time else None


edits.add_operation(
    app,
    TRACES,
    "stop",
    "/trace/{name}/stop",
    method="PUT",
    summary="Stop traces; their logs stay.",
    examples=("emqxctl traces stop slow1",),
)
edits.add_delete(
    app, TRACES, summary="Delete traces and their logs.", examples=("emqxctl traces delete slow1 --yes",)
)


@app.command()
@command(calls="DELETE /trace", examples=("emqxctl traces clear --yes",), effect=Effect.DESTROY)
def clear(session: Session) -> Done:
    """Delete every trace and its logs."""
    session.confirm("delete every trace and its logs")
    session.client.delete("/trace")
    return Done("deleted every trace and its logs", {"cleared": "traces"})


@app.command()
@command(
    calls=(f"GET {DETAIL}", f"GET {LOG}"),
    examples=(
        "emqxctl traces log slow1",
        "emqxctl traces log slow1 --node emqx@10.0.0.1 --bytes 64K",
        "emqxctl traces log slow1 -o jsonl",
    ),
)
def log(
    session: Session,
    name: TraceArgument,
    node: NodeOption = None,
    size: Annotated[
        str | None, typer.Option("--bytes", metavar="SIZE", help="Only the first so many of a node: 64K.")
    ] = None,
) -> Result:
    """Show a trace's log, node by node, as far as it is written.

    Tables hold plain lines; other formats have a row a line, with its node.
    """
    limit = read_size(size)
    nodes: Iterable[str | None] = [node] if node else logging_nodes(session, name)
    if session.settings.output in {None, "", "table", "wide"}:
        return Bytes(plain_lines(session, name, nodes, limit))
    rows: Iterator[Row] = (
        {"node": one, "line": line} for one in nodes for line in lines(session, name, one, limit)
    )
    return Rows(rows, (Column("node"), Column("line")), key="line", plural_noun="lines")


@app.command("log-detail")
@command(calls=f"GET {DETAIL}", examples=("emqxctl traces log-detail slow1",))
def log_detail(session: Session, name: TraceArgument) -> Rows:
    """Show how much each node has logged, and when last."""
    columns = (
        Column("node"),
        Column("size", format=format_byte_count, align_right=True),
        Column("mtime", "LAST", format=number_formatter(moment)),
    )
    return Rows(
        page_rows(session.client.get(DETAIL, name)), columns, key="node", plural_noun="logs", path=DETAIL
    )


@app.command()
@command(
    calls="GET /trace/{name}/download",
    examples=("emqxctl traces download slow1", "emqxctl traces download slow1 --output-file - > slow1.zip"),
)
def download(
    session: Session,
    name: TraceArgument,
    node: NodeOption = None,
    output_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where to; - is stdout. Default: NAME.zip.")
    ] = None,
) -> Result:
    """Download a trace's logs as a zip archive."""
    to = output_file or safe_name(f"{name}.zip")
    return fetch_file(session, "/trace/{name}/download", name, to=to, query={"node": node})


app.command()(tail)
