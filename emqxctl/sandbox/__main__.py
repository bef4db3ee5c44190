"""`python -m emqxctl.sandbox --port N`: one sandbox in the foreground, until SIGTERM or SIGINT."""

import argparse
import json
import os
import signal
import sys
import threading

from emqxctl.errors import EmqxctlError
from emqxctl.sandbox.server import Sandbox
from emqxctl.sandbox.state.cluster import COMMUNITY, VERSIONS

KEEP = 100  # recorded requests; a daemon must not grow without limit


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m emqxctl.sandbox", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, help="port on the loopback interface; 0 for a free one"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulated clients")
    parser.add_argument("--clients", type=int, default=24, help="number of simulated clients")
    parser.add_argument("--still", action="store_true", help="disable simulated activity")
    parser.add_argument("--edition", choices=VERSIONS, default=COMMUNITY, help="edition of EMQX")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run a sandbox; write its URL and key to stdout as one line of JSON when it is ready."""
    options = parse_arguments(arguments)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    sandbox = Sandbox(
        port=options.port,
        seed=options.seed,
        clients=options.clients,
        keep=KEEP,
        simulate_activity=not options.still,
        edition=options.edition,
    )
    try:
        sandbox.start()
    except EmqxctlError as error:
        sys.stderr.write(f"emqxctl: {error.message} [{error.code}]\nhint: {error.hint}\n")
        return int(error.exit_code)
    ready = {
        "url": sandbox.url,
        "api_key": sandbox.api_key,
        "api_secret": sandbox.api_secret,
        "pid": os.getpid(),
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    over.wait()
    sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
