"""`python -m emqxctl.sandbox --port N`: one sandbox in the foreground, until SIGTERM or SIGINT."""

import argparse
import json
import os
import signal
import sys
import threading

from emqxctl.errors import EmqxctlError
from emqxctl.sandbox.server import Sandbox

KEEP = 100  # requests remembered; a daemon must not grow for ever


def main(arguments: list[str] | None = None) -> int:
    """Run a sandbox, and say on stdout as one line of JSON when it is ready."""
    parser = argparse.ArgumentParser(prog="python -m emqxctl.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port of the loopback; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=0, help="another number makes other inhabitants")
    parser.add_argument("--clients", type=int, default=24, help="how many clients live there")
    parser.add_argument("--still", action="store_true", help="nothing happens by itself")
    options = parser.parse_args(arguments)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    sandbox = Sandbox(
        port=options.port, seed=options.seed, clients=options.clients, keep=KEEP, moving=not options.still
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
