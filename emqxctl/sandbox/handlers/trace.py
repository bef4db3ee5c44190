"""Traces and their logs: `/trace`."""

import io
import zipfile

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.records import format_time
from emqxctl.sandbox.state.traces import Trace

MAX_TRACES = 30
MAX_BYTES = 2_147_483_647
DEFAULT_DURATION = 600  # seconds, when no end is given
FULL = "The number of traces created has reached the maximum please delete the useless ones first"


def refuse_trace(message: str) -> None:
    """Refuse a trace that passed the schema. Raises EarlyResponse (400)."""
    refuse_with(400, "INVALID_PARAMS", message)


TRACES = Items(
    "/trace",
    "name",
    lambda call: call.cluster.features.traces,
    lambda call, _name, trace: trace.row(call.cluster.now(), call.cluster.running()),
    (404, "NOT_FOUND", "{name} NOT FOUND"),
)
TRACES.serve("delete")


@route("GET", "/trace")
def list_traces(call: Call) -> Response:
    """List the traces, the one that starts last first."""
    traces = sorted(call.cluster.features.traces.values(), key=lambda trace: -trace.start)
    now, nodes = call.cluster.now(), call.cluster.running()
    return json_response([trace.row(now, nodes) | call.cluster.edition_fields("trace") for trace in traces])


def build_trace(body: Row, now: float) -> Trace:
    """Build a trace from a body. Raises EarlyResponse (400)."""
    kind = body["type"]
    if not body[kind]:
        refuse_trace(f"required {kind} field")
    start = max(body["start_at"] or now, int(now))
    end = body["end_at"] or start + DEFAULT_DURATION
    if end <= now:
        refuse_trace("end_at time has already passed")
    if (body["start_at"] or start) >= end:
        refuse_trace("failed by start_at >= end_at")
    return Trace(
        body["name"], kind, body[kind], start, end, body["payload_encode"], body["formatter"], last_write=now
    )


@route("POST", "/trace", body=Body("trace", loose=True))
def create_trace(call: Call) -> Response:
    """Start a trace; the response has its start as its end (a defect of EMQX)."""
    traces, now, nodes = call.cluster.features.traces, call.cluster.now(), call.cluster.running()
    trace = build_trace(call.body, now)
    if len(traces) >= MAX_TRACES:
        refuse_trace(FULL)
    if trace.name in traces:
        refuse_with(409, "ALREADY_EXISTS", f"{trace.name} Already Exists")
    for other in traces.values():
        if (other.kind, other.target, int(other.start)) == (trace.kind, trace.target, int(trace.start)):
            refuse_with(409, "DUPLICATE_CONDITION", f"{other.name} Duplication Condition")
    traces[trace.name] = trace
    return json_response(
        trace.row(now, nodes)
        | {"end_at": format_time(trace.start, "seconds")}
        | call.cluster.edition_fields("trace")
    )


@route("DELETE", "/trace")
def delete_all_traces(call: Call) -> Response:
    """Delete every trace with its logs."""
    call.cluster.features.traces.clear()
    return Response(204)


@route("PUT", "/trace/{name}/stop")
def stop_trace(call: Call) -> Response:
    """Stop a trace; its logs stay."""
    trace = TRACES.find(call)
    trace.enabled = False
    return json_response({"enable": False, "name": trace.name})


def selected_nodes(call: Call) -> list[str]:
    """Return the node of the query, or all that run. Raises EarlyResponse (404)."""
    node, running = call.query["node"], call.cluster.running()
    if node is None:
        return running
    if node not in running:
        refuse_with(404, "NOT_FOUND", "Node NOT FOUND")
    return [node]


@route("GET", "/trace/{name}/download", query="node")
def download_trace(call: Call) -> Response:
    """Send the logs of a trace as a zip, with one file for each node that has any."""
    trace, packed = TRACES.find(call), io.BytesIO()
    logs = {node: trace.logs[node] for node in selected_nodes(call) if trace.logs.get(node)}
    if not logs:
        refuse_with(404, "NOT_FOUND", "Trace is empty")
    day = format_time(trace.start)[:10]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for node, log in logs.items():
            archive.writestr(f"{node}-trace_{trace.name}_{day}.log", log)
    name = f"attachment; filename={trace.name}.zip"
    headers = {"content-type": "application/x-zip", "content-disposition": name}
    return Response(200, packed.getvalue(), headers)


@route("GET", "/trace/{name}/log", query="trace_log")
def show_log(call: Call) -> Response:
    """Show a piece of the log of one node, the answering one by default."""
    trace, node = TRACES.find(call), (selected_nodes(call) or [""])[0]
    log, size, start = trace.logs.get(node, b""), call.query["bytes"], call.query["position"]
    piece = log[start : start + size]
    position = min(start + len(piece), len(log))
    items = piece.decode("utf-8", "replace")
    return json_response({"items": items, "meta": {"bytes": size, "position": position}})


@route("GET", "/trace/{name}/log_detail")
def show_log_detail(call: Call) -> Response:
    """Show the size of the log on each node, and when it was last written."""
    trace = TRACES.find(call)
    rows = [
        {"mtime": int(trace.last_write), "node": node, "size": len(trace.logs.get(node, b""))}
        for node in reversed(call.cluster.running())
    ]
    return json_response(rows)
