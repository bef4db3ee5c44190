"""What a resumed bulk change does to each target: the same as the run that wrote the report."""

import json
from collections.abc import Mapping
from shlex import quote
from typing import TYPE_CHECKING

from emqxctl.cli.bulk.report import not_a_report_error
from emqxctl.cli.input.files import read_text
from emqxctl.errors import UsageError
from emqxctl.output.results import EMPTY_OBJECT

if TYPE_CHECKING:
    from emqxctl.cli.session import Session


def complete_options(
    session: "Session", typed: Mapping[str, object], defaults: Mapping[str, object] = EMPTY_OBJECT
) -> dict[str, object]:
    """Return the options that change what is done to each target, for the task and its report.

    `typed` has them by their names, `until` or `TOPIC`; None and False are not typed. Those that are not
    typed have their default, or with --resume the value of the first run, which its report has. Raises
    UsageError for another value than that of the first run.
    """
    options = {
        name: defaults.get(name, value) if is_untyped(value) else value for name, value in typed.items()
    }
    file = session.settings.resume
    stored = read_options(file) if file else None
    if stored is None:
        return options
    for name, value in options.items():
        if not is_untyped(typed[name]) and value != stored.get(name):
            first, now = describe_option(name, stored.get(name)), describe_option(name, value)
            message = f"--resume {file}: the first run had {first}, not {now}"
            raise UsageError(message, hint="repeat its arguments; its options are in the report")
    completed = {name: stored.get(name, value) for name, value in options.items()}
    restored = [
        describe_option(name, value)
        for name, value in completed.items()
        if is_untyped(typed[name]) and value not in (None, False, defaults.get(name))
    ]
    if restored:
        listed = ", ".join(restored)
        session.info(f"as in the first run: {listed}")
    return completed


def is_untyped(value: object) -> bool:
    """Return whether an option was not typed: it has no value, or is a flag that is off."""
    return value is None or value is False


def read_options(file: str) -> dict[str, object] | None:
    """Read the options of the first run from its report; None if it has none. Raises UsageError."""
    try:
        options = json.loads(read_text(file, "--resume").partition("\n")[0]).get("options")
    except (ValueError, AttributeError) as error:
        raise not_a_report_error(file) from error
    if options is not None and not isinstance(options, dict):
        raise not_a_report_error(file)
    return options


def describe_option(name: str, value: object) -> str:
    """Return an option, or an argument in upper case, as it is typed."""
    label = name if name.isupper() else f"--{name}"
    if is_untyped(value):
        return f"no {label}"
    values = value if isinstance(value, list) else [] if value is True else [value]
    return " ".join([label, *(quote(str(item)) for item in values)])
