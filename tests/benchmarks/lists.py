"""Lists of a million rows: time against curl and `curl | jq`, and peak memory.

A plain paged server in another process answers `/api/v5/clients`, so that what is measured is the client:
`python tests/benchmarks/lists.py [ROWS]`, or `poe bench`. Runs are interleaved, and medians taken. The table
is printed, and written to results.json beside this file.
"""

import json
import os
import platform
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from multiprocessing import Process
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

EMQXCTL = str(Path(sys.executable).with_name("emqxctl"))
CURL_PAGE_ROWS = 1000
ROUNDS = 3
LISTS = (
    "-o jsonl",
    "-o json",
    "-o name",
    "-o csv",
    "-o tsv",
    "",
    "-o jsonl --fields clientid,username",
    "-o jsonl --where clientid~77$",
    "--sort -mqueue_len --limit 10",
    "-o jsonl --sort -mqueue_len",
)
RECORDED = Path(__file__).parent.parent / "recordings" / "5.8.9" / "clients" / "GET_clients_clientid.json"
RESULTS = Path(__file__).with_name("results.json")


class Measured(NamedTuple):
    """Seconds of a run, and its peak memory in MB."""

    seconds: float
    memory: float


def read_recorded_client() -> dict[str, object]:
    """Return a client as recorded from EMQX 5.8.9."""
    for exchange in json.loads(RECORDED.read_text())["exchanges"]:
        if exchange["title"] == 'client "sensor-001"':
            recorded_client: dict[str, object] = exchange["response"]["body"]
            return recorded_client
    raise LookupError


@lru_cache(4)
def build_page_template(rows: int) -> bytes:
    """Return the rows of a page, with the numbers in their ids and queue lengths as placeholders."""
    client = {**read_recorded_client(), "mqueue_len": 1234567}
    row = json.dumps(client, separators=(",", ":")).replace("%", "%%")
    row = row.replace("sensor-001", "sensor-%07d").replace("1234567", "%d")
    return ",".join([row] * rows).encode()


def build_page(number: int, limit: int, count: int) -> bytes:
    """Return one page of the list as EMQX responds to `page` and `limit`."""
    first, last = (number - 1) * limit, min(number * limit, count)
    values = [value for n in range(first, last) for value in (n, n * 7919 % 100_003)]
    data = build_page_template(max(0, last - first)) % tuple(values)
    meta = json.dumps({"page": number, "limit": limit, "count": count, "hasnext": last < count})
    body = b'{"data":[%b],"meta":%b}' % (data, meta.encode())
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def serve(listener: socket.socket, count: int) -> None:
    """Answer requests for pages, one connection after another, until killed."""
    pages = lru_cache(1)(build_page)
    while True:
        connection, _ = listener.accept()
        with suppress(OSError), connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                while stream.readline().strip():
                    pass
                query = dict(re.findall(rb"(page|limit)=(\d+)", line))
                connection.sendall(pages(int(query[b"page"]), int(query[b"limit"]), count))


@contextmanager
def run_server(count: int) -> Iterator[str]:
    """Run the server in another process; yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Process(target=serve, args=(listener, count), daemon=True)
        server.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.kill()


def measure(command: str, env: dict[str, str]) -> Measured:
    """Run a shell command to /dev/null."""
    started = time.perf_counter()
    with subprocess.Popen(command, shell=True, env=env, stdout=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
    if status:
        raise subprocess.CalledProcessError(status, command)
    return Measured(time.perf_counter() - started, usage.ru_maxrss / 1024)


def measure_all(commands: dict[str, str], env: dict[str, str]) -> dict[str, Measured]:
    """Run all commands in turn, several times; return the median time and the most memory of each."""
    runs: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            runs[name].append(measure(command, env))
    return {
        name: Measured(median(run.seconds for run in measured), max(run.memory for run in measured))
        for name, measured in runs.items()
    }


def measure_lists(count: int) -> list[dict[str, Any]]:
    """Return a row of the table for each list."""
    with run_server(count) as url:
        env = {**os.environ, "EMQXCTL_URL": url, "EMQXCTL_API_KEY": "k", "EMQXCTL_API_SECRET": "s"}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # installed packages have bytecode
        last_page = -(-count // CURL_PAGE_ROWS)
        curl = f"curl -s '{url}/api/v5/clients?page=[1-{last_page}]&limit={CURL_PAGE_ROWS}'"
        commands = {"curl": f"exec {curl}", "curl | jq": f"{curl} | jq -c '.data[]'"}
        commands |= {words: f"exec {EMQXCTL} clients list {words}" for words in LISTS}
        measured = measure_all(commands, env)
    curl_seconds, jq_seconds = measured.pop("curl").seconds, measured.pop("curl | jq").seconds
    return [
        {
            "work": f"clients list {words}".strip(),
            "emqxctl_s": round(run.seconds, 2),
            "curl_s": round(curl_seconds, 2),
            "curl_jq_s": round(jq_seconds, 2),
            "ratio_to_curl": round(run.seconds / curl_seconds, 2),
            "peak_mb": round(run.memory),
        }
        for words, run in measured.items()
    ]


def format_results(results: dict[str, Any]) -> str:
    """Format the results as a Markdown table, as the README shows it."""
    size = f"{results['rows']:,} rows of {results['row_bytes']} bytes"
    lines = [
        f"{size}, medians of {ROUNDS} runs on {results['machine']}, {results['date']}:",
        "",
        "| Command | emqxctl | curl | curl \\| jq | To curl | Peak memory |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| `{row['work']}` | {row['emqxctl_s']} s | {row['curl_s']} s | {row['curl_jq_s']} s "
        f"| {row['ratio_to_curl']} | {row['peak_mb']} MB |"
        for row in results["lists"]
    ]
    return "\n".join(lines) + "\n"


def describe_machine() -> str:
    """Return the processors, their load, and the Python of this machine in a few words."""
    load = f"load {os.getloadavg()[0]:.0f}"
    return f"{os.cpu_count()} processors, {platform.machine()} ({load}), Python {platform.python_version()}"


def main() -> None:
    """Measure, print the table and write the results."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine(),
        "rows": count,
        "row_bytes": len(build_page_template(1)),
        "lists": measure_lists(count),
    }
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    sys.stdout.write(format_results(results))


if __name__ == "__main__":
    main()
