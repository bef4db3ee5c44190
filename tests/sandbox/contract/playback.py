"""Recorded requests sent again, to a sandbox."""

import base64
import http.client
import json
import re
from dataclasses import dataclass, replace
from typing import Any

from emqxctl.sandbox.server import Sandbox
from tests.support.recordings import Exchange


@dataclass(frozen=True)
class PlayedResponse:
    """The sandbox's answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def credentials(sandbox: Sandbox, exchange: Exchange) -> str | None:
    """Make the Authorization header that the title speaks of."""
    cluster, title = sandbox.cluster, exchange.title
    now = cluster.now()
    cluster.tokens |= {"good": ("admin", now + 60), "old": ("admin", now - 1)}
    special = {
        "digest scheme": 'Digest username="x"',
        "Basic not base64": "Basic ***",
        "unknown key": basic("nope", "sandbox-secret"),
        "expired key": basic("nope", "sandbox-secret"),
        "wrong secret": basic("sandbox", "nope"),
        "empty secret": basic("sandbox", ""),
        "dashboard user in Basic": basic("admin", "public"),
        "lower-case basic": "basic" + basic("sandbox", "sandbox-secret")[5:],
        "wrong credentials are not looked at": basic("nope", "nope"),
        "bearer: bad token": "Bearer bad",
        "bearer: empty": "Bearer ",
        "bearer: expired, second use": "Bearer old",
        "bearer: after logout": "Bearer gone",
        "lower-case bearer": "bearer good",
    }
    if title in special:
        return special[title]
    kinds = {"none": None, "basic": basic("sandbox", "sandbox-secret"), "bearer": "Bearer good"}
    return kinds[exchange.request["headers"]["auth"]]


def basic(key: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


def request_body(exchange: Exchange) -> bytes | None:
    request = exchange.request
    if exchange.title == "packet too large":
        return json.dumps({"topic": "a", "payload": "x" * 3_200_000}).encode()
    if "multipart" in request:
        return b"".join(map(form_part, request["multipart"])) + b"--cut--\r\n"
    return exchange.request_bytes


def form_part(part: dict[str, Any]) -> bytes:
    head = f'--cut\r\ncontent-disposition: form-data; name="{part["name"]}"'
    if part.get("filename"):
        head += f'; filename="{part["filename"]}"'
    content = part.get("body_text", "").encode() or base64.b64decode(part.get("body_base64", ""))
    return f"{head}\r\n\r\n".encode() + content + b"\r\n"


def play(sandbox: Sandbox, exchange: Exchange) -> PlayedResponse:
    """Send the recorded request to a sandbox."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    body, authorization = request_body(exchange), credentials(sandbox, exchange)
    connection.putrequest(exchange.request["method"], exchange.target, skip_accept_encoding=True)
    for name, value in exchange.request["headers"].items():
        if name != "auth":
            connection.putheader(name, value + "; boundary=cut" * ("multipart" in value))
    if authorization is not None:
        connection.putheader("Authorization", authorization)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    played_response = PlayedResponse(response.status, headers, response.read())
    connection.close()
    return played_response


def follow_cursor(sandbox: Sandbox, exchange: Exchange) -> Exchange:
    """Put the sandbox's own cursor in place of a recorded one, by walking there."""
    page = re.fullmatch(r"cursor page (\d+), limit 40", exchange.title)
    cursor: list[list[str]] = []
    for _ in range(int(page[1]) - 1 if page else 0):
        request = {**exchange.request, "query": [["limit", "40"], *cursor]}
        played_response = play(sandbox, replace(exchange, request=request))
        cursor = [["cursor", json.loads(played_response.body)["meta"]["cursor"]]]
    return (
        replace(exchange, request={**exchange.request, "query": [["limit", "40"], *cursor]})
        if page
        else exchange
    )
