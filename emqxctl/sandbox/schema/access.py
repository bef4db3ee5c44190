"""The schemas of authenticators and of authorization sources, of every type the community edition has."""

from typing import NoReturn

from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.integration import TLS, bad_request, duration, mapping, over, settle
from emqxctl.sandbox.schema.validation import Field, anything, boolean, one_of, text, whole

Fields = tuple[Field, ...]
POSITIVE = whole("pos_integer()", 1)
NATURAL = whole("non_neg_integer()", 0)
JSON_HEADERS = {
    "accept": "application/json",
    "cache-control": "no-cache",
    "connection": "keep-alive",
    "keep-alive": "timeout=30, max=1000",
}
METHODS = ("get", "post")
ENABLE = Field("enable", boolean, default=True)
POOL = Field("pool_size", POSITIVE, default=8)
SECURE = Field("ssl", over(TLS), default=TLS)
LOGIN = (Field("username", text), Field("password", text))
HASH = Field("password_hash_algorithm", mapping, default={"name": "sha256", "salt_position": "prefix"})


def needed(*names: str) -> Fields:
    """Make required text fields."""
    return tuple(Field(name, text, required=True) for name in names)


def http(timeout: str) -> Fields:
    """Make the fields of an HTTP server that is asked."""
    return (
        *needed("url"),
        Field("method", one_of(*METHODS), required=True),
        Field("body", mapping),
        Field("connect_timeout", duration, default="15s"),
        Field("enable_pipelining", POSITIVE, default=100),
        Field("headers", mapping, default=JSON_HEADERS),
        Field("max_retries", NATURAL),
        Field("request", mapping),
        Field("request_timeout", duration, default=timeout),
        Field("retry_interval", duration),
        POOL,
        SECURE,
    )


def mongodb(kind: str) -> Fields:
    """Make the fields of a MongoDB of one type."""
    servers = "server" if kind == "single" else "servers"
    replicas = (*needed("replica_set_name"), Field("r_mode", text, default="master")) if kind == "rs" else ()
    return (
        *needed(servers, "collection", "database"),
        Field("mongo_type", text, default=kind),
        *replicas,
        Field("auth_source", text),
        Field("filter", mapping, default={}),
        Field("srv_record", boolean, default=False),
        Field("topology", mapping),
        Field("use_legacy_protocol", anything, default="auto"),
        Field("w_mode", text, default="unsafe"),
        *LOGIN,
        POOL,
        SECURE,
    )


def redis(kind: str) -> Fields:
    """Make the fields of a Redis of one type."""
    return (
        *needed("server" if kind == "single" else "servers", "cmd"),
        *(needed("sentinel") if kind == "sentinel" else ()),
        *(() if kind == "cluster" else (Field("database", NATURAL, default=0),)),
        Field("redis_type", text, default=kind),
        Field("auto_reconnect", boolean),
        *LOGIN,
        POOL,
        SECURE,
    )


AUTO = (Field("auto_reconnect", boolean),)
SQL = (*needed("server", "database"), *AUTO, *LOGIN, POOL, *needed("query"), SECURE)
DIRECTORY = (
    *needed("server", "base_dn"),
    Field("filter", text, default="(objectClass=mqttUser)"),
    Field("query_timeout", duration, default="5s"),
    Field("request_timeout", duration, default="10s"),
    *LOGIN,
    POOL,
    SECURE,
)
POSTGRESQL = (*SQL, Field("disable_prepared_statements", boolean, default=False))
MYSQL = (*SQL, Field("query_timeout", duration))
IS_SUPERUSER = Field("is_superuser_field", text, default="is_superuser")
MONGO_FIELDS = (
    IS_SUPERUSER,
    Field("password_hash_field", text, default="password_hash"),
    Field("salt_field", text, default="salt"),
    HASH,
)
JWT = (
    Field("acl_claim_name", text, default="acl"),
    Field("disconnect_after_expire", boolean, default=True),
    Field("from", one_of("username", "password"), default="password"),
    Field("verify_claims", anything, default={}),
)
KEY = (*JWT, Field("use_jwks", boolean, default=False), *needed("algorithm"))
BUILT_IN = (
    Field("user_id_type", one_of("clientid", "username"), default="username"),
    Field("bootstrap_file", text, default="${EMQX_ETC_DIR}/auth-built-in-db-bootstrap.csv"),
    Field("bootstrap_type", one_of("hash", "plain"), default="plain"),
    HASH,
)
JWKS = (
    *JWT,
    Field("use_jwks", boolean, default=True),
    *needed("endpoint"),
    Field("headers", mapping, default={"Accept": "application/json"}),
    Field("refresh_interval", POSITIVE, default=300),
    POOL,
    SECURE,
)
HMAC = (*KEY, *needed("secret"), Field("secret_base64_encoded", boolean, default=False))
SCRAM = (
    Field("algorithm", one_of("sha256", "sha512"), default="sha256"),
    Field("iteration_count", NATURAL, default=4096),
)

# By what EMQX calls the type; the id of an authenticator, or the type of a source, is told from its fields.
AUTHENTICATORS: dict[str, Fields] = {
    "authn:builtin_db": BUILT_IN,
    "authn:scram": SCRAM,
    "authn:jwt_hmac": HMAC,
    "authn:jwt_public_key": (*KEY, *needed("public_key")),
    "authn:jwt_jwks": JWKS,
    "authn:http_get": http("5s"),
    "authn:http_post": http("5s"),
    "authn:mysql": (*MYSQL, HASH),
    "authn:postgresql": (*POSTGRESQL, HASH),
    "authn:ldap": (*DIRECTORY, Field("method", mapping, default={"type": "hash"})),
    **{f"authn:redis_{kind}": (*redis(kind), HASH) for kind in ("single", "sentinel", "cluster")},
    **{f"authn:mongo_{kind}": (*mongodb(kind), *MONGO_FIELDS) for kind in ("single", "rs", "sharded")},
}
SOURCES: dict[str, Fields] = {
    "authz:builtin_db": (Field("max_rules", POSITIVE, default=100),),
    "authz:file": needed("rules"),
    "authz:http_get": http("30s"),
    "authz:http_post": http("30s"),
    "authz:mysql": MYSQL,
    "authz:postgresql": POSTGRESQL,
    "authz:ldap": (*DIRECTORY, Field("all_attribute", text, default="mqttPubSubTopic")),
    **{f"authz:redis_{kind}": redis(kind) for kind in ("single", "sentinel", "cluster")},
    **{f"authz:mongo_{kind}": mongodb(kind) for kind in ("single", "rs", "sharded")},
}
BACKENDS = ("built_in_database", "http", "mysql", "postgresql", "redis", "mongodb", "ldap")
SOURCE_TYPES = ("file", *BACKENDS, "client_info")


def refuse_root(reason: str, **more: Json) -> NoReturn:
    """Refuse a whole body; EMQX writes the fields in reverse order. Raises AnswerNow (400)."""
    details = {"reason": reason, "path": "root", "kind": "validation_error", **more}
    raise bad_request(dict(sorted(details.items(), reverse=True)))


def narrow(body: Row, prefix: str, backend: str) -> str:
    """Name the type that a body with a certain backend is of. Raises AnswerNow (400) for an odd method."""
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


def authenticator_type(body: Row) -> str:
    """Name the type of an authenticator. Raises AnswerNow (400) when it has none that EMQX knows."""
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
            return narrow(body, "authn", backend)
    shown = {} if backend is None else {"backend": backend}
    refuse_root("unsupported_mechanism", mechanism=mechanism, **shown)


def authenticator_id(body: Row) -> str:
    """Name an authenticator: its mechanism, and its backend where it has one."""
    return f"{body['mechanism']}:{body['backend']}" if "backend" in body else str(body["mechanism"])


def settle_authenticator(body: Row) -> Row:
    """Check an authenticator and fill in its defaults. Raises AnswerNow (400)."""
    kind = authenticator_type(body)
    if kind not in AUTHENTICATORS:
        refuse_root("unsupported_mechanism", mechanism=body["mechanism"], backend=body.get("backend"))
    named = [Field(name, text) for name in ("mechanism", "backend") if name in body]
    return settle((*named, *AUTHENTICATORS[kind], ENABLE), body, kind)


def settle_source(body: Row) -> Row:
    """Check an authorization source and fill in its defaults. Raises AnswerNow (400)."""
    kind = narrow(body, "authz", str(body["type"]))
    if kind not in SOURCES:
        refuse_root("unknown_authz_type", got=body["type"], expected=" | ".join(SOURCE_TYPES))
    return settle((Field("type", text), *SOURCES[kind], ENABLE), body, kind)
