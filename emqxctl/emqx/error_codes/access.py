"""The error codes of access control: API keys, dashboard users, tokens, roles."""

from emqxctl.emqx.error_codes.entry import ErrorCode
from emqxctl.errors import ExitCode

DENIED, FORBIDDEN, REJECTED = ExitCode.UNAUTHENTICATED, ExitCode.FORBIDDEN, ExitCode.REJECTED

ACCESS_CODES = (
    ErrorCode(
        "BAD_API_KEY_OR_SECRET",
        "the API key is unknown, disabled or expired, or the secret is wrong; EMQX does not say which",
        "check the profile: emqxctl keys list; find disabled and expired keys: emqxctl api-keys list "
        "--username USER; add another key: emqxctl keys add; a dashboard username and password are not an "
        "API key, but create one: emqxctl keys login",
        DENIED,
        (401,),
        registered=True,
        since="5.0.15",
    ),
    ErrorCode(
        "BAD_USERNAME_OR_PWD",
        "the dashboard username or password is wrong",
        "retry: emqxctl keys login; an administrator can reset the password on a node: emqx ctl admins "
        "passwd USER PASSWORD",
        DENIED,
        (401,),
        registered=True,
        since="5.0.15",
    ),
    ErrorCode(
        "AUTHORIZATION_HEADER_ERROR",
        "the request has no credentials that EMQX understands",
        "add a profile with an API key: emqxctl keys add; or set EMQXCTL_API_KEY and EMQXCTL_API_SECRET",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "API_KEY_NOT_ALLOW",
        "not allowed for any API key: managing API keys and dashboard users requires a dashboard login",
        "log in as a dashboard user: emqxctl api-keys list --username USER; create a profile from a login: "
        "emqxctl keys login",
        DENIED,
        (401,),
        since="5.6.0",
    ),
    ErrorCode(
        "BAD_TOKEN",
        "the login token is unknown, expired or logged out",
        "log in again: emqxctl keys login",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "TOKEN_TIME_OUT",
        "the login token has expired; by default it is valid for one hour after its last use",
        "log in again: emqxctl keys login",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "WRONG_TOKEN_OR_USERNAME",
        "the login token belongs to another user",
        "use the username that logged in",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "WRONG_USERNAME_OR_PWD",
        "the username or password is wrong",
        "check the profile: emqxctl keys list; log in again: emqxctl keys login",
        DENIED,
        (401,),
        registered=True,
        until="5.0.14",
    ),
    ErrorCode(
        "WRONG_USERNAME_OR_PWD_OR_API_KEY_OR_API_SECRET",
        "the credentials are neither a valid API key nor a dashboard user",
        "check the profile: emqxctl keys list; add a valid key: emqxctl keys add",
        DENIED,
        (401,),
        registered=True,
        until="5.0.14",
    ),
    ErrorCode(
        "WORNG_USERNAME_OR_PWD",
        "the username or password is wrong (EMQX spells the code like this)",
        "check the profile: emqxctl keys list; log in again: emqxctl keys login",
        DENIED,
        (401,),
        until="5.0.9",
    ),
    ErrorCode(
        "LOGIN_LOCKED",
        "the dashboard user is temporarily locked after too many failed logins",
        "retry when the lock has expired, or use an API key: emqxctl keys add",
        DENIED,
        (401,),
        since="5.9.0",
    ),
    ErrorCode(
        "BAD_MFA_TOKEN",
        "the login requires MFA, and the one-time code is missing, wrong or not set up",
        "use the current code of the authenticator app: --mfa-code CODE; if MFA is not set up yet, log in to "
        "the dashboard once; or use an API key: emqxctl keys add",
        DENIED,
        (401,),
        since="5.9.0",
    ),
    ErrorCode(
        "UNAUTHORIZED",
        "single sign-on rejected the login",
        "log in to the dashboard again, or use an API key: emqxctl keys add",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "BACKEND_NOT_FOUND",
        "single sign-on backend not found",
        "list backends: emqxctl sso list",
        ExitCode.NOT_FOUND,
        (404,),
        since="5.3.0",
    ),
    ErrorCode(
        "UNAUTHORIZED_ROLE",
        "the role or scopes of this API key or user do not allow the operation",
        "use a key with another role (viewer: read, publisher: publish, administrator: all) or more scopes: "
        "emqxctl keys test",
        FORBIDDEN,
        (403,),
        since="5.3.0",
    ),
    ErrorCode(
        "FORBIDDEN",
        "the key or user may not do this in that namespace, or it must be allowed on the server first",
        "see the server's message; to allow a plugin, run on a node: emqx ctl plugins allow NAME-VSN",
        FORBIDDEN,
        (403, 400),
        registered=True,
    ),
    ErrorCode(
        "NOT_ALLOWED",
        "EMQX allows this for no user, such as deleting your own user",
        "use another user",
        REJECTED,
        (400,),
    ),
    ErrorCode(
        "ERROR_PWD_NOT_MATCH",
        "the old password is wrong; the password was not changed",
        "enter the current password; an administrator can reset it on a node: emqx ctl admins passwd USER "
        "PASSWORD",
        REJECTED,
        (400,),
    ),
)
