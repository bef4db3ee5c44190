"""`emqxctl authorization rules users load`: the rules of many names, of one file."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emqxctl.cli.bulk.targets import explicit_targets, run_bulk
from emqxctl.cli.bulk.task import BulkTask, TargetResult, failed_result
from emqxctl.cli.command import command
from emqxctl.cli.group import Group
from emqxctl.cli.input.entries import Entry, read_entries
from emqxctl.cli.input.entries import entry_key as name_of
from emqxctl.cli.session import Session
from emqxctl.cli.spec import Effect
from emqxctl.commands.authorization.rules._rule import Rule, read_rule
from emqxctl.errors import EmqxctlError, ExitCode, UsageError
from emqxctl.output.results import Result
from emqxctl.resource import Resource
from emqxctl.verbs.parameters import keyword, set_signature

if TYPE_CHECKING:
    from emqxctl.api.client import Client

TOGETHER = 100  # names in a request, unless --batch says less
Rules = dict[str, list[Rule]]

FileArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="JSON Lines, CSV, or a JSON or YAML list; - for stdin.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Replace the rules of names that have some.")]


def add_load(group: Group, resource: Resource, line: str) -> None:
    """Add `load`: rules for many users, or clients."""
    key = resource.key

    def load(session: Session, **values: Any) -> Result:  # noqa: ANN401  # as the parameters below
        rules = read_rules(values["file"], key)
        targets = list(rules)
        if session.settings.resume:
            targets = [one for one in explicit_targets(session, [], "load", key) if one in rules]
        known = {str(row.get(key)) for row in session.rows(resource)} if targets else set()
        deed = loading(resource, rules, known, replace=values["replace"])
        job = BulkTask(
            "load",
            "loaded",
            resource.noun,
            key,
            targets,
            deed,
            batch_size=TOGETHER,
            needs_confirmation=values["replace"],
        )
        return run_bulk(session, job)

    load.__doc__ = f"""Give many {resource.noun}s rules; those that have some are skipped.

Each line holds `{key}` and `rules`, a list; or `{key}` and one rule, as `rule` or as its parts
(permission, action, topic, qos, retain), and lines of the same {resource.noun} add up.
"""
    set_signature(load, [keyword("file", FileArgument), keyword("replace", Replace, False)], Result)
    examples = (
        f"{line} rules.jsonl",
        f"{line} rules.csv --replace --yes --report loaded.jsonl",
    )
    calls = (f"GET {resource.path}", f"POST {resource.path}", f"PUT {resource.item_path}")
    group.command("load")(
        command(calls=calls, examples=examples, effect=Effect.WRITE, rate_limited=True)(load)
    )


def read_rules(file: str, key: str) -> Rules:
    """Read the rules of each name, in the file's order. Raises UsageError naming the line."""
    found: Rules = {}
    whole: dict[str, str] = {}
    example = f'{{"{key}": "ann", "rules": ["allow publish a/#"]}}'
    for one in read_entries(file, example):
        name = name_of(one, key)
        if name in whole or (name in found and "rules" in one.fields):
            message = (
                f"{one.location}: {key} {name!r} has its rules in {whole.get(name, 'a line before')} already"
            )
            raise UsageError(message)
        if "rules" in one.fields:
            whole[name] = one.location
        found.setdefault(name, []).extend(rules_of(one, key))
    return found


def rules_of(one: Entry, key: str) -> list[Rule]:
    """Take the rules out of one line. Raises UsageError naming the line and the rule."""
    fields = {name: value for name, value in one.fields.items() if name != key and value != ""}
    rules = fields["rules"] if "rules" in fields else [fields.get("rule", fields)]
    if not isinstance(rules, list):
        message = f"{one.location}: `rules` is no list"
        raise UsageError(message, hint='["allow publish a/#", {"permission": "deny", ...}]')
    try:
        return [read_rule(rule) for rule in rules]
    except UsageError as error:
        message = f"{one.location}: {error.message}"
        raise UsageError(message, hint=error.hint) from error


def loading(
    resource: Resource, rules: Rules, known: set[str], *, replace: bool
) -> Callable[["Client", Sequence[str]], list[TargetResult]]:
    """Make the deed that gives names their rules: new ones together, known ones one by one or not at all."""

    def load(api: "Client", batch: Sequence[str]) -> list[TargetResult]:
        new = [one for one in batch if one not in known]
        try:
            if new:
                api.post(resource.path, body=[entry(one) for one in new])
            found = {one: TargetResult(one) for one in new}
        except EmqxctlError as error:
            refused = error.exit_code is ExitCode.REFUSED and not error.details.get("unknown")
            found = {one: single(api, one) if refused else failed_result(one, error) for one in new}
        return [found[one] if one in found else again(api, one) for one in batch]

    def entry(name: str) -> dict[str, object]:
        return {resource.key: name, "rules": rules[name]}

    def single(api: "Client", name: str) -> TargetResult:
        try:
            api.post(resource.path, body=[entry(name)])
        except EmqxctlError as error:
            return again(api, name) if error.code == "ALREADY_EXISTS" else failed_result(name, error)
        return TargetResult(name)

    def again(api: "Client", name: str) -> TargetResult:
        if not replace:
            return TargetResult(name, "skipped", "has rules already")
        try:
            api.put(resource.item_path, name, body=entry(name))
        except EmqxctlError as error:
            return failed_result(name, error)
        return TargetResult(name)

    return load
