"""Every command with a read-only profile, as in its example: only safe requests are sent."""

import re
from pathlib import Path

import pytest

from emqxctl.cli.spec import Effect
from tests.conftest import Run, RunResult
from tests.support.examples import AlwaysOkServer, Example, read_examples, write_example_files

SAFE = ("GET ", "HEAD ", "OPTIONS ")
LOGIN = "POST /api/v5/login"  # as a dashboard user, to read what no key may
# What this server's answers, or files of one line, are not enough for.
NEEDS_MORE = {
    *("emqxctl authorization rules clients create", "emqxctl authorization rules users create"),
    *("emqxctl authorization rules purge", "emqxctl authorization sources move"),
    *("emqxctl gateways authentication delete", "emqxctl gateways authentication update"),
    *(
        "emqxctl apply",
        "emqxctl configs set",
        "emqxctl listeners set-cert",
        "emqxctl nodes drain",
        "emqxctl nodes undrain",
    ),
    *("emqxctl keys add", "emqxctl keys login", "emqxctl keys set"),
    *("emqxctl schemas bundle", "emqxctl users password"),
}
READ_ONLY = re.compile(r"read-only profile|profile is read-only")
SECRETS = ("s3cret-of-the-test", "s3cret-of-a-file")


@pytest.fixture
def run_example(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "ExampleRunner":
    """Return a function that runs an example against a server, in a folder with the files it reads."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return ExampleRunner(run, home, folder)


class ExampleRunner:
    """Runs examples as the profile `prod`."""

    def __init__(self, run: Run, home: Path, folder: Path) -> None:
        """Keep the home and the working folder."""
        self.run, self.home, self.folder = run, home, folder

    def __call__(
        self, server: AlwaysOkServer, example: Example, *, readonly: bool
    ) -> tuple[RunResult, list[str]]:
        """Run an example; return its result and the unsafe requests that it sent."""
        write_example_files(example.words, self.folder)
        config = self.home / "config" / "config.toml"
        config.parent.mkdir(exist_ok=True)
        config.write_text(
            f'[profiles.prod]\nurl = "{server.url}"\napi_key = "k"\napi_secret = "{SECRETS[0]}"\n'
            f"readonly = {str(readonly).lower()}\n"
        )
        config.chmod(0o600)
        variables = {"RETRIES": "0", "USERNAME": "admin", "PASSWORD": SECRETS[0], "PROFILE": "prod"}
        env = {f"EMQXCTL_{name}": value for name, value in variables.items()}
        server.requests.clear()
        arguments = [word for word in example.words if word != "--dry-run"]
        result = self.run("--yes", *arguments, stdin=f"{SECRETS[0]}\n".encode(), env=env)
        return result, [request for request in server.requests if not request.startswith(SAFE)]


def has_fault(result: RunResult) -> bool:
    """Return whether a run printed a secret, or ended by a bug."""
    return any(word in result.out + result.err for word in ("Traceback", "UNEXPECTED", *SECRETS))


def test_reading_sends_nothing_unsafe(run_example: ExampleRunner) -> None:
    failures: dict[str, object] = {}
    with AlwaysOkServer() as server:
        for example in read_examples():
            if example.spec.effect is Effect.READ:
                result, unsafe_requests = run_example(server, example, readonly=True)
                if [request for request in unsafe_requests if request != LOGIN] or has_fault(result):
                    failures[example.path] = (result.code, unsafe_requests, result.err)
    assert failures == {}


def test_every_change_is_refused_with_14_and_sends_nothing_unsafe(run_example: ExampleRunner) -> None:
    failures: dict[str, object] = {}
    without_requests = set()
    with AlwaysOkServer() as server:
        for example in read_examples():
            if example.spec.effect is Effect.READ:
                continue
            guarded_result, unsafe_requests_sent = run_example(server, example, readonly=True)
            allowed_result, unsafe_requests = run_example(server, example, readonly=False)
            is_guarded = (
                guarded_result.code == 14
                and READ_ONLY.search(guarded_result.out + guarded_result.err) is not None
            )
            if not unsafe_requests:
                without_requests.add(example.path)
            if (
                unsafe_requests_sent
                or has_fault(guarded_result)
                or has_fault(allowed_result)
                or (unsafe_requests and not is_guarded)
            ):
                failures[example.path] = (
                    unsafe_requests_sent,
                    guarded_result.code,
                    guarded_result.err,
                    allowed_result.err,
                )
    assert failures == {}
    assert without_requests <= NEEDS_MORE
