"""The texts that users read keep to the house style, and the commands and options they name exist."""

import re
from statistics import median
from typing import Any

import pytest

from emqxctl.cli.command import Command
from emqxctl.cli.help_page import GLOBAL_OPTIONS_LINE
from emqxctl.cli.root import build_root, find_entry, walk_commands
from emqxctl.cli.sections import GROUPS
from tests.conftest import Run
from tests.support.texts import UserText, read_texts

ROOT = build_root()
COMMANDS = dict(walk_commands(ROOT))
TEXTS = read_texts()
MAX_SUMMARY = 60
MAX_MEDIAN_LINES = 24

# The verbs that begin a summary.
VERB = re.compile(
    r"(?:Add|Apply|Ban|Cancel|Change|Check|Clear|Copy|Count|Create|Deactivate|Delete|Describe|Diagnose|Disable"
    r"|Disconnect|Download|Enable|Evacuate|Explain|Export|Find|Follow|Get|Import|Install|Invite|Kick|Lift|List"
    r"|Load|Manage|Move|Observe|Print|Publish|Read|Rebalance|Remove|Rename|Replace|Request|Require|Reset"
    r"|Restart|Restore|Run|Send|Set|Show|Start|Stop|Subscribe|Switch|Test|Unload|Uninstall|Unsubscribe|Update"
    r"|Upgrade|Upload|Verify|Wait|Write)\b"
)
# Its second half is the reason not to do it.
WARNING = "Delete the authentication; all clients are then accepted."
BANNED_WORDS = re.compile(
    r"\b(?:tells?|told|looks?(?! like)|meets?|mends?|mended|lets? in|come and go|comes and goes|stands?|anew"
    r"|holds?|for good|besides|whom|nobody|somebody|is no|is none|are none|not so|colour\w*|behaviour)\b",
    re.IGNORECASE,
)
RANGE_OR_TYPE = re.compile(r"\[[\d<=]*x[\d<>=]*\]|<(?:int|float|str|text|bool)")
WHERE_FOR_IF = re.compile(r"(?<!-)\bwhere\b(?! (?:the|a|to|it|they))")
# Words that end in "ss" and are no plural.
NO_PLURAL = re.compile(
    r".*(?:ccess|cross|ddress|class|less|loss|pass|press|process|progress|miss|witness)", re.IGNORECASE
)


def test_each_summary_is_an_imperative_of_at_most_60_characters() -> None:
    summaries = dict(GROUPS) | {path: first_line(command.help) for path, command in COMMANDS.items()}
    assert_none(f"{path}: {text}" for path, text in summaries.items() if not is_summary(text))


def is_summary(text: str) -> bool:
    """Return whether a text is a valid summary."""
    has_second_half = ";" in re.sub(r"\(.*\)", "", text) and text != WARNING
    is_short_sentence = text.endswith(".") and len(text) <= MAX_SUMMARY and not has_second_half
    return is_short_sentence and VERB.match(text) is not None


def test_each_command_has_examples_that_call_it() -> None:
    assert_none(
        f"{path}: {example}"
        for path, command in COMMANDS.items()
        for example in command.spec.examples or ("none",)
        if not all(word in example for word in path.split()[1:])
    )


def test_each_argument_has_a_metavar_and_each_option_help() -> None:
    offenders = []
    for path, command in COMMANDS.items():
        for parameter in command.params:
            is_hidden = getattr(parameter, "hidden", False)
            if not is_hidden and not getattr(parameter, "help", ""):
                offenders.append(f"{path} {parameter.opts[0]}: no help")
            if parameter.param_type_name == "argument" and not parameter.metavar:
                offenders.append(f"{path} {parameter.name}: no metavar")
    assert_none(offenders)


def test_help_pages_are_short_and_show_no_types_or_ranges(run: Run) -> None:
    lengths, offenders = [], []
    for path in COMMANDS:
        result = run(*path.split()[1:], "--help", env={"COLUMNS": "80"})
        page, _, examples = result.out.partition("Examples:")
        lengths.append(len(result.out.splitlines()))
        if result.code or max(map(len, page.splitlines())) > 80:
            offenders.append(f"{path}: wider than 80 columns")
        if re.search(r"[{}]", page.partition("\n\n")[0]) or RANGE_OR_TYPE.search(page):
            offenders.append(f"{path}: types or ranges")
        if not examples.rstrip().endswith(GLOBAL_OPTIONS_LINE):
            offenders.append(f"{path}: does not end in the line on global options")
    assert_none(offenders)
    assert median(lengths) <= MAX_MEDIAN_LINES


def test_no_text_has_a_banned_word() -> None:
    assert_none(
        f"{text.location}: {match.group()!r} in {text.text!r}"
        for text in TEXTS
        if (match := BANNED_WORDS.search(text.text) or WHERE_FOR_IF.search(text.text))
    )


def test_plurals_and_articles_are_english() -> None:
    assert_none(f"{text.location}: {text.text!r}" for text in TEXTS if has_wrong_form(text.text))


def has_wrong_form(text: str) -> bool:
    """Return whether a text has a plural such as "registrys" or "metricss", or "a" before a vowel."""
    words = re.findall(r"[A-Za-z]+", text)
    doubled = [word for word in words if word.endswith("ss") and not NO_PLURAL.fullmatch(word)]
    wrong_ys = re.search(r"\b[a-z]{3,}[^aeiou\W]ys\b", text)
    wrong_article = re.search(r"\ba (?=[aeio])(?!one\b|once\b)|\ba (?=AI\b|ACL\b|API\b|MQTT\b|HTTP\b)", text)
    return bool(doubled or wrong_ys or wrong_article)


@pytest.mark.parametrize("text", ["external registrys", "topic metricss", "Change a AI provider."])
def test_a_wrong_plural_or_article_is_found(text: str) -> None:
    assert has_wrong_form(text)


def test_hints_are_one_lower_case_line_without_a_full_stop() -> None:
    offenders = []
    for text in TEXTS:
        words = text.text.split("\n")[0]
        if text.kind == "hint" and (
            re.match(r"[A-Z][a-z]", words) or (words.endswith(".") and not words.endswith("..."))
        ):
            offenders.append(f"{text.location}: {text.text!r}")
    assert_none(offenders)


def test_messages_are_lower_case_without_a_full_stop() -> None:
    assert_none(
        f"{text.location}: {text.text!r}"
        for text in TEXTS
        if text.kind == "message"
        and (re.match(r"[A-Z][a-z]+ [a-z]", text.text) or re.search(r"[a-z]\.$", text.text))
        if not text.text.startswith(("Ctrl", "EMQX"))
    )


def test_the_commands_and_options_of_hints_exist() -> None:
    assert_none(
        f"{text.location}: {problem} in {text.text!r}"
        for text in TEXTS
        for problem in find_unknown_words(text)
    )


@pytest.mark.parametrize(
    "hint",
    [
        "list them: emqxctl rule list",
        "list rules: emqxctl rules lists",
        "list rules: emqxctl rules list --al",
        "add --yess",
    ],
)
def test_an_unknown_command_or_option_is_found(hint: str) -> None:
    assert find_unknown_words(UserText("here", "hint", hint))


def find_unknown_words(text: UserText) -> list[str]:
    """Return the commands and options of a hint that do not exist; in other texts, of its commands."""
    problems = []
    calls = list(re.finditer(r"\bemqxctl((?: [a-z][\w-]*| -p \S+)*)((?: [^\s,;:`]+)*)", text.text))
    for call in calls:
        words = re.sub(r"-p \S+", "", call[1]).split()
        entry, rest = resolve(words)
        is_command = isinstance(entry, Command)
        if (text.kind == "hint" and words and entry is ROOT) or (
            text.kind == "hint" and rest and not is_command
        ):
            problems.append(f"command 'emqxctl {' '.join(words)}'")
        elif is_command:
            names = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", call[2]))
            problems += [f"option {name}" for name in sorted(names - option_names(entry))]
    if text.kind == "hint" and not calls:
        names = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text.text))
        problems += [f"option {name}" for name in sorted(names - ALL_OPTIONS)]
    return problems


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command or group that words lead to, and the words after it."""
    entry: Any = ROOT
    for number, word in enumerate(words):
        next_entry = find_entry(entry, word, ROOT)
        if next_entry is None:
            return entry, words[number:]
        entry = next_entry
    return entry, []


def option_names(command: Command) -> set[str]:
    """Return the options of a command, the shared ones and --help too."""
    names = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return names | {"--help", "--version"}


ALL_OPTIONS = {name for command in COMMANDS.values() for name in option_names(command)}


def first_line(text: str | None) -> str:
    """Return the summary of a help text."""
    return (text or "").partition("\n")[0]


def assert_none(offenders: Any) -> None:
    """Fail with all offenders, one per line."""
    lines = list(offenders)
    assert not lines, f"{len(lines)} offenders\n" + "\n".join(lines)
