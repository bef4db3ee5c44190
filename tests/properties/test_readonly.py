"""Every command as its example runs it, in a read-only profile: nothing but safe requests leaves."""

from pathlib import Path

import pytest

from emqxctl.cli.spec import Effect
from tests.conftest import Ran, Run
from tests.support.examples import AgreeableServer, Example, examples, make_files

SAFE = ("GET ", "HEAD ", "OPTIONS ")
LOGIN = "POST /api/v5/login"  # as a dashboard user, to read what no key may
# What this server's answers, or files of one line, are not enough for.
NEEDS_MORE = {
    *("emqxctl authorization rules clients create", "emqxctl authorization rules users create"),
    *("emqxctl authorization rules purge", "emqxctl authorization sources move"),
    *("emqxctl gateways authentication delete", "emqxctl gateways authentication update"),
    *("emqxctl keys add", "emqxctl keys login", "emqxctl schemas bundle", "emqxctl users password"),
}
SECRETS = ("s3cret-of-the-test", "s3cret-of-a-file")


@pytest.fixture
def do(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Do":
    """Give what runs an example against a server, in a folder with the files it names."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Do(run, home, folder)


class Do:
    """Runs examples as the profile `prod`."""

    def __init__(self, run: Run, home: Path, folder: Path) -> None:
        """Remember where."""
        self.run, self.home, self.folder = run, home, folder

    def __call__(self, server: AgreeableServer, one: Example, *, readonly: bool) -> tuple[Ran, list[str]]:
        """Run one; give what came of it and the unsafe requests that left."""
        make_files(one.words, self.folder)
        config = self.home / "config" / "config.toml"
        config.parent.mkdir(exist_ok=True)
        config.write_text(
            f'[profiles.prod]\nurl = "{server.url}"\napi_key = "k"\napi_secret = "{SECRETS[0]}"\n'
            f"readonly = {str(readonly).lower()}\n"
        )
        config.chmod(0o600)
        known = {"RETRIES": "0", "USERNAME": "admin", "PASSWORD": SECRETS[0], "PROFILE": "prod"}
        env = {f"EMQXCTL_{name}": value for name, value in known.items()}
        server.requests.clear()
        words = [word for word in one.words if word != "--dry-run"]
        ran = self.run("--yes", *words, stdin=f"{SECRETS[0]}\n".encode(), env=env)
        return ran, [request for request in server.requests if not request.startswith(SAFE)]


def shows_a_fault(ran: Ran) -> bool:
    """Tell whether a run shows a secret, or ended by a bug."""
    return any(word in ran.out + ran.err for word in ("Traceback", "UNEXPECTED", *SECRETS))


def test_reading_sends_nothing_unsafe(do: Do) -> None:
    strays: dict[str, object] = {}
    with AgreeableServer() as server:
        for one in examples():
            if one.spec.effect is Effect.READ:
                ran, sent = do(server, one, readonly=True)
                if [each for each in sent if each != LOGIN] or shows_a_fault(ran):
                    strays[one.path] = (ran.code, sent, ran.err)
    assert strays == {}


def test_every_change_is_refused_with_14_and_nothing_unsafe_leaves(do: Do) -> None:
    strays: dict[str, object] = {}
    idle = set()
    with AgreeableServer() as server:
        for one in examples():
            if one.spec.effect is Effect.READ:
                continue
            refused, leaked = do(server, one, readonly=True)
            allowed, sent = do(server, one, readonly=False)
            told = refused.code == 14 and "this profile is read-only" in refused.out + refused.err
            if not sent:
                idle.add(one.path)
            if leaked or shows_a_fault(refused) or shows_a_fault(allowed) or (sent and not told):
                strays[one.path] = (leaked, refused.code, refused.err, allowed.err)
    assert strays == {}
    assert idle <= NEEDS_MORE
