"""The traces and their logs: `/trace`."""

import io
import zipfile

from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_json
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.records import format_time
from emqxctl.sandbox.state.traces import Trace

MAX_TRACES = 30
MAX_BYTES = 2_147_483_647
LASTS = 600  # seconds, when no end is given
NAME = r"^[A-Za-z]+[A-Za-z0-9-_]*$"
FULL = "The number of traces created has reached the maximum please delete the useless ones first"


def refuse_wish(message: str) -> None:
    """Refuse a wish that the schema lets pass. Raises AnswerNow (400)."""
    refuse_with(400, "INVALID_PARAMS", message)


def find(call: Call) -> Trace:
    """Take the trace of the path. Raises AnswerNow (404)."""
    found = call.cluster.features.traces.get(call.bindings["name"])
    if found is None:
        refuse_with(404, "NOT_FOUND", f"{call.bindings['name']} NOT FOUND")
    return found


@route("GET", "/trace")
def list_traces(call: Call) -> Answer:
    """List the traces, the one that starts last first."""
    traces = sorted(call.cluster.features.traces.values(), key=lambda trace: -trace.start)
    now, nodes = call.cluster.now(), call.cluster.running()
    return answer_json([trace.row(now, nodes) for trace in traces])


def make_trace(wish: Row, now: float) -> Trace:
    """Make a trace of a wish. Raises AnswerNow (400)."""
    kind = wish["type"]
    if not wish[kind]:
        refuse_wish(f"required {kind} field")
    start = max(wish["start_at"] or now, int(now))
    end = wish["end_at"] or start + LASTS
    if end <= now:
        refuse_wish("end_at time has already passed")
    if (wish["start_at"] or start) >= end:
        refuse_wish("failed by start_at >= end_at")
    return Trace(
        wish["name"], kind, wish[kind], start, end, wish["payload_encode"], wish["formatter"], written=now
    )


@route("POST", "/trace", body=Body("trace", loose=True))
def create(call: Call) -> Answer:
    """Start a trace; the answer gives its start as its end, which is EMQX's mistake."""
    traces, now, nodes = call.cluster.features.traces, call.cluster.now(), call.cluster.running()
    made = make_trace(call.body, now)
    if len(traces) >= MAX_TRACES:
        refuse_wish(FULL)
    if made.name in traces:
        refuse_with(409, "ALREADY_EXISTS", f"{made.name} Already Exists")
    for each in traces.values():
        if (each.kind, each.target, int(each.start)) == (made.kind, made.target, int(made.start)):
            refuse_with(409, "DUPLICATE_CONDITION", f"{each.name} Duplication Condition")
    traces[made.name] = made
    return answer_json(made.row(now, nodes) | {"end_at": format_time(made.start, "seconds")})


@route("DELETE", "/trace")
def delete_all(call: Call) -> Answer:
    """Delete every trace with its logs."""
    call.cluster.features.traces.clear()
    return Answer(204)


@route("DELETE", "/trace/{name}")
def delete(call: Call) -> Answer:
    """Delete a trace with its logs."""
    del call.cluster.features.traces[find(call).name]
    return Answer(204)


@route("PUT", "/trace/{name}/stop")
def stop(call: Call) -> Answer:
    """Stop a trace; its logs stay."""
    trace = find(call)
    trace.enabled = False
    return answer_json({"enable": False, "name": trace.name})


def chosen_nodes(call: Call) -> list[str]:
    """Take the node of the query, or all that run. Raises AnswerNow (404)."""
    node, running = call.query["node"], call.cluster.running()
    if node is None:
        return running
    if node not in running:
        refuse_with(404, "NOT_FOUND", "Node NOT FOUND")
    return [node]


@route("GET", "/trace/{name}/download", query="node")
def download(call: Call) -> Answer:
    """Send the logs of a trace as a zip, with one file for each node that has any."""
    trace, packed = find(call), io.BytesIO()
    logs = {node: trace.logs[node] for node in chosen_nodes(call) if trace.logs.get(node)}
    if not logs:
        refuse_with(404, "NOT_FOUND", "Trace is empty")
    day = format_time(trace.start)[:10]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for node, log in logs.items():
            archive.writestr(f"{node}-trace_{trace.name}_{day}.log", log)
    name = f"attachment; filename={trace.name}.zip"
    headers = {"content-type": "application/x-zip", "content-disposition": name}
    return Answer(200, packed.getvalue(), headers)


@route("GET", "/trace/{name}/log", query="trace_log")
def show_log(call: Call) -> Answer:
    """Show a piece of the log of one node, the answering one by default."""
    trace, node = find(call), (chosen_nodes(call) or [""])[0]
    log, size, start = trace.logs.get(node, b""), call.query["bytes"], call.query["position"]
    piece = log[start : start + size]
    position = min(start + len(piece), len(log))
    items = piece.decode("utf-8", "replace")
    return answer_json({"items": items, "meta": {"bytes": size, "position": position}})


@route("GET", "/trace/{name}/log_detail")
def show_log_detail(call: Call) -> Answer:
    """Show the size of the log on each node, and when it was last written."""
    trace = find(call)
    rows = [
        {"mtime": int(trace.written), "node": node, "size": len(trace.logs.get(node, b""))}
        for node in reversed(call.cluster.running())
    ]
    return answer_json(rows)
