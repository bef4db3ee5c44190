"""The environment chooses the language: EMQXCTL_LANG first, then the variables of the locale."""

import subprocess
import sys

import pytest

from emqxctl.text.language import choose_catalog


@pytest.mark.parametrize(
    ("variables", "catalog"),
    [
        ({}, ""),
        ({"LANG": "en_US.UTF-8"}, ""),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh"}, "zh_CN"),
        ({"LANG": "zh-Hans"}, "zh_CN"),
        ({"LANG": "ZH_SG.utf8"}, "zh_CN"),
        ({"LANG": "zhx"}, ""),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, ""),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "C"}, ""),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"EMQXCTL_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, ""),
        ({"EMQXCTL_LANG": "zh", "LC_ALL": "C"}, "zh_CN"),
        ({"LANG": "../../etc"}, ""),
    ],
)
def test_the_first_variable_that_is_set_decides(
    variables: dict[str, str], catalog: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("EMQXCTL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert choose_catalog() == catalog


def test_english_imports_nothing_for_translations() -> None:
    code = "import sys; from emqxctl.text.language import translate; translate('a'); print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"LANG": "en_US.UTF-8"}
    ).stdout.split()
    assert not {"gettext", "emqxctl.text.catalog"} & set(modules)
