"""Generated data is current: the fields of bodies, the JSON Schema."""

from emqxctl.declarative.schema import build_schema, read_schema
from tests.support.body_fields import FILE, generate

AGAIN = "python -m tests.support.body_fields writes them again"


def test_the_fields_are_those_of_the_documents() -> None:
    assert FILE.read_text("utf-8") == generate(), AGAIN


def test_the_schema_is_that_of_the_kinds() -> None:
    assert read_schema() == build_schema(), AGAIN
