"""Schemas of authenticators and of authorization sources, of every type the community edition has."""

from typing import NoReturn

from emqxctl.sandbox.data import read_table
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.fields import Field, fields_of
from emqxctl.sandbox.schema.integration import apply_defaults
from emqxctl.sandbox.schema.refusals import bad_request
from emqxctl.sandbox.schema.types import check_boolean, check_text

METHODS = ("get", "post")
BACKENDS = ("built_in_database", "http", "mysql", "postgresql", "redis", "mongodb", "ldap")
SOURCE_TYPES = ("file", *BACKENDS, "client_info")
ENABLE = Field("enable", check_boolean, default=True)


def refuse_root(reason: str, **more: Json) -> NoReturn:
    """Refuse a whole body; EMQX writes the fields in reverse order. Raises EarlyResponse (400)."""
    details = {"reason": reason, "path": "root", "kind": "validation_error", **more}
    raise bad_request(dict(sorted(details.items(), reverse=True)))


def schema_of(body: Row, prefix: str, backend: str) -> str:
    """Return the schema of a body with a certain backend. Raises EarlyResponse (400) for an odd method."""
    match backend:
        case "built_in_database":
            return f"{prefix}:builtin_db"
        case "http":
            method = body.get("method", "undefined")
            if method not in METHODS:
                refuse_root("unknown_http_method", got=method, expected="get | post")
            return f"{prefix}:http_{method}"
        case "redis":
            return f"{prefix}:redis_{body.get('redis_type', 'single')}"
        case "mongodb":
            return f"{prefix}:mongo_{body.get('mongo_type', 'single')}"
    return f"{prefix}:{backend}"


def authenticator_schema(body: Row) -> str:
    """Return the schema of an authenticator. Raises EarlyResponse (400) when EMQX knows no such type."""
    mechanism, backend = body.get("mechanism"), body.get("backend")
    match mechanism, backend:
        case None, _:
            refuse_root("missing_mechanism_field")
        case "jwt", _ if body.get("use_jwks") in (True, "true"):
            return "authn:jwt_jwks"
        case "jwt", _:
            return "authn:jwt_public_key" if body.get("algorithm") == "public-key" else "authn:jwt_hmac"
        case "scram", "built_in_database":
            return "authn:scram"
        case "password_based", str() if backend in BACKENDS:
            return schema_of(body, "authn", backend)
    more = {} if backend is None else {"backend": backend}
    refuse_root("unsupported_mechanism", mechanism=mechanism, **more)


def authenticator_id(body: Row) -> str:
    """Return the id of an authenticator: its mechanism, and its backend where it has one."""
    return f"{body['mechanism']}:{body['backend']}" if "backend" in body else str(body["mechanism"])


def check_authenticator(body: Row) -> Row:
    """Check an authenticator and fill in its defaults. Raises EarlyResponse (400)."""
    schema = authenticator_schema(body)
    if schema not in read_table("schemas"):
        refuse_root("unsupported_mechanism", mechanism=body["mechanism"], backend=body.get("backend"))
    identity = [Field(name, check_text) for name in ("mechanism", "backend") if name in body]
    return apply_defaults((*identity, *fields_of(schema), ENABLE), body, schema)


def check_source(body: Row) -> Row:
    """Check an authorization source and fill in its defaults. Raises EarlyResponse (400)."""
    schema = schema_of(body, "authz", str(body["type"]))
    if schema not in read_table("schemas"):
        refuse_root("unknown_authz_type", got=body["type"], expected=" | ".join(SOURCE_TYPES))
    return apply_defaults((Field("type", check_text), *fields_of(schema), ENABLE), body, schema)
