"""`emqxctl traces`: manage traces, the logs of a client, topic, address or rule."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from emqxctl.api.response import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.completion.declared import complete_by_type
from emqxctl.cli.file_transfer import fetch_file, fresh_name
from emqxctl.cli.group import new_group
from emqxctl.cli.param_types import DURATION, SIZE, TIME
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.traces._log import (
    DETAIL_PATH,
    LOG_PATH,
    PayloadEncoding,
    format_log,
    list_nodes_with_log,
    read_lines,
)
from emqxctl.errors import UsageError
from emqxctl.output.formatters import color_state, format_byte_count, format_relative_time, number_formatter
from emqxctl.output.results import Bytes, Done, Result, Row, Rows
from emqxctl.resource import Column, Resource
from emqxctl.verbs.delete import add_delete
from emqxctl.verbs.existence import create_if_missing
from emqxctl.verbs.list import add_list
from emqxctl.verbs.operation import add_operation
from emqxctl.verbs.parameters import check_new_key


def format_total_size(sizes: object) -> str:
    """Format the sizes of a trace's logs as their sum."""
    if not isinstance(sizes, dict):
        return format_byte_count(sizes)
    return format_byte_count(sum(size for size in sizes.values() if isinstance(size, int)))


def format_epoch_seconds(seconds: float) -> str:
    """Format epoch seconds as RFC 3339 in UTC."""
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
        Column("namespace", optional=True),
        Column("status", style=color_state),
        Column("type"),
        Column("clientid", "CLIENT ID"),
        Column("topic"),
        Column("ip_address", "ADDRESS"),
        Column("ruleid", "RULE"),
        Column("start_at", "STARTS", format=format_relative_time),
        Column("end_at", "ENDS", format=format_relative_time),
        Column("log_size", "LOG", format=format_total_size, align_right=True),
        Column("formatter", "FORMAT", wide=True),
        Column("payload_encode", "PAYLOADS", wide=True),
        Column("payload_limit", format=format_byte_count, align_right=True, wide=True),
    ),
)


class TraceType(StrEnum):
    """What a trace follows; rules since EMQX 5.7."""

    clientid = "clientid"
    topic = "topic"
    ip_address = "ip_address"
    ruleid = "ruleid"


class LogFormat(StrEnum):
    """The format of a trace's log."""

    text = "text"
    json = "json"


TraceArgument = Annotated[str, typer.Argument(metavar="NAME", help="Trace name.")]
NodeOption = Annotated[str | None, typer.Option("--node", metavar="NODE", help="Filter by node.")]

app = new_group("Manage traces of clients, topics, addresses and rules.")
add_list(app, TRACES, examples=("emqxctl traces list", "emqxctl traces list --where status=running -o name"))


@app.command()
@command(
    calls="POST /trace",
    examples=(
        "emqxctl traces create slow1 clientid dev-1 --for 30m",
        "emqxctl traces create night topic 'alerts/#' --start-at 2026-12-01T22:00:00Z --for 8h",
    ),
    effect=Effect.WRITE,
    completes={"name": "", "value": complete_by_type},
)
def create(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the new trace: letters, digits, - and _.")
    ],
    what: Annotated[
        TraceType,
        typer.Argument(metavar="TYPE", help="What to trace: clientid, topic, ip_address or ruleid."),
    ],
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="Client ID, topic filter, IP address or rule id.")
    ],
    for_: Annotated[
        float | None,
        typer.Option("--for", click_type=DURATION, help="Duration, such as 30m or 8h (default 10m)."),
    ] = None,
    start_at: Annotated[
        datetime | None,
        typer.Option(click_type=TIME, help="Start, such as 2026-12-01T22:00:00Z (default now)."),
    ] = None,
    end_at: Annotated[
        datetime | None, typer.Option(click_type=TIME, help="End, such as 2026-12-02T06:00:00Z.")
    ] = None,
    formatter: Annotated[LogFormat | None, typer.Option(help="Format of the log (EMQX 5.7+).")] = None,
    payload_encode: Annotated[
        PayloadEncoding | None, typer.Option(help="Payload encoding in the log.")
    ] = None,
    payload_limit: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Maximum payload bytes in the log (EMQX 5.9+).")
    ] = None,
) -> Done:
    """Start tracing a client, topic, address or rule.

    EMQX keeps at most 30 traces. A trace logs on every node until its end.
    """
    start, end = format_period(for_, start_at, end_at)
    fields: Row = {
        "name": check_new_key(name),
        "type": what.value,
        what.value: value,
        "start_at": start,
        "end_at": end,
        "formatter": formatter and formatter.value,
        "payload_encode": payload_encode and payload_encode.value,
        "payload_limit": payload_limit,
    }
    body = {field: field_value for field, field_value in fields.items() if field_value is not None}

    def send() -> Done:
        response = session.client.post("/trace", body=body)
        row: Row = {**response} if isinstance(response, dict) else {**body}
        if row.get("end_at") == row.get("start_at"):  # EMQX 5.8 repeats the start as the end here
            row.pop("end_at", None)
        row |= {"end_at": end} if end else {}
        return Done(f"started trace {name!r} of {what.value} {value!r}", row, key="name")

    return create_if_missing(session, f"trace {name!r}", {"name": name}, send)


def format_period(
    seconds: float | None, start: datetime | None, end: datetime | None
) -> tuple[str | None, str | None]:
    """Return the start and end of a trace as RFC 3339, None for EMQX's defaults. Raises UsageError."""
    if seconds is not None and end:
        message = "--for and --end-at cannot be used together"
        raise UsageError(message)
    try:
        if seconds is not None:
            end = (start or datetime.now(UTC)) + timedelta(seconds=seconds)
    except OverflowError as error:
        message = f"--for: {error}"
        raise UsageError(message) from error
    return format_seconds(start), format_seconds(end)


def format_seconds(time: datetime | None) -> str | None:
    """Format a time as RFC 3339 in whole seconds; None if there is no time."""
    return time.isoformat(timespec="seconds") if time else None


add_operation(
    app,
    TRACES,
    "stop",
    "/trace/{name}/stop",
    method="PUT",
    summary="Stop traces and keep their logs.",
    examples=("emqxctl traces stop slow1",),
)
add_delete(
    app, TRACES, summary="Delete traces and their logs.", examples=("emqxctl traces delete slow1 --yes",)
)


@app.command()
@command(calls="DELETE /trace", examples=("emqxctl traces clear --yes",), effect=Effect.DESTROY)
def clear(session: Session) -> Done:
    """Delete all traces and their logs."""
    session.confirm("delete all traces and their logs")
    session.client.delete("/trace")
    return Done("deleted all traces and their logs", {"cleared": "traces"})


@app.command()
@command(
    calls=(f"GET {DETAIL_PATH}", f"GET {LOG_PATH}"),
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
        int | None,
        typer.Option("--bytes", click_type=SIZE, help="Maximum size to read from each node, such as 64K."),
    ] = None,
) -> Result:
    """Show a trace's log, node by node.

    Tables contain plain lines; other formats have one row for each line, with its node.
    """
    nodes: Iterable[str | None] = [node] if node else list_nodes_with_log(session, name)
    if session.settings.output in {None, "", "table", "wide"}:
        return Bytes(format_log(session, name, nodes, size))
    rows: Iterator[Row] = (
        {"node": log_node, "line": line}
        for log_node in nodes
        for line in read_lines(session, name, log_node, size)
    )
    return Rows(rows, (Column("node"), Column("line")), key="line", plural_noun="lines")


@app.command("log-detail")
@command(calls=f"GET {DETAIL_PATH}", examples=("emqxctl traces log-detail slow1",))
def log_detail(session: Session, name: TraceArgument) -> Rows:
    """Show the size and last change of each node's log."""
    columns = (
        Column("node"),
        Column("size", format=format_byte_count, align_right=True),
        Column("mtime", "LAST CHANGE", format=number_formatter(format_epoch_seconds)),
    )
    rows = page_rows(session.client.get(DETAIL_PATH, name))
    return Rows(rows, columns, key="node", plural_noun="logs", path=DETAIL_PATH)


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
        str | None, typer.Option(metavar="FILE", help="File to write (- for stdout; default NAME.zip).")
    ] = None,
) -> Result:
    """Download a trace's logs as a zip archive."""
    file = output_file or fresh_name(f"{name}.zip")
    return fetch_file(session, "/trace/{name}/download", name, to=file, query={"node": node})


app.lazy("tail", "Follow a client, topic, address or rule live.")
