"""The oracle of requests: whether what was sent fits EMQX's own OpenAPI document of some version."""

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
    "5.8.9-ce",
    "5.8.1-ee",
    "5.5-ee",
    "5.3-ce",
    "5.0-ce",
)  # newest first: its words explain a problem
OUTSIDE = {
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
class Request:
    """A request in the form openapi-core reads (its protocol `Request`)."""

    path: str
    method: str
    parameters: RequestParameters
    body: bytes | None
    content_type: str
    host_url: str = "http://emqx"


@dataclass(frozen=True)
class Operation:
    """One operation of one document."""

    document: str
    method: str
    template: str

    @property
    def described(self) -> dict[str, Any]:
        """What the document says of it."""
        return dict(document(self.document)["paths"][self.template][self.method.lower()])

    def query_names(self) -> set[str]:
        """Name the query parameters it takes."""
        shared = document(self.document).get("components", {}).get("parameters", {})
        parameters = [
            shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
            for each in self.described.get("parameters", [])
        ]
        later = (names for path, names in LATER_QUERY.items() if self.template.startswith(path))
        return {each["name"] for each in parameters if each["in"] == "query"}.union(*later)


def problems(
    method: str,
    path: str,
    query: Query = (),
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> list[str]:
    """Tell what is wrong with a request that was sent; nothing when it fits a document of some version.

    `path` is as sent: percent-encoded, with the base path. `query` holds decoded pairs. An operation that
    only EMQX's source knows passes with its path alone checked.
    """
    if (method, path) in OUTSIDE:
        return []
    if not path.startswith(f"{BASE}/"):
        return [f"{path} is outside {BASE}"]
    segments = tuple(unquote(segment) for segment in path.removeprefix(f"{BASE}/").split("/"))
    pattern = find(method, segments)
    if pattern is None:
        return [f"no EMQX serves {method} {path}"]
    if (method, pattern) == ("GET", ("clients_v2",)):
        return clients_v2_problems(query)
    sent = Sent(segments, tuple(query), headers or {}, body)
    found: list[list[str]] = []
    for operation in documented().get((method, pattern), []):
        found.append(list(sent.problems(operation)))
        if not found[-1]:
            return []
    return min(found, key=len, default=[])


def clients_v2_problems(query: Query) -> list[str]:
    """Check the names in a query of the hidden `/clients_v2`: `/clients`' own, with a cursor for a page."""
    known = {name for each in documented()["GET", ("clients",)] for name in each.query_names()}
    known = known - {"page"} | {"cursor"}
    return [f"GET /clients_v2 has no query parameter {name}" for name, _ in query if name not in known]


@dataclass(frozen=True)
class Sent:
    """A request that was sent; `segments` are the decoded parts of its path."""

    segments: Pattern
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes | None

    def problems(self, operation: Operation) -> Iterator[str]:
        """Tell what does not fit one document's operation."""
        where = f"{operation.document}: {operation.method} {operation.template}"
        for name in sorted({name for name, _ in self.query} - operation.query_names()):
            yield f"{where} has no query parameter {name}"
        if bool(self.body) != ("requestBody" in operation.described):
            yield f"{where} takes {'no' if self.body else 'a'} body"
        for error in validator(operation).iter_errors(self.request(operation)):
            yield f"{where}: {in_words(error)}"

    def request(self, operation: Operation) -> Request:
        """Put it in the form openapi-core reads, with the path's parameters already taken out."""
        parts = operation.template.strip("/").split("/")
        arguments = {
            part.strip("{}"): given
            for part, given in zip(parts, self.segments, strict=True)
            if part.startswith("{")
        }
        headers = Headers(dict(self.headers))
        parameters = RequestParameters(query=ImmutableMultiDict(self.query), header=headers, path=arguments)
        content_type = headers.get("content-type", "")
        return Request(operation.template, operation.method.lower(), parameters, self.body, content_type)


def in_words(error: Exception) -> str:
    """Write an error of openapi-core with the reason at the bottom of it."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    deepest = best_match(getattr(cause, "schema_errors", ()))
    reason = f"{deepest.json_path}: {deepest.message}" if deepest else repr(cause)
    return f"{type(error).__name__} {reason}"


@cache
def document(name: str) -> dict[str, Any]:
    """Read one condensed document."""
    read: dict[str, Any] = json.loads((FACTS / "openapi" / f"{name}.json").read_text("utf-8"))
    correct(read)
    for (path, method), fields in LATER_FIELDS.items():
        taken = read["paths"].get(path, {}).get(method)
        if taken:
            taken["requestBody"]["content"]["application/json"]["schema"]["properties"] |= fields
    close(read)
    return read


def close(part: Any) -> None:
    """Forbid fields an object does not name, as EMQX does; `$name` stands for names of the user's choice."""
    if isinstance(part, dict):
        properties = part.get("properties")
        if isinstance(properties, dict) and part.get("type") == "object":
            free = [properties.pop(name) for name in list(properties) if name.startswith("$")]
            part.setdefault("additionalProperties", free[0] if free else False)
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        close(each)


def correct(document: dict[str, Any]) -> None:
    """Put right what EMQX's documents get wrong: recorded requests that EMQX took and api.md agrees with."""
    paths, components = document["paths"], document["components"]
    cache_settings = components["schemas"].get("retainer.mnesia_config")
    if cache_settings:  # a list of lists, `[[1, 2, 3], [3]]`, by its own default
        cache_settings["properties"]["index_specs"]["items"] = {"type": "array", "items": {"type": "integer"}}
    for operations in (each for path, each in paths.items() if path.endswith("/import_users")):
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
    fields = components.get("parameters", {}).get("emqx_mgmt_api_clients.requested_client_fields")
    if fields:  # `fields=all` or `fields=clientid,node`: one value, parted by commas
        names = [name for each in fields["schema"]["anyOf"] for name in each.get("items", each)["enum"]]
        fields |= {"explode": False, "schema": {"type": "array", "items": {"enum": names}}}


@cache
def validator(operation: Operation) -> V30RequestValidator:
    """Make the validator of one operation: a document of that alone, so that no paths need searching."""
    whole = document(operation.document)
    alone = {
        "openapi": whole["openapi"],
        "info": whole["info"],
        "paths": {operation.template: {operation.method.lower(): operation.described}},
        "components": whole["components"],
    }
    unchecked = Config(spec_validator_cls=None)  # type: ignore[arg-type] # its way to skip checking the document
    made = OpenAPI.from_dict(alone, config=unchecked).request_validator
    assert isinstance(made, V30RequestValidator)
    return made


@cache
def documented() -> dict[tuple[str, Pattern], list[Operation]]:
    """Sort every document's operations by method and path, newest document first."""
    found: dict[tuple[str, Pattern], list[Operation]] = {}
    for name in DOCUMENTS:
        for template, methods in document(name)["paths"].items():
            for method in methods:
                operation = Operation(name, method.upper(), template)
                found.setdefault((operation.method, pattern_of(template)), []).append(operation)
    return found


@cache
def known() -> dict[str, list[Pattern]]:
    """Sort the paths of all documents and of EMQX's source by method, those with most fixed parts first."""
    found = set(documented())
    for route in json.loads((FACTS / "routes.json").read_text("utf-8"))["routes"]:
        method, _, template = route.partition(" ")
        found.add((method, pattern_of(template)))
    by_method: dict[str, list[Pattern]] = {}
    for method, pattern in sorted(found, key=lambda each: each[1].count("{}")):
        by_method.setdefault(method, []).append(pattern)
    return by_method


def pattern_of(template: str) -> Pattern:
    """Split a path template, the placeholders' names left out: documents differ in them."""
    return tuple("{}" if part.startswith("{") else part for part in template.strip("/").split("/"))


def find(method: str, segments: Pattern) -> Pattern | None:
    """Find the path that serves these segments; None when no EMQX has one."""
    return next((each for each in known().get(method, []) if fits(each, segments)), None)


def fits(pattern: Pattern, segments: Iterable[str]) -> bool:
    """Whether a path is one of a pattern. EMQX drops empty and dot segments, so they fit nothing here."""
    given = tuple(segments)
    if pattern[-1] == "[...]":
        pattern, given = pattern[:-1], given[: len(pattern) - 1]
    return len(pattern) == len(given) and all(
        part == each or (part == "{}" and each not in {"", ".", ".."})
        for part, each in zip(pattern, given, strict=True)
    )
