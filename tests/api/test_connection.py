"""Connections: the files of TLS, and no secret in their text."""

from pathlib import Path

import pytest

from emqxctl.api.connection import Connection, client_certificate, tls_verification
from emqxctl.errors import ConfigError


def test_files_of_tls_are_named_in_full(tmp_path: Path) -> None:
    connection = Connection("https://h")
    both = tmp_path / "both.pem"
    both.touch()
    assert tls_verification(connection) is True
    assert tls_verification(connection._replace(insecure=True, ca_file="x")) is False
    assert tls_verification(connection._replace(ca_file=str(both))) == str(both)
    assert client_certificate(connection) is None
    assert client_certificate(connection._replace(client_cert=str(both))) == (str(both), str(both))
    for wrong in (connection._replace(ca_file="/nowhere/x"), connection._replace(client_cert="/nowhere/x")):
        with pytest.raises(ConfigError, match="/nowhere/x"):
            (tls_verification if wrong.ca_file else client_certificate)(wrong)


def test_a_connection_shows_no_secret() -> None:
    assert "the-secret" not in repr(Connection("http://h", "k", "the-secret", "the-secret"))
