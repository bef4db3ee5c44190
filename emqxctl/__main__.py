"""The entry point: answers --version before any import, then hands over."""

import os
import sys


def main() -> int:
    """Run emqxctl and end the process with its exit code."""
    try:
        code = answer()
    except KeyboardInterrupt:  # while still importing; later it is told and accounted for
        code = 130
    flush()
    # Tearing the interpreter down takes longer than importing Typer's half; nothing is left to be done in it.
    os._exit(code)


def answer() -> int:
    """Answer --version at once; run everything else."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from emqxctl import __version__

        write(f"emqxctl {__version__}\n")
        return 0
    from emqxctl.cli.app import main as run

    return run()


def write(text: str) -> None:
    """Write to stdout, which may be closed or have nobody reading it."""
    try:
        if sys.stdout is not None:
            sys.stdout.write(text)
    except (OSError, ValueError):
        return


def flush() -> None:
    """Flush what is left in the streams; a reader that is gone has read enough."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            continue


if __name__ == "__main__":
    sys.exit(main())
