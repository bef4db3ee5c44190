"""`emqxctl durable-storage`: where durable sessions keep messages: sites, storages, replicas."""

from typing import Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import Group, new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.output.formatters import color_state, format_plain
from emqxctl.output.results import Done, Rows
from emqxctl.resource import Column, Resource
from emqxctl.verbs.get import add_get


def shards(value: object) -> str:
    """Write shards by their number and states: `12 (11 up, 1 joining)`."""
    if not isinstance(value, list):
        return format_plain(value)
    words = [str(one.get("transition") or one.get("status")) for one in value if isinstance(one, dict)]
    told = ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)) if word != "None")
    return f"{len(value)} ({told})" if told else str(len(value))


SITES = Resource(
    noun="site",
    path="/ds/sites",
    key="site",
    columns=(Column("node"), Column("up", style=color_state), Column("shards", format=shards)),
)
STORAGES = Resource(
    noun="storage",
    path="/ds/storages",
    key="ds",
    columns=(Column("name"), Column("shards", format=shards)),
)
REPLICAS = "/ds/storages/{ds}/replicas"
REPLICA = "/ds/storages/{ds}/replicas/{site}"

Storage = Annotated[str, typer.Argument(metavar="STORAGE", help="The storage: messages.")]
Site = Annotated[str, typer.Argument(metavar="SITE", help="The site.")]

app = new_group("Durable storage: sites, storages, replicas (5.7+).")
sites = new_group("Sites: nodes, as the storage knows them.")
storages = new_group("Storages and their shards.")
replicas = new_group("On which sites a storage lies.")
for _group, _name in ((sites, "sites"), (storages, "storages"), (replicas, "replicas")):
    app.add_typer(_group, name=_name)


def named(found: object, field: str, nouns: str) -> Rows:
    """Give a list of bare names as rows."""
    names = found if isinstance(found, list) else []
    return Rows([{field: name} for name in names], (Column(field),), key=field, plural_noun=nouns)


def add_names(group: Group, resource: Resource, example: str) -> None:
    """Add `list` of what the server gives as bare names."""

    def list_(session: Session) -> Rows:
        return named(session.client.get(resource.path), resource.noun, resource.plural_noun)

    list_.__doc__ = f"List {resource.plural_noun}."
    group.command("list")(command(calls=f"GET {resource.path}", examples=(example,))(list_))


add_names(sites, SITES, "emqxctl durable-storage sites list")
add_get(sites, SITES, examples=("emqxctl durable-storage sites get 5C6028D6CE9459C7",))
add_names(storages, STORAGES, "emqxctl durable-storage storages list -o name")
add_get(storages, STORAGES, examples=("emqxctl durable-storage storages get messages -o json",))


@sites.command()
@command(
    calls="PUT /ds/sites/{site}/forget",
    examples=("emqxctl durable-storage sites forget 5C6028D6CE9459C7 --yes",),
    effect=Effect.DESTROY,
)
def forget(session: Session, site: Site) -> Done:
    """Forget a site that is gone for good (EMQX 6.0+)."""
    session.confirm(f"forget site {site!r}")
    session.client.put("/ds/sites/{site}/forget", site)
    return Done(f"forgot site {site!r}", {"site": site}, key="site")


@replicas.command("list")
@command(calls=f"GET {REPLICAS}", examples=("emqxctl durable-storage replicas list messages",))
def list_replicas(session: Session, storage: Storage) -> Rows:
    """List the sites that a storage lies on."""
    return named(session.client.get(REPLICAS, storage), "site", "sites")


@replicas.command("set")
@command(
    calls=f"PUT {REPLICAS}",
    examples=("emqxctl durable-storage replicas set messages 5C6028D6CE9459C7 B9A1D2E3F4 --yes",),
    effect=Effect.DESTROY,
)
def set_(
    session: Session,
    storage: Storage,
    wanted: Annotated[list[str], typer.Argument(metavar="SITE...", help="All its sites.")],
) -> Done:
    """Move a storage to these sites, and off all others.

    EMQX begins at once and goes on after the answer: `sites get` shows what is under way.
    """
    session.confirm(f"move storage {storage!r} to {', '.join(wanted)}")
    session.client.put(REPLICAS, storage, body=wanted)
    return Done(f"storage {storage!r} moves to {len(wanted)} sites", {"storage": storage, "sites": wanted})


@replicas.command()
@command(
    calls=f"PUT {REPLICA}",
    examples=("emqxctl durable-storage replicas add messages 5C6028D6CE9459C7",),
    effect=Effect.WRITE,
)
def add(session: Session, storage: Storage, site: Site) -> Done:
    """Let a storage lie on one more site."""
    session.client.put(REPLICA, storage, site)
    return Done(f"storage {storage!r} moves to site {site!r} too", {"storage": storage, "site": site})


@replicas.command()
@command(
    calls=f"DELETE {REPLICA}",
    examples=("emqxctl durable-storage replicas remove messages 5C6028D6CE9459C7 --yes",),
    effect=Effect.DESTROY,
)
def remove(session: Session, storage: Storage, site: Site) -> Done:
    """Take a storage off a site."""
    session.confirm(f"take storage {storage!r} off site {site!r}")
    session.client.delete(REPLICA, storage, site)
    return Done(f"storage {storage!r} moves off site {site!r}", {"storage": storage, "site": site})
