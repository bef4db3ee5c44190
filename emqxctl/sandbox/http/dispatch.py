"""One request answered, its checks in EMQX's order: route, method, authorization, body, schema, handler."""

import json
import re
from dataclasses import dataclass

from emqxctl.sandbox.http.auth import Gate
from emqxctl.sandbox.http.control import ROOT, control
from emqxctl.sandbox.http.routing import Call, Route, Router
from emqxctl.sandbox.messages import (
    Answer,
    AnswerNow,
    Json,
    Request,
    answer_error,
    answer_text,
    erlang_json,
    split_path,
)
from emqxctl.sandbox.schema.types import InvalidError, check_text
from emqxctl.sandbox.schema.validation import check_body, check_query

BASE = ["api", "v5"]
MAX_JSON = 8_000_000  # minirest 1.4.8 crashes on more, before the handler is reached
NOT_FOUND = "404 - NOT FOUND"
NOT_FOUND_PAGE = f"<html><head><title>{NOT_FOUND}</title></head><body><h1>{NOT_FOUND}</h1></body></html>"
# TRACE is refused by cowboy, OPTIONS crashes minirest: neither reaches a route.
UNROUTED = {"TRACE": 501, "OPTIONS": 500}


@dataclass(frozen=True)
class Service:
    """The management API of one cluster, less its sockets."""

    gate: Gate
    router: Router

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        try:
            with self.gate.cluster.lock:
                self.gate.cluster.activity.advance()
                return self._answer(request)
        except AnswerNow as early:
            return early.answer

    def _answer(self, request: Request) -> Answer:
        """Go through the checks in EMQX's order, then to the handler."""
        if request.method in UNROUTED:
            return Answer(UNROUTED[request.method])
        segments = split_path(request.path)
        if segments[:2] == BASE:
            segments = segments[2:]
        elif segments[:1] == [ROOT]:
            self.gate.admit_owner(request)
            return control(self.gate.cluster, request.method, segments)
        elif segments != ["status"]:
            return not_found(request)
        found = self.router.find(segments)
        if found is None:
            return not_found(request)
        methods, bindings = found
        route = methods.get(request.method)
        if route is None:
            return Answer(405, headers={"allow": ", ".join(sorted(methods))})
        user = self.gate.admit(route, request)
        return route.handler(self._check(route, request, bindings, user))

    def _check(self, route: Route, request: Request, bindings: dict[str, str], user: str) -> Call:
        """Decode the body and check everything against the schema."""
        decoded = decode_body(request)
        for name, value in bindings.items():
            try:
                check_text(value, name)
            except InvalidError as invalid:
                raise AnswerNow(answer_error(400, "BAD_REQUEST", erlang_json(invalid.details))) from None
        query = check_query(route.query_fields, request.query)
        body = decoded
        if route.body is not None:
            require_json(request, decoded)
            body = check_body(route.body, decoded)
        return Call(self.gate.cluster, request, bindings, query, body, user)


def not_found(request: Request) -> Answer:
    """Answer an unknown path in the form that `Accept` begins with; HTML is the default."""
    accept = request.headers.get("accept", "")
    if accept.startswith("application/json"):
        return answer_error(404, "NOT_FOUND", "Request Path Not Found")
    if accept.startswith("text/plain"):
        return answer_text(NOT_FOUND, 404)
    return answer_text(NOT_FOUND_PAGE, 404, "text/html")


def decode_body(request: Request) -> Json:
    """Decode a JSON or multipart body; other types stay None, and an empty body is an empty object."""
    kind = request.headers.get("content-type", "")
    if kind.lower().startswith("multipart/form-data"):
        return decode_multipart(kind, request.body)
    if not request.body:
        return {}
    if not kind.lower().startswith("application/json"):
        return None
    if len(request.body) > MAX_JSON:
        raise AnswerNow(Answer(500))
    try:
        return json.loads(request.body.decode("utf-8", "replace"), parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise AnswerNow(answer_error(400, "BAD_REQUEST", "Invalid json message received")) from None


def refuse_constant(name: str) -> Json:
    """Refuse NaN and Infinity, which Python would take."""
    raise ValueError(name)


def decode_multipart(kind: str, body: bytes) -> dict[str, str]:
    """Decode the parts of a form; one without a boundary is refused by cowboy (400, empty)."""
    boundary = re.search(r'boundary="?([^";]+)', kind)
    if not boundary:
        raise AnswerNow(Answer(400))
    fields = {}
    for part in body.split(b"--" + boundary[1].encode("latin-1"))[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        if name := re.search(r'name="([^"]*)"', head.decode("latin-1")):
            fields[name[1]] = value.removesuffix(b"\r\n").decode("utf-8", "replace")
    return fields


def require_json(request: Request, decoded: Json) -> None:
    """Refuse a body whose content type is not JSON; `/login` crashes instead."""
    if decoded is not None or not request.body:
        return
    if request.path.endswith("/login"):
        raise AnswerNow(Answer(500))
    raise AnswerNow(answer_error(415, "UNSUPPORTED_MEDIA_TYPE", "content-type:application/json Required"))
