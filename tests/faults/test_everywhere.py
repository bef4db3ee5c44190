"""Every group against the faults: no trace, no wrong code, no secret, nothing posted twice."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import SECRET, RunAgainst, Serve
from tests.faults.server import Responder, format_head, never_respond, reset_connection, respond, respond_raw
from tests.support.examples import Example, iter_examples, write_example_files

PAGE = "<html><head><title>Gateway</title></head><body>nginx</body></html>"
REFUSED = '{"code": "SOME_CODE", "message": "\\u001b[31mno"}'
JSON = {"Content-Type": "application/json"}

# Each fault with the exit codes that are right for it. A change that was answered with 200 is done, whatever
# the body says; what shows text as it comes has no JSON to miss.
FAULTS: dict[str, tuple[Responder, set[int]]] = {
    "reset": (reset_connection(), {11}),
    "reset in the headers": (respond_raw(b"HTTP/1.1 200 OK\r\nContent-Ty", reset=True), {11}),
    "short body": (respond_raw(format_head(200, {**JSON, "Content-Length": "99"}) + b"["), {11}),
    "not HTTP": (respond_raw(b"SSH-2.0-OpenSSH_9.2\r\n"), {11}),
    "silence": (never_respond(), {12}),
    "cut JSON": (respond(200, '[{"node": "emqx@1'), {0, 10}),
    "page of a proxy": (respond(200, PAGE, content_type="text/html"), {0, 10}),
    "nothing": (respond(200), {0, 6, 7, 8, 10}),
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
    "elsewhere": (respond(302, "", {"Location": "http://127.0.0.1:9/x"}), {7}),
}


VERDICTS = {"status", "check", "doctor", "wait"}  # what they find is their answer, 1 or 8
LOCAL = {"emqxctl keys add", "emqxctl keys login", "emqxctl keys rotate"}  # begin with profiles of their own
OWN = {
    ("emqxctl keys test", "403"): {0},  # a key that may only publish is a key that works
    ("emqxctl schemas bundle", "number"): {2},  # its archive of one line is none
    ("emqxctl schemas bundle", "a list of texts"): {2},
}


def firsts(*, changing: bool) -> list[Example]:
    """Give the first command of each group that asks a server, or the first that changes something."""
    found: dict[str, Example] = {}
    for one in iter_examples():
        if (one.spec.effect != "read") == changing:
            found.setdefault(one.group, one)
    return [one for one in found.values() if one.path not in LOCAL]


@pytest.fixture
def walk(
    serve: Serve, run_against: RunAgainst, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[Example], str], dict[str, object]]:
    """Give what runs commands under a fault and tells what was wrong with them."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    known = {"RETRIES": "1", "USERNAME": "admin", "PASSWORD": SECRET}

    def run_all(commands: list[Example], fault: str) -> dict[str, object]:
        responder, codes = FAULTS[fault]
        env = {f"EMQXCTL_{name}": value for name, value in known.items()}
        env["EMQXCTL_TIMEOUT"] = "0.05" if fault == "silence" else "5"
        wrong: dict[str, object] = {}
        for one in commands:
            write_example_files(one.words, folder)
            server = serve(responder)
            words = [word for word in one.words if word != "--dry-run"]
            result = run_against(server, "--yes", *words, env=env, stdin=b"secret-of-stdin\n")
            posts = Counter(request.target for request in server.received if request.method == "POST")
            shown = result.err + result.out
            right = codes | ({1, 8} if one.group in VERDICTS else set()) | OWN.get((one.path, fault), set())
            if result.code not in right or (result.code and not shown) or max(posts.values(), default=0) > 1:
                wrong[one.path] = (result.code, result.err, server.targets())
            if any(word in shown for word in ("UNEXPECTED", "\x1b", "secret-of-stdin", "s3cret-of-a-file")):
                wrong[one.path] = result.err
        return wrong

    return run_all


@pytest.mark.parametrize("fault", FAULTS)
def test_each_group_under_a_fault(
    walk: Callable[[list[Example], str], dict[str, object]], fault: str
) -> None:
    assert walk(firsts(changing=False), fault) == {}


@pytest.mark.parametrize("fault", ["reset", "short body", "silence", "401", "503"])
def test_the_first_change_of_each_group_under_a_fault(
    walk: Callable[[list[Example], str], dict[str, object]], fault: str
) -> None:
    assert walk(firsts(changing=True), fault) == {}


@pytest.mark.parametrize("shape", ["number", "a list of texts"])
def test_no_command_stumbles_over_an_answer_of_another_shape(
    walk: Callable[[list[Example], str], dict[str, object]], shape: str
) -> None:
    assert walk([one for one in iter_examples() if one.path not in LOCAL], shape) == {}
