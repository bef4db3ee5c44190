"""What a server says of its own settings, read from the recorded documents."""

from typing import Any

import pytest

from emqxctl.declarative.kinds import all_kinds
from emqxctl.declarative.server_schemas import MISSING, ServerSchemas, Shape, put_components
from emqxctl.errors import ServerError
from emqxctl.sandbox.server import Sandbox
from tests.support.state_files import server_of


def shape(sandbox: Sandbox, kind: str, key: str) -> Shape:
    """Return the description of an object."""
    found = server_of(sandbox).shape_of(all_kinds()[kind], key)
    assert found is not None
    return found


def test_types_defaults_and_secrets(sandbox: Sandbox) -> None:
    found = shape(sandbox, "connectors", "mqtt:a")
    assert {"server", "pool_size", "tags"} <= found.fields
    assert {"type", "name", "status"} & found.fields == set()
    assert found.required == {"server"}
    for name, type_name, default, secret in (
        ("connect_timeout", "duration", "10s", False),
        ("password", "string", MISSING, True),
        ("pool_size", "integer", 8, False),
    ):
        field = found.field(name)
        assert field is not None
        assert (field.type_name, field.default, field.is_secret) == (type_name, default, secret)


def test_references_are_followed(sandbox: Sandbox) -> None:
    ssl = shape(sandbox, "connectors", "http:a").field("ssl")
    assert ssl is not None
    depth = ssl.field("depth")
    assert depth is not None
    assert depth.default == 10
    entry = shape(sandbox, "connectors", "mqtt:a").field("static_clientids")
    assert entry is not None
    assert entry.field(0) is not None


@pytest.mark.parametrize(
    ("kind", "key", "field"),
    [
        ("actions", "http:a", "parameters"),
        ("actions", "mqtt:a", "local_topic"),
        ("sources", "mqtt:a", "parameters"),
        ("bridges", "webhook:a", "url"),
        ("settings", "alarm", "size_limit"),
        ("settings", "global_zone", "mqtt"),
    ],
)
def test_each_kind_finds_its_own(kind: str, key: str, field: str, sandbox: Sandbox) -> None:
    assert field in shape(sandbox, kind, key).fields


@pytest.mark.parametrize(
    ("kind", "key"), [("connectors", "kafka:a"), ("rules", "r"), ("settings", "retainer")]
)
def test_what_the_server_does_not_describe(kind: str, key: str, sandbox: Sandbox) -> None:
    assert server_of(sandbox).shape_of(all_kinds()[kind], key) is None


def test_an_older_server_describes_nothing() -> None:
    class Old:
        """Knows no schemas."""

        def get(self, path: str, *_arguments: str, **_options: Any) -> Any:
            """Answer 404."""
            raise ServerError(path)

        post = put = delete = get

    schemas = ServerSchemas(Old())
    assert schemas.shape_of(all_kinds()["connectors"], "http:a") is None


def test_each_document_is_read_once(sandbox: Sandbox) -> None:
    server = server_of(sandbox)
    for key in ("http:a", "mqtt:b", "http:c"):
        server.shape_of(all_kinds()["connectors"], key)
    assert [one.path for one in sandbox.requests] == ["/api/v5/schemas/connectors"]


def test_the_component_of_the_kind_comes_before_that_of_its_module() -> None:
    post = {"properties": {"type": {"symbols": ["http"]}}}
    components = {
        "a.post": post,
        "a.put": {},
        "b.post_connector": post,
        "b.put_connector": {},
        "c.post_action": post,
    }
    assert list(put_components(components, "connector", "http")) == ["b.put_connector", "a.put"]
    assert list(put_components(components, "", "http")) == ["a.put"]
    assert list(put_components(components, "connector", "mqtt")) == []
