"""`emqxctl authentication`: who clients are, and by what they prove it."""

from typing import Annotated, Any

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.input.body import Body, deep_merge, reject_masked_secrets, without_fields
from emqxctl.cli.input.files import read_secret
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.authentication import order, settings, users
from emqxctl.errors import UsageError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Result
from emqxctl.resource import Column, Resource, Setting, ValueType
from emqxctl.text.redaction import redact_json
from emqxctl.verbs import edits, stock
from emqxctl.verbs.parameters import arguments, keyword, options, set_signature


def identity(key: str) -> dict[str, object]:
    """Give the fields that an authenticator's id is made of."""
    mechanism, _, backend = key.partition(":")
    return {"mechanism": mechanism, "backend": backend} if backend else {"mechanism": mechanism}


def identifier(body: Body) -> str:
    """Give the id that EMQX makes of a body."""
    return ":".join(str(body[field]) for field in ("mechanism", "backend") if body.get(field))


KINDS = (
    Setting("mechanism", "By what clients prove who they are: password_based, jwt, scram ..."),
    Setting("backend", "Where it is looked up: built_in_database, http, mysql, redis, ldap ..."),
)
AUTHENTICATORS = Resource(
    noun="authenticator",
    path="/authentication",
    key="id",
    columns=(
        Column("id"),
        Column("enable", "ENABLED", style=color_state),
        Column("mechanism"),
        Column("backend"),
        Column("server", wide=True),
        Column("url", "URL", wide=True),
        Column("password_hash_algorithm.name", "HASH", wide=True),
    ),
    settings=(
        Setting("enable", "Whether it is asked.", ValueType.BOOLEAN),
        Setting("user_id_type", "What names a user.", ValueType.CHOICE, ("username", "clientid")),
        Setting(
            "password_hash_algorithm.name", "How passwords are hashed: sha256, bcrypt ...", option="hash"
        ),
        Setting(
            "password_hash_algorithm.salt_position",
            "Where the salt goes.",
            ValueType.CHOICE,
            ("prefix", "suffix", "disable"),
            option="salt-position",
        ),
        Setting("algorithm", "Of JWT: hmac-based, public-key; of SCRAM: sha256, sha512."),
        Setting("server", "The server with its port: db:5432."),
        Setting("database", "The database on that server."),
        Setting("username", "The user to log in there as."),
        Setting("query", "The SQL query.", option="sql"),  # --query is for the output
        Setting("cmd", "The command for Redis: HMGET mqtt_user:${username} password_hash."),
        Setting("url", "The HTTP server: http://10.0.0.9/auth.", option="http-url"),  # --url is the cluster's
        Setting("method", "How that is asked.", ValueType.CHOICE, ("get", "post")),
    ),
    read_only_fields=("id",),
    accepts_masked_secrets=True,
)
New = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="MECHANISM:BACKEND or MECHANISM: password_based:http, jwt."),
]
PasswordFile = Annotated[
    str | None, typer.Option("--password-file", metavar="FILE", help="The file with the server's password.")
]
SecretFile = Annotated[
    str | None, typer.Option("--secret-file", metavar="FILE", help="The file with the secret of JWT.")
]

app = new_group("Authentication: who clients are, and by what they prove it.")
app.add_typer(users.app, name="users")
app.add_typer(settings.settings, name="settings")
app.add_typer(settings.node_cache, name="node-cache")
stock.add_list(
    app,
    AUTHENTICATORS,
    summary="List authenticators, in the order they are asked.",
    examples=("emqxctl authentication list", "emqxctl authentication list --where enable=true -o name"),
)
stock.add_get(app, AUTHENTICATORS, examples=("emqxctl authentication get password_based:built_in_database",))


def given(session: Session, values: dict[str, Any], key: str | None) -> Body:
    """Give what the command line says of an authenticator. Raises UsageError when it is about another one."""
    resource = AUTHENTICATORS._replace(settings=(*KINDS, *AUTHENTICATORS.settings))
    told = edits.body_of(resource, values)
    for field in ("password", "secret"):
        if values[f"{field}_file"] is not None:
            told[field] = read_secret(values[f"{field}_file"], f"--{field}-file")
            session.client.redactor.add_secrets(told[field])
    body = without_fields(told, AUTHENTICATORS.read_only_fields)
    if key is not None:
        for field, value in {"id": key, **identity(key)}.items():
            if told.get(field, value) != value:
                message = f"the body is about {field} {told[field]!r}, not {value!r}"
                raise UsageError(message, hint=f"leave {field} out of it, or name the authenticator")
    return body


def create(session: Session, **values: Any) -> Done:  # noqa: ANN401  # what the settings declare
    """Create an authenticator; an existing one is refused.

    There is one of each kind, named by its id or by --mechanism and --backend. The new one is asked last:
    `move` puts it elsewhere. As soon as there is one, clients must prove who they are.
    """
    key = values["key"]
    body = given(session, values, key)
    if key is not None:
        body = {**body, **identity(key)}
    if not body.get("mechanism"):
        message = "which authenticator?"
        raise UsageError(message, hint="password_based:built_in_database, jwt ..., or -f FILE")
    reject_masked_secrets(body, kept=False, noun="new authenticator")
    made = session.client.post("/authentication", body=body)
    found = made if isinstance(made, dict) else {}
    key = str(found.get("id") or identifier(body))
    return Done(f"created authenticator {key!r}", {"id": key, **found}, key="id", notes=next_step(key))


def next_step(key: str) -> tuple[str, ...]:
    """Say how users come into a new database."""
    if not key.endswith(":built_in_database"):
        return ()
    there = "" if key == users.DEFAULT else f" --provider {key}"
    return (f"it has no users yet: emqxctl authentication users create NAME{there}",)


def update(session: Session, **values: Any) -> Result:  # noqa: ANN401  # what the settings declare
    """Change an authenticator; an unknown one is refused.

    It is read, changed and sent back whole; secrets that EMQX hides stay as they are.
    """
    key = values["at_id"]
    change = given(session, values, key)
    if not change:
        message = "nothing to change was given"
        raise UsageError(message, hint="-f FILE, --set A.B=VALUE, or an option of the command")
    whole = values["replace_"]
    kind = identity(key)
    done = edits.updated(
        session,
        AUTHENTICATORS,
        [key],
        lambda now: {**kind, **change} if whole else rehashed(now, change),
    )
    return done._replace(data={"id": key, **redact_json(dict(done.data))}) if isinstance(done, Done) else done


def rehashed(now: Body, change: Body) -> Body:
    """Merge a change into an authenticator; another hash brings none of the settings of the former one."""
    field = "password_hash_algorithm"
    before, after = now.get(field), change.get(field)
    if (
        isinstance(before, dict)
        and isinstance(after, dict)
        and after.get("name", "") not in {"", before.get("name")}
    ):
        now = without_fields(now, (field,))
    return deep_merge(now, change)  # type: ignore[no-any-return]  # of two objects


FILES = [keyword("password_file", PasswordFile, None), keyword("secret_file", SecretFile, None)]
BODY = [*edits.BODY, *FILES]
SETTINGS = options(AUTHENTICATORS.settings)
set_signature(create, [keyword("key", New, None), *BODY, *options(KINDS), *SETTINGS], Done)
set_signature(
    update,
    [
        *arguments(AUTHENTICATORS.item_path, AUTHENTICATORS.noun),
        *BODY,
        keyword("replace_", edits.Replace, False),
        *SETTINGS,
    ],
    Result,
)
app.command("create")(
    command(
        calls="POST /authentication",
        examples=(
            "emqxctl authentication create password_based:built_in_database --user-id-type username",
            "emqxctl authentication create --mechanism jwt --algorithm hmac-based --secret-file jwt.txt",
            "emqxctl authentication create password_based:http -f http.yaml",
        ),
        effect=Effect.WRITE,
    )(create)
)
app.command("update")(
    command(
        calls=("GET /authentication/{id}", "PUT /authentication/{id}"),
        examples=(
            "emqxctl authentication update password_based:built_in_database --hash bcrypt --dry-run",
            "emqxctl authentication update password_based:http --set request_timeout=10s",
        ),
        effect=Effect.WRITE,
    )(update)
)
order.add_delete(app)
order.add_switch(app, "enable", on=True)
order.add_switch(app, "disable", on=False)
app.command()(order.move)
app.command()(order.order)
app.command()(settings.status)
app.command("reset-metrics")(settings.reset_metrics)
