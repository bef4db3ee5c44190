"""The entry point: answers --version before any import, then runs the command line."""

import gc
import os
import sys

# Most objects live to the end of a run: collecting garbage after every 700 of them takes a tenth of it.
OBJECTS_BEFORE_GARBAGE_COLLECTION = 50_000


def main() -> int:
    """Run emqxctl and end the process with its exit code."""
    try:
        code = run()
    except KeyboardInterrupt:  # while modules are still imported; a command handles it itself
        code = 130
    flush_streams()
    # Tearing the interpreter down takes longer than importing half of Typer, and nothing needs it.
    os._exit(code)


def run() -> int:
    """Print the version, or run the command line; return the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from emqxctl import __version__

        write_stdout(f"emqxctl {__version__}\n")
        return 0
    gc.set_threshold(OBJECTS_BEFORE_GARBAGE_COLLECTION)
    from emqxctl.cli.app import main as run_command_line

    return run_command_line()


def write_stdout(text: str) -> None:
    """Write to stdout, which may be closed."""
    try:
        if sys.stdout is not None:
            sys.stdout.write(text)
    except (OSError, ValueError):
        return


def flush_streams() -> None:
    """Flush stdout and stderr; a closed reader is not an error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            continue


if __name__ == "__main__":
    sys.exit(main())
