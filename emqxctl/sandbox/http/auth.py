"""Authentication: API keys by Basic, dashboard tokens by Bearer, and EMQX's errors."""

import base64
import json
import os
from binascii import Error as NotBase64
from dataclasses import dataclass

from emqxctl.sandbox.http.roles import ADMINISTRATOR, Identity, default_scopes
from emqxctl.sandbox.http.routing import Credentials, Route
from emqxctl.sandbox.messages import EarlyResponse, Request, Response, json_response
from emqxctl.sandbox.schema.refusals import refuse_with
from emqxctl.sandbox.state.cluster import TOKEN_LIFE, Cluster

CHALLENGE = {"www-authenticate": 'Basic Realm="emqx-dashboard"'}
UNSUPPORTED = ("AUTHORIZATION_HEADER_ERROR", "Support authorization: basic/bearer ")
BAD_KEY = ("BAD_API_KEY_OR_SECRET", "Check api_key/api_secret")
ONLY_BEARER = (
    "API_KEY_NOT_ALLOW",
    "Please use bearer Token instead, using API key/secret in {} path is not permitted",
)


@dataclass(frozen=True)
class Authenticator:
    """Knows the sandbox's own API key, and the cluster whose keys and tokens count too."""

    cluster: Cluster
    api_key: str
    api_secret: str

    def authenticate(self, route: Route, request: Request) -> Identity:
        """Check the credentials of a request; return whose they are.

        Raises EarlyResponse: 401, or 400 with an empty body for a header that cowboy cannot parse.
        """
        if route.credentials is Credentials.OPEN:
            return Identity()
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        match scheme.lower():
            case "basic":
                return self._check_key(route, value.strip())
            case "bearer" if value.strip():
                return self._check_token(value.strip())
            case "" | "digest":
                message = self._error("no_credentials", UNSUPPORTED[1])
                raise unauthorized(UNSUPPORTED[0], message)
        raise EarlyResponse(Response(400))

    def authenticate_owner(self, request: Request) -> None:
        """Accept only the sandbox's own key. Raises EarlyResponse (401)."""
        expected = base64.b64encode(f"{self.api_key}:{self.api_secret}".encode()).decode()
        if request.headers.get("authorization", "") != f"Basic {expected}":
            raise unauthorized(*BAD_KEY)

    def _check_key(self, route: Route, value: str) -> Identity:
        """Check a key and its secret, after refusing keys where only tokens count."""
        try:
            key, colon, secret = (
                base64.b64decode(value, validate=True).decode("utf-8", "replace").partition(":")
            )
        except (ValueError, NotBase64):
            raise EarlyResponse(Response(400)) from None
        if not colon:
            raise EarlyResponse(Response(400))
        only_bearer = route.path in self.cluster.facts.get("bearer", ())
        if route.credentials is Credentials.BEARER or only_bearer:
            raise unauthorized(ONLY_BEARER[0], ONLY_BEARER[1].format(route.path.split("/")[1]))
        if (key, secret) == (self.api_key, self.api_secret):
            return Identity(scopes=default_scopes(ADMINISTRATOR))
        api_key = self.cluster.access.find_key(key, secret, self.cluster.now())
        if api_key is None:
            raise unauthorized(*BAD_KEY)
        scopes = default_scopes(api_key.role) if api_key.scopes is None else api_key.scopes
        return Identity("", api_key.role, scopes, api_key.namespace)

    def _error(self, name: str, default: str) -> str:
        """Return the message of an error, which Enterprise words differently."""
        return str(self.cluster.facts.get("errors", {}).get(name, default))

    def _check_token(self, token: str) -> Identity:
        """Check a token and renew its lifetime."""
        user, expires = self.cluster.tokens.get(token, ("", 0.0))
        if not user:
            refuse_with(401, "BAD_TOKEN", self._error("bad_token", "Get a token by POST /login"))
        now = self.cluster.now()
        if expires <= now:
            message = "Token expired, get new token by POST /login"
            refuse_with(401, "TOKEN_TIME_OUT", message)
        self.cluster.tokens[token] = (user, now + TOKEN_LIFE)
        row = self.cluster.access.user_roles.get(user, {})
        role = str(row.get("role", ADMINISTRATOR))
        return Identity(
            user, role, tuple(row.get("scopes", default_scopes(role, user=True))), row.get("namespace")
        )


def unauthorized(code: str, message: str) -> EarlyResponse:
    """Build a 401 with EMQX's challenge."""
    return EarlyResponse(json_response({"code": code, "message": message}, 401, CHALLENGE))


def issue_token(cluster: Cluster, user: str) -> str:
    """Create a token for a user, like EMQX's: a JWT whose `exp` is in milliseconds."""
    expires = cluster.now() + TOKEN_LIFE
    parts = [{"alg": "HS256", "typ": "JWT"}, {"exp": int(expires * 1000), "iss": "EMQX"}]
    encoded = [encode_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts]
    token = ".".join([*encoded, encode_base64url(os.urandom(32))])
    cluster.tokens[token] = (user, expires)
    return token


def encode_base64url(raw: bytes) -> str:
    """Format bytes as a JWT does: URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
