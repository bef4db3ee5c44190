"""`emqxctl commands`: the command tree as data."""

from tests.conftest import Run


def test_each_command_has_its_parameters_examples_and_operations(run: Run) -> None:
    rows = {row["path"]: row for row in run("commands", "-o", "json").json}
    kick = rows["emqxctl clients kick"]
    assert kick["effect"] == "destroy"
    assert kick["operations"][0] == "DELETE /clients/{clientid}"
    assert kick["summary"].endswith(".")
    assert kick["examples"]
    assert any("--dry-run" in option["names"] for option in kick["options"])
    assert kick["arguments"][0]["multiple"]
    formats = next(option for option in kick["options"] if option["name"] == "--output")
    assert "jsonl" in formats["choices"]
    argument = rows["emqxctl keys rename"]["arguments"][0]
    assert (argument["name"], argument["required"], argument["multiple"]) == ("NAME", True, False)
