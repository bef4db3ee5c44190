"""A report for a pull request, in Markdown: the counts, then a diff block for each object."""

from collections.abc import Iterator

from emqxctl.declarative.documents import Json
from emqxctl.declarative.text_report import change_lines, last_line

FENCE = "`"


def markdown_lines(report: dict[str, Json]) -> Iterator[str]:
    """Yield the lines of a report in Markdown."""
    yield f"**emqxctl: {last_line(report['summary'])}**"
    changes = [item for item in report["changes"] if item["result"] != "unchanged"]
    if changes:
        lines = [diff_line(line) for change in changes for line in change_lines(change)]
        fence = FENCE * max(3, longest_run("\n".join(lines)) + 1)
        yield ""
        yield fence + "diff"
        yield from lines
        yield fence
    for name, sign in (("refusals", "refused"), ("warnings", "warning")):
        for item in report[name]:
            place = f" ({item['place']})" if item["place"] else ""
            yield ""
            yield f"- {sign}: {inline(item['message'])}{place} [{item['code']}]"


def diff_line(line: str) -> str:
    """Return a line of a text report as a line of a diff: `~` in the first column becomes `!`."""
    return "!" + line[1:] if line.startswith("~ ") else line


def inline(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in text)


def longest_run(text: str) -> int:
    """Return the length of the longest run of backticks, which the fence must exceed."""
    longest = run = 0
    for letter in text:
        run = run + 1 if letter == FENCE else 0
        longest = max(longest, run)
    return longest
