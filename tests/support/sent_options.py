"""The body that typed options of `create` and `update` send, which must fit EMQX's documents."""

import shlex
from collections.abc import Mapping
from typing import Any

from tests.conftest import Run
from tests.support.replay import make_exchange, replay

Body = Mapping[str, Any]


def send_creation(run: Run, command: str, call: str, *, stdin: bytes = b"") -> Any:
    """Run a command that sends one object, and return the body of its request, `POST /rules`."""
    script = [make_exchange(call, 201, {})]
    outcome = replay(run, script, *shlex.split(command), stdin=stdin)
    assert outcome.result.code == 0, outcome.result.err
    assert [sent for sent in outcome.calls if not sent.startswith("GET /status")] == [call]
    return outcome.bodies[-1]


def send_update(
    run: Run, command: str, before: Body, read: str, write: str = "", *, stdin: bytes = b""
) -> Any:
    """Run a command that reads an object at `read` and sends it back; return the body that it sent.

    It is sent to `write`, by default with PUT to where it was read.
    """
    write = write or f"PUT {read}"
    script = [make_exchange(f"GET {read}", 200, before), make_exchange(write, 200, before)]
    outcome = replay(run, script, *shlex.split(command), stdin=stdin)
    assert outcome.result.code == 0, outcome.result.err
    assert outcome.calls[-1] == write, outcome.calls
    others = {sent for sent in outcome.calls[:-1] if not sent.startswith("GET /status")} - {f"GET {read}"}
    assert not others, others
    return outcome.bodies[-1]


def set_fields(body: Body, fields: Body) -> dict[str, Any]:
    """Return a body with fields set by their dotted paths, `{"ssl.enable": True}`."""
    result = dict(body)
    for path, value in fields.items():
        name, _, rest = path.partition(".")
        result[name] = set_fields(result.get(name) or {}, {rest: value}) if rest else value
    return result
