"""`emqxctl gateways authentication`: how a gateway, or one of its listeners, knows its clients."""

from typing import Annotated, Any, NamedTuple

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import deep_merge
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.gateways.listeners import full
from emqxctl.commands.listeners import change_of
from emqxctl.errors import NotFoundError, UsageError
from emqxctl.output.results import Done, Record, Result
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.verbs import edits
from emqxctl.verbs.parameters import keyword, options, set_signature

OF_GATEWAY = "/gateways/{name}/authentication"
OF_LISTENER = "/gateways/{name}/listeners/{id}/authentication"

Gateway = Annotated[str, typer.Argument(metavar="NAME", help="The gateway.")]
ListenerOption = Annotated[
    str | None, typer.Option("--listener", metavar="ID", help="That of this listener: stomp:tcp:default.")
]


class Place(NamedTuple):
    """Whose authentication is meant: its path, what fills its placeholders, and how it is called."""

    path: str
    arguments: tuple[str, ...]
    owner: str

    @property
    def words(self) -> str:
        """The owner by name, for sentences."""
        return f"{self.owner} {self.arguments[-1]!r}"


def place(gateway: str, listener: str | None) -> Place:
    """Choose between a gateway and one of its listeners."""
    if listener is None:
        return Place(OF_GATEWAY, (gateway,), "gateway")
    return Place(OF_LISTENER, (gateway, full(gateway, listener)), "listener")


AUTHENTICATION = Resource(
    noun="authentication",
    path=OF_GATEWAY,
    key="mechanism",
    item_template=OF_GATEWAY,
    columns=(Column("mechanism"), Column("backend"), Column("enable", "ENABLED")),
    settings=(
        Setting("mechanism", "How clients prove who they are: password_based, jwt ..."),
        Setting("backend", "Where that is looked up: built_in_database, http ..."),
        Setting("enable", "Whether it is asked.", ValueType.BOOLEAN),
        Setting("user_id_type", "What names a user.", ValueType.CHOICE, ("username", "clientid")),
        Setting("password_hash_algorithm.name", "How passwords are hashed.", option="hash"),
    ),
    read_only_fields=("id", "chain_name"),
    accepts_masked_secrets=True,
)

app = new_group("How a gateway, or one of its listeners, knows its clients.")


@app.command()
@command(
    calls=(f"GET {OF_GATEWAY}", f"GET {OF_LISTENER}"),
    examples=(
        "emqxctl gateways authentication get stomp",
        "emqxctl gateways authentication get stomp --listener stomp:tcp:internal",
    ),
)
def get(session: Session, gateway: Gateway, listener: ListenerOption = None) -> Record:
    """Show how a gateway or listener knows its clients."""
    return Record(present(session, place(gateway, listener)), AUTHENTICATION.columns)


def present(session: Session, at: Place) -> dict[str, object]:
    """Read an authentication; EMQX answers nothing (204) where there is none. Raises NotFoundError."""
    found = session.client.get(at.path, *at.arguments)
    if isinstance(found, dict):
        return found
    message = f"{at.words} has no authentication of its own: all clients are let in"
    raise NotFoundError(message, hint=f"emqxctl gateways authentication create {at.arguments[0]} --help")


def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
    """Give a gateway or listener an authentication."""
    at = place(values["gateway"], values["listener"])
    body = edits.body_of(AUTHENTICATION, values)
    if not body:
        message = "say how clients are known"
        raise UsageError(message, hint="--mechanism password_based --backend built_in_database, or -f FILE")
    made = session.client.post(at.path, *at.arguments, body=body)
    return Done(f"created the authentication of {at.words}", made if isinstance(made, dict) else body)


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Change the authentication of a gateway or listener."""
    at = place(values["gateway"], values["listener"])
    change = change_of(AUTHENTICATION, values, {})
    present(session, at)
    resource = AUTHENTICATION._replace(noun=f"authentication of {at.owner}", item_template=at.path)
    whole = values["replace_"]
    return edits.updated(
        session, resource, at.arguments, lambda now: change if whole else deep_merge(now, change)
    )


OWNER = [keyword("gateway", Gateway), keyword("listener", ListenerOption, None)]
BODY = [*edits.BODY, *options(AUTHENTICATION.settings)]
set_signature(create, [*OWNER, *BODY], Done)
set_signature(update, [*OWNER, keyword("replace_", edits.Replace, False), *BODY], Result)
app.command("create")(
    command(
        calls=(f"POST {OF_GATEWAY}", f"POST {OF_LISTENER}"),
        examples=(
            "emqxctl gateways authentication create stomp --mechanism jwt --set secret=s3cret",
            "emqxctl gateways authentication create stomp --listener stomp:tcp:internal -f database.yaml",
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


@app.command()
@command(
    calls=(f"GET {OF_GATEWAY}", f"DELETE {OF_GATEWAY}", f"GET {OF_LISTENER}", f"DELETE {OF_LISTENER}"),
    examples=("emqxctl gateways authentication delete stomp --yes",),
    effect=Effect.DESTROY,
)
def delete(session: Session, gateway: Gateway, listener: ListenerOption = None) -> Done:
    """Take the authentication away: all clients are let in."""
    at = place(gateway, listener)
    session.confirm(f"delete the authentication of {at.words}")
    present(session, at)  # EMQX answers 204 for one that is not there
    session.client.delete(at.path, *at.arguments)
    return Done(f"deleted the authentication of {at.words}", {at.owner: at.arguments[-1]}, key=at.owner)
