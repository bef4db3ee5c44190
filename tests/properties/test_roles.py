"""Commands that roles and scopes of EMQX Enterprise allow and refuse: exit code 5, and what is missing."""

import shlex
from collections.abc import Iterator

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run

LOGIN = {"EMQXCTL_USERNAME": "admin", "EMQXCTL_PASSWORD": "public"}
READS = (
    "nodes list",
    "clients list --limit 1",
    "rules list",
    "alarms list",
    "banned list",
    "listeners list",
    "connectors list",
    "authentication list",
    "license get",
    "namespaces list",
)
WRITES = (
    "banned add clientid x",
    "rules create r1 --sql 'SELECT 1'",
    "connectors create http:c1 --target-url http://127.0.0.1:9 --no-enable",
    "publish a/b hello",
    "listeners stop tcp:default --yes",
    "authentication create jwt --set algorithm=hmac-based --set secret=s --set use_jwks=false",
    "alarms clear --yes",
    "namespaces create n1",
    "schemas create s1 --type json --set source={}",
    "configs set sysmon --set os.cpu_check_interval=61s",
)
ROLE_CASES = {
    "viewer": (READS, WRITES, "requires the role "),
    "publisher": (("publish a/b hello",) * 2, (*READS, *WRITES[:3], *WRITES[4:]), "requires the role "),
    "administrator": ((*READS, WRITES[0], WRITES[3]), (), ""),
    "ns:plant::viewer": (("rules list", "connectors list", "audit list"), WRITES, "requires the role "),
    "ns:plant::administrator": (
        ("rules list", "connectors list", "rules create r2 --sql 'SELECT 1'", "nodes list"),
        (*WRITES[:1], *WRITES[3:]),
        "requires the role ",
    ),
}
SCOPE_CASES = {
    "connections": ("clients list --limit 1", "banned list", "banned add clientid y", "topics list"),
    "monitoring": ("alarms list", "traces list", "metrics get", "stats get"),
    "system": ("listeners list", "plugins list", "backups list", "configs get sysmon"),
    "license": ("license get", "license settings get"),
    "cluster_operations": ("nodes list", "namespaces list", "cluster get"),
}


@pytest.fixture
def enterprise(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Start a simulated EMQX Enterprise and point the environment at it."""
    with Sandbox(edition="enterprise") as sandbox:
        monkeypatch.setenv("EMQXCTL_URL", sandbox.url)
        monkeypatch.setenv("EMQXCTL_RETRIES", "0")
        yield sandbox


def create_key(run: Run, name: str, *words: str) -> dict[str, str]:
    """Create an API key and return the environment of a run with it."""
    result = run("api-keys", "create", name, "--show-secret", "--json", *words, env=LOGIN)
    assert result.code == 0, result.err
    return {"EMQXCTL_API_KEY": result.json["api_key"], "EMQXCTL_API_SECRET": result.json["api_secret"]}


@pytest.mark.parametrize("role", ROLE_CASES)
def test_a_role_allows_and_refuses(run: Run, enterprise: Sandbox, role: str) -> None:
    allowed, refused, missing = ROLE_CASES[role]
    assert run("namespaces", "create", "plant", env=create_key(run, "first")).code == 0
    env = create_key(run, "k", "--role", role)
    wrong: dict[str, str] = {}
    for line in allowed:
        result = run(*shlex.split(line), env=env)
        wrong |= {line: result.err} if result.code in {4, 5} else {}
    for line in refused:
        result = run(*shlex.split(line), env=env)
        wrong |= {line: result.err} if result.code != 5 or missing not in result.err else {}
    assert wrong == {}


@pytest.mark.parametrize("scope", SCOPE_CASES)
def test_a_scope_allows_and_refuses(run: Run, enterprise: Sandbox, scope: str) -> None:
    env = create_key(run, "k", "--role", "administrator", "--scope", scope)
    wrong: dict[str, str] = {}
    for line in SCOPE_CASES[scope]:
        result = run(*shlex.split(line), env=env)
        wrong |= {line: result.err} if result.code in {4, 5} else {}
    for other, lines in SCOPE_CASES.items():
        for line in lines if other != scope else ():
            result = run(*shlex.split(line), env=env)
            is_named = f"requires the scope {other}" in result.err
            wrong |= {line: result.err} if result.code != 5 or not is_named else {}
    assert wrong == {}


def test_what_a_key_may_do_is_shown(run: Run, enterprise: Sandbox) -> None:
    admin = create_key(run, "first")
    assert run("keys", "test", "--json", env=admin).json["permissions"] == "administrator"
    assert run("namespaces", "create", "plant", env=admin).code == 0
    viewer = create_key(run, "v", "--role", "viewer")
    assert run("keys", "test", "--json", env=viewer).json["permissions"] == "viewer: read-only"
    scoped = create_key(run, "s", "--role", "administrator", "--scope", "license", "--scope", "monitoring")
    shown = run("keys", "test", "--json", env=scoped).json
    assert shown["permissions"] == "administrator; only scopes license, monitoring"
    assert run("status", env=scoped).code == 8
    publisher = create_key(run, "p", "--role", "publisher")
    shown = run("keys", "test", "--json", env=publisher).json
    assert shown["role"] == "publisher"
    tenant = create_key(run, "t", "--role", "ns:plant::administrator")
    assert "only in " in run("keys", "test", "--json", env=tenant).json["permissions"]
    doctor = {row["check"]: row for row in run("doctor", "--json", env=scoped).json}
    assert doctor["role"]["result"] == "administrator; only scopes license, monitoring"
