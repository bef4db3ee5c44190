"""`emqxctl explain`: the fields of what create and update take."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.output.results import Result

if TYPE_CHECKING:
    from emqxctl.cli.completion.candidates import Candidate
    from emqxctl.cli.completion.request import CompletionRequest

app = new_group("Explain the fields that create and update take.")


def complete_words(request: "CompletionRequest") -> "Iterable[Candidate]":
    """Return the kinds, then the types of the kind, then its fields."""
    from emqxctl.commands.explain._subject import complete

    return complete(list(request.context.params.get("words") or ()))


@app.command()
@command(
    calls="GET /schemas/{name}",
    local=False,
    examples=(
        "emqxctl explain",
        "emqxctl explain connectors",
        "emqxctl explain connectors http",
        "emqxctl explain connectors http resource_opts.health_check_interval",
        "emqxctl explain rules sql",
        "emqxctl explain actions http --recursive -o json",
    ),
    completes={"words": complete_words},
)
def explain(
    session: Session,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KIND TYPE FIELD",
            help="Kind of object, such as connectors or rules; its type, if it has types; a field, such as "
            "ssl.verify. Lists the kinds if omitted.",
        ),
    ] = None,
    recursive: Annotated[
        bool, typer.Option("--recursive", help="Show the fields of nested objects too.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Use the facts in emqxctl; do not connect.")
    ] = False,
) -> Result:
    """Explain the fields that create and update take.

    Shows names, types, defaults, which fields are required or secret, and their meaning. Connectors, actions,
    sources, bridges and configs come from the cluster's own schemas if it responds within 3 seconds, all else
    from facts in emqxctl. No API key is needed. Set a field with --set FIELD=VALUE, or in the file of -f.
    """
    from emqxctl.commands.explain._report import explain_subject, list_subjects
    from emqxctl.commands.explain._subject import parse_subject

    if not words:
        return list_subjects()
    return explain_subject(session, parse_subject(words), recursive=recursive, offline=offline)
