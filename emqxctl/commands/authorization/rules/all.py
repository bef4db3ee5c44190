"""`emqxctl authorization rules all`: ACL rules for all users and clients, applied last."""

from typing import Any

from emqxctl.cli.command import command
from emqxctl.cli.group import new_group
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.authorization.rules._options import (
    APPEND_PARAMETER,
    RULE_PARAMETERS,
    SYNTAX_HELP,
    diff_rules,
    read_rules,
    rules_of,
)
from emqxctl.errors import UnsupportedError
from emqxctl.output.results import Done, Result, Rows
from emqxctl.resource import Column
from emqxctl.text.nouns import count_noun
from emqxctl.verbs.parameters import set_signature

PATH = "/authorization/sources/built_in_database/rules/all"
RULE_COLUMNS = (
    Column("permission"),
    Column("action"),
    Column("topic"),
    Column("qos", "QOS"),
    Column("retain"),
)

app = new_group("Manage the ACL rules for all users and clients.")


@app.command("get")
@command(
    calls=f"GET {PATH}",
    examples=("emqxctl authorization rules all get", "emqxctl authorization rules all get -o yaml"),
)
def get(session: Session) -> Rows:
    """List the rules for all users and clients in order."""
    rules = rules_of(session.client.get(PATH))
    return Rows(rules, RULE_COLUMNS, key="topic", plural_noun="rules for all")


def set_(session: Session, **values: Any) -> Result:  # noqa: ANN401  # as the parameters below
    """Replace the rules for all users and clients."""
    rules = read_rules(values)
    if values["append"] or session.settings.dry_run:
        before = rules_of(session.client.get(PATH))
        rules = [*before, *rules] if values["append"] else rules
        if session.settings.dry_run:
            return diff_rules(f"POST {PATH}", before, rules)
    session.client.post(PATH, body={"rules": rules})
    return Done(f"set {count_noun(len(rules), 'rule')} for all", {"rules": rules})


set_.__doc__ = f"{set_.__doc__}{SYNTAX_HELP}"
set_signature(set_, [*RULE_PARAMETERS, APPEND_PARAMETER], Result)
app.command("set")(
    command(
        calls=(f"GET {PATH}", f"POST {PATH}"),
        examples=(
            "emqxctl authorization rules all set --rule 'deny subscribe eq #' --rule 'allow all plant/#'",
            "emqxctl authorization rules all set --append --rule 'deny all #' --dry-run",
            "emqxctl authorization rules all set -f rules.yaml",
        ),
        effect=Effect.WRITE,
    )(set_)
)


@app.command("delete")
@command(
    calls=(f"DELETE {PATH}", f"POST {PATH}"),
    examples=("emqxctl authorization rules all delete --yes",),
    effect=Effect.DESTROY,
)
def delete(session: Session) -> Done:
    """Delete the rules for all users and clients."""
    session.confirm("delete the rules for all users and clients")
    try:
        session.client.delete(PATH)
    except UnsupportedError:  # EMQX until 5.0.14 can only replace them
        session.client.post(PATH, body={"rules": []})
    return Done("deleted the rules for all", {"deleted": "all"})
