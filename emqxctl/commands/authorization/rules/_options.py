"""Options of ACL rules: --rule, --file and --append; how they are read, and compared in a dry run."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from emqxctl.cli.input.body import parse_document, unified_diff_of
from emqxctl.cli.input.files import read_text
from emqxctl.commands.authorization.rules._rule import AclRule, format_rule, parse_rule
from emqxctl.errors import UsageError
from emqxctl.output.results import Text
from emqxctl.resource import Resource
from emqxctl.verbs.parameters import new_parameter
from emqxctl.verbs.status import list_objects

RuleOption = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="RULE", help="ACL rule, such as 'allow publish a/#'. Repeatable."),
]
FileOption = Annotated[
    str | None,
    typer.Option("--file", "-f", metavar="FILE", help="File with rules: JSON or YAML (- for stdin)."),
]
AppendOption = Annotated[bool, typer.Option("--append", help="Add the rules after the existing ones.")]
RULE_PARAMETERS = [new_parameter("rule", RuleOption, None), new_parameter("file", FileOption, None)]
APPEND_PARAMETER = new_parameter("append", AppendOption, False)
SYNTAX_HELP = """

A rule is allow|deny publish|subscribe|all TOPIC, optionally with qos=1,2 or retain=true|false. `eq a/#`
matches only that topic filter itself; quote a topic with spaces. The first rule that matches applies.
"""


def read_rules(values: Mapping[str, Any], resource: Resource | None = None, name: str = "") -> list[AclRule]:
    """Return the rules of -f, then those of --rule. Raises UsageError for none or an invalid one."""
    sources: list[Any] = list(values["rule"] or [])
    if values["file"] is not None:
        sources = [*read_rules_file(values["file"], resource, name), *sources]
    elif not sources:
        message = "rule required"
        raise UsageError(message, hint="use --rule 'allow publish a/#', or -f FILE")
    return [parse_rule(source) for source in sources]


def read_rules_file(file: str, resource: Resource | None, name: str) -> list[Any]:
    """Read a list of rules, or the object that `get` returns. Raises UsageError for anything else."""
    content = parse_document(file, read_text(file, "--file"))
    if isinstance(content, dict):
        if resource and content.get(resource.key, name) != name:
            owner = f"{resource.noun} {content[resource.key]!r}"
            message = f"--file {file}: the rules are those of {owner}, not of {name!r}"
            raise UsageError(message, hint=f"remove {resource.key} from the file")
        content = content.get("rules")
    if not isinstance(content, list):
        message = f"--file {file}: expected a list of rules"
        raise UsageError(
            message, hint='["allow publish a/#", {"permission": "deny", ...}], or {"rules": [...]}'
        )
    return content


def rules_of(response: object) -> list[AclRule]:
    """Return the rules in the server's response about one user, one client or all."""
    return list_objects(response.get("rules") if isinstance(response, dict) else response)


def diff_rules(operation: str, before: Sequence[AclRule], after: Sequence[AclRule]) -> Text:
    """Return the difference that a dry run shows, one rule per line."""
    diff = unified_diff_of(
        {"rules": list(map(format_rule, before))}, {"rules": list(map(format_rule, after))}
    )
    return Text(diff, notes=(f"dry run: {operation} was not sent",))
