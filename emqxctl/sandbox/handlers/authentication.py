"""The authenticators and their users: `/authentication`."""

from emqxctl.sandbox.handlers._accounts import import_accounts, serve_accounts
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, AnswerNow, Row, answer_error, answer_json
from emqxctl.sandbox.schema.access import authenticator_id, check_authenticator
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.secrets import mask, unmask
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.access import Access, count_calls, is_reachable, write_status
from emqxctl.sandbox.state.accounts import Accounts
from emqxctl.sandbox.state.positions import UnknownAnchorError, UnknownPositionError, place, reorder

RESULTS = ("success", "failed", "nomatch")
WITH_USERS = ("password_based:built_in_database", "scram:built_in_database")
LOCAL = (*WITH_USERS, "jwt")
USER_ERROR = "User error: "


def missing(name: str) -> AnswerNow:
    """Make the 404 of an authenticator."""
    return AnswerNow(answer_error(404, "NOT_FOUND", f"Authenticator '{name}' does not exist"))


def find(call: Call) -> Row:
    """Take the authenticator of the path. Raises AnswerNow (404)."""
    name = call.bindings["id"]
    if name not in call.cluster.access.authenticators:
        raise missing(name)
    return call.cluster.access.authenticators[name]


def shown(name: str, config: Row) -> Row:
    """Write an authenticator with its id, its secrets hidden."""
    return {**mask(config), "id": name}


@route("GET", "/authentication")
def list_authenticators(call: Call) -> Answer:
    """List the authenticators in the order in which they are asked."""
    return answer_json([shown(*each) for each in call.cluster.access.authenticators.items()])


@route("POST", "/authentication", body=Body(loose=True))
def create(call: Call) -> Answer:
    """Add an authenticator at the end; there is one of each kind."""
    config = check_authenticator(call.body)
    name, access = authenticator_id(config), call.cluster.access
    if name in access.authenticators:
        return answer_error(409, "ALREADY_EXISTS", f"Authenticator '{name}' already exist")
    access.authenticators[name] = config
    return answer_json(shown(name, config))


@route("GET", "/authentication/{id}")
def show(call: Call) -> Answer:
    """Show one authenticator."""
    return answer_json(shown(call.bindings["id"], find(call)))


@route("PUT", "/authentication/{id}", body=Body(loose=True))
def update(call: Call) -> Answer:
    """Replace the configuration of an authenticator; a masked secret stays what it was."""
    config = check_authenticator(call.body)
    call.cluster.access.authenticators[call.bindings["id"]] = unmask(config, find(call))
    return Answer(204)


@route("DELETE", "/authentication/{id}")
def delete(call: Call) -> Answer:
    """Remove an authenticator with its users; one that does not exist is as good as removed."""
    call.cluster.access.authenticators.pop(call.bindings["id"], None)
    call.cluster.access.accounts.pop(call.bindings["id"], None)
    return Answer(204)


@route("GET", "/authentication/{id}/status")
def show_status(call: Call) -> Answer:
    """Show how an authenticator fares on each node."""
    config, name, nodes = find(call), call.bindings["id"], call.cluster.running()
    reachable = is_reachable(config)
    working = reachable and config["enable"]
    counted = {node: count_calls(call.cluster.seed, name, node, RESULTS, working=working) for node in nodes}
    return answer_json(write_status(nodes, counted, remote=name not in LOCAL, reachable=reachable))


def arrange(access: Access, names: list[str]) -> None:
    """Put the authenticators into another order."""
    access.authenticators = {name: access.authenticators[name] for name in names}


@route("PUT", "/authentication/{id}/position/{position}")
def move(call: Call) -> Answer:
    """Put an authenticator elsewhere in the order."""
    find(call)
    access = call.cluster.access
    try:
        arrange(access, place(list(access.authenticators), call.bindings["id"], call.bindings["position"]))
    except UnknownAnchorError as unknown:
        raise missing(str(unknown)) from None
    except UnknownPositionError:
        return answer_error(400, "BAD_REQUEST", "Invalid value for 'position'")
    return Answer(204)


@route("PUT", "/authentication/order", body=Body("id", array=True))
def put_in_order(call: Call) -> Answer:
    """Put all authenticators into a new order."""
    access = call.cluster.access
    wanted = [each["id"] for each in call.body]
    if wrong := reorder(wanted, list(access.authenticators), "Authenticators", "authenticators"):
        return answer_error(400, "BAD_REQUEST", wrong)
    arrange(access, wanted)
    return Answer(204)


def find_users(call: Call) -> Accounts:
    """Return the users of the authenticator of the path. Raises AnswerNow (400) when it can have none."""
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
def import_users(call: Call) -> Answer:
    """Import users from a file or a JSON body, with passwords in clear (`type=plain`) or hashed."""
    find(call)
    name = call.bindings["id"]
    if name not in WITH_USERS:
        return answer_error(400, "BAD_REQUEST", "Operation not supported in this authentication type")
    return import_accounts(call.cluster.access.chain(name), call, call.query["type"])
