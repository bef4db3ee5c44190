"""Reports of plans in Markdown."""

from emqxctl.declarative.changes import Action, FieldChange, Plan
from emqxctl.declarative.documents import Problem
from emqxctl.declarative.markdown_report import markdown_lines
from emqxctl.declarative.report import report_data
from tests.declarative.conftest import change


def test_markdown_fences_what_holds_backticks() -> None:
    plan = Plan(
        [change(Action.UPDATE, FieldChange(("sql",), "```x", "y"))], warnings=[Problem("W", "a_b *c*", "f:1")]
    )
    made = list(markdown_lines(report_data(plan)))
    assert made == [
        "**emqxctl: 1 to update; 0 unchanged**",
        "",
        "````diff",
        "! rules r",
        "    sql: ```x -> y",
        "````",
        "",
        "- warning: a\\_b \\*c\\* (f:1) [W]",
    ]


def test_hostile_texts_are_harmless_in_markdown() -> None:
    plan = Plan([change(Action.UPDATE, FieldChange(("name",), "a\n```\n# b", "\x1b[2J"))])
    made = "\n".join(markdown_lines(report_data(plan)))
    assert "\x1b" not in made
    assert made.count("````") == 2
