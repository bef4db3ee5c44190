"""`emqxctl authorization rules users load`, and `clients load`: creates the ACL rules in a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.bulk.resume import complete_options
from emqxctl.cli.bulk.targets import explicit_targets, run_bulk
from emqxctl.cli.bulk.task import BulkTask, TargetResult, failed_result
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.entries import Entry, entry_key, read_entries
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.authorization.rules._rule import AclRule, parse_rule
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Result
from emqxctl.resource import Resource
from emqxctl.text.nouns import pluralize
from emqxctl.verbs.parameters import new_parameter, set_signature

if TYPE_CHECKING:
    from emqxctl.api.client import Client

BATCH_SIZE = 100  # names in a request, unless --batch is set
RULE_COLUMNS = ("permission", "action", "topic")
RulesByName = dict[str, list[AclRule]]

FileArgument = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="File with rules: JSON Lines, CSV, or a JSON or YAML list (- for stdin)."
    ),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Replace existing rules instead of skipping them.")
]


def add_load(group: Group, resource: Resource, line: str) -> None:
    """Add `load`: the rules of many users, or clients."""
    key = resource.key

    def load(session: Session, **values: Any) -> Result:  # noqa: ANN401  # as the parameters below
        return load_rules(session, resource, values["file"], replace=values["replace"])

    load.__doc__ = f"""Create the rules of {pluralize(resource.noun)} from a file.

Each line has `{key}` and `rules`, a list; or `{key}` and one rule, as `rule` or as its fields (permission,
action, topic, qos, retain); lines of the same {resource.noun} are combined. Existing rules are skipped.
"""
    parameters = [new_parameter("file", FileArgument), new_parameter("replace", ReplaceOption, False)]
    set_signature(load, parameters, Result)
    examples = (
        f"{line} rules.jsonl",
        f"{line} rules.csv --replace --yes --report loaded.jsonl",
    )
    calls = (f"GET {resource.path}", f"POST {resource.path}", f"PUT {resource.item_path}")
    group.command("load")(
        command(calls=calls, examples=examples, effect=Effect.WRITE, rate_limited=True)(load)
    )


def load_rules(session: Session, resource: Resource, file: str, *, replace: bool) -> Result:
    """Create the rules in a file, of the names that --resume leaves, and report on each name."""
    key = resource.key
    rules = read_rules(file, key)
    targets = list(rules)
    if session.settings.resume:
        targets = [name for name in explicit_targets(session, [], "load", key) if name in rules]
    existing_names = {str(row.get(key)) for row in session.rows(resource)} if targets else set()
    options = complete_options(session, {"replace": replace})
    replaces = bool(options["replace"])
    action = LoadAction(resource, rules, existing_names, replaces)
    task = BulkTask("load", "loaded", resource.noun, key, targets, action, BATCH_SIZE, replaces)
    return run_bulk(session, task._replace(key_kind=f"rules of {resource.plural_noun}", options=options))


def read_rules(file: str, key: str) -> RulesByName:
    """Read the rules of each name, in the file's order. Raises UsageError naming the line."""
    rules: RulesByName = {}
    complete: dict[str, str] = {}  # names whose line lists all rules, with that line
    example = f'{{"{key}": "ann", "rules": ["allow publish a/#"]}}'
    for entry in read_entries(file, example, (key, *RULE_COLUMNS)):
        name = entry_key(entry, key)
        if name in complete or (name in rules and "rules" in entry.fields):
            place = complete.get(name, "an earlier line")
            message = f"{entry.location}: the rules of {key} {name!r} are already in {place}"
            raise UsageError(message)
        if "rules" in entry.fields:
            complete[name] = entry.location
        rules.setdefault(name, []).extend(parse_entry_rules(entry, key))
    return rules


def parse_entry_rules(entry: Entry, key: str) -> list[AclRule]:
    """Return the rules of one line. Raises UsageError naming the line and the rule."""
    fields = {name: value for name, value in entry.fields.items() if name != key and value != ""}
    sources = fields["rules"] if "rules" in fields else [fields.get("rule", fields)]
    if not isinstance(sources, list):
        message = f"{entry.location}: `rules` is not a list"
        raise UsageError(message, hint='["allow publish a/#", {"permission": "deny", ...}]')
    try:
        return [parse_rule(source) for source in sources]
    except UsageError as error:
        message = f"{entry.location}: {error.message}"
        raise UsageError(message, hint=error.hint) from error


@dataclass(frozen=True)
class LoadAction:
    """The action for a batch of names: new ones in one request, existing ones one by one or skipped."""

    resource: Resource
    rules: RulesByName
    existing_names: set[str]
    replace: bool

    def __call__(self, client: "Client", batch: Sequence[str]) -> list[TargetResult]:
        """Load the rules of a batch and return the result of each name."""
        new = [name for name in batch if name not in self.existing_names]
        try:
            if new:
                client.post(self.resource.path, body=[self.new_entry(name) for name in new])
            results = {name: TargetResult(name) for name in new}
        except EmqxctlError as error:
            is_refused = error.exit_code is ExitCode.REJECTED and not error.details.get("unknown")
            results = {
                name: self.create_one(client, name) if is_refused else failed_result(name, error)
                for name in new
            }
        return [results[name] if name in results else self.replace_one(client, name) for name in batch]

    def new_entry(self, name: str) -> dict[str, object]:
        """Return the body for one name."""
        return {self.resource.key: name, "rules": self.rules[name]}

    def create_one(self, client: "Client", name: str) -> TargetResult:
        """Create the rules of one name."""
        try:
            client.post(self.resource.path, body=[self.new_entry(name)])
        except EmqxctlError as error:
            if error.code == "ALREADY_EXISTS":
                return self.replace_one(client, name)
            return failed_result(name, error)
        return TargetResult(name)

    def replace_one(self, client: "Client", name: str) -> TargetResult:
        """Replace the rules of one name, or skip it."""
        if not self.replace:
            return TargetResult(name, "skipped", "rules already exist")
        try:
            client.put(self.resource.item_path, name, body=self.new_entry(name))
        except EmqxctlError as error:
            return failed_result(name, error)
        return TargetResult(name)
