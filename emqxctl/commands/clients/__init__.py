"""`emqxctl clients`: clients and their sessions."""

from typing import Annotated

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands import subscriptions as subscription_list
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.commands.clients.kick import kick
from emqxctl.commands.clients.queues import inflight, keepalive, mqueue
from emqxctl.commands.clients.subscribe import subscribe, unsubscribe
from emqxctl.commands.clients.why import why
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Rows, Value
from emqxctl.resource import Column
from emqxctl.verbs import stock
from emqxctl.verbs.parameters import parse_time_option

app = new_group("Clients and their sessions: list, look, kick, subscribe.")
cache = new_group("What authorization decided for a client, and still remembers.")
app.add_typer(cache, name="authz-cache")
stock.add_list(
    app,
    CLIENTS,
    examples=(
        "emqxctl clients list --conn-state connected --like-clientid sensor",
        "emqxctl clients list --where 'mqueue_len>100' --sort -mqueue_len --limit 10",
        "emqxctl clients list --connected-after 15m -o json --fields clientid,username,ip_address",
    ),
)
stock.add_get(
    app, CLIENTS, examples=("emqxctl clients get dev-1", "emqxctl clients get 'plant/line 4' -o json")
)
for _command in (why, kick, mqueue, inflight, keepalive):
    app.command()(_command)


app.command()(subscribe)
app.command()(unsubscribe)


@app.command("subscriptions")
@command(
    calls="GET /clients/{clientid}/subscriptions", examples=("emqxctl clients subscriptions dev-1 -o json",)
)
def subscriptions_(session: Session, clientid: ClientArgument) -> Rows:
    """List what a client is subscribed to."""
    found = page_rows(session.client.get("/clients/{clientid}/subscriptions", clientid))
    return Rows(
        found,
        subscription_list.COLUMNS[1:],
        key="topic",
        plural_noun="subscriptions",
        path="/clients/{clientid}/subscriptions",
    )


@app.command()
@command(calls="GET /sessions_count", examples=("emqxctl clients count", "emqxctl clients count --since 1h"))
def count(
    session: Session,
    since_: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Sessions alive at or after this time.")
    ] = None,
) -> Value:
    """Count the cluster's sessions, connected or not."""
    query = {"since": parse_time_option("--since", since_) // 1000} if since_ else {}
    return Value(session.client.get("/sessions_count", query=query))


CACHE = "/clients/{clientid}/authorization/cache"


@cache.command("get")
@command(calls=f"GET {CACHE}", examples=("emqxctl clients authz-cache get dev-1",))
def cache_get(session: Session, clientid: ClientArgument) -> Rows:
    """List the remembered decisions for a client."""
    columns = (
        Column("topic"),
        Column("access.action_type", "ACTION"),
        Column("access.qos", "QOS", align_right=True),
        Column("access.retain", "RETAIN"),
        Column("result", style=color_state),
        Column("updated_time", wide=True),
    )
    return Rows(
        page_rows(session.client.get(CACHE, clientid)),
        columns,
        key="topic",
        plural_noun="remembered decisions",
        path=CACHE,
    )


@cache.command("clean")
@command(calls=f"DELETE {CACHE}", examples=("emqxctl clients authz-cache clean dev-1",), effect=Effect.WRITE)
def cache_clean(session: Session, clientid: ClientArgument) -> Done:
    """Forget the decisions, so that the next ones are made anew."""
    session.client.delete(CACHE, clientid)
    return Done(
        f"cleaned the authorization cache of client {clientid!r}", {"clientid": clientid}, key="clientid"
    )
