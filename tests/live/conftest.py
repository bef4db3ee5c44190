"""Fixtures of the live tests. Each leaves the cluster as it was; a snapshot checks that after each module."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.live.environment import (
    DASHBOARD_PASSWORD,
    DASHBOARD_USERNAME,
    PREFIX,
    URL,
    Emqxctl,
    RawApi,
    Server,
    open_raw_api,
)
from tests.live.leftovers import compare_snapshots, take_snapshot

WriteJson = Callable[[Any], str]


@pytest.fixture(scope="session")
def raw() -> RawApi:
    """Return the raw API of the cluster. Fails without EMQXCTL_URL: a test of nothing is no success."""
    if not URL:
        pytest.fail("EMQXCTL_URL, EMQXCTL_API_KEY and EMQXCTL_API_SECRET name the cluster of the live tests")
    return open_raw_api()


@pytest.fixture(scope="session")
def server(raw: RawApi) -> Server:
    """Return what the cluster is."""
    nodes = raw.get("/nodes").rows
    first = nodes[0]
    return Server(first["version"], first.get("edition", ""), tuple(node["node"] for node in nodes))


@pytest.fixture(scope="session")
def emqxctl() -> Emqxctl:
    """Return the command line, connected to the cluster."""
    return Emqxctl()


@pytest.fixture(scope="module", autouse=True)
def _unchanged(raw: RawApi, server: Server) -> Iterator[None]:
    """Fail if the tests of a module leave the cluster otherwise than they found it."""
    before = take_snapshot(raw)
    yield
    problems = compare_snapshots(before, take_snapshot(raw))
    assert not problems, "\n".join(problems)


@pytest.fixture
def write_json(tmp_path: Path) -> WriteJson:
    """Write values to new files, each as JSON, and return their names."""
    count = 0

    def write(value: Any) -> str:
        nonlocal count
        count += 1
        path = tmp_path / f"{PREFIX}-{count}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def cleanup(raw: RawApi) -> Iterator[Callable[..., None]]:
    """Return a function that keeps a request, method and path, for the end of the test; 404 is fine then."""
    requests: list[tuple[str, str, Any]] = []

    def keep(method: str, path: str, body: Any = None) -> None:
        requests.append((method, path, body))

    yield keep
    for method, path, body in reversed(requests):
        response = raw.request(method, path, body)
        assert response.status < 300 or response.status == 404, f"{method} {path}: {response}"


@pytest.fixture
def login(tmp_path: Path) -> Mapping[str, str]:
    """Return the variables of a dashboard user. Skips without EMQX_DASHBOARD_USERNAME and its _PASSWORD."""
    if not DASHBOARD_USERNAME:
        pytest.skip("no dashboard user: set EMQX_DASHBOARD_USERNAME and EMQX_DASHBOARD_PASSWORD")
    return {"EMQXCTL_USERNAME": DASHBOARD_USERNAME, "EMQXCTL_PASSWORD": DASHBOARD_PASSWORD}


@pytest.fixture
def raw_as_user(raw: RawApi, login: Mapping[str, str]) -> RawApi:
    """Return the raw API with a token of the dashboard user."""
    body = {"username": login["EMQXCTL_USERNAME"], "password": login["EMQXCTL_PASSWORD"]}
    response = raw.request("POST", "/login", body)
    assert response.status == 200, response
    return RawApi(URL, f"Bearer {response.body['token']}")
