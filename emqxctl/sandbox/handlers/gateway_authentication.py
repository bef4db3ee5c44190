"""The authentication of gateways and of their listeners, with their users."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emqxctl.sandbox.handlers._accounts import import_accounts, serve_accounts
from emqxctl.sandbox.handlers.gateway_listeners import check_id
from emqxctl.sandbox.handlers.gateways import NOT_FOUND, find_loaded
from emqxctl.sandbox.http.routing import Call, route
from emqxctl.sandbox.messages import Response, Row, json_response
from emqxctl.sandbox.schema.access import authenticator_id, check_authenticator
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.schema.validation import Body
from emqxctl.sandbox.state.accounts import Accounts
from emqxctl.sandbox.state.gateways import Gateway

NO_RESOURCE = "Resource not found. path: gateway.{}.authentication"


@dataclass(frozen=True)
class AuthenticationScope:
    """Where authentication may be set: a gateway, or one of its listeners (by `listener`, its id)."""

    gateway: Gateway
    listener: str = ""

    @property
    def chain(self) -> str:
        """Return the name of the chain."""
        return self.listener or self.gateway.chain

    @property
    def title(self) -> str:
        """Return its name as errors write it."""
        return self.listener or self.gateway.name

    @property
    def path(self) -> str:
        """Name it as a path in the configuration."""
        _, kind, name = self.listener.split(":") if self.listener else ("", "", "")
        return f"{self.gateway.name}.listeners.{kind}.{name}" if self.listener else self.gateway.name

    def get_config(self) -> Row | None:
        """Return the authentication that is set."""
        if self.listener:
            config: Row | None = self.gateway.listeners.get(self.listener, {}).get("authentication")
            return config
        return self.gateway.authentication

    def set_config(self, config: Row | None) -> None:
        """Set or remove the authentication."""
        if not self.listener:
            self.gateway.authentication = config
        elif config is not None:
            self.gateway.listeners[self.listener]["authentication"] = config
        else:
            self.gateway.listeners.get(self.listener, {}).pop("authentication", None)


FindScope = Callable[[Call], AuthenticationScope]


def find_gateway_scope(call: Call) -> AuthenticationScope:
    """Return the gateway of the path."""
    return AuthenticationScope(find_loaded(call))


def find_listener_scope(call: Call) -> AuthenticationScope:
    """Return the listener of the path, whether there is one or not."""
    return AuthenticationScope(*check_id(call))


def find_users(call: Call, place: AuthenticationScope) -> Accounts:
    """Return the users of a place. Raises EarlyResponse (404) when it has no authentication."""
    if place.get_config() is None:
        refuse_with(404, NOT_FOUND, NO_RESOURCE.format(place.path))
    return call.cluster.access.chain(place.chain)


def show_authentication(find: FindScope, call: Call) -> Response:
    """Show the authentication; 204 when there is none."""
    place = find(call)
    config = place.get_config()
    if config is None:
        return Response(204)
    return json_response({**config, "chain_name": place.chain, "id": authenticator_id(config)})


def create_authentication(find: FindScope, call: Call) -> Response:
    """Set the authentication where there is none."""
    place = find(call)
    check_authenticator(call.body)
    if place.get_config() is not None:
        refuse_request(f"The authentication already exist on {place.title}")
    place.set_config(call.body)
    return json_response(call.body, 201)


def update_authentication(find: FindScope, call: Call) -> Response:
    """Replace the authentication."""
    place = find(call)
    check_authenticator(call.body)
    if place.get_config() is None:
        refuse_request(f"The authentication not found on {place.title}")
    place.set_config(call.body)
    return json_response(call.body)


def delete_authentication(find: FindScope, call: Call) -> Response:
    """Delete the authentication with its users, even where there is none."""
    place = find(call)
    place.set_config(None)
    call.cluster.access.accounts.pop(place.chain, None)
    return Response(204)


def import_users(find: FindScope, call: Call) -> Response:
    """Import users with hashed passwords; `type` has no effect here."""
    return import_accounts(find_users(call, find(call)), call, "hash")


def serve_authentication(path: str, find: FindScope) -> None:
    """Register the operations on the authentication of a gateway, or of its listeners."""
    settings = Body(loose=True)
    route("GET", path)(partial(show_authentication, find))
    route("POST", path, body=settings)(partial(create_authentication, find))
    route("PUT", path, body=settings)(partial(update_authentication, find))
    route("DELETE", path)(partial(delete_authentication, find))
    serve_accounts(f"{path}/users", "uid", lambda call: find_users(call, find(call)))
    route("POST", f"{path}/import_users")(partial(import_users, find))


serve_authentication("/gateways/{name}/authentication", find_gateway_scope)
serve_authentication("/gateways/{name}/listeners/{id}/authentication", find_listener_scope)
