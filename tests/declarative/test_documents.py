"""Documents: variables in their texts."""

from emqxctl.declarative.documents import Variable


def test_a_variable_is_text_everywhere_else() -> None:
    assert Variable("A", "x") + "y" == "xy"
    assert Variable("A", None) == ""
