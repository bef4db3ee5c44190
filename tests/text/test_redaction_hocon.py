"""Secrets are taken out of HOCON however they are written, and nothing else is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emqxctl.text.redaction import MASK, Redactor
from emqxctl.text.redaction_hocon import redact_hocon

S = "Zx9SECRETz"

HIDDEN = [
    f"password = {S}",
    f'password = "{S}"',
    f'password: "{S}"',
    f'"password" = "{S}"',
    f'a.b.password = "{S}"',
    f'a."the.password" = "{S}"',
    f'a {{ b {{ password = "{S}" }} }}',
    f'a = {{ b: {{ password: "{S}", c = 1 }} }}',
    f'password = "with \\"quotes\\" and {S}"',
    f'password = """{S}"""',
    f'password = """line one\n{S}\n"quoted" line"""',
    f'password = """ends in a quote {S}""""',
    f'password = """never ends\n{S}\nc = 1',
    f'password = "never ends {S}\nc = 1',
    f'password =\n  "{S}"',
    f'password = # a word\n  "{S}"',
    f"password = one {S} two",
    f'password = "a" "{S}"',
    f'password = ${{x}}"{S}"',
    f'secret {{ value = "{S}", more {{ deep = "{S}" }} }}',
    f'secret.value = "{S}"',
    f'tokens = ["{S}", "{S}"]',
    f'tokens = [\n  "{S}"\n  {{a = "{S}"}}\n]',
    f'tokens += "{S}"',
    f"node {{\n  cookie = {S}\n}}",
    f'headers {{ authorization = "Bearer {S}" }}',
    f'list = [{{ password = "{S}" }}, {{ password = {S} }}]',
    f"list = [1, [2, {{ private_key = {S} }}]]",
    f'url = "https://user:{S}@example.com/path"',
    f"# password = {S}\nc = 1",
    f"// password: {S}\nc = 1",
    f'keyfile = """-----BEGIN PRIVATE KEY-----\n{S}\n-----END PRIVATE KEY-----\n"""',
    f'keyfile = "-----BEGIN RSA PRIVATE KEY-----\\n{S}\\n-----END RSA PRIVATE KEY-----"',
    f'statement = "login with password={S} please"',
    f'}} }} password = "{S}"',
    f'a = ] password = "{S}"',
    f'include "x.conf"\npassword = "{S}"',
]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_secret_is_hidden_however_it_is_written(text: str) -> None:
    redacted, masked = redact_hocon(text)
    assert S not in redacted
    assert MASK in redacted
    assert sum(masked.values()) + text.count("# ") + text.count("//") >= 1
    assert redact_hocon(redacted) == (redacted, redact_hocon(redacted)[1])


KEPT = [
    "a = 1\nb = true\nc = null\n",
    'password = ""\n',
    "password = null\ntoken = true\n",
    "secret {}\ntokens = [ ]\n",
    "password_hash_algorithm {name = sha256, salt_position = suffix}\n",
    "password_hash_algorithm.name = sha256\n",
    'mechanism = password_based  # how\nbackend = "built_in_database"\n',
    "authorization {\n  no_match = allow\n  sources = [{enable = true, type = file}]\n}\n",
    "authorization.no_match = allow\n",
    'listeners.tcp.default { bind = "0.0.0.0:1883", max_connections = infinity }\n',
    'sql = "SELECT * FROM \\"t/#\\" WHERE x = 1"\n',
    'sql = """SELECT\n  payload.x as x\nFROM "t/#"\n"""\n',
    'url = "http://127.0.0.1:9091"\nspecs = [[1, 2], [3]]\n',
    "headers {}\npath = /var/lib/emqx\nrate = 1000/s\n",
    'file = ${EMQX_ETC_DIR}"/certs/key.pem"\n',
    'a { b = "}" c = "]" }\nd = "# no comment"\n',
    'include "other.conf"\n',
    "",
    "\n\n# a word\n",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_secret_stays_to_the_letter(text: str) -> None:
    assert redact_hocon(text) == (text, {})


def test_what_stands_around_a_secret_stays() -> None:
    text = f'a {{\n  # why\n  password = "{S}"  # mine\n  x = 1, token = {S}, y = [2]\n}}\nz = "{{"\n'
    redacted, masked = redact_hocon(text)
    assert redacted == text.replace(f'"{S}"', f'"{MASK}"').replace(S, f'"{MASK}"')
    assert masked == {"a.password": 1, "a.token": 1}


def test_secrets_are_counted_by_their_keys() -> None:
    text = f'list = [{{password = {S}}}, {{password = {S}}}]\nurl = "http://u:{S}@h"\nc = 1\n'
    assert redact_hocon(text)[1] == {"list.password": 2, "url": 1}


def test_the_runs_own_secrets_are_hidden_anywhere() -> None:
    redacted, masked = redact_hocon(f'motto = "we say {S}"\n', Redactor([S]).redact_text)
    assert S not in redacted
    assert masked == {"motto": 1}


def iterate_strings(value: Any) -> Iterator[str]:
    """Give all texts in a JSON value."""
    match value:
        case dict():
            for item in value.values():
                yield from iterate_strings(item)
        case list():
            for item in value:
                yield from iterate_strings(item)
        case str():
            yield value


def test_a_recorded_configuration_keeps_all_but_its_secrets() -> None:
    path = Path(__file__).parents[1] / "recordings" / "5.8.9" / "configs" / "GET_configs.json"
    configuration = next(
        text for text in iterate_strings(json.loads(path.read_text())) if "emqxlabcookie" in text
    )
    redacted, masked = redact_hocon(configuration)
    changed = [
        (line.strip(), new.strip())
        for line, new in zip(configuration.split("\n"), redacted.split("\n"), strict=True)
        if line != new
    ]
    assert {line.split(" = ")[0] for line, _ in changed} == {
        "secret",
        "password",
        "authorization",
        "default_password",
        "cookie",
    }
    assert all(new.endswith(f'= "{MASK}"') for _, new in changed)
    assert sum(masked.values()) == len(changed) == 6
    assert masked["node.cookie"] == 1


def quoted(text: str) -> st.SearchStrategy[str]:
    """Write a text in each way HOCON knows."""
    return st.sampled_from([json.dumps(text), f'"""{text}"""', f'"""\n{text}\n"""', text])


def block(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Put members into an object or an array of objects."""
    names = st.sampled_from(["a", '"b.c"', "listeners.tcp", "headers"])
    wrap = st.sampled_from(["{} {{\n{}\n}}", "{} = {{ {} }}", "{} : [{{{}}}]", "{} {{ # }} \n{}\n}}"])
    return st.builds(lambda shape, name, members: shape.format(name, members), wrap, names, children)


SECRETS = st.builds(
    lambda name, sets, value: f"{name}{sets}{value}",
    st.sampled_from(["password", '"secret"', "x.token", "cookie", "api.secret_key"]),
    st.sampled_from([" = ", ":", "=", " =\n "]),
    quoted(S),
)
HARMLESS = st.builds(lambda value: f"kept = {value}", quoted("harmless"))
MEMBERS = st.lists(st.one_of(SECRETS, HARMLESS), min_size=1, max_size=4).map("\n".join)


@settings(max_examples=300)
@given(st.recursive(MEMBERS, block, max_leaves=4))
def test_no_secret_passes_in_any_shape(text: str) -> None:
    redacted, _masked = redact_hocon(text)
    assert S not in redacted
    assert redacted.count("harmless") == text.count("harmless")


@given(st.text(alphabet='ab{}[]="\\\n,:#/$ ', max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    redacted, _masked = redact_hocon(text, str)
    assert redacted == text


def test_what_is_nested_too_deeply_is_not_shown() -> None:
    redacted, masked = redact_hocon("a {" * 5000 + f"password = {S}")
    assert (S in redacted, masked) == (False, {"": 1})
