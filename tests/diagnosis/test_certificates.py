"""Certificates: the names that they are valid for."""

import pytest

from emqxctl.diagnosis.certificates import Certificate


@pytest.mark.parametrize(
    ("host", "is_covered"),
    [
        ("mqtt.example.com", True),
        ("a.example.org", True),
        ("A.EXAMPLE.ORG.", True),
        ("a.b.example.org", False),
        ("example.org", False),
        ("10.0.0.1", True),
        ("10.0.0.2", False),
    ],
)
def test_names_are_compared_as_clients_do(host: str, is_covered: bool) -> None:
    certificate = Certificate(b"", "", "", ("mqtt.example.com", "*.example.org", "10.0.0.1"), 0, 0)
    assert certificate.covers(host) is is_covered
