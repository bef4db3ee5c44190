"""The catalogs of translations are current, agree with the English texts, and fit help pages."""

import re
from pathlib import Path

import polib
import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.cli.sections import GROUPS
from emqxctl.output.formats.plain_table import measure_width
from emqxctl.text.catalog import LOCALE_FOLDER, PLACEHOLDER
from tests.conftest import Run
from tests.translations import number_placeholders, read_messages, update_catalog

CHINESE = {"EMQXCTL_LANG": "zh_CN"}
CATALOG_FILES = sorted(LOCALE_FOLDER.rglob("*.po"))
# What a translation has as its English text has it: placeholders, options, commands.
COMMAND_NAMES = "|".join(name for name, _ in GROUPS)
KEPT = (
    PLACEHOLDER,
    re.compile(r"(?<![\w-])--[a-z][a-z-]*"),
    re.compile(rf"\bemqxctl (?:{COMMAND_NAMES})\b"),
)
FULL_WIDTH = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(params=CATALOG_FILES, ids=lambda file: file.parents[1].name)
def catalog_file(request: pytest.FixtureRequest) -> Path:
    """Return the file of each catalog."""
    file: Path = request.param
    return file


def test_every_text_is_in_the_catalog_translated_or_open(catalog_file: Path) -> None:
    messages = {number_placeholders(message) for message in read_messages()}
    entries = {entry.msgid for entry in polib.pofile(str(catalog_file))}
    assert entries == messages, "run poe translations"


def test_the_compiled_catalog_is_current(catalog_file: Path) -> None:
    catalog = update_catalog(catalog_file, [entry.msgid for entry in polib.pofile(str(catalog_file))])
    assert catalog_file.with_suffix(".mo").read_bytes() == catalog.to_binary(), "run poe translations"


def test_translations_keep_placeholders_commands_and_options(catalog_file: Path) -> None:
    offenders = []
    for entry in polib.pofile(str(catalog_file)):
        if not entry.msgstr:
            continue
        offenders += [
            f"{entry.msgid!r}: {entry.msgstr!r}"
            for pattern in KEPT
            if set(pattern.findall(entry.msgid)) != set(pattern.findall(entry.msgstr))
        ]
    assert not offenders, "\n".join(offenders)


def test_help_pages_in_chinese_fit_80_cells_and_translate_what_the_catalog_has(run: Run) -> None:
    offenders = []
    for path, _ in walk_commands(build_root()):
        page = run(*path.split()[1:], "--help", env={**CHINESE, "COLUMNS": "80"}).out.partition("示例:")[0]
        offenders += [f"{path}: {line}" for line in page.splitlines() if measure_width(line) > 80]
        if not FULL_WIDTH.search(page):
            offenders.append(f"{path}: English")
    assert not offenders, "\n".join(offenders)


@pytest.mark.parametrize(
    "arguments",
    [
        "nodes lst",
        "nodes list --nope",
        "clients kick",
        "clients list --limit x",
        "clients get nope -p sandbox",
        "keys use nope",
        "nodes list",
        "-p nope nodes list",
        "clients list --where a>> -p sandbox",
        "clients kick dev-1 -p sandbox",
    ],
)
def test_errors_are_in_chinese_with_their_codes(run: Run, arguments: str) -> None:
    english = run(*arguments.split())
    chinese = run(*arguments.split(), env=CHINESE)
    assert chinese.code == english.code != 0
    message = next(line for line in chinese.err.splitlines() if line.startswith("emqxctl: "))
    assert FULL_WIDTH.search(message), message
    assert re.search(r"\[[A-Z_]+\]$", message).group() in english.err  # type: ignore[union-attr]


def test_data_is_never_translated(run: Run) -> None:
    english = run("keys", "use", "nope", "-o", "json")
    chinese = run("keys", "use", "nope", "-o", "json", env=CHINESE)
    assert (chinese.out, chinese.error) == (english.out, english.error)


TRANSLATED_GUIDES = sorted(path for path in (LOCALE_FOLDER.parent / "guide").glob("*_*/*.md"))
COMMENT = re.compile(r"\s+# .*")


@pytest.mark.parametrize("page", TRANSLATED_GUIDES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_a_translated_guide_has_the_commands_and_sections_of_the_english_page(page: Path) -> None:
    english = (page.parents[1] / page.name).read_text()
    assert read_code(page.read_text()) == read_code(english)
    assert count_headings(page.read_text()) == count_headings(english)


def read_code(page: str) -> list[str]:
    """Return the code blocks of a page without their comments."""
    return [COMMENT.sub("", block) for block in re.findall(r"^```.*?^```", page, re.DOTALL | re.MULTILINE)]


def count_headings(page: str) -> list[int]:
    """Return the level of each heading."""
    text = re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE)
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


def test_help_shows_the_translated_guide(run: Run) -> None:
    assert run("help", "install", env=CHINESE).out.startswith("# 安装")
    assert run("help", "scripting", env=CHINESE).out.startswith("# Script")
