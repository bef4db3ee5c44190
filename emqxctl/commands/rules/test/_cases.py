"""The files of `emqxctl rules test -f`: rule test cases, parsed with the line of every mistake."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from emqxctl.cli.input.body import Body
from emqxctl.declarative.documents import Path, Place, Problem, Top, variables
from emqxctl.declarative.files import load_part, raise_problems, read_layers

FILE_KEYS = ("cases", "sql", "rule")
CASE_KEYS = ("name", "sql", "rule", "event", "events", "rows", "actions", "partial")
HINT = "see the format: emqxctl rules test --help"


class Case(NamedTuple):
    """One test: the SQL, or the rule, that gets `events`, and what must come of them.

    `rows` are the rows of all events in order, `actions` the ids (or function names) of the actions that
    run; None is not compared. `partial`: rows may have more fields than those expected.
    """

    name: str
    place: Place
    sql: str
    rule: str
    events: tuple[Body, ...]
    rows: list[Body] | None
    actions: list[str] | None
    partial: bool


def read_cases(files: Sequence[str], environ: Mapping[str, str]) -> list[Case]:
    """Read the cases of files and folders, and of stdin for `-`. Raises UsageError with every mistake."""
    problems: list[Problem] = []
    cases: list[Case] = []
    for part in (part for layer in read_layers(files) for part in layer):
        top = load_part(part, environ, problems)
        if top is not None:
            cases += parse_cases(top, problems)
    raise_problems(problems, hint=HINT)
    return cases


def parse_cases(top: Top, problems: list[Problem]) -> list[Case]:
    """Parse the cases of one file; mistakes become problems."""
    reader = CaseReader(top, problems)
    reader.check_keys(top.content, FILE_KEYS, (), "")
    items = top.content.get("cases")
    if not isinstance(items, list) or not items:
        reader.add_problem(("cases",), "'cases' must be a list of cases", "")
        return []
    cases = [reader.parse_case(item, ("cases", index)) for index, item in enumerate(items)]
    names: set[str] = set()
    for index, case in enumerate(cases):
        if case and case.name in names:
            reader.add_problem(("cases", index), "another case has the same name", case.name)
        names |= {case.name} if case else set()
    return [case for case in cases if case]


class CaseReader:
    """Turns the values of one file into cases."""

    def __init__(self, top: Top, problems: list[Problem]) -> None:
        """Keep the file and the list of problems to add to."""
        self.top, self.problems = top, problems

    def find_place(self, path: Path) -> Place:
        """Return the line of a value, or of the nearest value around it."""
        while path and path not in self.top.places:
            path = path[:-1]
        return self.top.places.get(path, Place(self.top.name, 1))

    def add_problem(self, path: Path, message: str, case_name: str) -> None:
        """Record a mistake at a value, with the name of its case."""
        prefix = f"case {case_name!r}: " if case_name else ""
        self.problems.append(Problem("BAD_CASE", prefix + message, str(self.find_place(path))))

    def check_keys(self, item: Body, known_keys: Iterable[str], path: Path, case_name: str) -> None:
        """Record the keys that have no meaning."""
        for key in item:
            if key not in known_keys:
                keys = ", ".join(known_keys)
                self.add_problem((*path, key), f"unknown key {key!r}; keys: {keys}", case_name)

    def parse_case(self, item: object, path: Path) -> Case | None:
        """Parse one case; None if it has mistakes."""
        problem_count = len(self.problems)
        if not isinstance(item, dict):
            self.add_problem(path, "a case must be a mapping", "")
            return None
        name = item.get("name")
        if not isinstance(name, str) or not name:
            self.add_problem((*path, "name"), "a case requires 'name', a text", "")
            name = ""
        self.check_keys(item, CASE_KEYS, path, name)
        for variable in variables(item):
            self.add_problem(path, f"variable {variable.variable} is not set", name)
        sql, rule = self.parse_subject(item, path, name)
        case = Case(
            name,
            self.find_place(path),
            sql,
            rule,
            self.parse_events(item, path, name),
            self.parse_list(item, "rows", dict, path, name),
            self.parse_list(item, "actions", str, path, name),
            item.get("partial") is True,
        )
        self.check_expectation(item, case, path)
        return case if len(self.problems) == problem_count else None

    def parse_subject(self, item: Body, path: Path, name: str) -> tuple[str, str]:
        """Return the SQL and the rule of a case, one of them empty; the file's own apply to all its cases."""
        source = item if {"sql", "rule"} & item.keys() else self.top.content
        sql, rule = source.get("sql"), source.get("rule")
        if (sql is None) == (rule is None):
            self.add_problem(path, "use either 'sql' or 'rule'", name)
        for key, value in (("sql", sql), ("rule", rule)):
            if value is not None and not (isinstance(value, str) and value.strip()):
                self.add_problem((*path, key), f"{key!r} must be a text", name)
        return str(sql or ""), str(rule or "")

    def parse_events(self, item: Body, path: Path, name: str) -> tuple[Body, ...]:
        """Return the messages or events of a case."""
        if ("event" in item) == ("events" in item):
            self.add_problem(path, "use either 'event' or 'events'", name)
            return ()
        if "events" in item:
            events = self.parse_list(item, "events", dict, path, name) or []
            if events == [] and item["events"] == []:
                self.add_problem((*path, "events"), "'events' is empty", name)
            return tuple(events)
        if not isinstance(item["event"], dict):
            self.add_problem((*path, "event"), "'event' must be a mapping of fields", name)
            return ()
        return (item["event"],)

    def parse_list(self, item: Body, key: str, item_type: type, path: Path, name: str) -> list[Any] | None:
        """Return a list of mappings or texts; None if the case has none."""
        if key not in item:
            return None
        value = item[key]
        if isinstance(value, list) and all(isinstance(element, item_type) for element in value):
            return value
        kind = "mappings" if item_type is dict else "texts"
        self.add_problem((*path, key), f"{key!r} must be a list of {kind} ([] for none)", name)
        return None

    def check_expectation(self, item: Body, case: Case, path: Path) -> None:
        """Record what is missing or contradictory in what a case expects."""
        if not {"rows", "actions"} & item.keys():
            self.add_problem(path, "'rows' or 'actions' is required", case.name)
        if "actions" in item and not case.rule:
            self.add_problem((*path, "actions"), "'actions' requires 'rule': SQL has no actions", case.name)
        if not isinstance(item.get("partial", False), bool):
            self.add_problem((*path, "partial"), "'partial' must be true or false", case.name)
        if case.partial and "rows" not in item:
            self.add_problem((*path, "partial"), "'partial' requires 'rows'", case.name)


def parse_json_text(value: object) -> object:
    """Return the value of a text that is JSON, such as a payload; any other value is unchanged."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
