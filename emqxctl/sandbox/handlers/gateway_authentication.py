"""The authentication of gateways and of their listeners, with their users."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emqxctl.sandbox.handlers._accounts import import_accounts, serve_accounts
from emqxctl.sandbox.handlers.gateway_listeners import check_id
from emqxctl.sandbox.handlers.gateways import MISSING, find_loaded
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Answer, Row, answer_json
from emqxctl.sandbox.schema.access import authenticator_id, check_authenticator
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.accounts import Accounts
from emqxctl.sandbox.state.gateways import Gateway

NO_RESOURCE = "Resource not found. path: gateway.{}.authentication"


@dataclass(frozen=True)
class Place:
    """Where authentication may be set: a gateway, or one of its listeners (by `listener`, its id)."""

    gateway: Gateway
    listener: str = ""

    @property
    def chain(self) -> str:
        """Name the chain."""
        return self.listener or self.gateway.chain

    @property
    def title(self) -> str:
        """Name it as refusals do."""
        return self.listener or self.gateway.name

    @property
    def path(self) -> str:
        """Name it as a path in the configuration."""
        _, kind, name = self.listener.split(":") if self.listener else ("", "", "")
        return f"{self.gateway.name}.listeners.{kind}.{name}" if self.listener else self.gateway.name

    def read(self) -> Row | None:
        """Give the authentication that is set."""
        if self.listener:
            found: Row | None = self.gateway.listeners.get(self.listener, {}).get("authentication")
            return found
        return self.gateway.authentication

    def write(self, config: Row | None) -> None:
        """Set or remove the authentication."""
        if not self.listener:
            self.gateway.authentication = config
        elif config is not None:
            self.gateway.listeners[self.listener]["authentication"] = config
        else:
            self.gateway.listeners.get(self.listener, {}).pop("authentication", None)


Find = Callable[[Call], Place]


def of_gateway(call: Call) -> Place:
    """Take the gateway of the path."""
    return Place(find_loaded(call))


def of_listener(call: Call) -> Place:
    """Take the listener of the path, whether there is one or not."""
    return Place(*check_id(call))


def users_at(call: Call, place: Place) -> Accounts:
    """Take the users of a place. Raises AnswerNow (404) when it has no authentication."""
    if place.read() is None:
        refuse_with(404, MISSING, NO_RESOURCE.format(place.path))
    return call.cluster.access.chain(place.chain)


def show(find: Find, call: Call) -> Answer:
    """Show the authentication; 204 when there is none."""
    place = find(call)
    config = place.read()
    if config is None:
        return Answer(204)
    return answer_json({**config, "chain_name": place.chain, "id": authenticator_id(config)})


def create(find: Find, call: Call) -> Answer:
    """Set the authentication where there is none."""
    place = find(call)
    check_authenticator(call.body)
    if place.read() is not None:
        refuse_request(f"The authentication already exist on {place.title}")
    place.write(call.body)
    return answer_json(call.body, 201)


def update(find: Find, call: Call) -> Answer:
    """Replace the authentication."""
    place = find(call)
    check_authenticator(call.body)
    if place.read() is None:
        refuse_request(f"The authentication not found on {place.title}")
    place.write(call.body)
    return answer_json(call.body)


def delete(find: Find, call: Call) -> Answer:
    """Remove the authentication with its users, even where there is none."""
    place = find(call)
    place.write(None)
    call.cluster.access.accounts.pop(place.chain, None)
    return Answer(204)


def import_users(find: Find, call: Call) -> Answer:
    """Import users with hashed passwords; `type` is not looked at here."""
    return import_accounts(users_at(call, find(call)), call, "hash")


def serve_authentication(path: str, find: Find) -> None:
    """Register the operations on the authentication of a gateway, or of its listeners."""
    settings = Body(loose=True)
    route("GET", path)(partial(show, find))
    route("POST", path, body=settings)(partial(create, find))
    route("PUT", path, body=settings)(partial(update, find))
    route("DELETE", path)(partial(delete, find))
    serve_accounts(f"{path}/users", "uid", lambda call: users_at(call, find(call)))
    route("POST", f"{path}/import_users")(partial(import_users, find))


serve_authentication("/gateways/{name}/authentication", of_gateway)
serve_authentication("/gateways/{name}/listeners/{id}/authentication", of_listener)
