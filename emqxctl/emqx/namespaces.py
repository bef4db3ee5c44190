"""Which operations of the REST API take a namespace (EMQX 6.0 and later): those of the document of 6.2.2.

Without one they mean global objects, and lists contain those of all namespaces.
"""

RULES_OF_DATABASE = "/authorization/sources/built_in_database/rules"
INTEGRATION_KINDS = ("actions", "connectors", "sources")
ITEM_METHODS = ("GET", "PUT", "DELETE")

NAMESPACED_OPERATIONS = frozenset(
    {
        *(f"{method} /{kind}" for kind in INTEGRATION_KINDS for method in ("GET", "POST")),
        *(f"{method} /{kind}/{{id}}" for kind in INTEGRATION_KINDS for method in ITEM_METHODS),
        *(f"PUT /{kind}/{{id}}/enable/{{enable}}" for kind in INTEGRATION_KINDS),
        *(f"POST /{kind}/{{id}}/{{operation}}" for kind in INTEGRATION_KINDS),
        *(f"POST /nodes/{{node}}/{kind}/{{id}}/{{operation}}" for kind in INTEGRATION_KINDS),
        *(f"POST /{kind}_probe" for kind in INTEGRATION_KINDS),
        *(f"GET /{kind}/{{id}}/metrics" for kind in ("actions", "sources", "rules")),
        *(f"PUT /{kind}/{{id}}/metrics/reset" for kind in ("actions", "sources", "rules")),
        "GET /actions_summary",
        "GET /sources_summary",
        "GET /rules",
        "POST /rules",
        *(f"{method} /rules/{{id}}" for method in ITEM_METHODS),
        "POST /rules/{id}/test",
        "POST /rule_test",
        "GET /rule_engine",
        "PUT /rule_engine",
        "POST /trace",
        "GET /authentication/{id}/users",
        "POST /authentication/{id}/users",
        "POST /authentication/{id}/import_users",  # recorded, not in the document
        *(f"{method} /authentication/{{id}}/users/{{user_id}}" for method in ITEM_METHODS),
        f"DELETE {RULES_OF_DATABASE}",
        *(f"{method} {RULES_OF_DATABASE}/all" for method in ("GET", "POST", "DELETE")),
        *(
            f"{method} {RULES_OF_DATABASE}/{kind}"
            for kind in ("clients", "users")
            for method in ("GET", "POST")
        ),
        *(f"{method} {RULES_OF_DATABASE}/clients/{{clientid}}" for method in ITEM_METHODS),
        *(f"{method} {RULES_OF_DATABASE}/users/{{username}}" for method in ITEM_METHODS),
        "GET /a2a/cards/list",
        *(
            f"{method} /a2a/cards/card/{{org_id}}/{{unit_id}}/{{agent_id}}"
            for method in ("GET", "POST", "DELETE")
        ),
        "GET /prometheus/namespaced_stats",
    }
)
# Lists that can leave out what is in namespaces.
LISTS_WITH_GLOBAL_FILTER = frozenset(
    {
        "GET /actions",
        "GET /actions_summary",
        "GET /connectors",
        "GET /rules",
        "GET /sources",
        "GET /sources_summary",
        "GET /a2a/cards/list",
    }
)
NAMESPACES_SINCE = (6, 0, 0)
