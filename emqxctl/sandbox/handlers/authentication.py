"""The authenticators and their users: `/authentication`."""

from emqxctl.sandbox.handlers._accounts import AccountList, import_accounts
from emqxctl.sandbox.handlers._chain import Chain
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.access import authenticator_id, check_authenticator
from emqxctl.sandbox.schema.refusals import bad_request, refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import unmask
from emqxctl.sandbox.state.access import Accounts

WITH_USERS = ("password_based:built_in_database", "scram:built_in_database")
USER_ERROR = "User error: "
CHAIN = Chain(
    *("authentication", "id", "authenticators", "Authenticators"),
    results=("success", "failed", "nomatch"),
    local=(*WITH_USERS, "jwt"),
)


def create_authenticator(call: Call) -> Json:
    """Add an authenticator at the end; there is one of each kind."""
    require_hash_name(call.body)
    config = check_authenticator(call.body)
    name = authenticator_id(config)
    if name in CHAIN.members(call):
        refuse_with(409, "ALREADY_EXISTS", f"Authenticator '{name}' already exist")
    CHAIN.members(call)[name] = config
    return CHAIN.row(name, config)


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


def update_authenticator(call: Call) -> None:
    """Replace the configuration of an authenticator; a masked secret stays what it was."""
    config = check_authenticator(call.body)
    CHAIN.members(call)[call.bindings["id"]] = unmask(config, CHAIN.find(call))


def delete_authenticator(call: Call) -> None:
    """Delete an authenticator with its users; 204 also if it does not exist."""
    for members in (CHAIN.members(call), call.cluster.access.accounts):
        members.pop(call.bindings["id"], None)


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


USERS = AccountList(find_users, "user_id")


def import_users(call: Call) -> Json:
    """Import users from a file or a JSON body, with passwords in clear (`type=plain`) or hashed."""
    CHAIN.find(call)
    name = call.bindings["id"]
    if name not in WITH_USERS:
        refuse_request("Operation not supported in this authentication type")
    return import_accounts(call.cluster.access.chain(name), call, call.query["type"])
