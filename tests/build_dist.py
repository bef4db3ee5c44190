"""Build wheel and source archive into dist/, check both, install each in a clean environment: `poe dist`."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parent.parent
DIST = TOP / "dist"
SHARED = ("share/man/man1/emqxctl-clients.1", "share/bash-completion/completions/emqxctl")


def build() -> list[Path]:
    """Build and check both archives, and return their paths."""
    shutil.rmtree(DIST, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--outdir", str(DIST), str(TOP)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    archives = sorted(DIST.iterdir())
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *archives], check=True)
    return archives


def try_archive(archive: Path) -> Iterator[str]:
    """Install an archive in a new environment and yield what does not work there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
        subprocess.run([folder / "env/bin/pip", "install", "-q", archive], check=True)
        yield from (f"missing: {path}" for path in SHARED if not (folder / "env" / path).is_file())
        environ = {"PATH": os.environ["PATH"], "HOME": name, "EMQXCTL_CONFIG": str(folder / "config")}
        for words in (["--version"], ["-p", "sandbox", "nodes", "list"], ["help", "install"]):
            result = subprocess.run(
                [folder / "env/bin/emqxctl", *words],
                env=environ,
                cwd=name,
                capture_output=True,
                text=True,
                check=False,
            )
            if result.returncode or "Traceback" in result.stderr:
                yield f"emqxctl {' '.join(words)}: exit {result.returncode}\n{result.stderr}"


def main() -> None:
    """Build and try; exits with 1 if an archive does not work."""
    failures = []
    for archive in build():
        problems = list(try_archive(archive))
        sys.stdout.write(f"{archive.name}: {'failed' if problems else 'works in a clean environment'}\n")
        failures += problems
    sys.exit("\n".join(failures) or 0)


if __name__ == "__main__":
    main()
