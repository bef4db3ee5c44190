"""`emqxctl gateways authentication`: how a gateway, or one of its listeners, authenticates clients."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands._access_backends import parse_mongodb_filter, parse_redis_database
from emqxctl.commands.authentication._resource import AUTHENTICATORS
from emqxctl.commands.gateways.listeners import qualify_listener
from emqxctl.errors import EmqxctlError, NotFoundError, UsageError
from emqxctl.output.results import Done, Record, Result
from emqxctl.resource import Column, Resource, Setting
from emqxctl.verbs.create import normalized_body
from emqxctl.verbs.existence import create_if_missing, delete_if_exists
from emqxctl.verbs.parameters import BODY_PARAMETERS, new_parameter, option_parameters, set_signature
from emqxctl.verbs.update import REPLACE_PARAMETER, apply_update, merge_change, require_changes

OF_GATEWAY = "/gateways/{name}/authentication"
OF_LISTENER = "/gateways/{name}/listeners/{id}/authentication"

GatewayArgument = Annotated[str, typer.Argument(metavar="NAME", help="Gateway name.")]
ListenerOption = Annotated[
    str | None,
    typer.Option("--listener", metavar="TYPE:NAME", help="Listener of the gateway, such as tcp:default."),
]
OWNER_PARAMETERS = [
    new_parameter("gateway", GatewayArgument),
    new_parameter("listener", ListenerOption, None),
]


class Owner(NamedTuple):
    """A gateway or a listener: the path of its authentication, the path's arguments, and its noun."""

    path: str
    arguments: tuple[str, ...]
    noun: str

    @property
    def label(self) -> str:
        """The owner by name, for sentences."""
        return f"{self.noun} {self.arguments[-1]!r}"


def select_owner(values: Mapping[str, Any]) -> Owner:
    """Return the gateway or the listener that a command's values name."""
    gateway, listener = values["gateway"], values["listener"]
    if listener is None:
        return Owner(OF_GATEWAY, (gateway,), "gateway")
    return Owner(OF_LISTENER, (gateway, qualify_listener(gateway, listener)), "listener")


SCRAM_FIELDS = frozenset({"iteration_count"})  # gateways have no SCRAM (openapi of 5.8.9 and 6.2.2)
AUTHENTICATION = Resource(
    noun="authentication",
    path=OF_GATEWAY,
    key="mechanism",
    key_in_body=False,
    item_template=OF_GATEWAY,
    columns=(Column("mechanism"), Column("backend"), Column("enable", "ENABLED")),
    settings=(
        Setting("mechanism", "Authentication mechanism: password_based or jwt."),
        Setting("backend", "Authentication backend: built_in_database, http, mysql, ..."),
        *(setting for setting in AUTHENTICATORS.settings if setting.param not in SCRAM_FIELDS),
    ),
    normalize=parse_mongodb_filter,
    read_only_fields=("id", "chain_name"),
    accepts_masked_secrets=True,
    finish_body=parse_redis_database,
    variant_fields=AUTHENTICATORS.variant_fields,
)

app = new_group("Manage authentication of gateways and listeners.")


def get(session: Session, **values: Any) -> Record:  # noqa: ANN401  # those of OWNER_PARAMETERS
    """Show the authentication of a gateway or listener."""
    return Record(fetch_authentication(session, select_owner(values)), AUTHENTICATION.columns)


def fetch_authentication(session: Session, owner: Owner) -> dict[str, Any]:
    """Return an authentication. EMQX answers 204 if there is none. Raises NotFoundError."""
    authentication = session.client.get(owner.path, *owner.arguments)
    if isinstance(authentication, dict):
        return authentication
    message = f"{owner.label} has no authentication: all clients are accepted"
    hint = f"create one: emqxctl gateways authentication create {owner.arguments[0]} --help"
    raise NotFoundError(message, hint=hint)


def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
    """Create the authentication of a gateway or listener."""
    owner = select_owner(values)
    body = normalized_body(session, AUTHENTICATION, values)
    if not body:
        message = "authentication mechanism required"
        raise UsageError(
            message, hint="use --mechanism password_based --backend built_in_database, or -f FILE"
        )
    body = parse_redis_database(body)

    def send() -> Done:
        response = session.client.post_object(owner.path, *owner.arguments, body=body)
        return Done(f"created the authentication of {owner.label}", response or body)

    def exists() -> bool:
        try:
            return bool(fetch_authentication(session, owner))
        except EmqxctlError:
            return False

    subject, fields = f"authentication of {owner.label}", {owner.noun: owner.arguments[-1]}
    return create_if_missing(session, subject, fields, send, exists)


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Update the authentication of a gateway or listener."""
    owner = select_owner(values)
    change = normalized_body(session, AUTHENTICATION, values)
    require_changes(change)
    fetch_authentication(session, owner)
    resource = AUTHENTICATION._replace(noun=f"authentication of {owner.noun}", item_template=owner.path)
    return apply_update(
        session,
        resource,
        owner.arguments,
        lambda before: change if values["replace_"] else merge_change(resource, before, change),
    )


def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # those of OWNER_PARAMETERS
    """Delete the authentication; all clients are then accepted."""
    owner = select_owner(values)
    session.confirm(f"delete the authentication of {owner.label}")
    owner_field = {owner.noun: owner.arguments[-1]}

    def send() -> Done:
        fetch_authentication(session, owner)  # EMQX answers 204 even if there is none
        session.client.delete(owner.path, *owner.arguments)
        return Done(f"deleted the authentication of {owner.label}", owner_field, key=owner.noun)

    return delete_if_exists(session, f"authentication of {owner.label}", owner_field, send)


OPTIONS = [*BODY_PARAMETERS, *option_parameters(AUTHENTICATION.settings)]
set_signature(get, OWNER_PARAMETERS, Record)
set_signature(create, [*OWNER_PARAMETERS, *OPTIONS], Done)
set_signature(update, [*OWNER_PARAMETERS, REPLACE_PARAMETER, *OPTIONS], Result)
set_signature(delete, OWNER_PARAMETERS, Done)
app.command("get")(
    command(
        calls=(f"GET {OF_GATEWAY}", f"GET {OF_LISTENER}"),
        examples=(
            "emqxctl gateways authentication get stomp",
            "emqxctl gateways authentication get stomp --listener tcp:internal",
        ),
    )(get)
)
app.command("create")(
    command(
        calls=(f"POST {OF_GATEWAY}", f"POST {OF_LISTENER}"),
        examples=(
            "emqxctl gateways authentication create stomp --mechanism jwt --secret-file jwt.key",
            "emqxctl gateways authentication create stomp --listener tcp:internal -f database.yaml",
        ),
        effect=Effect.WRITE,
    )(create)
)
app.command("update")(
    command(
        calls=(f"GET {OF_GATEWAY}", f"PUT {OF_GATEWAY}", f"GET {OF_LISTENER}", f"PUT {OF_LISTENER}"),
        examples=("emqxctl gateways authentication update stomp --hash sha512 --dry-run",),
        effect=Effect.WRITE,
    )(update)
)
app.command("delete")(
    command(
        calls=(f"GET {OF_GATEWAY}", f"DELETE {OF_GATEWAY}", f"GET {OF_LISTENER}", f"DELETE {OF_LISTENER}"),
        examples=("emqxctl gateways authentication delete stomp --yes",),
        effect=Effect.DESTROY,
    )(delete)
)
