"""`emqxctl durable-storage`: manage the storage of durable sessions: sites, storages, replicas."""

from collections import Counter
from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import Group, new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.diagnosis.health import dict_rows
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column, Resource
from emqxctl.text.nouns import count_noun
from emqxctl.verbs.existence import create_if_missing, delete_if_exists
from emqxctl.verbs.get import add_get


def format_shards(value: object) -> str:
    """Format shards as their number and states: `12 (11 up, 1 joining)`."""
    if not isinstance(value, list):
        return format_plain(value)
    states = Counter(shard.get("transition") or shard.get("status") for shard in dict_rows(value))
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items(), key=str) if state)
    return f"{len(value)} ({counts})" if counts else str(len(value))


SITES = Resource(
    noun="site",
    path="/ds/sites",
    key="site",
    columns=(Column("node"), Column("up", style=color_state), Column("shards", format=format_shards)),
)
STORAGES = Resource(
    noun="storage",
    path="/ds/storages",
    key="ds",
    columns=(Column("name"), Column("shards", format=format_shards)),
)
REPLICAS_PATH = "/ds/storages/{ds}/replicas"
REPLICA_PATH = "/ds/storages/{ds}/replicas/{site}"

StorageArgument = Annotated[str, typer.Argument(metavar="STORAGE", help="Storage name, such as messages.")]
SiteArgument = Annotated[str, typer.Argument(metavar="SITE", help="Site id.")]

app = new_group("Manage durable storage (EMQX 5.7+).")
sites = new_group("Manage sites, the nodes of durable storage.")
storages = new_group("Show storages and their shards.")
replicas = new_group("Manage the replicas of a storage.")
for _group, _name in ((sites, "sites"), (storages, "storages"), (replicas, "replicas")):
    app.add_typer(_group, name=_name)


def names_to_rows(response: object, field: str, plural_noun: str) -> Rows:
    """Return a list of names as rows."""
    names = response if isinstance(response, list) else []
    return Rows([{field: name} for name in names], (Column(field),), key=field, plural_noun=plural_noun)


def add_list_of_names(group: Group, resource: Resource, example: str) -> None:
    """Add `list` for a list of names."""

    def list_(session: Session) -> Rows:
        return names_to_rows(session.client.get(resource.path), resource.noun, resource.plural_noun)

    list_.__doc__ = f"List {resource.plural_noun}."
    group.command("list")(command(calls=f"GET {resource.path}", examples=(example,))(list_))


add_list_of_names(sites, SITES, "emqxctl durable-storage sites list")
add_get(sites, SITES, examples=("emqxctl durable-storage sites get 5C6028D6CE9459C7",))
add_list_of_names(storages, STORAGES, "emqxctl durable-storage storages list -o name")
add_get(storages, STORAGES, examples=("emqxctl durable-storage storages get messages -o json",))


@sites.command()
@command(
    calls="PUT /ds/sites/{site}/forget",
    examples=("emqxctl durable-storage sites forget 5C6028D6CE9459C7 --yes",),
    effect=Effect.DESTROY,
)
def forget(session: Session, site: SiteArgument) -> Done:
    """Remove a site that no longer exists (EMQX 6.0+)."""
    session.confirm(f"remove site {site!r} permanently")
    session.client.put("/ds/sites/{site}/forget", site)
    return Done(f"removed site {site!r}", {"site": site}, key="site")


@replicas.command("list")
@command(calls=f"GET {REPLICAS_PATH}", examples=("emqxctl durable-storage replicas list messages",))
def list_replicas(session: Session, storage: StorageArgument) -> Rows:
    """List the sites that have a replica of a storage."""
    return names_to_rows(session.client.get(REPLICAS_PATH, storage), "site", "sites")


@replicas.command("set")
@command(
    calls=f"PUT {REPLICAS_PATH}",
    examples=("emqxctl durable-storage replicas set messages 5C6028D6CE9459C7 B9A1D2E3F4 --yes",),
    effect=Effect.DESTROY,
)
def set_(
    session: Session,
    storage: StorageArgument,
    site_ids: Annotated[
        list[str], typer.Argument(metavar="SITE", help="Site ids; replace the current ones.")
    ],
) -> Done:
    """Set the sites that have a replica of a storage.

    EMQX moves the replicas in the background: `sites get` shows the progress.
    """
    session.confirm(f"move storage {storage!r} to {', '.join(site_ids)}")
    session.client.put(REPLICAS_PATH, storage, body=site_ids)
    message = f"started moving storage {storage!r} to {count_noun(len(site_ids), 'site')}"
    return Done(message, {"storage": storage, "sites": site_ids})


@replicas.command()
@command(
    calls=f"PUT {REPLICA_PATH}",
    examples=("emqxctl durable-storage replicas add messages 5C6028D6CE9459C7",),
    effect=Effect.WRITE,
)
def add(session: Session, storage: StorageArgument, site: SiteArgument) -> Done:
    """Add a replica of a storage on a site."""
    row = {"storage": storage, "site": site}

    def send() -> Done:
        session.client.put(REPLICA_PATH, storage, site)
        return Done(f"started adding a replica of storage {storage!r} on site {site!r}", row)

    return create_if_missing(session, f"replica of storage {storage!r} on site {site!r}", row, send)


@replicas.command()
@command(
    calls=f"DELETE {REPLICA_PATH}",
    examples=("emqxctl durable-storage replicas remove messages 5C6028D6CE9459C7 --yes",),
    effect=Effect.DESTROY,
)
def remove(session: Session, storage: StorageArgument, site: SiteArgument) -> Result:
    """Remove the replica of a storage from a site."""
    session.confirm(f"remove the replica of storage {storage!r} from site {site!r}")
    row = {"storage": storage, "site": site}

    def send() -> Done:
        session.client.delete(REPLICA_PATH, storage, site)
        return Done(f"started removing the replica of storage {storage!r} from site {site!r}", row)

    return delete_if_exists(session, f"replica of storage {storage!r} on site {site!r}", row, send)
