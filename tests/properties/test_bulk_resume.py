"""Every bulk command: a resumed run does to each target what the first run did, without its options."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.sandboxes import replace_clients

NODE = "emqx1@sandbox.local"
TARGETS = ["many-1", "many-2", "many-3"]
USERS = '{"user_id": "many-%d", "password": "pass-word"}'
PROVIDER = "password_based:built_in_database"


class Resumed(NamedTuple):
    """A bulk command: its arguments, options of the first run, and options that a resumed run refuses.

    `same` are its parameters that a resumed run takes from the report or refuses to change, `others` those
    that do not change what is done to a target, with the reason. `line` is a line of its FILE.
    """

    arguments: tuple[str, ...]
    options: tuple[str, ...] = ()
    refused: tuple[tuple[str, ...], ...] = ()
    same: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    line: str = ""


COMMANDS = {
    "alarms deactivate": Resumed(("--ids", "IDS"), others=frozenset({"names"})),
    "authentication users load": Resumed(
        ("FILE",),
        ("--replace",),
        (("--provider", "other"),),
        same=frozenset({"provider", "replace"}),
        others=frozenset({"file"}),
        line=USERS,
    ),
    **{
        f"authorization rules {owners} load": Resumed(
            ("FILE",),
            ("--replace",),
            same=frozenset({"replace"}),
            others=frozenset({"file"}),
            line=f'{{"{key}": "many-%d", "rule": "deny all #"}}',
        )
        for owners, key in (("users", "username"), ("clients", "clientid"))
    },
    "banned add": Resumed(
        ("clientid", "--ids", "IDS"),
        ("--for", "2h", "--reason", "it floods", "--by", "ann"),
        (("--for", "3h"), ("--until", "2090-01-01T00:00:00Z"), ("--reason", "x"), ("--by", "bob")),
        same=frozenset({"kind", "for_", "until", "reason", "by"}),
        others=frozenset({"who"}),
    ),
    "banned delete": Resumed(
        ("clientid", "--ids", "IDS"), same=frozenset({"kind"}), others=frozenset({"who"})
    ),
    "clients kick": Resumed(("--ids", "IDS"), others=frozenset({"clientids"})),
    "clients subscribe": Resumed(
        ("news", "cfg/+", "--ids", "IDS"),
        ("--qos", "1", "--no-local", "--retain-as-published", "--retain-handling", "2"),
        (("more",), ("--qos", "0"), ("--retain-handling", "1")),
        same=frozenset({"words", "qos", "no_local", "retain_as_published", "retain_handling"}),
    ),
    "clients unsubscribe": Resumed(
        ("news", "cfg/+", "--ids", "IDS"), refused=(("more",),), same=frozenset({"words"})
    ),
    "nodes drain": Resumed(
        (NODE,),
        same=frozenset({"node"}),
        # These are of an evacuation, which has no report, or of waiting for it.
        others=frozenset(
            {
                *("conn_evict_rate", "max_wait", "migrate_to", "redirect_to", "sess_evict_rate"),
                *("wait", "wait_health_check", "wait_takeover"),
            }
        ),
    ),
    # The messages of a report are numbered; --retry-unknown is only for a resumed run.
    "publish-bulk": Resumed(
        ("FILE",), others=frozenset({"file", "retry_unknown"}), line='{"topic": "many-%d", "payload": "x"}'
    ),
    "retained delete": Resumed(("--ids", "IDS"), others=frozenset({"topics"})),
}
EACH_COMMAND = pytest.mark.parametrize("name", COMMANDS)


def test_every_option_of_every_bulk_command_is_the_same_when_resumed_or_has_a_reason() -> None:
    parameters = {
        path.removeprefix("emqxctl "): frozenset(command.spec.parameters) - {"session"}
        for path, command in walk_commands(build_root())
        if command.spec.bulk or command.spec.rate_limited
    }
    assert {
        name: frozenset(resumed.same | resumed.others) for name, resumed in COMMANDS.items()
    } == parameters


class Runs:
    """Runs of one bulk command against a cluster with its targets."""

    def __init__(self, run: Run, cluster: Sandbox, folder: Path, name: str) -> None:
        """Write the files of the command."""
        self.run, self.cluster, self.name = run, cluster, name
        self.resumed, self.report = COMMANDS[name], folder / "report.jsonl"
        files = {"IDS": folder / "ids", "FILE": folder / "file.jsonl"}
        files["IDS"].write_text("\n".join(TARGETS))
        if self.resumed.line:
            files["FILE"].write_text("".join(self.resumed.line % number + "\n" for number in (1, 2, 3)))
        words = [str(files.get(word, word)) for word in self.resumed.arguments]
        self.arguments = (*name.split(), *words)
        end = self.arguments.index("--ids") if "--ids" in self.arguments else None
        self.resumed_arguments = (*self.arguments[:end], "--resume", str(self.report))

    def change(self, *words: str) -> tuple[int, str, list[tuple[str, str, str]]]:
        """Run a command; return its exit code, its messages, and the requests that change something."""
        replace_clients(self.cluster, TARGETS)
        start = len(self.cluster.requests)
        result = self.run(*words, "--yes", "--workers", "1")
        requests = [
            (request.method, request.path, request.body.decode())
            for request in self.cluster.requests[start:]
            if request.method != "GET"
        ]
        return int(result.code), result.err, requests

    def write_interrupted_report(self) -> list[tuple[str, str, str]]:
        """Leave the report of a run that was killed before its first request; return what the run sends."""
        if self.resumed.options == ("--replace",):
            self.change(*self.arguments)  # there is something to replace
        _, err, requests = self.change(*self.arguments, *self.resumed.options, "--report", str(self.report))
        assert requests, err
        self.report.write_text(self.report.read_text().partition("\n")[0] + "\n")
        return requests


@pytest.fixture
def runs(run: Run, cluster: Sandbox, tmp_path: Path, name: str) -> Runs:
    """Return the runs of the command of a test."""
    return Runs(run, cluster, tmp_path, name)


@EACH_COMMAND
def test_a_resumed_run_sends_what_the_first_run_sent(runs: Runs) -> None:
    sent = runs.write_interrupted_report()
    _, err, requests = runs.change(*runs.resumed_arguments)
    assert sorted(requests) == sorted(sent), err
    assert ("as in the first run: --" in err) is bool(runs.resumed.options)
    assert all(json.loads(line) for line in runs.report.read_text().splitlines())


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name, resumed in COMMANDS.items() for words in resumed.refused]
)
def test_a_resumed_run_refuses_other_options(runs: Runs, words: Sequence[str]) -> None:
    runs.write_interrupted_report()
    code, err, requests = runs.change(*runs.resumed_arguments, *words)
    assert (code, requests) == (2, [])
    assert "the first run had " in err


@pytest.mark.parametrize(
    ("name", "resuming"),
    [
        ("nodes drain", ("nodes", "drain", "emqx2@sandbox.local")),
        ("banned delete", ("retained", "delete")),
        ("retained delete", ("banned", "delete", "clientid")),
        ("banned delete", ("banned", "delete", "username")),
        ("authorization rules users load", ("authorization", "rules", "clients", "load", "FILE")),
        ("authorization rules users load", ("authentication", "users", "load", "FILE")),
        ("authentication users load", ("authorization", "rules", "users", "load", "FILE")),
    ],
)
def test_the_report_of_another_command_or_kind_is_refused(
    runs: Runs, tmp_path: Path, resuming: tuple[str, ...]
) -> None:
    runs.write_interrupted_report()
    file = tmp_path / "other.jsonl"
    key = "clientid" if "clients" in resuming else "username"
    rules = f'{{"{key}": "many-%d", "rule": "deny all #"}}'
    file.write_text((USERS if resuming[0] == "authentication" else rules) % 1 + "\n")
    words = [str(file) if word == "FILE" else word for word in resuming]
    code, err, requests = runs.change(*words, "--resume", str(runs.report))
    assert (code, requests) == (2, []), err


def test_the_options_of_the_first_run_may_be_repeated(run: Run, cluster: Sandbox, tmp_path: Path) -> None:
    runs = Runs(run, cluster, tmp_path, "clients subscribe")
    sent = runs.write_interrupted_report()
    _, err, requests = runs.change(*runs.resumed_arguments, *runs.resumed.options)
    assert requests == sent
    assert "as in the first run" not in err


@pytest.mark.parametrize("header", ['{"targets": ["a"], "options": 5}', "5", "text", ""])
def test_a_report_whose_options_cannot_be_read_is_refused(
    run: Run, cluster: Sandbox, tmp_path: Path, header: str
) -> None:
    report = tmp_path / "report.jsonl"
    fields = {"verb": "ban", "url": cluster.url}
    report.write_text(header.replace("{", json.dumps(fields)[:-1] + ", ", 1) + "\n")
    result = run("banned", "add", "clientid", "--resume", str(report), "--yes")
    assert (result.code, "not a report" in result.err) == (2, True), result.err
    result = run("banned", "add", "clientid", "--resume", "-", "--yes", stdin=report.read_bytes())
    assert (result.code, "--resume - is not supported" in result.err) == (2, True)
    assert cluster.requests == []
