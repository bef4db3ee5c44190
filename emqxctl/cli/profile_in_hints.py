"""The profile in commands that messages print: after `-p staging`, a pasted command is for staging too."""

import re
import shlex
from collections.abc import Mapping
from functools import cache
from typing import Any

from emqxctl.errors import EmqxctlError
from emqxctl.output.results import Report
from emqxctl.text.language import translate

# Commands for which no profile matters, or that name it in their own way.
LOCAL_GROUPS = frozenset({"keys", "sandbox", "errors", "commands", "completion", "help"})
COMMAND_FIELDS = frozenset({"next_step", "fix", "hint"})


@cache
def compile_command_pattern() -> re.Pattern[str]:
    """Return the pattern of the program's name before a command that connects to a cluster.

    A help page is the same for all clusters.
    """
    from emqxctl.cli.sections import SECTIONS

    groups = {name for section in SECTIONS.values() for name, _ in section} - LOCAL_GROUPS
    names = "|".join(sorted(groups, key=len, reverse=True))
    return re.compile(rf"(?<![\w./-])emqxctl(?= (?:{names})(?![\w-])(?![^;)`\n]*--help))")


def name_profile(text: str, profile: str) -> str:
    """Return a text whose commands name a profile; unchanged without one."""
    if not profile or "emqxctl" not in text:
        return text
    option = f"emqxctl -p {shlex.quote(profile)}"
    return compile_command_pattern().sub(lambda _match: option, text)


def add_profile_to_hint(error: EmqxctlError, profile: str, *, as_json: bool) -> None:
    """Add the profile to the commands in the hint of an error.

    The hint is translated before, unless it is printed as JSON: its translation is found by the text without
    a profile.
    """
    if profile and error.hint:
        lines = error.hint.splitlines() if as_json else map(translate, error.hint.splitlines())
        error.hint = "\n".join(name_profile(line, profile) for line in lines)


def name_profile_in_report(report: Report, profile: str) -> Report:
    """Return a report with the profile in the commands that it suggests."""
    sections = [
        section._replace(lines=[name_profile(translate(line), profile) for line in section.lines])
        for section in report.sections
    ]
    return report._replace(data=name_profile_in_fields(report.data, profile), sections=sections)


def name_profile_in_fields(value: Any, profile: str, *, is_command: bool = False) -> Any:  # noqa: ANN401  # JSON
    """Return data of a report with the profile in its fields of commands."""
    match value:
        case str() if is_command:
            return name_profile(value, profile)
        case Mapping():
            return {
                name: name_profile_in_fields(item, profile, is_command=name in COMMAND_FIELDS)
                for name, item in value.items()
            }
        case list():
            return [name_profile_in_fields(item, profile, is_command=is_command) for item in value]
    return value
