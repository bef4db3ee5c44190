"""The entry point: answers --version before any import, then hands over."""

import sys


def main() -> int:
    """Run emqxctl and give its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from emqxctl import __version__

        sys.stdout.write(f"emqxctl {__version__}\n")
        return 0
    from emqxctl.cli.app import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
