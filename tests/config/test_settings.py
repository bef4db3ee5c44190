"""The settings of a run: option before environment before profile before preference before default."""

from itertools import product
from pathlib import Path

import pytest

from emqxctl.config.profiles import Config, Profile
from emqxctl.config.settings import normalize_url, resolve_settings, url_origin
from emqxctl.errors import ConfigError

HOME = Config(
    Path("config.toml"),
    current="prod",
    profiles={
        "prod": Profile(
            "prod", url="https://prod:18084", api_key="prod-key", timeout=7.0, ca_file="/ca", insecure=True
        )
    },
)


@pytest.mark.parametrize("levels", list(product([True, False], repeat=4)))
def test_each_level_overrides_those_below(levels: tuple[bool, ...]) -> None:
    option, variable, profile, preference = levels
    settings = resolve_settings(
        {"timeout": 1.0} if option else {},
        {"EMQXCTL_TIMEOUT": "2s"} if variable else {},
        HOME if profile else HOME._replace(profiles={"prod": Profile("prod", url="https://prod:18084")}),
        {"timeout": 8} if preference else {},
    )
    expected = [value for value, is_set in zip((1.0, 2.0, 7.0, 8.0), levels, strict=True) if is_set]
    assert settings.timeout == (expected or [30.0])[0]


def test_credentials_are_only_used_for_their_own_server() -> None:
    at_home = resolve_settings({}, {}, HOME, {})
    assert (at_home.api_key, at_home.ca_file, at_home.insecure) == ("prod-key", "/ca", True)
    for options, environ in (
        ({"url": "https://other:18084"}, {}),
        ({}, {"EMQXCTL_URL": "http://prod:18084"}),
    ):
        away = resolve_settings(options, environ, HOME, {})
        assert (away.api_key, away.ca_file, away.insecure) == ("", "", False)
    same = resolve_settings({"url": "https://PROD:18084/api/v5/"}, {}, HOME, {})
    assert same.api_key == "prod-key"


def test_the_environment_alone_is_enough() -> None:
    environ = {"EMQXCTL_URL": "http://e:1", "EMQXCTL_API_KEY": "k"}
    settings = resolve_settings({}, environ, Config(Path("x"), current="gone"), {})
    assert (settings.url, settings.api_key, settings.profile) == ("http://e:1", "k", "")


def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(ConfigError, match="'nope'"):
        resolve_settings({"profile": "nope"}, {}, HOME, {})


def test_unknown_preferences_warn_and_wrong_ones_stop() -> None:
    assert "shiny" in resolve_settings({}, {}, HOME, {"shiny": 1}).warnings[0]
    with pytest.raises(ConfigError, match="output"):
        resolve_settings({}, {}, HOME, {"output": "xml"})
    with pytest.raises(ConfigError, match="retries"):
        resolve_settings({}, {}, HOME, {"retries": [1]})


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("http://h:18083", "http://h:18083"),
        ("https://h:18084/", "https://h:18084"),
        ("http://h:1/api/v5", "http://h:1"),
        ("http://h:1/emqx/api/v5/", "http://h:1/emqx"),
        ("http://[::1]:18083", "http://[::1]:18083"),
    ],
)
def test_urls_are_cleaned(url: str, clean: str) -> None:
    assert normalize_url(url) == clean


@pytest.mark.parametrize(
    "url",
    ["h:18083", "ftp://h", "http://", "http://u:p@h:1", "http://h:99999", "http://a b", "", "http://h:0"],
)
def test_an_invalid_url_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(ConfigError) as error:
        normalize_url(url)
    assert "u:p" not in error.value.message
    assert error.value.hint


def test_an_origin_is_scheme_host_and_port() -> None:
    assert url_origin("https://H") == ("https", "h", 443)
    assert url_origin("http://h/path") == ("http", "h", 80)
