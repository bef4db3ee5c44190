"""Markdown on a terminal: commands stay on one line, links become commands, color only if wanted."""

from emqxctl.output.formats.rich_markdown import format_markdown
from emqxctl.output.view import View

LONG_COMMAND = "emqxctl clients list " + "--where 'mqueue_len>0' " * 10
PAGE = f"""# Title

Some *text* with `code`, [a page](profiles.md) and [another](reference/clients.md#get).

```console
$ {LONG_COMMAND.strip()}
```

| A | B |
|---|---|
| 1 | 2 |
"""


def test_a_command_is_one_line_at_any_width() -> None:
    lines = format_markdown(PAGE, View(width=40, is_terminal=True)).splitlines()
    assert f"    $ {LONG_COMMAND.strip()}" in lines
    assert all(len(line) <= 40 for line in lines if "$" not in line)


def test_links_name_the_command_that_shows_the_page() -> None:
    text = " ".join(format_markdown(PAGE, View(width=80)).split())
    assert "a page (emqxctl help profiles)" in text
    assert "another (emqxctl help clients)" in text


def test_color_only_if_wanted() -> None:
    assert "\x1b" not in format_markdown(PAGE, View(width=80, is_terminal=True))
    colored = format_markdown(PAGE, View(width=80, is_terminal=True, color=True))
    assert "\x1b[1" in colored
    assert "\x1b[3" in colored
