"""TAB in real shells under a pseudo-terminal: the line that it leaves."""

from dataclasses import replace
from pathlib import Path

import pytest

from emqxctl.sandbox.server import Sandbox
from tests.support.completion import install_patient_program
from tests.support.sandboxes import sandbox_env
from tests.support.shells import complete_lines

SHELLS = ("bash", "zsh", "fish")
HOSTILE = "my rule (1) $HOME"
LINES = (
    ("emqxctl clien\t", "clients"),
    ("emqxctl nodes get emqx1\t", "emqx1@sandbox.local"),
    ("emqxctl rules delete hot\t", "hot-sensors"),
    ("emqxctl clients list --conn-state dis\t", "disconnected"),
    ("emqxctl clients list --conn-state=dis\t", "--conn-state=disconnected"),
    ("emqxctl clients list --node emqx2\t", "emqx2@sandbox.local"),
    ("emqxctl clients list --fields clientid,mqueue_l\t", "clientid,mqueue_len"),
    ("emqxctl clients list --sort -mqueue_l\t", "-mqueue_len"),
    ("emqxctl check --only nodes,cert\t", "nodes,certificates"),
    ("emqxctl wait --for cluster\t", "cluster=healthy"),
    ("emqxctl clients kick offline-meter-007\t", "offline-meter-007"),
    ("emqxctl connectors get http:old\t", "http:old-crm"),
    ("emqxctl connectors get 'http:old\t", "http:old-crm"),
    ('emqxctl connectors get "http:old\t', "http:old-crm"),
    ("emqxctl keys use pr\t", "prod"),
    ("emqxctl -p pr\t", "prod"),
    ("emqxctl rules get my\t", HOSTILE),
    ("emqxctl rules get 'my r\t", HOSTILE),
    ("emqxctl rules get my\\ r\t", HOSTILE),
    ("emqxctl apply -f clus\t", "cluster.yaml"),
    ("emqxctl rules get clus\t", "clus"),  # a name is wanted, never a file
    ("emqxctl nodes get zzz\t", "zzz"),
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder with a profile and a file whose name could be taken for a rule's."""
    (tmp_path / "cluster.yaml").write_text("")
    (tmp_path / "config.toml").write_text('[profiles.prod]\nurl = "http://127.0.0.1:1"\n')
    (tmp_path / "config.toml").chmod(0o600)
    return tmp_path


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_the_word(shell: str, home: Path, sandbox: Sandbox) -> None:
    env = {**sandbox_env(sandbox), "EMQXCTL_CONFIG": str(home)}
    with sandbox.cluster.lock:
        rules = sandbox.cluster.integration.rules
        rules[HOSTILE] = replace(rules["hot-sensors"], id=HOSTILE)
    install_patient_program(home / "bin")
    words = complete_lines(shell, [line for line, _ in LINES], home, env)
    assert {line: words[line][-1] for line, word in LINES if words[line][-1] != word} == {}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_an_installed_script_is_loaded_at_the_first_tab(shell: str, home: Path) -> None:
    line = "emqxctl clien\t"
    env = {"EMQXCTL_CONFIG": str(home)}
    assert complete_lines(shell, [line], home, env, installed=True)[line][-1] == "clients"


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_changes_nothing_if_the_cluster_is_away(shell: str, home: Path) -> None:
    lines = ["emqxctl -p prod nodes get em\t", "emqxctl --url http://10.255.255.1 clients kick x\t"]
    words = complete_lines(shell, lines, home, {"EMQXCTL_CONFIG": str(home)})
    assert [words[line][-1] for line in lines] == ["em", "x"]
