"""Operations without a command of their own, each with the reason: `emqxctl api METHOD PATH` calls them."""

CALLBACK = "a step of a browser's login, which a command line has no part in"
LISTENERS = "authentication of single listeners: hidden dead code since 5.1.0, gone from 5.0.26 on"
PLUGIN = "what it takes and gives is the plugin's own affair"

OPERATIONS_WITHOUT_COMMAND: dict[str, str] = {
    **{
        f"{method} /listeners/{{listener_id}}/authentication{rest}": LISTENERS
        for method, rest in (
            ("GET", ""),
            ("POST", ""),
            ("GET", "/{id}"),
            ("PUT", "/{id}"),
            ("DELETE", "/{id}"),
            ("POST", "/{id}/import_users"),
            ("POST", "/{id}/move"),
            ("PUT", "/{id}/position/{position}"),
            ("GET", "/{id}/status"),
            ("GET", "/{id}/users"),
            ("POST", "/{id}/users"),
            ("GET", "/{id}/users/{user_id}"),
            ("PUT", "/{id}/users/{user_id}"),
            ("DELETE", "/{id}/users/{user_id}"),
        )
    },
    **{
        f"{method} /plugin_api/{{plugin}}/[...]": PLUGIN
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    },
    "POST /plugin_api/emqx_sync_request/request": PLUGIN,
    "POST /sso/login/{backend}": CALLBACK,
    "POST /sso/saml/acs": CALLBACK,
    "GET /sso/saml/metadata": CALLBACK,
    "GET /sso/oidc/callback": CALLBACK,
    "POST /sso/token_exchange": CALLBACK,
    "POST /sso/mfa/setup": CALLBACK,
    "POST /sso/mfa/setup_info": CALLBACK,
    "POST /sso/mfa/verify": CALLBACK,
    "POST /login": "every command that takes --username logs in by itself",
    "POST /logout": "tokens live in memory only, and end by themselves",
    "GET /clients_v2": "clients list walks the pages of GET /clients; the cursor is an inner matter",
}
