"""What rules, connectors, actions, sources and bridges share: their lists, and late filters."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.session import Session
from emqxctl.commands._data_integration import identified
from emqxctl.errors import UnsupportedError
from emqxctl.output.results import Row, Rows
from emqxctl.resource import Filter, Resource, ValueType
from emqxctl.verbs import stock
from emqxctl.verbs.parameters import chosen, options, set_signature

NAMESPACES = (
    Filter("ns", "Only those of this namespace (EMQX 6+)."),
    Filter("only_global", "Only those of no namespace (EMQX 6+).", ValueType.BOOLEAN),
)
# EMQX ignores parameters it does not know: the whole list would pass for what was asked for.
SINCE = {"action": (5, 8, 0), "source": (5, 8, 0), "ns": (6, 0, 0), "only_global": (6, 0, 0)}


def add_list(app: Group, resource: Resource, *, examples: Sequence[str]) -> None:
    """Add `list`, whose rows have an id."""

    def list_(session: Session, **values: Any) -> Rows:  # noqa: ANN401  # what the filters declare
        query = chosen(resource.filters, values)
        refuse_unknown(session, query)
        return with_ids(stock.listed(session, resource, query))

    list_.__doc__ = f"List {resource.plural_noun}."
    set_signature(list_, options(resource.filters), Rows)
    app.command("list")(command(calls=f"GET {resource.path}", examples=examples)(list_))


def refuse_unknown(session: Session, query: Mapping[str, object]) -> None:
    """Refuse a filter that this EMQX is too old for. Raises UnsupportedError."""
    late = [name for name in query if name in SINCE]
    if not late:
        return
    from emqxctl.api.status import fetch_status
    from emqxctl.emqx.operations import parse_version

    told = fetch_status(session.client)
    broker = parse_version(told.version, told.edition) if told else None
    for name in late:
        if broker is not None and broker.last < SINCE[name]:
            major, minor, _ = SINCE[name]
            message = f"--{name.replace('_', '-')} needs EMQX ≥ {major}.{minor} (this is {broker.name})"
            raise UnsupportedError(message, hint="leave it out, or narrow the list with --where")


def with_ids(found: Rows) -> Rows:
    """Give rows their ids."""
    rows: Iterable[Row] = found.rows
    return found._replace(rows=(identified(row) for row in rows))


def add_summary(app: Group, resource: Resource, path: str) -> None:
    """Add `summary`: the list without the settings."""
    columns = tuple(one for one in resource.columns if one.field != "connector")  # which it does not tell
    short = resource._replace(path=path, columns=columns)

    def summary(session: Session) -> Rows:
        return with_ids(stock.listed(session, short, {}))

    summary.__doc__ = f"List {resource.plural_noun} in short: state and users (EMQX 5.8.5+)."
    examples = (f"emqxctl {resource.path[1:]} summary --where 'status!=connected'",)
    app.command("summary")(command(calls=f"GET {path}", examples=examples)(summary))
