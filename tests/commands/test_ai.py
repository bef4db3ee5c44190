"""`emqxctl ai`: providers, profiles and models."""

from pathlib import Path

from tests.conftest import Run
from tests.support.replay import make_exchange, replay


def test_a_provider_keeps_its_key(run: Run) -> None:
    before = {"name": "p", "type": "openai", "api_key": "******"}
    script = [make_exchange("GET /ai/providers/p", 200, before), make_exchange("PUT /ai/providers/p", 204)]
    replayed = replay(run, script, "ai", "providers", "update", "p", "--base-url", "http://llm")
    assert replayed.result.code == 0, replayed.result.err
    assert replayed.bodies == [{"type": "openai", "api_key": "******", "base_url": "http://llm"}]


def test_profiles_are_made_of_options(run: Run) -> None:
    arguments = ("ai", "profiles", "create", "a", "--type", "openai", "--provider", "p", "--model", "gpt-4o")
    replayed = replay(run, [make_exchange("POST /ai/completion_profiles", 204)], *arguments, "--json")
    assert replayed.bodies == [{"name": "a", "type": "openai", "provider_name": "p", "model": "gpt-4o"}]
    assert replayed.result.json == {"name": "a"}


def test_models_are_listed_without_showing_the_key(run: Run, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sk-very-secret\n")
    script = [make_exchange("POST /ai/models", 200, ["gpt-4o", "gpt-4o-mini"])]
    arguments = ("ai", "models", "openai", "--key-file", str(key), "-o", "name", "--debug")
    replayed = replay(run, script, *arguments)
    assert replayed.bodies == [{"type": "openai", "api_key": "sk-very-secret"}]
    assert replayed.result.out.split() == ["gpt-4o", "gpt-4o-mini"]
    assert "sk-very-secret" not in replayed.result.err
    script = [make_exchange("GET /ai/providers/p/models", 200, ["m"])]
    assert replay(run, script, "ai", "providers", "models", "p", "-o", "name").result.out.split() == ["m"]
