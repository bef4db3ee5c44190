"""Start-up as ratios to `python -c pass`: run by hand or `poe bench`; a test holds it to slack budgets.

Runs are interleaved and their ratios' medians taken, so that a busy moment weighs on all alike.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

EMQXCTL = shutil.which("emqxctl", path=str(Path(sys.executable).parent)) or "emqxctl"
TAB = {"_EMQXCTL_COMPLETE": "bash", "_EMQXCTL_LINE": "emqxctl no"}
TAB_NAMES = {"_EMQXCTL_COMPLETE": "bash", "_EMQXCTL_LINE": "emqxctl nodes get "}
CASES: Mapping[str, tuple[list[str], Mapping[str, str]]] = {
    "pass": ([sys.executable, "-c", "pass"], {}),
    "libraries": ([sys.executable, "-c", "import typer, rich, requests"], {}),
    "--version": ([EMQXCTL, "--version"], {}),
    "--help": ([EMQXCTL, "--help"], {}),
    "TAB": ([EMQXCTL, "--"], TAB),
    "TAB names": ([EMQXCTL, "--"], TAB_NAMES),
    "json": ([EMQXCTL, "nodes", "list", "-o", "json"], {}),
    "table": ([EMQXCTL, "nodes", "list"], {}),
}


def measure_seconds(env: Mapping[str, str], rounds: int) -> dict[str, list[float]]:
    """Measure every case in turn, `rounds` times."""
    seconds: dict[str, list[float]] = {name: [] for name in CASES}
    all_env = {**os.environ, **env}
    all_env.pop("PYTHONDONTWRITEBYTECODE", None)  # installed packages have bytecode
    for _ in range(rounds):
        for name, (command, extra_env) in CASES.items():
            started = time.perf_counter()
            subprocess.run(command, env={**all_env, **extra_env}, stdout=subprocess.DEVNULL, check=True)
            seconds[name].append(time.perf_counter() - started)
    return seconds


def median_ratios(env: Mapping[str, str], rounds: int) -> dict[str, float]:
    """Return the median ratio of each case to `python -c pass`: to be quoted, from a quiet machine."""
    seconds = measure_seconds(env, rounds)
    return {
        name: median(duration / baseline for duration, baseline in zip(times, seconds["pass"], strict=True))
        for name, times in seconds.items()
    }


def best_ratios(env: Mapping[str, str], rounds: int) -> dict[str, float]:
    """Return the ratio of the best runs, which a busy machine changes least."""
    seconds = measure_seconds(env, rounds)
    return {name: min(times) / min(seconds["pass"]) for name, times in seconds.items()}


def main() -> None:
    """Print the ratios."""
    from emqxctl.sandbox.server import Sandbox

    with Sandbox() as sandbox:
        env = {
            "EMQXCTL_URL": sandbox.url,
            "EMQXCTL_API_KEY": sandbox.api_key,
            "EMQXCTL_API_SECRET": sandbox.api_secret,
        }
        for name, ratio in median_ratios(env, rounds=15).items():
            sys.stdout.write(f"{name:10} {ratio:6.2f}\n")


if __name__ == "__main__":
    main()
