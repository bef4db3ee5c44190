"""Build a folder with emqxctl, Python and libraries into build/onedir, and try every command: `poe onedir`.

PyInstaller's other form, a single file, unpacks itself at each start: 24 times as long as `python -c pass`,
and impossible if /tmp is mounted noexec. Commands are imported by name: PyInstaller needs their names.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

TOP = Path(__file__).parent.parent
BUILD = TOP / "build" / "onedir"
# `sandbox start` starts its own program with these arguments, where Python would run the module.
ENTRY = """\
import sys

if sys.argv[1:3] == ["-m", "emqxctl.sandbox"]:
    del sys.argv[1:3]
    from emqxctl.sandbox.__main__ import main
else:
    from emqxctl.__main__ import main
sys.exit(main())
"""
ROUNDS = 9
MEASURED = {"--version": ["--version"], "--help": ["--help"], "errors": ["errors", "NOT_FOUND", "-o", "json"]}


def build_folder() -> Path:
    """Build the folder and return the path of its program."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    entry = BUILD / "entry.py"
    entry.write_text(ENTRY)
    collected = [
        *("--collect-submodules", "emqxctl", "--collect-submodules", "typer", "--collect-submodules", "rich"),
        *("--collect-data", "emqxctl"),
    ]
    paths = ("--distpath", BUILD / "dist", "--workpath", BUILD / "work", "--specpath", BUILD)
    options = ("--onedir", "--noupx", "--noconfirm", "--log-level", "WARN", "--name", "emqxctl")
    command = [sys.executable, "-m", "PyInstaller", *options, *collected, *map(str, paths), str(entry)]
    subprocess.run(command, check=True)
    folder = BUILD / "dist" / "emqxctl"
    for source, target in (("completions", "share/completions"), ("LICENSE", "LICENSE")):
        copy = shutil.copytree if (TOP / source).is_dir() else shutil.copy
        copy(TOP / source, folder / target)
    return folder / "emqxctl"


def run(program: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program in an environment of its own."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(BUILD), "EMQXCTL_CONFIG": str(BUILD / "config")}
    return subprocess.run([program, *words], env=environ, capture_output=True, text=True, check=False)


def list_failures(program: Path) -> Iterator[str]:
    """Yield each command whose help page fails, and each way to use the sandbox and the guides that fails."""
    commands = json.loads(run(program, "commands", "-o", "json").stdout)
    calls = [(*command["path"].split()[1:], "--help") for command in commands]
    calls += [("help", "install"), ("-p", "sandbox", "nodes", "list"), ("-p", "sandbox", "status")]
    calls += [("-p", "sandbox", "nodes", "list", "-o", "yaml"), ("-p", "sandbox", "export")]
    with ThreadPoolExecutor() as executor:
        for words, result in zip(calls, executor.map(lambda words: run(program, *words), calls), strict=True):
            if result.returncode not in {0, 8} or "Traceback" in result.stderr:
                yield f"{' '.join(words)}: exit {result.returncode}\n{result.stderr}"
    for words in (("start", "--still"), ("status",), ("stop",)):
        result = run(program, "sandbox", *words)
        if result.returncode:
            yield f"sandbox {' '.join(words)}: exit {result.returncode}\n{result.stderr}"
    sys.stdout.write(f"{len(calls) + 3} commands run\n")


def measure(words: list[str | Path]) -> float:
    """Return the median time of a command in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        times.append((perf_counter() - start) * 1000)
    return sorted(times)[ROUNDS // 2]


def write_archive(folder: Path) -> Path:
    """Write the folder as an archive and return its path."""
    archive = BUILD / "emqxctl-linux.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, "emqxctl")
    return archive


def main() -> None:
    """Build, try and measure; exits with 1 if a command fails."""
    program = build_folder()
    failures = list(list_failures(program))
    base = measure([sys.executable, "-c", "pass"])
    for name, words in MEASURED.items():
        sys.stdout.write(f"{name}: {measure([program, *words]) / base:.1f} times `python -c pass`\n")
    size = sum(path.stat().st_size for path in program.parent.rglob("*") if path.is_file())
    archive = write_archive(program.parent)
    sys.stdout.write(f"{size / 1e6:.0f} MB, {archive} {archive.stat().st_size / 1e6:.0f} MB\n")
    sys.exit("\n".join(failures) or 0)


if __name__ == "__main__":
    main()
