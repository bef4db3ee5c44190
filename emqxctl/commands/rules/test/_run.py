"""The run of rule test cases against a cluster."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from emqxctl.cli.input.body import Body
from emqxctl.commands.rules.test._cases import Case
from emqxctl.commands.rules.test._compare import compare_actions, compare_rows
from emqxctl.commands.rules.test._event import complete_context
from emqxctl.declarative.files import load, raise_problems, read_layers
from emqxctl.errors import EmqxctlError, ExitCode, NotFoundError
from emqxctl.output.results import Row

if TYPE_CHECKING:
    from emqxctl.api.client import Client

# Errors of the connection or the key, after which the other cases would fail as well.
FATAL_EXIT_CODES = frozenset(
    {
        ExitCode.UNAUTHENTICATED,
        ExitCode.FORBIDDEN,
        ExitCode.UNREACHABLE,
        ExitCode.TIMED_OUT,
        ExitCode.SERVER,
        ExitCode.NOT_READY,
        ExitCode.UNSUPPORTED,
        ExitCode.GUARDED,
    }
)


class CaseResult(NamedTuple):
    """The result of one case: `status` is passed, failed, error or skipped; `reasons` say why."""

    case: Case
    status: str
    reasons: Sequence[str] = ()
    seconds: float = 0.0

    def to_row(self) -> Row:
        """Return the result as a row of the report."""
        place = self.case.place
        return {
            "status": self.status,
            "case": self.case.name,
            "file": place.file,
            "line": place.line,
            "seconds": round(self.seconds, 3),
            "reasons": list(self.reasons),
        }


class RuleReader:
    """The rules that cases name: those of state files if there are any, else those of the cluster."""

    def __init__(self, client: "Client", stated_rules: Mapping[str, Body] | None) -> None:
        """Keep the client and the rules of the state files; nothing is sent."""
        self.client, self.stated_rules = client, stated_rules
        self.rules: dict[str, Body] = dict(stated_rules or {})

    def get(self, rule_id: str) -> Body:
        """Return a rule with `sql` and `actions`; each is read once. Raises NotFoundError, EmqxctlError."""
        if rule_id not in self.rules:
            if self.stated_rules is not None:
                message = f"rule {rule_id!r} not found in the state files"
                raise NotFoundError(message)
            self.rules[rule_id] = self.client.get_object("/rules/{id}", rule_id)
        return self.rules[rule_id]

    def list_action_names(self, rule_id: str) -> list[str]:
        """Return the actions of a rule: ids, and names of functions."""
        actions = self.get(rule_id).get("actions") or []
        return [
            str(action.get("function") if isinstance(action, dict) else action)
            for action in (actions if isinstance(actions, list) else [])
        ]


def read_stated_rules(files: Sequence[str], environ: Mapping[str, str]) -> dict[str, Body]:
    """Read the rules of state files by id. Raises UsageError with every mistake."""
    document, problems = load(read_layers(files), environ)
    raise_problems(problems)
    return {entry.key: entry.body for entry in document.of_kind("rules")}


def run_cases(
    client: "Client", cases: Sequence[Case], rules: RuleReader
) -> tuple[list[CaseResult], ExitCode]:
    """Run the cases in order and return their results and the exit code.

    After an error of the connection or the key the other cases are skipped; the exit code is that error's.
    """
    results: list[CaseResult] = []
    for case in cases:
        start = time.monotonic()
        try:
            reasons = tuple(find_differences(client, case, rules))
        except EmqxctlError as error:
            text = f"{error.message} [{error.code}]"
            results.append(CaseResult(case, "error", (text,), time.monotonic() - start))
            if error.exit_code in FATAL_EXIT_CODES:
                reason = f"not run, since case {case.name!r} ended with an error"
                results += [CaseResult(other, "skipped", (reason,)) for other in cases[len(results) :]]
                return results, error.exit_code
        else:
            status = "failed" if reasons else "passed"
            results.append(CaseResult(case, status, reasons, time.monotonic() - start))
    has_failed = any(result.status != "passed" for result in results)
    return results, ExitCode.NOT_READY if has_failed else ExitCode.OK


def find_differences(client: "Client", case: Case, rules: RuleReader) -> Iterator[str]:
    """Run a case and yield what is not as expected. Raises EmqxctlError.

    A rule is tested by its SQL, which leaves its metrics alone; only expected actions of a stored rule run
    the test of the rule itself, which also renders the actions' templates.
    """
    sql = str(rules.get(case.rule).get("sql", "")) if case.rule else case.sql
    contexts = [complete_context(event, str(event.get("event_type") or "")) for event in case.events]
    rows_by_event = [select_rows(client, sql, context) for context in contexts]
    if case.rows is not None:
        yield from compare_rows(case, [row for rows in rows_by_event for row in rows])
    if case.actions is None:
        return
    selected = [context for context, rows in zip(contexts, rows_by_event, strict=True) if rows]
    names = rules.list_action_names(case.rule) if selected else []
    yield from compare_actions(case.actions, names)
    if names and case.actions and rules.stated_rules is None:
        for context in selected:
            yield from find_action_failures(client, case.rule, context, names)


def select_rows(client: "Client", sql: str, context: Body) -> list[object]:
    """Return the rows that SQL selects from an event; none if it does not match. Raises EmqxctlError."""
    try:
        response = client.post("/rule_test", body={"context": context, "sql": sql})
    except EmqxctlError as error:
        if error.code == "NOT_MATCH":
            return []
        raise
    return response if isinstance(response, list) else [response]


def find_action_failures(
    client: "Client", rule_id: str, context: Body, names: Sequence[str]
) -> Iterator[str]:
    """Yield the actions whose templates cannot be rendered with an event; nothing is sent to a target."""
    body = {"context": context, "stop_action_after_template_rendering": True}
    response = client.post("/rules/{id}/test", rule_id, body=body)
    results = response if isinstance(response, list) else []
    if len(results) % len(names) == 0:  # FOREACH runs the actions once per row
        names = [*names] * (len(results) // len(names))
    for index, result in enumerate(results):
        if result != "ok":
            name = repr(names[index]) if index < len(names) else f"number {index + 1}"
            yield f"actions: {name} failed: {result}"
