"""Authentication: API keys by Basic, dashboard tokens by Bearer, and EMQX's errors."""

import base64
import json
import os
from binascii import Error as NotBase64
from dataclasses import dataclass

from emqxctl.sandbox.http.routing import Credentials, Route
from emqxctl.sandbox.messages import EarlyResponse, Request, Response, error_response, json_response
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

    def authenticate(self, route: Route, request: Request) -> str:
        """Check the credentials of a request; return the dashboard user of a token, or nothing.

        Raises EarlyResponse: 401, or 400 with an empty body for a header that cowboy cannot parse.
        """
        if route.credentials is Credentials.OPEN:
            return ""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        match scheme.lower():
            case "basic":
                self._check_key(route, value.strip())
                return ""
            case "bearer" if value.strip():
                return self._check_token(value.strip())
            case "" | "digest":
                raise unauthorized(*UNSUPPORTED)
        raise EarlyResponse(Response(400))

    def authenticate_owner(self, request: Request) -> None:
        """Accept only the sandbox's own key. Raises EarlyResponse (401)."""
        expected = base64.b64encode(f"{self.api_key}:{self.api_secret}".encode()).decode()
        if request.headers.get("authorization", "") != f"Basic {expected}":
            raise unauthorized(*BAD_KEY)

    def _check_key(self, route: Route, value: str) -> None:
        """Check a key and its secret, after refusing keys where only tokens count."""
        try:
            key, colon, secret = (
                base64.b64decode(value, validate=True).decode("utf-8", "replace").partition(":")
            )
        except (ValueError, NotBase64):
            raise EarlyResponse(Response(400)) from None
        if not colon:
            raise EarlyResponse(Response(400))
        if route.credentials is Credentials.BEARER:
            raise unauthorized(ONLY_BEARER[0], ONLY_BEARER[1].format(route.path.split("/")[1]))
        made_here = self.cluster.access.accepts_key(key, secret, self.cluster.now())
        if (key, secret) != (self.api_key, self.api_secret) and not made_here:
            raise unauthorized(*BAD_KEY)

    def _check_token(self, token: str) -> str:
        """Check a token and renew its lifetime."""
        user, expires = self.cluster.tokens.get(token, ("", 0.0))
        if not user:
            raise EarlyResponse(error_response(401, "BAD_TOKEN", "Get a token by POST /login"))
        now = self.cluster.now()
        if expires <= now:
            message = "Token expired, get new token by POST /login"
            raise EarlyResponse(error_response(401, "TOKEN_TIME_OUT", message))
        self.cluster.tokens[token] = (user, now + TOKEN_LIFE)
        return user


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
