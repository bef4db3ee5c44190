"""Which authenticators are asked, and when: switches, order, and taking them away."""

from typing import Annotated, Any

import typer

from emqxctl.api.pagination import page_rows
from emqxctl.cli.bulk.each import run_each
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.body import without_fields
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.plugins import PositionArgument, checked
from emqxctl.errors import ExitCode, ServerError
from emqxctl.output.results import BulkResult, Done, Result
from emqxctl.verbs.parameters import arguments, set_signature

ITEM = "/authentication/{id}"
LAST = "no other is enabled, and every client would be let in"
OPEN = "no authenticator is enabled now: every client is let in"

Authenticator = Annotated[str, typer.Argument(metavar="ID", help="The authenticator.")]
All = Annotated[
    list[str], typer.Argument(metavar="ID...", help="All authenticators, the first to be asked first.")
]


def enabled(session: Session) -> set[str]:
    """Read which authenticators are asked."""
    rows = page_rows(session.client.get("/authentication"))
    return {str(one.get("id")) for one in rows if one.get("enable", True) is not False}


def add_delete(group: Group) -> None:
    """Add `delete`, which tells when nobody is asked any more."""

    def delete(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        keys = values["at_id"]
        asked = enabled(session)
        opens = bool(asked) and asked <= set(keys)
        kept = any(key.endswith(":built_in_database") for key in keys)
        users = f" and {'its' if len(keys) == 1 else 'their'} users" if kept else ""
        session.confirm(
            f"delete authenticator {', '.join(map(repr, keys))}{users}" + (f" ({LAST})" if opens else "")
        )

        def deed(key: str) -> None:
            session.client.get(ITEM, key)  # EMQX answers 204 for one that is not there
            session.client.delete(ITEM, key)

        return told(session, run_each(keys, "id", "deleted authenticator", deed), opens=opens)

    delete.__doc__ = (
        "Delete authenticators.\n\n"
        "A built-in database goes with its users. With no authenticator enabled every client is let in."
    )
    set_signature(delete, arguments(ITEM, "authenticator", many=True), Result)
    group.command("delete")(
        command(
            calls=("GET /authentication", f"GET {ITEM}", f"DELETE {ITEM}"),
            examples=("emqxctl authentication delete password_based:http --yes",),
            effect=Effect.DESTROY,
        )(delete)
    )


def told(session: Session, done: Result, *, opens: bool) -> Result:
    """Add to what was done that now every client is let in, where that is so."""
    if not opens or session.settings.dry_run or not isinstance(done, Done | BulkResult) or enabled(session):
        return done
    return done._replace(notes=(*done.notes, OPEN))


def add_switch(group: Group, verb: str, *, on: bool) -> None:
    """Add `enable` or `disable`: the API has neither, so that the authenticator is sent back whole."""

    def switch(session: Session, **values: Any) -> Result:  # noqa: ANN401  # the path's placeholder
        def deed(key: str) -> None:
            found = session.client.get(ITEM, key)
            body = without_fields(found if isinstance(found, dict) else {}, ("id",))
            session.client.put(ITEM, key, body={**body, "enable": on})

        done = run_each(values["at_id"], "id", f"{verb}d authenticator", deed)
        return told(session, done, opens=not on)

    more = "" if on else "\n\nWith none enabled every client is let in."
    switch.__doc__ = f"{verb.capitalize()} authenticators, on every node and for good.{more}"
    set_signature(switch, arguments(ITEM, "authenticator", many=True), Result)
    calls = (f"GET {ITEM}", f"PUT {ITEM}", *(() if on else ("GET /authentication",)))
    examples = (f"emqxctl authentication {verb} password_based:http",)
    group.command(verb)(command(calls=calls, examples=examples, effect=Effect.WRITE)(switch))


@command(
    calls="PUT /authentication/{id}/position/{position}",
    examples=(
        "emqxctl authentication move jwt front",
        "emqxctl authentication move jwt before:password_based:built_in_database",
    ),
    effect=Effect.WRITE,
)
def move(session: Session, key: Authenticator, position: PositionArgument) -> Done:
    """Change when an authenticator is asked, among the others."""
    anchor = checked(position).partition(":")[2]
    try:
        session.client.put("/authentication/{id}/position/{position}", key, position)
    except ServerError as error:
        if error.exit_code is ExitCode.NOT_FOUND and f"'{anchor}'" in error.message:
            error.message = f"authenticator {anchor!r} not found, and so {key!r} was not moved"
        raise
    return Done(f"moved authenticator {key!r} to {position}", {"id": key, "position": position}, key="id")


@command(
    calls="PUT /authentication/order",
    examples=("emqxctl authentication order jwt password_based:built_in_database",),
    effect=Effect.WRITE,
)
def order(session: Session, keys: All) -> Done:
    """Put all authenticators in an order (EMQX 5.6+)."""
    session.client.put("/authentication/order", body=[{"id": key} for key in keys])
    return Done(f"authenticators are asked in this order now: {', '.join(keys)}", {"order": list(keys)})
