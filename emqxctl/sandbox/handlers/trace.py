"""Traces and their logs: `/trace`."""

import io
import zipfile

from emqxctl.sandbox.handlers._items import Items
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Response, Row
from emqxctl.sandbox.schema.refusals import refuse, refuse_with
from emqxctl.sandbox.state.records import format_time
from emqxctl.sandbox.state.traces import Trace

MAX_TRACES = 30
DEFAULT_DURATION = 600  # seconds, when no end is given

TRACES = Items("traces", lambda call, _name, trace: trace.row(call.cluster.now(), call.cluster.running()))


def list_traces(call: Call) -> Json:
    """List the traces, the one that starts last first."""
    traces = sorted(call.cluster.features.traces.values(), key=lambda trace: -trace.start)
    now, nodes = call.cluster.now(), call.cluster.running()
    return [trace.row(now, nodes) | call.cluster.edition_fields("trace") for trace in traces]


def build_trace(body: Row, now: float) -> Trace:
    """Build a trace from a body. Raises EarlyResponse (400)."""
    kind = body["type"]
    if not body[kind]:
        refuse_with(400, "INVALID_PARAMS", f"required {kind} field")
    start = max(body["start_at"] or now, int(now))
    end = body["end_at"] or start + DEFAULT_DURATION
    if end <= now:
        refuse_with(400, "INVALID_PARAMS", "end_at time has already passed")
    if (body["start_at"] or start) >= end:
        refuse_with(400, "INVALID_PARAMS", "failed by start_at >= end_at")
    form = body["payload_encode"], body["formatter"]
    return Trace(body["name"], kind, body[kind], start, end, *form, last_write=now)


def create_trace(call: Call) -> Json:
    """Start a trace; the response has its start as its end (a defect of EMQX)."""
    traces, now, nodes = call.cluster.features.traces, call.cluster.now(), call.cluster.running()
    trace = build_trace(call.body, now)
    if len(traces) >= MAX_TRACES:
        refuse("trace.full")
    if trace.name in traces:
        refuse_with(409, "ALREADY_EXISTS", f"{trace.name} Already Exists")
    for other in traces.values():
        if (other.kind, other.target, int(other.start)) == (trace.kind, trace.target, int(trace.start)):
            refuse_with(409, "DUPLICATE_CONDITION", f"{other.name} Duplication Condition")
    traces[trace.name] = trace
    end = {"end_at": format_time(trace.start, "seconds")}
    return trace.row(now, nodes) | end | call.cluster.edition_fields("trace")


def stop_trace(call: Call) -> Json:
    """Stop a trace; its logs stay."""
    trace = TRACES.find(call)
    trace.enabled = False
    return {"enable": False, "name": trace.name}


def selected_nodes(call: Call) -> list[str]:
    """Return the node of the query, or all that run. Raises EarlyResponse (404)."""
    node, running = call.query["node"], call.cluster.running()
    if node is None:
        return running
    if node not in running:
        refuse_with(404, "NOT_FOUND", "Node NOT FOUND")
    return [node]


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


def show_log(call: Call) -> Json:
    """Show a piece of the log of one node, the answering one by default."""
    trace, node = TRACES.find(call), (selected_nodes(call) or [""])[0]
    log, size, start = trace.logs.get(node, b""), call.query["bytes"], call.query["position"]
    piece = log[start : start + size]
    position = min(start + len(piece), len(log))
    items = piece.decode("utf-8", "replace")
    return {"items": items, "meta": {"bytes": size, "position": position}}


def show_log_detail(call: Call) -> Json:
    """Show the size of the log on each node, and when it was last written."""
    trace = TRACES.find(call)
    sizes = {node: len(trace.logs.get(node, b"")) for node in reversed(call.cluster.running())}
    return [{"mtime": int(trace.last_write), "node": node, "size": size} for node, size in sizes.items()]
