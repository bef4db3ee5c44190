"""What EMQX 5.8.9 community serves and the sandbox does not simulate: path to methods.

A tag that becomes simulated leaves this list; a test holds the two together at all 297 operations.
"""

UNSIMULATED = {
    "/gateways": "GET",
    "/gateways/coap/clients/{clientid}/request": "POST",
    "/gateways/lwm2m/clients/{clientid}/lookup": "GET",
    "/gateways/lwm2m/clients/{clientid}/observe": "POST",
    "/gateways/lwm2m/clients/{clientid}/read": "POST",
    "/gateways/lwm2m/clients/{clientid}/write": "POST",
    "/gateways/{name}": "GET PUT",
    "/gateways/{name}/authentication": "GET POST PUT DELETE",
    "/gateways/{name}/authentication/import_users": "POST",
    "/gateways/{name}/authentication/users": "GET POST",
    "/gateways/{name}/authentication/users/{uid}": "GET PUT DELETE",
    "/gateways/{name}/clients": "GET",
    "/gateways/{name}/clients/{clientid}": "GET DELETE",
    "/gateways/{name}/clients/{clientid}/subscriptions": "GET POST",
    "/gateways/{name}/clients/{clientid}/subscriptions/{topic}": "DELETE",
    "/gateways/{name}/enable/{enable}": "PUT",
    "/gateways/{name}/listeners": "GET POST",
    "/gateways/{name}/listeners/{id}": "GET PUT DELETE",
    "/gateways/{name}/listeners/{id}/authentication": "GET POST PUT DELETE",
    "/gateways/{name}/listeners/{id}/authentication/import_users": "POST",
    "/gateways/{name}/listeners/{id}/authentication/users": "GET POST",
    "/gateways/{name}/listeners/{id}/authentication/users/{uid}": "GET PUT DELETE",
    "/schemas/{name}": "GET",
    "/telemetry/data": "GET",
    "/telemetry/status": "GET PUT",
}

# Need no credentials at all.
OPEN_PATHS = frozenset(("/schemas/{name}",))
# Refuse API keys (`/users/{username}/change_pwd` does not at 5.8.9).
BEARER_PATHS = frozenset(("/api_key", "/api_key/{name}", "/users", "/users/{username}"))
