"""What every change of many promises: told before, nothing sent when dry, stopped at once, resumed."""

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
    """A change of many: its words, its file, and what of a target is in its report and in its requests."""

    words: tuple[str, ...]
    key: str
    named: Callable[[Request], list[str]]
    line: str = ""
    question: str = ""


def field(name: str) -> Callable[[Request], list[str]]:
    """Name targets by a field of the body, an object or a list of objects."""

    def named(request: Request) -> list[str]:
        body: Any = json.loads(request.body)
        return [str(one[name]) for one in (body if isinstance(body, list) else [body])]

    return named


def part(at: int) -> Callable[[Request], list[str]]:
    """Name the target by a part of the path."""
    return lambda request: [request.path.split("/")[at].replace("%2F", "/")]


VERBS = {
    "publish-bulk": Verb(
        ("publish-bulk", "FILE", "--batch", "1"),
        "topic",
        field("topic"),
        '{"topic": "many-%d", "payload": "x"}',
    ),
    "users load": Verb(
        ("authentication", "users", "load", "FILE"),
        "user_id",
        field("user_id"),
        '{"user_id": "many-%d", "password": "pass-word"}',
    ),
    "rules users load": Verb(
        ("authorization", "rules", "users", "load", "FILE", "--batch", "1"),
        "username",
        field("username"),
        '{"username": "many-%d", "rule": "deny all #"}',
    ),
    "subscribe": Verb(
        ("clients", "subscribe", "news", "--where", "clientid~^many-"),
        "clientid",
        part(4),
        question="subscribe 6 clients",
    ),
    "unsubscribe": Verb(
        ("clients", "unsubscribe", "news", "--where", "clientid~^many-"),
        "clientid",
        part(4),
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
        part(6),
        question="delete 6 retained messages",
    ),
    "alarms deactivate": Verb(
        ("alarms", "deactivate", "--where", "name~^many-"),
        "name",
        field("name"),
        question="end 6 alarms",
    ),
    "ban": Verb(
        ("banned", "add", "clientid", "--where", "clientid~^many-"),
        "who",
        field("who"),
        question="ban 6 clientids",
    ),
}
EACH = pytest.mark.parametrize("name", VERBS)


class Losing:
    """A cluster that loses the answer to its third change, which it did not make; it counts those it made."""

    def __init__(self, answered: Callable[[Request], Response]) -> None:
        """Count nothing yet."""
        self.answered, self.writes, self.made = answered, 0, Counter[str]()
        self.named: Callable[[Request], list[str]] = lambda _request: []

    def respond(self, request: Request) -> Response:
        """Answer, or break the connection."""
        if request.method != "GET":
            self.writes += 1
            if self.writes == 3:
                raise OSError
            self.made.update(self.named(request))
        return self.answered(request)


@pytest.fixture
def losing(run: Run, cluster: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Losing:
    """Fill the cluster with what can be changed."""
    with cluster.cluster.lock:
        for number in range(COUNT):
            cluster.cluster.add_client(f"many-{number}", node=cluster.cluster.self_node)
            cluster.cluster.add_alarm(f"many-{number}", "x", {})
    retained = [{"topic": one, "payload": "1", "retain": True} for one in TARGETS]
    assert run("publish-bulk", "-", stdin=json.dumps(retained).encode()).code == 0
    found = Losing(cluster._service.respond)  # noqa: SLF001  # to fail in its place
    monkeypatch.setattr(cluster, "_service", found)
    return found


def words_of(verb: Verb, folder: Path) -> tuple[str, ...]:
    """Write the verb's file and give its words."""
    file = folder / "many.jsonl"
    file.write_text("".join(verb.line % number + "\n" for number in range(COUNT)) if verb.line else "")
    return tuple(str(file) if word == "FILE" else word for word in verb.words)


@EACH
def test_a_dry_run_names_them_and_sends_nothing(run: Run, losing: Losing, tmp_path: Path, name: str) -> None:
    verb = VERBS[name]
    ran = run(*words_of(verb, tmp_path), "--dry-run", "-o", "json")
    assert (ran.code, losing.writes) == (0, 0), ran.err
    assert {row[verb.key]: row["status"] for row in ran.json} == dict.fromkeys(TARGETS, "planned")
    assert f"{COUNT} " in ran.err
    assert "nothing was sent" in ran.err


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.question])
def test_the_question_has_their_number_and_a_sample(
    run: Run, cluster: Sandbox, losing: Losing, name: str
) -> None:
    ran = run(*VERBS[name].words)
    assert (ran.code, losing.writes) == (14, 0)
    sample = r"('many-\d', ){3}\.\.\."
    assert re.search(rf"{VERBS[name].question} \({sample}\) on {cluster.url}", ran.err), ran.err


@EACH
def test_the_first_failure_stops_at_once_and_a_resume_does_the_rest(
    run: Run, losing: Losing, tmp_path: Path, name: str
) -> None:
    verb = VERBS[name]
    losing.named = verb.named
    words, report = words_of(verb, tmp_path), tmp_path / "report.jsonl"
    ran = run(*words, "--fail-fast", "--report", str(report), "--yes", "-o", "json")
    assert [row["status"] for row in ran.json] == ["done", "done", "unknown", "left", "left", "left"]
    order = [row[verb.key] for row in ran.json]
    assert ran.code == 9
    assert f"continue with: --resume {report}" in ran.err
    assert losing.writes == 3
    again = words[: words.index("--where")] if "--where" in words else words
    ran = run(*again, "--resume", str(report), "--yes", "-o", "json")
    assert [(row[verb.key], row["status"]) for row in ran.json] == [(one, "done") for one in order[2:]]
    assert ran.code == 0
    assert losing.made == Counter(TARGETS)
