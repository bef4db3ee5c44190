"""Authenticators: their id, columns and settings."""

from emqxctl.cli.input.body import Body, without_fields
from emqxctl.commands._access_backends import BACKEND_SETTINGS, parse_mongodb_filter, parse_redis_database
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.resource import Column, Resource, Setting, ValueType

HASH_FIELD = "password_hash_algorithm"
DEFAULT_HASH = {"name": "sha256", "salt_position": "suffix"}


def mechanism_and_backend(key: str) -> dict[str, object]:
    """Return the fields that an authenticator's id consists of."""
    mechanism, _, backend = key.partition(":")
    return {"mechanism": mechanism, "backend": backend} if backend else {"mechanism": mechanism}


def add_default_hash(body: Body) -> Body:
    """Return the body of a new authenticator with a hash algorithm, which EMQX requires for its own database.

    The algorithm is that of EMQX's dashboard; a salt position of the body is kept.
    """
    if (body.get("mechanism"), body.get("backend")) != ("password_based", "built_in_database"):
        return body
    algorithm = body.get(HASH_FIELD, {})
    if not isinstance(algorithm, dict) or "name" in algorithm:
        return body
    return {**body, HASH_FIELD: {**DEFAULT_HASH, **algorithm, "name": DEFAULT_HASH["name"]}}


def add_default_method(body: Body) -> Body:
    """Return the body of a new LDAP authenticator with a method; it is EMQX's own default.

    EMQX 6.2 accepts one without, and `GET /authentication` returns 500 from then on.
    """
    if body.get("backend") != "ldap" or body.get("method"):
        return body
    return {**body, "method": {"type": "hash"}}


def format_first_line(value: object) -> str:
    """Format the first line of an error; EMQX adds its Erlang term."""
    return format_plain(value).partition("\n")[0]


IDENTITY_SETTINGS = (
    Setting("mechanism", "Authentication mechanism: password_based, jwt, scram."),
    Setting("backend", "Authentication backend: built_in_database, http, mysql, ..."),
)
JWT_SETTINGS = (
    Setting("from", "Field that contains the JWT.", ValueType.CHOICE, ("password", "username")),
    Setting("secret", "File with the JWT secret (- for stdin).", ValueType.FIRST_LINE, option="secret-file"),
    Setting(
        "secret_base64_encoded", "Enable or disable base64 decoding of the secret (JWT).", ValueType.BOOLEAN
    ),
    Setting("public_key", "Public key, PEM or a file on the nodes (JWT)."),
    Setting("use_jwks", "Enable or disable keys from a JWKS endpoint (JWT).", ValueType.BOOLEAN),
    Setting("endpoint", "JWKS endpoint URL (JWT)."),
    Setting("refresh_interval", "Seconds between refreshes of the JWKS (JWT).", ValueType.INTEGER),
    Setting("acl_claim_name", "Claim with the ACL rules (JWT)."),
    Setting(
        "disconnect_after_expire",
        "Enable or disable disconnecting clients when their JWT expires.",
        ValueType.BOOLEAN,
    ),
    Setting(
        "on_missing_jwt",
        "Action for clients without a JWT (EMQX 6.2.2+).",
        ValueType.CHOICE,
        ("ignore", "deny"),
        since=(6, 2, 2),
    ),
)
AUTHENTICATORS = Resource(
    noun="authenticator",
    path="/authentication",
    key="id",
    columns=(
        Column("id"),
        Column("enable", "ENABLED", style=color_state),
        Column("mechanism"),
        Column("backend"),
        Column("server", wide=True),
        Column("url", "URL", wide=True),
        Column("password_hash_algorithm.name", "HASH", wide=True),
    ),
    settings=(
        Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
        Setting("user_id_type", "Field that identifies a user.", ValueType.CHOICE, ("username", "clientid")),
        Setting(
            f"{HASH_FIELD}.name",
            "Password hash algorithm, such as sha256 or bcrypt.",
            option="hash",
        ),
        Setting(
            f"{HASH_FIELD}.salt_position",
            "Position of the salt.",
            ValueType.CHOICE,
            ("prefix", "suffix", "disable"),
            option="salt-position",
        ),
        Setting("algorithm", "Algorithm: hmac-based, public-key (JWT); sha256, sha512 (SCRAM)."),
        *JWT_SETTINGS,
        Setting("iteration_count", "Number of hash iterations (SCRAM).", ValueType.INTEGER),
        Setting("base_dn", "Base DN of the users, such as dc=example,dc=com (LDAP)."),
        Setting("method.type", "Password check: hash or bind (LDAP).", option="ldap-method"),
        Setting(
            "precondition",
            "Variform condition for clients to check, such as is_username (EMQX 5.9+).",
            since=(5, 9, 0),
        ),
        Setting("cmd", "Redis command, such as HMGET mqtt_user:${username} password_hash."),
        # --url is the cluster's
        Setting("url", "HTTP server URL, such as http://10.0.0.9/auth.", option="http-url"),
        *BACKEND_SETTINGS,
    ),
    read_only_fields=("id",),
    key_to_fields=mechanism_and_backend,
    accepts_masked_secrets=True,
    normalize=lambda body: parse_mongodb_filter(without_fields(body, ("id",))),
    fields_in_update=("mechanism", "backend"),
    checks_existence=True,  # EMQX answers 204 to the DELETE of an unknown authenticator
    switch_by_update=True,
    finish_body=parse_redis_database,
    variant_fields=(f"{HASH_FIELD}.name", "method.type"),
)
STATUS_COLUMNS = (
    Column("node"),
    Column("status", style=color_state),
    Column("metrics.success", "SUCCESS", align_right=True),
    Column("metrics.failed", "FAILED", align_right=True),
    Column("metrics.nomatch", "NO MATCH", align_right=True),
    Column("metrics.total", "TOTAL", align_right=True),
    Column("metrics.rate", "RATE", align_right=True),
    Column("resource_metrics.success", "BACKEND OK", align_right=True, wide=True),
    Column("resource_metrics.failed", "BACKEND FAILED", align_right=True, wide=True),
    Column("error", format=format_first_line, wide=True),
)
