"""Facts about fields of bodies."""

from emqxctl.declarative.field_facts import load_facts


def test_the_facts_know_the_common_kinds() -> None:
    fields = load_facts()["fields"]
    assert {"url", "server", "pool_size"} <= set(fields["connectors"])
    assert {"sql", "actions"} <= set(fields["rules"])
    assert "max_payload_size" in fields["settings/retainer"]
