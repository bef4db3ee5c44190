"""The authenticators and their users: `/authentication`."""

from emqxctl.sandbox.handlers._accounts import import_accounts, serve_accounts
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import EarlyResponse, Response, Row, error_response, json_response
from emqxctl.sandbox.schema.access import authenticator_id, check_authenticator
from emqxctl.sandbox.schema.refusals import bad_request, refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access_status import access_status
from emqxctl.sandbox.state.accounts import Accounts
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, move_key, order_problem

RESULTS = ("success", "failed", "nomatch")
WITH_USERS = ("password_based:built_in_database", "scram:built_in_database")
LOCAL = (*WITH_USERS, "jwt")
USER_ERROR = "User error: "


def authenticator_not_found(name: str) -> EarlyResponse:
    """Build the 404 of an authenticator."""
    return EarlyResponse(error_response(404, "NOT_FOUND", f"Authenticator '{name}' does not exist"))


def find_authenticator(call: Call) -> Row:
    """Return the authenticator of the path. Raises EarlyResponse (404)."""
    name = call.bindings["id"]
    if name not in call.cluster.access.authenticators:
        raise authenticator_not_found(name)
    return call.cluster.access.authenticators[name]


def authenticator_row(name: str, config: Row) -> Row:
    """Return an authenticator with its id, its secrets hidden."""
    return {**mask(config), "id": name}


@route("GET", "/authentication")
def list_authenticators(call: Call) -> Response:
    """List the authenticators in the order of the chain."""
    return json_response([authenticator_row(*item) for item in call.cluster.access.authenticators.items()])


@route("POST", "/authentication", body=Body(loose=True))
def create_authenticator(call: Call) -> Response:
    """Add an authenticator at the end; there is one of each kind."""
    require_hash_name(call.body)
    config = check_authenticator(call.body)
    name, access = authenticator_id(config), call.cluster.access
    if name in access.authenticators:
        return error_response(409, "ALREADY_EXISTS", f"Authenticator '{name}' already exist")
    access.authenticators[name] = config
    return json_response(authenticator_row(name, config))


def require_hash_name(body: Row) -> None:
    """Refuse a built-in database without a hash algorithm. Raises EarlyResponse (400, seen in 5.8.9)."""
    algorithm = body.get("password_hash_algorithm")
    has_name = isinstance(algorithm, dict) and "name" in algorithm
    if (body.get("mechanism"), body.get("backend")) == (
        "password_based",
        "built_in_database",
    ) and not has_name:
        raise bad_request(
            {
                "reason": "required_field",
                "path": "root.password_hash_algorithm.name",
                "matched_type": "authn:builtin_db_api/authn_hash:bcrypt_rw_api",
                "kind": "validation_error",
            }
        )


@route("GET", "/authentication/{id}")
def show_authenticator(call: Call) -> Response:
    """Show one authenticator."""
    return json_response(authenticator_row(call.bindings["id"], find_authenticator(call)))


@route("PUT", "/authentication/{id}", body=Body(loose=True))
def update_authenticator(call: Call) -> Response:
    """Replace the configuration of an authenticator; a masked secret stays what it was."""
    config = check_authenticator(call.body)
    call.cluster.access.authenticators[call.bindings["id"]] = unmask(config, find_authenticator(call))
    return Response(204)


@route("DELETE", "/authentication/{id}")
def delete_authenticator(call: Call) -> Response:
    """Delete an authenticator with its users; 204 also if it does not exist."""
    call.cluster.access.authenticators.pop(call.bindings["id"], None)
    call.cluster.access.accounts.pop(call.bindings["id"], None)
    return Response(204)


@route("GET", "/authentication/{id}/status")
def show_status(call: Call) -> Response:
    """Show the status and counters of an authenticator on each node."""
    config, name = find_authenticator(call), call.bindings["id"]
    return json_response(access_status(call.cluster, name, config, RESULTS, LOCAL))


@route("PUT", "/authentication/{id}/position/{position}")
def move_authenticator(call: Call) -> Response:
    """Change the position of an authenticator."""
    find_authenticator(call)
    access = call.cluster.access
    try:
        name, position = call.bindings["id"], call.bindings["position"]
        access.authenticators = move_key(access.authenticators, name, position)
    except UnknownAnchorError as unknown:
        raise authenticator_not_found(str(unknown)) from None
    except UnknownPositionError:
        return error_response(400, "BAD_REQUEST", "Invalid value for 'position'")
    return Response(204)


@route("PUT", "/authentication/order", body=Body("id", array=True))
def reorder_authenticators(call: Call) -> Response:
    """Reorder all authenticators."""
    access = call.cluster.access
    names = [row["id"] for row in call.body]
    if wrong := order_problem(names, list(access.authenticators), "Authenticators", "authenticators"):
        return error_response(400, "BAD_REQUEST", wrong)
    access.authenticators = {name: access.authenticators[name] for name in names}
    return Response(204)


def find_users(call: Call) -> Accounts:
    """Return the users of the authenticator of the path. Raises EarlyResponse (400) when it can have none."""
    name, authenticators = call.bindings["id"], call.cluster.access.authenticators
    if not authenticators and call.request.method == "GET":
        refuse_with(404, "NOT_FOUND", "Authenticator not found in the 'global' scope")
    if name not in authenticators:
        refuse_request(f'{USER_ERROR}{{not_found,{{authenticator,<<"{name}">>}}}}')
    if name not in WITH_USERS:
        refuse_request(USER_ERROR + "unsupported_operation")
    return call.cluster.access.chain(name)


serve_accounts("/authentication/{id}/users", "user_id", find_users)


@route("POST", "/authentication/{id}/import_users", query="import_users")
def import_users(call: Call) -> Response:
    """Import users from a file or a JSON body, with passwords in clear (`type=plain`) or hashed."""
    find_authenticator(call)
    name = call.bindings["id"]
    if name not in WITH_USERS:
        return error_response(400, "BAD_REQUEST", "Operation not supported in this authentication type")
    return import_accounts(call.cluster.access.chain(name), call, call.query["type"])
