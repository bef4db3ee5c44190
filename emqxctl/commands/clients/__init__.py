"""`emqxctl clients`: manage clients and their sessions."""

from datetime import datetime
from typing import Annotated

import typer

from emqxctl.api.response import page_rows, unexpected_shape_error
from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.options import ClientArgument
from emqxctl.cli.param_types import DURATION, PAST_TIME
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.clients._resource import CLIENTS
from emqxctl.errors import UsageError
from emqxctl.output.formatters import color_state
from emqxctl.output.results import Done, Rows, Value
from emqxctl.resource import Column
from emqxctl.text.units import format_duration
from emqxctl.verbs.get import add_get
from emqxctl.verbs.list import add_list

app = new_group("Manage clients and their sessions.")
cache = new_group("Manage a client's authorization cache.")
app.add_typer(cache, name="authz-cache")
add_list(
    app,
    CLIENTS,
    examples=(
        "emqxctl clients list --conn-state connected --like-clientid sensor",
        "emqxctl clients list --where 'mqueue_len>100' --sort -mqueue_len --limit 10",
        "emqxctl clients list --connected-after 15m -o json --fields clientid,username,ip_address",
    ),
)
add_get(app, CLIENTS, examples=("emqxctl clients get dev-1", "emqxctl clients get 'plant/line 4' -o json"))
app.lazy("why", "Explain why a client is disconnected or unhealthy.")
app.lazy("kick", "Disconnect clients and end their sessions.")
app.lazy("mqueue", "List a client's queued messages (EMQX 5.6+).")
app.lazy("inflight", "List a client's in-flight messages (EMQX 5.6+).")
app.lazy("subscribe", "Subscribe clients to topics.")
app.lazy("unsubscribe", "Unsubscribe clients from topics.")
MAX_KEEPALIVE_SECONDS = 65_535  # two bytes in MQTT


@app.command()
@command(
    calls="PUT /clients/{clientid}/keepalive",
    examples=("emqxctl clients keepalive dev-1 2m",),
    effect=Effect.WRITE,
)
def keepalive(
    session: Session,
    clientid: ClientArgument,
    interval: Annotated[
        float,
        typer.Argument(
            metavar="TIME", click_type=DURATION, help="Keepalive interval, such as 30s or 2m (0: none)."
        ),
    ],
) -> Done:
    """Set a client's keepalive interval."""
    seconds = int(interval)
    if seconds != interval or seconds > MAX_KEEPALIVE_SECONDS:
        message = f"invalid TIME {format_duration(interval)}: must be whole seconds, at most 65535"
        raise UsageError(message)
    session.client.put("/clients/{clientid}/keepalive", clientid, body={"interval": seconds})
    row = {"clientid": clientid, "keepalive": seconds}
    return Done(f"set the keepalive interval of client {clientid!r} to {seconds} s", row, key="clientid")


@app.command("subscriptions")
@command(
    calls="GET /clients/{clientid}/subscriptions", examples=("emqxctl clients subscriptions dev-1 -o json",)
)
def list_subscriptions(session: Session, clientid: ClientArgument) -> Rows:
    """List a client's subscriptions."""
    from emqxctl.commands.subscriptions import SUBSCRIPTIONS

    rows = page_rows(session.client.get("/clients/{clientid}/subscriptions", clientid))
    return Rows(
        rows,
        SUBSCRIPTIONS.columns[1:],
        key="topic",
        plural_noun="subscriptions",
        path="/clients/{clientid}/subscriptions",
    )


@app.command()
@command(calls="GET /sessions_count", examples=("emqxctl clients count", "emqxctl clients count --since 1h"))
def count(
    session: Session,
    since: Annotated[
        datetime | None,
        typer.Option(click_type=PAST_TIME, help="Count sessions alive at or after this time, such as 1h."),
    ] = None,
) -> Value:
    """Count the cluster's sessions, connected or not."""
    query = {"since": int(since.timestamp())} if since else {}
    number = session.client.get("/sessions_count", query=query)
    if not isinstance(number, int) or isinstance(number, bool):
        raise unexpected_shape_error(number, "a number", "NOT_A_NUMBER")
    return Value(number)


CACHE_PATH = "/clients/{clientid}/authorization/cache"


@cache.command("get")
@command(calls=f"GET {CACHE_PATH}", examples=("emqxctl clients authz-cache get dev-1",))
def get_cache(session: Session, clientid: ClientArgument) -> Rows:
    """List a client's cached authorization results."""
    columns = (
        Column("topic"),
        Column("access.action_type", "ACTION"),
        Column("access.qos", "QOS", align_right=True),
        Column("access.retain", "RETAIN"),
        Column("result", style=color_state),
        Column("updated_time", wide=True),
    )
    rows = page_rows(session.client.get(CACHE_PATH, clientid))
    return Rows(rows, columns, key="topic", plural_noun="cached results", path=CACHE_PATH)


@cache.command("clean")
@command(
    calls=f"DELETE {CACHE_PATH}", examples=("emqxctl clients authz-cache clean dev-1",), effect=Effect.WRITE
)
def clean_cache(session: Session, clientid: ClientArgument) -> Done:
    """Clear a client's authorization cache."""
    session.client.delete(CACHE_PATH, clientid)
    message = f"cleared the authorization cache of client {clientid!r}"
    return Done(message, {"clientid": clientid}, key="clientid")
