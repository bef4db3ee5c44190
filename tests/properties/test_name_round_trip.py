"""What `-o name` prints of a list are the arguments of the `get` and `delete` beside it."""

import json
import os
import subprocess

import pytest

from emqxctl.cli.root import build_root, walk_commands
from emqxctl.sandbox.server import Sandbox
from tests.conftest import Run
from tests.support.every_case import check_every
from tests.support.sandboxes import EMQXCTL, sandbox_env

# Of another server or of none.
OTHER_LISTS = frozenset({"emqxctl keys", "emqxctl sandbox node"})
TO_DELETE = ("banned", "delayed", "rules", "listeners", "api-keys", "traces", "retained")
# What these print for one name is a list or a file already.
ONE_NAME = frozenset({"emqxctl backups", "emqxctl topics", "emqxctl retained", "emqxctl certs"})
REFUSED = {5, 10, 13}  # not for API keys, not enabled, or not in this edition
LOGIN = ("--username", "admin", "--password-file", "-")


def groups_with(*verbs: str) -> list[str]:
    """Return the groups that have all these commands, and whose list needs no argument."""
    paths = dict(walk_commands(build_root()))
    return [
        group
        for group in dict.fromkeys(path.rpartition(" ")[0] for path in paths)
        if group not in OTHER_LISTS
        and all(f"{group} {verb}" in paths for verb in verbs)
        and not any(parameter.param_type_name == "argument" for parameter in paths[f"{group} list"].params)
    ]


@pytest.mark.parametrize("edition", ["community", "enterprise"])
def test_every_name_of_a_list_can_be_shown(run: Run, edition: str) -> None:
    seen = []
    with Sandbox(edition=edition) as sandbox:

        def check(group: str) -> None:
            words, env = group.split()[1:], sandbox_env(sandbox)
            login: tuple[str, ...] = ()
            result = run(*words, "list", "-o", "name", env=env)
            if "LOGIN_NEEDED" in result.err:
                login = LOGIN
                result = run(*words, "list", "-o", "name", *login, stdin=b"public\n", env=env)
            if result.code in REFUSED:
                return
            assert result.code == 0, result.err
            for line in result.out.splitlines()[:2]:
                arguments = (*words, "get", *login, "--", *line.split("\t"))
                answer = run(*arguments, stdin=b"public\n", env=env)
                if answer.code in REFUSED:  # a backup with API keys
                    return
                assert answer.code == 0, answer.err
                seen.append(group)
            names = result.out.splitlines()[:2]
            if len(names) == 2 and "\t" not in result.out and group not in ONE_NAME:
                answer = run(*words, "get", *login, "-o", "json", "--", *names, stdin=b"public\n", env=env)
                assert (answer.code, len(json.loads(answer.out))) == (0, 2), answer.err

        check_every(groups_with("list", "get"), check)
    assert len(set(seen)) > 10


def test_names_go_through_xargs_to_delete(sandbox: Sandbox) -> None:
    def check(group: str) -> None:
        login = f"{' '.join(LOGIN)}" if group == "api-keys" else ""
        listing = f"{EMQXCTL} {group} list -o name {login}"
        deletion = f"xargs -L1 sh -c 'echo public | {EMQXCTL} {group} delete --yes {login} \"$@\"' -"
        command = f"echo public | {listing} | head -1 | {deletion}"
        done = subprocess.run(
            ["sh", "-c", command],
            env={**os.environ, **sandbox_env(sandbox)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "deleted" in done.stderr

    check_every(TO_DELETE, check)
