"""One request answered, its checks in EMQX's order: route, method, authorization, body, schema, handler."""

import json
from dataclasses import dataclass

from emqxctl.sandbox.http.auth import Authenticator
from emqxctl.sandbox.http.control import ROOT, control_nodes
from emqxctl.sandbox.http.roles import Identity, check_namespace, check_permission
from emqxctl.sandbox.http.routing import Call, Route, Router
from emqxctl.sandbox.http.uploads import parse_parts
from emqxctl.sandbox.messages import (
    EarlyResponse,
    Json,
    Request,
    Response,
    Row,
    error_response,
    json_response,
    split_path,
    text_response,
)
from emqxctl.sandbox.schema.fields import build_check
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.schema.types import check_text
from emqxctl.sandbox.schema.validation import check_body, check_parameter, check_query
from emqxctl.sandbox.state.cluster import ENTERPRISE, Cluster

BASE = ["api", "v5"]
MAX_JSON = 8_000_000  # minirest 1.4.8 crashes on more, before the handler is reached
NOT_FOUND = "404 - NOT FOUND"
NOT_FOUND_PAGE = f"<html><head><title>{NOT_FOUND}</title></head><body><h1>{NOT_FOUND}</h1></body></html>"
# TRACE is refused by cowboy, OPTIONS crashes minirest: neither reaches a route.
UNROUTED = {"TRACE": 501, "OPTIONS": 500}


@dataclass(frozen=True)
class Dispatcher:
    """The management API of one cluster, less its sockets."""

    authenticator: Authenticator
    router: Router

    def respond(self, request: Request) -> Response:
        """Answer one request."""
        cluster = self.authenticator.cluster
        with cluster.lock:
            cluster.activity.advance()
            try:
                response = self._dispatch(request)
            except EarlyResponse as early:
                response = early.response
            if cluster.edition == ENTERPRISE and request.method not in ("GET", "HEAD"):
                cluster.audit.append((cluster.now(), audit_entry(cluster, request, response.status)))
            return response

    def _dispatch(self, request: Request) -> Response:
        """Yield the checks in EMQX's order, then to the handler."""
        if request.method in UNROUTED:
            return Response(UNROUTED[request.method])
        segments = split_path(request.path)
        if segments[:2] == BASE:
            segments = segments[2:]
        elif segments[:1] == [ROOT]:
            self.authenticator.authenticate_owner(request)
            return control_nodes(self.authenticator.cluster, request.method, segments)
        elif segments != ["status"]:
            return unknown_path_response(request)
        match = self.router.find(segments)
        if match is None:
            return unknown_path_response(request)
        methods, bindings = match
        route = methods.get(request.method)
        if route is None:
            return Response(405, headers={"allow": ", ".join(sorted(methods))})
        identity = self.authenticator.authenticate(route, request)
        if self.authenticator.cluster.edition == ENTERPRISE:
            check_permission(identity, route)
            namespace = dict(request.query).get("ns", "")
            check_namespace(identity, route, namespace, self.authenticator.cluster.collections["namespaces"])
        return respond_with(route.handler(self._check(route, request, bindings, identity)), route.status)

    def _check(self, route: Route, request: Request, bindings: Row, identity: Identity) -> Call:
        """Decode the body and check everything against the schema."""
        decoded = decode_body(request)
        for name, value in bindings.items():
            check_parameter(check_text, value, name)
        query = check_query(route.query_fields, request.query)
        body = decoded
        if route.body is not None:
            require_json(request, decoded)
            body = check_body(route.body, decoded)
        for name, kind in route.checks.items():
            bindings[name] = check_parameter(build_check(kind), bindings[name], name)
        return Call(
            self.authenticator.cluster, request, bindings, query, body, identity.user, identity.namespace
        )


def respond_with(answer: Json, status: int) -> Response:
    """Build the response of what a handler returned: a JSON value, nothing (204), or the response itself."""
    if isinstance(answer, Response):
        return answer
    if answer is None or status == 204:
        return Response(status or 204)
    return json_response(answer, status or 200)


def audit_entry(cluster: Cluster, request: Request, status: int) -> Row:
    """Return the entry of the audit log for a request, without its body."""
    path = request.path.removeprefix("/api/v5")
    bearer = request.headers.get("authorization", "").lower().startswith("bearer")
    return {
        **cluster.facts["audit_entry"],
        "from": "dashboard" if bearer or path == "/login" else "rest_api",
        "http_method": request.method.lower(),
        "http_request": {"bindings": {}, "body": "#{}", "headers": {}, "method": request.method.lower()},
        "http_status_code": status,
        "node": cluster.self_node,
        "operation_id": path,
        "operation_result": "success" if status < 400 else "failure",
        "operation_type": path.split("/")[1] if "/" in path else path,
    }


def unknown_path_response(request: Request) -> Response:
    """Answer an unknown path in the form that `Accept` begins with; HTML is the default."""
    accept = request.headers.get("accept", "")
    if accept.startswith("application/json"):
        return error_response(404, "NOT_FOUND", "Request Path Not Found")
    if accept.startswith("text/plain"):
        return text_response(NOT_FOUND, 404)
    return text_response(NOT_FOUND_PAGE, 404, "text/html")


def decode_body(request: Request) -> Json:
    """Decode a JSON or multipart body; other types stay None, and an empty body is an empty object."""
    kind = request.headers.get("content-type", "")
    if kind.lower().startswith("multipart/form-data"):
        if "boundary=" not in kind:
            raise EarlyResponse(Response(400))
        return {name: part.content.decode("utf-8", "replace") for name, part in parse_parts(request).items()}
    if not request.body:
        return {}
    if not kind.lower().startswith("application/json"):
        return None
    if len(request.body) > MAX_JSON:
        raise EarlyResponse(Response(500))
    try:
        return json.loads(request.body.decode("utf-8", "replace"), parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        refuse_with(400, "BAD_REQUEST", "Invalid json message received")


def refuse_constant(name: str) -> Json:
    """Refuse NaN and Infinity, which Python would take."""
    raise ValueError(name)


def require_json(request: Request, decoded: Json) -> None:
    """Refuse a body whose content type is not JSON; `/login` crashes instead."""
    if decoded is not None or not request.body:
        return
    if request.path.endswith("/login"):
        raise EarlyResponse(Response(500))
    refuse_with(415, "UNSUPPORTED_MEDIA_TYPE", "content-type:application/json Required")
