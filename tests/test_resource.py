"""Resources and their nouns: articles follow from the noun."""

from importlib import import_module
from pathlib import Path

import pytest

import emqxctl.commands
from emqxctl.resource import Resource, add_article

FOLDER = Path(emqxctl.commands.__file__).parent


def list_resources() -> list[Resource]:
    """Return the resources that the modules of commands describe."""
    names = [
        ".".join(path.relative_to(FOLDER).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(FOLDER.rglob("*.py"))
        if path.parent != FOLDER or path.name != "__init__.py"
    ]
    modules = [import_module(f"emqxctl.commands.{name}") for name in names]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Resource)]


@pytest.mark.parametrize(
    "phrase",
    ["a rule", "an action", "an AI provider", "an API key", "a user", "a URL", "an external registry"],
)
def test_the_article_follows_from_the_sound(phrase: str) -> None:
    assert add_article(phrase.partition(" ")[2]) == phrase


def test_no_resource_has_a_misspelled_plural() -> None:
    resources = list_resources()
    assert len(resources) > 40
    plurals = {resource.plural_noun for resource in resources}
    assert not [plural for plural in plurals if plural.endswith(("ss", "rys", "cys"))]


def test_objects_are_described_by_their_keys() -> None:
    rules = Resource(noun="rule", path="/rules", key="id", columns=())
    assert rules.describe(["a"]) == "rule 'a'"
    assert rules.describe(["a", "b"]) == "2 rules ('a', 'b')"
    assert rules.describe(["a", "b", "c", "d"]) == "4 rules ('a', 'b', 'c', ...)"
    assert rules.describe([]) == "rule"
