"""A transport that responds from a table of targets."""

from collections.abc import Mapping
from typing import cast

from emqxctl.api.connection import Connection
from emqxctl.api.request import Request
from emqxctl.api.response import Response
from emqxctl.api.transport import Transport

STATUS_TEXT = "Node emqx@10.0.0.1 is started\nemqx is running"


class Stub:
    """Answers from a table of targets, as Transport.send would."""

    connection = Connection("http://h:1")

    def __init__(self, answers: Mapping[str, tuple[int, str] | Exception]) -> None:
        """Answer 404 for all else."""
        self.responses = answers
        self.requested_targets: list[str] = []

    def send(self, call: Request, *, expected_status: int = 0) -> Response:
        """Answer."""
        assert expected_status == (503 if call.path == "/status" else 0)
        target = call.url_path.partition("?")[0]
        self.requested_targets.append(target)
        status_and_text = self.responses.get(target, (404, ""))
        if isinstance(status_and_text, Exception):
            raise status_and_text
        return Response(
            call.operation, call.method, "", status_and_text[0], "", {}, status_and_text[1].encode()
        )


def transport(**answers: tuple[int, str] | Exception) -> Transport:
    """Create a transport from the responses for `below` (/api/v5/status), `outside` (/status) and `nodes`."""
    targets = {"below": "/api/v5/status", "outside": "/status", "nodes": "/api/v5/nodes"}
    return cast("Transport", Stub({targets[name]: answer for name, answer in answers.items()}))
