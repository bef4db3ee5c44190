"""Checks of requests: whether one fits EMQX's own OpenAPI document of some version."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jsonschema.exceptions import best_match
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.validation.request.validators import V30RequestValidator
from werkzeug.datastructures import Headers, ImmutableMultiDict

FACTS = Path(__file__).parent.parent / "facts"
BASE = "/api/v5"
DOCUMENTS = (
    "6.2.2-ee",
    "5.8.9-ce",
    "5.8.1-ee",
    "5.5-ee",
    "5.3-ce",
    "5.0-ce",
)  # newest first: its words explain a problem
OUTSIDE_BASE = {
    ("GET", "/status"),
    ("GET", "/version"),
    ("GET", "/api-docs/swagger.json"),
}  # served without the base

# What came after the newest document: fields of bodies, and query names below a path.
TEXT = {"type": "string"}
SCOPES = {"type": "array", "items": TEXT}
LATER_FIELDS = {
    ("/login", "post"): {"mfa_token": TEXT},  # 5.9
    ("/api_key", "post"): {"scopes": SCOPES},  # 5.10.4
    ("/api_key/{name}", "put"): {"scopes": SCOPES},
    ("/users", "post"): {"scopes": SCOPES},
    ("/users/{username}", "put"): {"scopes": SCOPES},
}
LATER_QUERY = {  # 6.0
    "/actions": {"ns", "only_global"},
    "/authentication/{id}/import_users": {"ns"},  # recorded, in no document
    "/authentication/{id}/users": {"ns"},
    "/authorization/sources/built_in_database/rules": {"ns"},
    "/connectors": {"ns", "only_global"},
    "/rules": {"ns", "only_global"},
    "/sources": {"ns", "only_global"},
    "/trace": {"ns"},
    "/users/{username}": {"backend"},  # Enterprise 5.3, in no document
}

Query = Sequence[tuple[str, str]]
Pattern = tuple[str, ...]


@dataclass
class OpenApiRequest:
    """A request in the form openapi-core reads (its protocol `Request`)."""

    path: str
    method: str
    parameters: RequestParameters
    body: bytes | None
    content_type: str
    host_url: str = "http://emqx"


@dataclass(frozen=True)
class DocumentedOperation:
    """One operation of one document."""

    document: str
    method: str
    template: str

    @property
    def description(self) -> dict[str, Any]:
        """The description of the operation in its document."""
        return dict(read_document(self.document)["paths"][self.template][self.method.lower()])

    def query_names(self) -> set[str]:
        """Return the names of its query parameters."""
        shared = read_document(self.document).get("components", {}).get("parameters", {})
        parameters = [
            shared[parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter
            for parameter in self.description.get("parameters", [])
        ]
        later = (names for path, names in LATER_QUERY.items() if self.template.startswith(path))
        return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}.union(*later)


def find_problems(
    method: str,
    path: str,
    query: Query = (),
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> list[str]:
    """Return the problems of a request that was sent; none if it fits a document of some version.

    `path` is as sent: percent-encoded, with the base path. `query` holds decoded pairs. An operation that
    only EMQX's source knows passes with its path alone checked.
    """
    if (method, path) in OUTSIDE_BASE:
        return []
    if not path.startswith(f"{BASE}/"):
        return [f"{path} is outside {BASE}"]
    segments = tuple(unquote(segment) for segment in path.removeprefix(f"{BASE}/").split("/"))
    pattern = find_pattern(method, segments)
    if pattern is None:
        return [f"no EMQX serves {method} {path}"]
    if (method, pattern) == ("GET", ("clients_v2",)):
        return find_clients_v2_problems(query)
    request = SentRequest(segments, tuple(query), headers or {}, body)
    problems: list[list[str]] = []
    for operation in operations_by_pattern().get((method, pattern), []):
        problems.append(list(request.find_problems(operation)))
        if not problems[-1]:
            return []
    return min(problems, key=len, default=[])


def find_clients_v2_problems(query: Query) -> list[str]:
    """Check the names in a query of the hidden `/clients_v2`: `/clients`' own, with a cursor for a page."""
    known_names = {
        name for operation in operations_by_pattern()["GET", ("clients",)] for name in operation.query_names()
    }
    known_names = known_names - {"page"} | {"cursor"}
    return [f"GET /clients_v2 has no query parameter {name}" for name, _ in query if name not in known_names]


@dataclass(frozen=True)
class SentRequest:
    """A request that was sent; `segments` are the decoded parts of its path."""

    segments: Pattern
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes | None

    def find_problems(self, operation: DocumentedOperation) -> Iterator[str]:
        """Yield what does not fit one document's operation."""
        prefix = f"{operation.document}: {operation.method} {operation.template}"
        for name in sorted({name for name, _ in self.query} - operation.query_names()):
            yield f"{prefix} has no query parameter {name}"
        if bool(self.body) != ("requestBody" in operation.description):
            yield f"{prefix} takes {'no' if self.body else 'a'} body"
        for error in build_validator(operation).iter_errors(self.to_openapi_request(operation)):
            yield f"{prefix}: {describe_error(error)}"

    def to_openapi_request(self, operation: DocumentedOperation) -> OpenApiRequest:
        """Return the request in the form that openapi-core reads, with its path parameters."""
        parts = operation.template.strip("/").split("/")
        arguments = {
            part.strip("{}"): segment
            for part, segment in zip(parts, self.segments, strict=True)
            if part.startswith("{")
        }
        headers = Headers(dict(self.headers))
        parameters = RequestParameters(query=ImmutableMultiDict(self.query), header=headers, path=arguments)
        content_type = headers.get("content-type", "")
        return OpenApiRequest(
            operation.template, operation.method.lower(), parameters, self.body, content_type
        )


def describe_error(error: Exception) -> str:
    """Return an error of openapi-core with its deepest cause."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    deepest = best_match(getattr(cause, "schema_errors", ()))
    reason = f"{deepest.json_path}: {deepest.message}" if deepest else repr(cause)
    return f"{type(error).__name__} {reason}"


@cache
def read_document(name: str) -> dict[str, Any]:
    """Return one condensed document."""
    content: dict[str, Any] = json.loads((FACTS / "openapi" / f"{name}.json").read_text("utf-8"))
    correct_document(content)
    for (path, method), fields in LATER_FIELDS.items():
        operation = content["paths"].get(path, {}).get(method)
        if operation:
            operation["requestBody"]["content"]["application/json"]["schema"]["properties"] |= fields
    forbid_unknown_fields(content)
    return content


def forbid_unknown_fields(part: Any) -> None:
    """Forbid fields an object does not name, as EMQX does; `$name` means names of the user's choice."""
    if isinstance(part, dict):
        properties = part.get("properties")
        if isinstance(properties, dict) and part.get("type") == "object":
            placeholders = [properties.pop(name) for name in list(properties) if name.startswith("$")]
            part.setdefault("additionalProperties", placeholders[0] if placeholders else False)
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        forbid_unknown_fields(child)


def correct_document(document: dict[str, Any]) -> None:
    """Correct mistakes of EMQX's documents: recorded requests that EMQX accepted and api.md describes."""
    paths, components = document["paths"], document["components"]
    cache_settings = components["schemas"].get("retainer.mnesia_config")
    if cache_settings:  # a list of lists, `[[1, 2, 3], [3]]`, by its own default
        cache_settings["properties"]["index_specs"]["items"] = {"type": "array", "items": {"type": "integer"}}
    for operations in (item for path, item in paths.items() if path.endswith("/import_users")):
        users = operations["post"]["requestBody"]["content"].get("application/json")
        if users:  # the body is the list of users itself
            users["schema"] = {"type": "array", "items": {"type": "object"}}
    for kind in ("hmac", "public_key"):  # the condensed document lost what can only be false
        jwt = components["schemas"].get(f"authn.jwt_{kind}", {"properties": {}})
        jwt["properties"]["use_jwks"] = {"enum": [False]}
    rule = components["schemas"].get("rule_engine.rule_creation")
    if rule:  # EMQX makes up an id only where none is given
        rule["properties"]["id"] = {"type": "string"}
    bridge = paths.get("/bridges/{id}", {}).get("delete")
    if bridge:  # left out with the other words on a deprecated operation
        name = "also_delete_dep_actions"
        bridge["parameters"].append({"name": name, "in": "query", "schema": {"type": "boolean"}})
    correct_enterprise_schemas(components["schemas"])
    fields = components.get("parameters", {}).get("emqx_mgmt_api_clients.requested_client_fields")
    if fields:  # `fields=all` or `fields=clientid,node`: one value, parted by commas
        names = [name for item in fields["schema"]["anyOf"] for name in item.get("items", item)["enum"]]
        fields |= {"explode": False, "schema": {"type": "array", "items": {"enum": names}}}


def correct_enterprise_schemas(schemas: dict[str, Any]) -> None:
    """Put right what the documents get wrong of transformations and external schema registries."""
    transformation = schemas.get("message_transformation.transformation")
    if transformation:  # an object with its type: the document names what EMQX parses it with
        for name in ("payload_decoder", "payload_encoder"):
            transformation["properties"][name] = {"type": "object", "additionalProperties": True}
    registry = schemas.get("schema_registry.confluent_schema_registry_auth_basic")
    if registry:  # EMQX 6 takes it, and its document does not name it
        registry["properties"]["mechanism"] = {"enum": ["basic"]}


@cache
def build_validator(operation: DocumentedOperation) -> V30RequestValidator:
    """Return the validator of one operation: a document with that alone needs no search of paths."""
    full_document = read_document(operation.document)
    operation_document = {
        "openapi": full_document["openapi"],
        "info": full_document["info"],
        "paths": {operation.template: {operation.method.lower(): operation.description}},
        "components": full_document["components"],
    }
    unchecked = Config(spec_validator_cls=None)  # type: ignore[arg-type] # its way to skip checking the document
    request_validator = OpenAPI.from_dict(operation_document, config=unchecked).request_validator
    assert isinstance(request_validator, V30RequestValidator)
    return request_validator


@cache
def operations_by_pattern() -> dict[tuple[str, Pattern], list[DocumentedOperation]]:
    """Sort every document's operations by method and path, newest document first."""
    operations: dict[tuple[str, Pattern], list[DocumentedOperation]] = {}
    for name in DOCUMENTS:
        for template, methods in read_document(name)["paths"].items():
            for method in methods:
                operation = DocumentedOperation(name, method.upper(), template)
                operations.setdefault((operation.method, to_pattern(template)), []).append(operation)
    return operations


@cache
def patterns_by_method() -> dict[str, list[Pattern]]:
    """Sort the paths of all documents and of EMQX's source by method, those with most fixed parts first."""
    keys = set(operations_by_pattern())
    for route in json.loads((FACTS / "routes.json").read_text("utf-8"))["routes"]:
        method, _, template = route.partition(" ")
        keys.add((method, to_pattern(template)))
    by_method: dict[str, list[Pattern]] = {}
    for method, pattern in sorted(keys, key=lambda key: key[1].count("{}")):
        by_method.setdefault(method, []).append(pattern)
    return by_method


def to_pattern(template: str) -> Pattern:
    """Split a path template, the placeholders' names left out: documents differ in them."""
    return tuple("{}" if part.startswith("{") else part for part in template.strip("/").split("/"))


def find_pattern(method: str, segments: Pattern) -> Pattern | None:
    """Return the pattern of these segments; None if no EMQX version has one."""
    return next(
        (pattern for pattern in patterns_by_method().get(method, []) if matches_pattern(pattern, segments)),
        None,
    )


def matches_pattern(pattern: Pattern, segments: Iterable[str]) -> bool:
    """Whether a path is one of a pattern. EMQX drops empty and dot segments, so they fit nothing here."""
    path_segments = tuple(segments)
    if pattern[-1] == "[...]":
        pattern, path_segments = pattern[:-1], path_segments[: len(pattern) - 1]
    return len(pattern) == len(path_segments) and all(
        part == segment or (part == "{}" and segment not in {"", ".", ".."})
        for part, segment in zip(pattern, path_segments, strict=True)
    )
