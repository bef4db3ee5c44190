"""The one place that takes secrets out of what is shown: headers, JSON, text and URLs."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

MASK = "******"
MAX_DEPTH = 100  # levels of JSON; what lies deeper is masked whole, so that no body can exhaust the stack
MIN_SECRET_LENGTH = 4  # characters; a shorter literal would mask parts of ordinary words

# The patterns are text, compiled when first used: compiling them takes longer than a whole start may (9 ms).

# Names that hold no secret although they look so: identifiers, algorithms, and where a secret is kept.
HARMLESS_NAMES = r"password_based|password_hash_algorithm|secret_(?:file|command|env)|secret_base64_encoded"
SECRET_WORDS = (  # parts of names, in either spelling
    r"password|passwd|passphrase|secret|credential|cookie|bearer|private[_-]?key|access[_-]?key|account[_-]?key"
    r"|x[_-]api[_-]key|service[_-]account[_-]json|connection[_-]string|signature"
)
SECRET_NAME = (
    rf"(?is)(?!(?:.*[._-])?(?:{HARMLESS_NAMES})$)"
    rf"(?:.*(?:{SECRET_WORDS}).*|.*tokens?|.*authori[sz]ation|(?:.*[._-])?(?:pwd|psk|pin|sasl.*))"
)

NAME = (
    rf"(?<![\w.-])(?!(?:[\w.-]*[.-])?(?:{HARMLESS_NAMES})\b)"
    rf"(?:[\w.-]*(?:{SECRET_WORDS})[\w-]*|[\w.-]*(?:tokens?|authori[sz]ation)|(?:[\w.-]*[._-])?(?:pwd|psk|sasl[\w-]*))"
)
VALUE = (
    r'<<(?P<bin>"(?:[^"\\]|\\.)*")(?:/utf8)?>>|<<[\d,\s]*>>'
    r'|(?P<esc>\\*)"(?:.*?)(?<!\\)(?P=esc)"'
    r"|'(?:[^'\\]|\\.)*'"
    r"|\#?[\[{][^\]}]*[\]}]?"
    r"|(?:(?:basic|bearer|digest|negotiate)\s+)?[^\s,;&]+"
)
PAIR = (
    rf"(?is)(?P<key>(?:<<)?(?P<slash>\\*)[\"']?{NAME}(?P=slash)[\"']?(?:>>)?\s*(?:=>|[=:])"
    rf"(?!\s*basic/bearer)\s*)(?P<value>{VALUE})"
)
TUPLE = rf"(?is)(?P<key>[{{\[]\s*(?:<<)?[\"']?{NAME}[\"']?(?:>>)?\s*,\s*)(?P<value>(?=<<|[\"'\\])(?:{VALUE}))"
HEADER = r"(?i)(?P<key>\b(?:authorization|cookie)\s*:(?!\s*basic/bearer)\s*)(?P<value>[^\r\n\"'<{\[]+)"
# Words that follow "Basic" or "Bearer" in prose; anything else there is taken for credentials.
PROSE_WORDS = (
    r"auth\w*|tokens?|realm(?:=\S*)?|scheme|headers?|credentials?|or|and|with|api|access|is|are|not|instead|for"
    r"|to|in|if"
)
SCHEME = (
    rf"(?i)(?P<key>\b(?:basic|bearer|digest|negotiate)\s+)(?!(?:{PROSE_WORDS})(?:[\s,;:!?)\"'\]]|\.\s|\.?$))"
    r"(?P<value>[\w+/=.~%-]+)"
)
USERINFO = r"(?i)(?P<key>[a-z][a-z0-9+.-]{0,20}://)(?P<value>[^\s/?#\"'<>]+)@"
PRIVATE_KEY = r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
SECRET_PATH = rf"(?i)path\s*=>\s*(?:<<)?\"[^\"]*(?:{SECRET_WORDS}|token)[^\"]*\""
PATH_VALUE = rf"(?s)(?P<key>\bvalue\s*=>\s*)(?P<value>{VALUE})"


def is_secret(name: str) -> bool:
    """Tell whether a field, header or parameter of this name holds a secret."""
    return re.fullmatch(SECRET_NAME, name.strip().replace("-", "_")) is not None


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Give headers without credentials, cookies and tokens."""
    return {name: MASK if is_secret(name) else redact_text(value) for name, value in headers.items()}


def redact_text(text: str) -> str:
    """Take secrets out of text: HTTP, JSON, Erlang terms, forms, URLs, prose."""
    if text.lstrip()[:1] in {"{", "["}:
        value, is_json = parse_json(text)
        if is_json:
            redacted = redact_json(value)
            return text if redacted == value else json.dumps(redacted, ensure_ascii=False)
    if "PRIVATE KEY" in text:
        text = re.sub(PRIVATE_KEY, MASK, text)
    text = re.sub(USERINFO, rf"\g<key>{MASK}@", text)
    for pattern in (PAIR, TUPLE, HEADER, SCHEME):
        text = re.sub(pattern, mask_value, text)
    return re.sub(PATH_VALUE, mask_value, text) if re.search(SECRET_PATH, text) else text


def mask_value(match: re.Match[str]) -> str:
    """Mask a value and keep the quotes around it, so that the rest can still be read as what it was."""
    value = match["value"]
    quotes = re.match(r"(<<\"|\\*[\"'])", value)
    if not quotes:
        return match["key"] + MASK
    closing = quotes[1] if quotes[1] != '<<"' else '">>'
    return f"{match['key']}{quotes[1]}{MASK}{closing}"


def redact_url(url: str) -> str:
    """Give a URL without its user and password and without the values of secret-looking parameters."""
    url = re.sub(USERINFO, rf"\g<key>{MASK}@", url)
    return re.sub(r"(?P<key>[?&;#](?P<name>[^=&;#]*)=)(?P<value>[^&#]*)", mask_parameter, url)


def mask_parameter(match: re.Match[str]) -> str:
    """Mask the value of a query parameter when its name says that it is a secret."""
    return match["key"] + MASK if is_secret(unquote_plus(match["name"])) else match[0]


def parse_json(text: str) -> tuple[Any, bool]:
    """Read text as JSON. Gives the value and whether it was JSON at all."""
    try:
        return json.loads(text), True
    except (ValueError, RecursionError):
        return None, False


def redact_json(value: Any, text: Callable[[str], str] = redact_text, depth: int = 0) -> Any:  # noqa: ANN401
    """Give a JSON value without its secrets, at any depth, also those of JSON documents inside strings.

    `text` takes the secrets out of each string. Empty values, true, false and null stay under any name.
    """
    if depth > MAX_DEPTH:
        return MASK
    match value:
        case str():
            return text(value)
        case Mapping():
            return {text(str(key)): redact_member(str(key), value, text, depth + 1) for key in value}
        case list() | tuple():
            return type(value)(redact_json(one, text, depth + 1) for one in value)
        case bool() | None:
            return value
    shown = text(str(value))
    return shown if MASK in shown else value


def redact_member(key: str, whole: Mapping[str, Any], text: Callable[[str], str], depth: int) -> Any:  # noqa: ANN401
    """Give one member of an object without its secrets."""
    value = whole[key]
    if value is None or value in ("", [], {}) or isinstance(value, bool):
        return value
    # `authorization` is a header, but also a root of EMQX's configuration.
    if is_secret(key) and not (key == "authorization" and isinstance(value, Mapping)):
        return MASK
    if key.lower() in {"value", "reason", "got"} and describes_secret(whole):
        return (
            MASK
            if key.lower() != "reason"
            else mask_in_text(str(whole.get("value", "")), redact_json(value, text, depth))
        )
    return redact_json(value, text, depth)


def describes_secret(whole: Mapping[str, Any]) -> bool:
    """Tell whether an object speaks of a secret field: `{"path": "root.password", "value": "x"}`."""
    named = [str(whole.get(key, "")) for key in ("path", "name", "key", "header", "field", "field_name")]
    return any(is_secret(name.rpartition(".")[2]) for name in named if name)


def mask_in_text(secret: str, value: Any) -> Any:  # noqa: ANN401  # JSON is Any
    """Take a secret out of the reason why it was refused (`Expected: infinity, got:…`)."""
    return value.replace(secret, MASK) if isinstance(value, str) and secret else value


class Redactor:
    """Redaction that also knows this run's own secrets, and finds them wherever and however they are written.

    Found as they are, percent-encoded, escaped as in JSON, and inside base64 (the Basic form of any API key).
    """

    def __init__(self, literals: Iterable[str] = ()) -> None:
        """Keep the secrets; their written forms are made when first needed."""
        self.literals = [one for one in literals if len(one) >= MIN_SECRET_LENGTH]

    def add_secrets(self, *secrets: str) -> None:
        """Keep more secrets; what was shown before is not made up for."""
        self.literals += [one for one in secrets if len(one) >= MIN_SECRET_LENGTH]
        for made in ("secret_forms", "base64_fragments"):
            self.__dict__.pop(made, None)

    @cached_property
    def secret_forms(self) -> list[str]:
        """The secrets' written forms, longest first."""
        return sorted({form for one in self.literals for form in list_text_forms(one)}, key=len, reverse=True)

    @cached_property
    def base64_fragments(self) -> list[str]:
        """What base64 texts that hold a secret have in them."""
        return sorted({form for one in self.literals for form in list_base64_forms(one)})

    def mask_known_secrets(self, text: str) -> str:
        """Mask this run's own secrets in text."""
        for form in self.secret_forms:
            text = text.replace(form, MASK)
        for form in self.base64_fragments:
            if form in text:
                text = re.sub(rf"[A-Za-z0-9+/_-]*{re.escape(form)}[A-Za-z0-9+/_-]*=*", MASK, text)
        return text

    def redact_text(self, text: str) -> str:
        """Take secrets out of text, as `redact_text`."""
        return redact_text(self.mask_known_secrets(text))

    def redact_json(self, value: Any) -> Any:  # noqa: ANN401  # JSON is Any
        """Take secrets out of a JSON value, as `redact_json`."""
        return redact_json(value, self.redact_text)

    def redact_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Take secrets out of headers, as `redact_headers`."""
        return {name: self.mask_known_secrets(value) for name, value in redact_headers(headers).items()}

    def redact_url(self, url: str) -> str:
        """Take secrets out of a URL, as `redact_url`."""
        return self.mask_known_secrets(redact_url(url))


def list_text_forms(secret: str) -> set[str]:
    """Give the ways a secret may stand in text: as it is, percent-encoded, escaped as in JSON."""
    raw = secret.encode("utf-8", "surrogatepass")
    escaped = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return {secret, quote(raw, safe=""), quote(raw), quote_plus(raw), *escaped}


def list_base64_forms(secret: str) -> set[str]:
    """Give the base64 characters that only the secret decides, for each place it can begin at."""
    raw = secret.encode("utf-8", "surrogatepass")
    forms = set()
    for before in range(3):
        encoded = b64encode(b"\0" * before + raw).decode()
        first = (before * 8 + 5) // 6
        last = (before + len(raw)) * 8 // 6
        core = encoded[first:last]
        forms |= {core, core.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= MIN_SECRET_LENGTH}
