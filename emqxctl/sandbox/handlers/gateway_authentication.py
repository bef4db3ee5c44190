"""The authentication of gateways and of their listeners, with their users."""

from collections.abc import Callable
from dataclasses import dataclass

from emqxctl.sandbox.handlers._accounts import AccountList, import_accounts
from emqxctl.sandbox.handlers.gateways import NOT_FOUND, check_id, find_loaded
from emqxctl.sandbox.http.routing import Call
from emqxctl.sandbox.messages import Json, Row
from emqxctl.sandbox.schema.access import authenticator_id, check_authenticator
from emqxctl.sandbox.schema.refusals import refuse_request, refuse_with
from emqxctl.sandbox.state.access import Accounts
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


@dataclass(frozen=True)
class Authentication:
    """The authentication of gateways, or of their listeners: what finds the one that a path means."""

    find: Callable[[Call], AuthenticationScope]

    def find_users(self, call: Call) -> Accounts:
        """Return the users. Raises EarlyResponse (404) when there is no authentication."""
        place = self.find(call)
        if place.get_config() is None:
            refuse_with(404, NOT_FOUND, NO_RESOURCE.format(place.path))
        return call.cluster.access.chain(place.chain)

    def show(self, call: Call) -> Json:
        """Show the authentication; 204 when there is none."""
        place = self.find(call)
        config = place.get_config()
        if config is None:
            return None
        return {**config, "chain_name": place.chain, "id": authenticator_id(config)}

    def save(self, call: Call) -> Json:
        """Set the authentication where there is none (POST), or replace it (PUT)."""
        place, new = self.find(call), call.request.method == "POST"
        check_authenticator(call.body)
        if (place.get_config() is None) != new:
            refuse_request(f"The authentication {'already exist' if new else 'not found'} on {place.title}")
        place.set_config(call.body)
        return call.body

    def delete(self, call: Call) -> None:
        """Delete the authentication with its users, even where there is none."""
        place = self.find(call)
        place.set_config(None)
        call.cluster.access.accounts.pop(place.chain, None)

    def import_users(self, call: Call) -> Json:
        """Import users with hashed passwords; `type` has no effect here."""
        return import_accounts(self.find_users(call), call, "hash")


GATEWAYS = Authentication(lambda call: AuthenticationScope(find_loaded(call)))
LISTENERS = Authentication(lambda call: AuthenticationScope(*check_id(call)))  # whether there is one or not
GATEWAY_USERS, LISTENER_USERS = (AccountList(each.find_users, "uid") for each in (GATEWAYS, LISTENERS))
