"""Lists of a million rows: time against curl and `curl | jq`, and peak memory, for each format.

A plain paged server in another process answers `/api/v5/clients` with pages that it fills in, so that what is
measured is the client: `python tests/benchmarks/lists.py [ROWS]`, or `poe bench`. Ratios are to
`curl ... | jq -c '.data[]'` over the same pages.
"""

import json
import os
import resource
import socket
import subprocess
import sys
import time
from multiprocessing import Process
from pathlib import Path

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
ROWS_A_PAGE = 1000
FORMATS = ("jsonl", "json", "name", "csv", "tsv", "table")
RECORDED = Path(__file__).parent.parent / "recordings" / "5.8.9" / "clients" / "GET_clients_clientid.json"


def read_recorded_client() -> dict[str, object]:
    """Return a client as recorded from EMQX 5.8.9."""
    for exchange in json.loads(RECORDED.read_text())["exchanges"]:
        if exchange["title"] == 'client "sensor-001"':
            recorded_client: dict[str, object] = exchange["response"]["body"]
            return recorded_client
    raise LookupError


def build_page_template(rows: int) -> bytes:
    """Return a page of `rows` rows in which only the numbers of the ids are missing."""
    row = json.dumps(read_recorded_client(), separators=(",", ":")).replace("%", "%%")
    return ",".join([row.replace("sensor-001", "sensor-%07d")] * rows).encode()


def build_page(number: int, rows: int, full: bytes) -> bytes:
    """Return one HTTP response with a page; its ids count on from page to page."""
    first, last = (number - 1) * ROWS_A_PAGE, min(number * ROWS_A_PAGE, rows)
    data = (full if last - first == ROWS_A_PAGE else build_page_template(max(0, last - first))) % tuple(
        range(first, last)
    )
    meta = json.dumps({"page": number, "limit": ROWS_A_PAGE, "count": rows, "hasnext": last < rows})
    body = b'{"data":[%b],"meta":%b}' % (data, meta.encode())
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def serve(listener: socket.socket, rows: int) -> None:
    """Answer requests for pages, one connection after another, until killed."""
    full = build_page_template(ROWS_A_PAGE)
    while True:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                while stream.readline().strip():
                    pass
                number = int(line.split(b"page=")[1].split(b"&")[0].split()[0])
                connection.sendall(build_page(number, rows, full))


def measure(command: list[str] | str, env: dict[str, str]) -> tuple[float, float]:
    """Run a command to /dev/null: seconds, and the peak memory in MB of it or the largest of its children."""
    started = time.perf_counter()
    with subprocess.Popen(
        command, shell=isinstance(command, str), env=env, stdout=subprocess.DEVNULL
    ) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
    if status:
        raise subprocess.CalledProcessError(status, command)
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    """Print seconds, ratios and memory."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Process(target=serve, args=(listener, rows), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        env = {**os.environ, "EMQXCTL_URL": url, "EMQXCTL_API_KEY": "k", "EMQXCTL_API_SECRET": "s"}
        pages = f"{url}/api/v5/clients?page=[1-{-(-rows // ROWS_A_PAGE)}]\\&limit={ROWS_A_PAGE}"
        curl_seconds, _ = measure(f"curl -s {pages}", env)
        reference_seconds, _ = measure(f"curl -s {pages} | jq -c '.data[]'", env)
        sys.stdout.write(f"{rows} rows; curl {curl_seconds:.1f} s; curl | jq {reference_seconds:.1f} s\n")
        for format_ in FORMATS:
            seconds, memory = measure([EMQXCTL, "clients", "list", "-o", format_], env)
            sys.stdout.write(
                f"{format_:6} {seconds:6.1f} s  {seconds / reference_seconds:5.2f} of curl | jq"
                f"  {memory:5.0f} MB\n"
            )
        server.kill()
    sys.stdout.write(f"(this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB)\n")


if __name__ == "__main__":
    main()
