"""The error codes about who may do what: API keys, dashboard users, tokens, roles."""

from emqxctl.emqx.error_codes.entry import ErrorCode
from emqxctl.errors import ExitCode

DENIED, FORBIDDEN, REFUSED = ExitCode.UNAUTHENTICATED, ExitCode.FORBIDDEN, ExitCode.REFUSED

ACCESS_CODES = (
    ErrorCode(
        "BAD_API_KEY_OR_SECRET",
        "The server does not accept this API key: it is unknown, disabled or expired, or the secret is "
        "wrong; EMQX does not tell which.",
        "Check the profile with `emqxctl keys list`, or create a key in the dashboard (System, API Key) "
        "and add it with `emqxctl keys add`; a dashboard user and password are not accepted as an API key.",
        DENIED,
        (401,),
        registered=True,
        since="5.0.15",
    ),
    ErrorCode(
        "BAD_USERNAME_OR_PWD",
        "The dashboard login failed: user name or password is wrong.",
        "Try again with `emqxctl keys login`; an administrator resets a password with "
        "`emqx ctl admins passwd USER PASSWORD` on a node.",
        DENIED,
        (401,),
        registered=True,
        since="5.0.15",
    ),
    ErrorCode(
        "AUTHORIZATION_HEADER_ERROR",
        "The request carried no credentials that EMQX understands.",
        "Give the profile an API key with `emqxctl keys add`, or set EMQXCTL_API_KEY and EMQXCTL_API_SECRET.",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "API_KEY_NOT_ALLOW",
        "No API key may do this, whatever its role: managing API keys and dashboard users needs a login.",
        "Use `emqxctl api-keys` and `emqxctl users`: they log in as the user of --username. "
        "`emqxctl keys login` makes an API key and a profile of it.",
        DENIED,
        (401,),
        since="5.6.0",
    ),
    ErrorCode(
        "BAD_TOKEN",
        "The server does not know this login token; it has expired or was logged out.",
        "Log in again with `emqxctl keys login`.",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "TOKEN_TIME_OUT",
        "The login token has expired; it lives for an hour after its last use unless configured otherwise.",
        "Log in again with `emqxctl keys login`.",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "WRONG_TOKEN_OR_USERNAME",
        "The login token does not belong to the user named.",
        "Name the user who logged in.",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "WRONG_USERNAME_OR_PWD",
        "The user name or password is wrong.",
        "Check them with `emqxctl keys list`, then try `emqxctl keys login`.",
        DENIED,
        (401,),
        registered=True,
        until="5.0.14",
    ),
    ErrorCode(
        "WRONG_USERNAME_OR_PWD_OR_API_KEY_OR_API_SECRET",
        "The server accepts neither an API key nor a dashboard user with these credentials.",
        "Check the profile with `emqxctl keys list` and give it a valid key with `emqxctl keys add`.",
        DENIED,
        (401,),
        registered=True,
        until="5.0.14",
    ),
    ErrorCode(
        "WORNG_USERNAME_OR_PWD",
        "The user name or password is wrong (the spelling of the code is EMQX's).",
        "Check them with `emqxctl keys list`, then try `emqxctl keys login`.",
        DENIED,
        (401,),
        until="5.0.9",
    ),
    ErrorCode(
        "LOGIN_LOCKED",
        "The dashboard user is locked for a while after too many failed logins.",
        "Wait until the lock ends, or use an API key: `emqxctl keys add`.",
        DENIED,
        (401,),
        since="5.9.0",
    ),
    ErrorCode(
        "BAD_MFA_TOKEN",
        "The login needs a second factor, and the one-time code is missing, wrong or not yet set up.",
        "Give the current code of the authenticator app, or use an API key: `emqxctl keys add`.",
        DENIED,
        (401,),
        since="5.9.0",
    ),
    ErrorCode(
        "UNAUTHORIZED",
        "Single sign-on did not accept the login.",
        "Log in again in the dashboard, or use an API key: `emqxctl keys add`.",
        DENIED,
        (401,),
    ),
    ErrorCode(
        "BACKEND_NOT_FOUND",
        "No single sign-on backend of this name is configured.",
        "List the backends with `emqxctl api GET /sso`.",
        ExitCode.NOT_FOUND,
        (404,),
        since="5.3.0",
    ),
    ErrorCode(
        "UNAUTHORIZED_ROLE",
        "The role or the scopes of this API key or user do not allow the operation.",
        "Use a key of another role: `viewer` may read, `publisher` only publish, `administrator` may do all.",
        FORBIDDEN,
        (403,),
        since="5.3.0",
    ),
    ErrorCode(
        "FORBIDDEN",
        "The operation is not allowed for this user, or has to be allowed on the server first.",
        "Read the server's words; for a plugin run `emqx ctl plugins allow NAME-VSN` on a node first.",
        FORBIDDEN,
        (403, 400),
        registered=True,
    ),
    ErrorCode(
        "NOT_ALLOWED",
        "EMQX does not allow this for anyone, such as deleting the user who asks.",
        "Do it as another user, or leave it.",
        REFUSED,
        (400,),
    ),
    ErrorCode(
        "ERROR_PWD_NOT_MATCH",
        "The old password is wrong, so the new one was not set.",
        "Give the present password; an administrator resets it with `emqx ctl admins passwd USER PASSWORD` "
        "on a node.",
        REFUSED,
        (400,),
    ),
)
