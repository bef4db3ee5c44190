"""Every bulk command: a dry run sends nothing, confirmation is required, failures stop it, it is resumed."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from emqxctl.sandbox.messages import Request, Response
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

COUNT = 6
TARGETS = [f"many-{number}" for number in range(COUNT)]


class Verb(NamedTuple):
    """A bulk command: its arguments, its file, and where its report and its requests name a target."""

    arguments: tuple[str, ...]
    key: str
    name_targets: Callable[[Request], list[str]]
    line: str = ""
    question: str = ""


def body_field(name: str) -> Callable[[Request], list[str]]:
    """Return a function that reads targets from a field of the body, an object or a list of objects."""

    def name_targets(request: Request) -> list[str]:
        body: Any = json.loads(request.body)
        return [str(item[name]) for item in (body if isinstance(body, list) else [body])]

    return name_targets


def path_part(at: int) -> Callable[[Request], list[str]]:
    """Return a function that reads the target from a part of the path."""
    return lambda request: [request.path.split("/")[at].replace("%2F", "/")]


VERBS = {
    "publish-bulk": Verb(
        ("publish-bulk", "FILE", "--batch", "1"),
        "topic",
        body_field("topic"),
        '{"topic": "many-%d", "payload": "x"}',
    ),
    "users load": Verb(
        ("authentication", "users", "load", "FILE"),
        "user_id",
        body_field("user_id"),
        '{"user_id": "many-%d", "password": "pass-word"}',
    ),
    "rules users load": Verb(
        ("authorization", "rules", "users", "load", "FILE", "--batch", "1"),
        "username",
        body_field("username"),
        '{"username": "many-%d", "rule": "deny all #"}',
    ),
    "subscribe": Verb(
        ("clients", "subscribe", "news", "--where", "clientid~^many-"),
        "clientid",
        path_part(4),
        question="subscribe 6 clients",
    ),
    "unsubscribe": Verb(
        ("clients", "unsubscribe", "news", "--where", "clientid~^many-"),
        "clientid",
        path_part(4),
        question="unsubscribe 6 clients",
    ),
    "kick": Verb(
        ("clients", "kick", "--where", "clientid~^many-", "--batch", "1"),
        "clientid",
        lambda request: list(json.loads(request.body)),
        question="kick 6 clients",
    ),
    "retained delete": Verb(
        ("retained", "delete", "--where", "topic~^many-"),
        "topic",
        path_part(6),
        question="delete 6 retained messages",
    ),
    "alarms deactivate": Verb(
        ("alarms", "deactivate", "--where", "name~^many-"),
        "name",
        body_field("name"),
        question="deactivate 6 alarms",
    ),
    "ban": Verb(
        ("banned", "add", "clientid", "--where", "clientid~^many-"),
        "who",
        body_field("who"),
        question="ban 6 clientids",
    ),
}
EACH_VERB = pytest.mark.parametrize("name", VERBS)


class LosingServer:
    """A cluster that resets the connection of its third change without making it; it counts those it made."""

    def __init__(self, respond_normally: Callable[[Request], Response]) -> None:
        """Start with no change."""
        self.respond_normally, self.writes, self.changes = respond_normally, 0, Counter[str]()
        self.name_targets: Callable[[Request], list[str]] = lambda _request: []

    def respond(self, request: Request) -> Response:
        """Answer, or reset the connection."""
        if request.method != "GET":
            self.writes += 1
            if self.writes == 3:
                raise OSError
            self.changes.update(self.name_targets(request))
        return self.respond_normally(request)


@pytest.fixture
def losing_server(run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch) -> LosingServer:
    """Fill the cluster with targets."""
    with cluster.cluster.lock:
        for number in range(COUNT):
            cluster.cluster.add_client(f"many-{number}", node=cluster.cluster.self_node)
            cluster.cluster.add_alarm(f"many-{number}", "x", {})
    retained = [{"topic": item, "payload": "1", "retain": True} for item in TARGETS]
    assert run("publish-bulk", "-", stdin=json.dumps(retained).encode()).code == 0
    losing_server = LosingServer(cluster._service.respond)  # noqa: SLF001  # to fail in its place
    monkeypatch.setattr(cluster, "_service", losing_server)
    return losing_server


def write_arguments(verb: Verb, folder: Path) -> tuple[str, ...]:
    """Write the verb's file and return its arguments."""
    file = folder / "many.jsonl"
    file.write_text("".join(verb.line % number + "\n" for number in range(COUNT)) if verb.line else "")
    return tuple(str(file) if word == "FILE" else word for word in verb.arguments)


@EACH_VERB
def test_a_dry_run_lists_the_targets_and_sends_nothing(
    run: Run, losing_server: LosingServer, tmp_path: Path, name: str
) -> None:
    verb = VERBS[name]
    result = run(*write_arguments(verb, tmp_path), "--dry-run", "-o", "json")
    assert (result.code, losing_server.writes) == (0, 0), result.err
    assert {row[verb.key]: row["status"] for row in result.json} == dict.fromkeys(TARGETS, "planned")
    assert f"{COUNT} " in result.err
    assert "no request was sent" in result.err


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.question])
def test_the_confirmation_prompt_has_the_number_and_a_sample(
    run: Run, cluster: Sandbox, losing_server: LosingServer, name: str
) -> None:
    result = run(*VERBS[name].arguments)
    assert (result.code, losing_server.writes) == (14, 0)
    sample = r"('many-\d', ){3}\.\.\."
    assert re.search(rf"{VERBS[name].question} \({sample}\) on {cluster.url}", result.err), result.err


@EACH_VERB
def test_fail_fast_stops_at_the_first_failure_and_resume_does_the_rest(
    run: Run, losing_server: LosingServer, tmp_path: Path, name: str
) -> None:
    verb = VERBS[name]
    losing_server.name_targets = verb.name_targets
    arguments, report = write_arguments(verb, tmp_path), tmp_path / "report.jsonl"
    result = run(*arguments, "--fail-fast", "--report", str(report), "--yes", "-o", "json")
    assert [row["status"] for row in result.json] == [
        "done",
        "done",
        "unknown",
        "pending",
        "pending",
        "pending",
    ]
    order = [row[verb.key] for row in result.json]
    assert result.code == 9
    assert f"continue with: --resume {report}" in result.err
    assert losing_server.writes == 3
    resume_arguments = arguments[: arguments.index("--where")] if "--where" in arguments else arguments
    if name == "publish-bulk":  # what may have been published is not published again unless that is wanted
        result = run(*resume_arguments, "--resume", str(report), "-o", "json")
        assert [row["status"] for row in result.json] == ["done", "done", "done", "unknown"]
        assert (result.code, "--retry-unknown" in result.err) == (9, True)
        resume_arguments = (*resume_arguments, "--retry-unknown")
        order = [*order[:2], order[2]]
    result = run(*resume_arguments, "--resume", str(report), "--yes", "-o", "json")
    assert [(row[verb.key], row["status"]) for row in result.json] == [(item, "done") for item in order[2:]]
    assert result.code == 0
    assert run(*resume_arguments, "--resume", str(report), "--yes", "-o", "json").json == []
    assert losing_server.changes == Counter(TARGETS)
