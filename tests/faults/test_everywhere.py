"""Commands of every group against faults: no trace, no wrong exit code, no secret, nothing posted twice."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.faults.conftest import SECRET, RunAgainst, Serve
from tests.faults.server import Responder, format_head, never_respond, reset_connection, respond, respond_raw
from tests.support.every_case import check_every
from tests.support.examples import Example, read_examples, write_example_files

PAGE = "<html><head><title>Gateway</title></head><body>nginx</body></html>"
REFUSED = '{"code": "SOME_CODE", "message": "\\u001b[31mno"}'
JSON = {"Content-Type": "application/json"}

# Each fault with the exit codes that are right for it. A change that was answered with 200 is done, whatever
# the body is; a command that prints text as it is has no JSON to parse.
FAULTS: dict[str, tuple[Responder, set[int]]] = {
    "reset": (reset_connection(), {11}),
    "reset in the headers": (respond_raw(b"HTTP/1.1 200 OK\r\nContent-Ty", reset=True), {11}),
    "short body": (respond_raw(format_head(200, {**JSON, "Content-Length": "99"}) + b"["), {11}),
    "not HTTP": (respond_raw(b"SSH-2.0-OpenSSH_9.2\r\n"), {11}),
    "silence": (never_respond(), {12}),
    "cut JSON": (respond(200, '[{"node": "emqx@1'), {0, 10}),
    "page of a proxy": (respond(200, PAGE, content_type="text/html"), {0, 10}),
    "empty body": (respond(200), {0, 6, 7, 8, 10}),
    "null": (respond(200, "null"), {0, 6, 7, 8, 10}),
    "number": (respond(200, "5"), {0, 6, 7, 8, 10}),
    "a list of texts": (respond(200, '["a", null, 1]'), {0, 6, 7, 8, 10}),
    "object of nulls": (respond(200, '{"data": null, "meta": null}'), {0, 6, 7, 8, 10}),
    "204": (respond(204), {0, 6, 7, 8, 10}),
    "400": (respond(400, REFUSED), {7}),
    "401": (respond(401, REFUSED), {4}),
    "403": (respond(403, REFUSED), {5}),
    "404": (respond(404, REFUSED), {6, 13}),
    "429": (respond(429, REFUSED, {"Retry-After": "99999999"}), {7}),
    "500": (respond(500, REFUSED), {10}),
    "503": (respond(503, REFUSED, {"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}), {10}),
    "redirect": (respond(302, "", {"Location": "http://127.0.0.1:9/x"}), {11}),
}


OF_EVERY_COMMAND = ("number", "a list of texts")  # every command is run against these
REPORT_GROUPS = {
    "status",
    "check",
    "doctor",
    "wait",
}  # what they report is their result: 1 or 8, and 10 of what is not EMQX
LOCAL = {  # use profiles of their own, or send nothing
    *("emqxctl keys add", "emqxctl keys login", "emqxctl keys rotate", "emqxctl keys set"),
    "emqxctl validate",
    "emqxctl explain",  # has facts of its own
}
OTHER_EXIT_CODES = {
    ("emqxctl keys test", "403"): {0},  # a key that may only publish is a key that works
    ("emqxctl schemas bundle", "number"): {2},  # its archive of one line is not an archive
    ("emqxctl schemas bundle", "a list of texts"): {2},
    ("emqxctl listeners set-cert", "number"): {2},  # its files are not certificates
    ("emqxctl listeners set-cert", "a list of texts"): {2},
}
LEAKS = ("UNEXPECTED", "\x1b", "secret-of-stdin", "s3cret-of-a-file")

CheckExamples = Callable[[Iterable[Example], str], None]


def first_of_each_group(*, changing: bool) -> list[Example]:
    """Return the first command of each group that sends a request, or the first that changes something."""
    by_group: dict[str, Example] = {}
    for example in read_examples():
        if (example.spec.effect != "read") == changing:
            by_group.setdefault(example.group, example)
    return [example for example in by_group.values() if example.path not in LOCAL]


@pytest.fixture
def check_examples(
    serve: Serve, run_against: RunAgainst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CheckExamples:
    """Return a function that runs examples under a fault and fails with those that behaved wrongly."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def check_all(examples: Iterable[Example], fault: str) -> None:
        responder, exit_codes = FAULTS[fault]
        env = {
            "EMQXCTL_RETRIES": "1",
            "EMQXCTL_USERNAME": "admin",
            "EMQXCTL_PASSWORD": SECRET,
            "EMQXCTL_TIMEOUT": "0.03" if fault == "silence" else "5",
        }

        def check(example: Example) -> None:
            write_example_files(example.words, folder)
            server = serve(responder)
            arguments = [word for word in example.words if word != "--dry-run"]
            result = run_against(server, "--yes", *arguments, env=env, stdin=b"secret-of-stdin\n")
            allowed = exit_codes | ({1, 8, 10} if example.group in REPORT_GROUPS else set())
            allowed |= OTHER_EXIT_CODES.get((example.path, fault), set())
            output = result.err + result.out
            assert result.code in allowed, (result.err, server.targets())
            assert not result.code or output, "failed without a message"
            assert not [leak for leak in LEAKS if leak in output], output
            posts = Counter(request.target for request in server.received if request.method == "POST")
            assert not [target for target, count in posts.items() if count > 1], "posted twice"

        check_every(examples, check, name=lambda example: example.path)

    return check_all


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in OF_EVERY_COMMAND])
def test_the_first_read_of_each_group_fails_cleanly(check_examples: CheckExamples, fault: str) -> None:
    check_examples(first_of_each_group(changing=False), fault)


@pytest.mark.parametrize("fault", ["reset", "short body", "silence", "401", "503"])
def test_the_first_change_of_each_group_fails_cleanly(check_examples: CheckExamples, fault: str) -> None:
    check_examples(first_of_each_group(changing=True), fault)


@pytest.mark.parametrize("fault", OF_EVERY_COMMAND)
def test_no_command_crashes_on_a_response_of_another_shape(check_examples: CheckExamples, fault: str) -> None:
    check_examples([example for example in read_examples() if example.path not in LOCAL], fault)
