"""The settings of SSO backends, as options of `emqxctl sso update`."""

from collections.abc import Mapping, Sequence

from emqxctl.errors import UsageError
from emqxctl.resource import Setting, ValueType

NEW_USERS_SINCE = (6, 2, 0)  # role and namespace of users that their first login creates


def list_claim_settings(name: str) -> tuple[Setting, ...]:
    """Return the settings that take the role or the namespace of new users from an OIDC response."""
    return (
        Setting(
            f"{name}_source",
            f"Response with the {name} of new users (OIDC, EMQX 6.2+).",
            ValueType.CHOICE,
            ("userinfo", "id_token"),
            since=NEW_USERS_SINCE,
        ),
        Setting(
            f"{name}_expr",
            f"jq expression for the {name} of new users, such as .{name} (OIDC, EMQX 6.2+).",
            since=NEW_USERS_SINCE,
        ),
    )


COMMON_SETTINGS = (
    Setting("enable", "Enable or disable it.", ValueType.BOOLEAN),
    Setting(
        "force_mfa", "Enable or disable MFA after the login (EMQX 5.9+).", ValueType.BOOLEAN, since=(5, 9, 0)
    ),
)
TLS_SETTING = Setting("ssl.enable", "Enable or disable TLS (LDAP, OIDC).", ValueType.BOOLEAN, option="tls")
DASHBOARD_SETTING = Setting(
    "dashboard_addr", "Dashboard URL, such as https://emqx.example.com:18084 (OIDC, SAML)."
)
SETTINGS_BY_BACKEND: Mapping[str, tuple[Setting, ...]] = {
    "ldap": (
        Setting("server", "LDAP server, HOST:PORT (LDAP)."),
        Setting(
            "username", "DN of the search user, such as cn=admin,dc=example,dc=com (LDAP).", option="bind-dn"
        ),
        Setting("base_dn", "Base DN of the users, such as dc=example,dc=com (LDAP)."),
        Setting("filter", "Search filter, such as (uid=${username}) (LDAP)."),
        TLS_SETTING,
    ),
    "oidc": (
        Setting("issuer", "URL of the identity provider (OIDC)."),
        Setting("clientid", "Client ID at the identity provider (OIDC)."),
        Setting("provider", "Type of the identity provider (OIDC).", ValueType.CHOICE, ("generic", "okta")),
        Setting("scopes", "Scope. Repeatable; replaces the list (OIDC).", multiple=True, option="scope"),
        Setting("name_var", "Template of the username, such as ${email} (OIDC)."),
        Setting("session_expiry", "Time to complete a login, such as 30s (OIDC)."),
        Setting("require_pkce", "Enable or disable PKCE (OIDC).", ValueType.BOOLEAN),
        *list_claim_settings("role"),
        *list_claim_settings("namespace"),
        DASHBOARD_SETTING,
        TLS_SETTING,
    ),
    "saml": (
        Setting("idp_metadata_url", "URL of the identity provider's metadata (SAML)."),
        Setting("sp_sign_request", "Enable or disable signing of requests (SAML).", ValueType.BOOLEAN),
        Setting(
            "sp_public_key",
            "File with the certificate for signed requests (SAML; - for stdin).",
            ValueType.TEXT_FILE,
            option="certificate-file",
        ),
        DASHBOARD_SETTING,
    ),
}


def list_settings() -> tuple[Setting, ...]:
    """Return the settings of all backends, each once."""
    settings = [setting for settings in SETTINGS_BY_BACKEND.values() for setting in settings]
    return (*COMMON_SETTINGS, *dict.fromkeys(settings))


def check_settings(backend: str, params: Sequence[str]) -> None:
    """Check that a backend has the settings of these params. Raises UsageError."""
    known_settings = (*COMMON_SETTINGS, *SETTINGS_BY_BACKEND[backend])
    known_params = {setting.param for setting in known_settings}
    unknown_flags = [
        setting.flag
        for setting in list_settings()
        if setting.param in params and setting.param not in known_params
    ]
    if unknown_flags:
        options = ", ".join(unknown_flags)
        message = f"{options}: not supported by backend {backend}"
        flags = ", ".join(setting.flag for setting in SETTINGS_BY_BACKEND[backend])
        raise UsageError(message, hint=f"options of {backend}: {flags}")
