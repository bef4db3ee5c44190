"""Secrets masked in headers, JSON, text and URLs, however they are written."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

MASK = "******"
MAX_DEPTH = 100  # levels of JSON; deeper values are masked whole, so that no body can exhaust the stack
MIN_SECRET_LENGTH = 4  # characters; a shorter secret would mask parts of ordinary words

# The patterns are text, compiled on first use: that takes longer than the start-up may (9 ms).

# Names that look like a secret but are not: identifiers, algorithms, and where a secret is stored.
HARMLESS_NAMES = r"password_based|password_hash_algorithm|secret_(?:file|command|env)|secret_base64_encoded"
SENSITIVE_WORDS = (  # parts of names, in either spelling
    r"password|passwd|passphrase|secret|credential|cookie|bearer|private[_-]?key|access[_-]?key|account[_-]?key"
    r"|x[_-]api[_-]key|service[_-]account[_-]json|connection[_-]string|signature"
)
SECRET_NAME = (
    rf"(?is)(?!(?:.*[._-])?(?:{HARMLESS_NAMES})$)"
    rf"(?:.*(?:{SENSITIVE_WORDS}).*|.*tokens?|.*authori[sz]ation|(?:.*[._-])?(?:pwd|psk|pin|sasl.*))"
)

NAME = (
    rf"(?<![\w.-])(?!(?:[\w.-]*[.-])?(?:{HARMLESS_NAMES})\b)"
    rf"(?:[\w.-]*(?:{SENSITIVE_WORDS})[\w-]*|[\w.-]*(?:tokens?|authori[sz]ation)|(?:[\w.-]*[._-])?(?:pwd|psk|sasl[\w-]*))"
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
# Words that follow "Basic" or "Bearer" in prose; anything else is masked as credentials.
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
SECRET_PATH = rf"(?i)path\s*=>\s*(?:<<)?\"[^\"]*(?:{SENSITIVE_WORDS}|token)[^\"]*\""
PATH_VALUE = rf"(?s)(?P<key>\bvalue\s*=>\s*)(?P<value>{VALUE})"


def is_secret(name: str) -> bool:
    """Return whether a field, header or parameter of this name holds a secret."""
    return re.fullmatch(SECRET_NAME, name.strip().replace("-", "_")) is not None


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with credentials, cookies and tokens masked."""
    return {name: MASK if is_secret(name) else redact_text(value) for name, value in headers.items()}


def redact_text(text: str) -> str:
    """Return text with its secrets masked: HTTP, JSON, Erlang terms, forms, URLs, prose."""
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
    """Return a match with its value masked; the quotes stay, so that the rest keeps its syntax."""
    value = match["value"]
    quotes = re.match(r"(<<\"|\\*[\"'])", value)
    if not quotes:
        return match["key"] + MASK
    closing = quotes[1] if quotes[1] != '<<"' else '">>'
    return f"{match['key']}{quotes[1]}{MASK}{closing}"


def redact_url(url: str) -> str:
    """Return a URL with its user, password and secret parameters masked."""
    url = re.sub(USERINFO, rf"\g<key>{MASK}@", url)
    return re.sub(r"(?P<key>[?&;#](?P<name>[^=&;#]*)=)(?P<value>[^&#]*)", mask_parameter, url)


def mask_parameter(match: re.Match[str]) -> str:
    """Return a query parameter with its value masked if its name is that of a secret."""
    return match["key"] + MASK if is_secret(unquote_plus(match["name"])) else match[0]


def parse_json(text: str) -> tuple[Any, bool]:
    """Parse text as JSON; return the value and whether it was JSON."""
    try:
        return json.loads(text), True
    except (ValueError, RecursionError):
        return None, False


def redact_json(value: Any, mask_text: Callable[[str], str] = redact_text, depth: int = 0) -> Any:  # noqa: ANN401
    """Return a JSON value with its secrets masked, at any depth, also in JSON documents inside strings.

    `mask_text` masks the secrets of a string. Empty values, true, false and null stay under any name.
    """
    if depth > MAX_DEPTH:
        return MASK
    match value:
        case str():
            return mask_text(value)
        case Mapping():
            return {
                mask_text(str(key)): redact_member(str(key), value, mask_text, depth + 1) for key in value
            }
        case list() | tuple():
            return type(value)(redact_json(item, mask_text, depth + 1) for item in value)
        case bool() | None:
            return value
    masked_value = mask_text(str(value))
    return masked_value if MASK in masked_value else value


def redact_member(key: str, members: Mapping[str, Any], mask_text: Callable[[str], str], depth: int) -> Any:  # noqa: ANN401  # JSON is Any
    """Return one member of an object with its secrets masked."""
    value = members[key]
    if value is None or value in ("", [], {}) or isinstance(value, bool):
        return value
    # `authorization` is a header, but also a root of EMQX's configuration.
    if is_secret(key) and not (key == "authorization" and isinstance(value, Mapping)):
        return MASK
    if key.lower() in {"value", "reason", "got"} and describes_secret(members):
        if key.lower() != "reason":
            return MASK
        return mask_in_text(str(members.get("value", "")), redact_json(value, mask_text, depth))
    return redact_json(value, mask_text, depth)


def describes_secret(members: Mapping[str, Any]) -> bool:
    """Return whether an object describes a secret field: `{"path": "root.password", "value": "x"}`."""
    names = [str(members.get(key, "")) for key in ("path", "name", "key", "header", "field", "field_name")]
    return any(is_secret(name.rpartition(".")[2]) for name in names if name)


def mask_in_text(secret: str, value: Any) -> Any:  # noqa: ANN401  # JSON is Any
    """Return the reason why a secret was rejected (`Expected: infinity, got:…`) with the secret masked."""
    return value.replace(secret, MASK) if isinstance(value, str) and secret else value


class Redactor:
    """Masks secrets, and this run's own secrets wherever they occur.

    Its own secrets are found as they are, percent-encoded, escaped as in JSON, and inside base64 (Basic
    authentication).
    """

    def __init__(self, literals: Iterable[str] = ()) -> None:
        """Keep the secrets; their forms are computed on first use."""
        self.literals = [literal for literal in literals if len(literal) >= MIN_SECRET_LENGTH]

    def add_secrets(self, *secrets: str) -> None:
        """Add secrets; they are masked from now on."""
        self.literals += [secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH]
        for cached_name in ("secret_forms", "base64_fragments"):
            self.__dict__.pop(cached_name, None)

    @cached_property
    def secret_forms(self) -> list[str]:
        """The forms of the secrets in text, longest first."""
        return sorted(
            {form for literal in self.literals for form in list_text_forms(literal)}, key=len, reverse=True
        )

    @cached_property
    def base64_fragments(self) -> list[str]:
        """The fragments of base64 texts that contain a secret."""
        return sorted({form for literal in self.literals for form in list_base64_forms(literal)})

    def mask_known_secrets(self, text: str) -> str:
        """Return text with this run's own secrets masked."""
        for form in self.secret_forms:
            text = text.replace(form, MASK)
        for form in self.base64_fragments:
            if form in text:
                text = re.sub(rf"[A-Za-z0-9+/_-]*{re.escape(form)}[A-Za-z0-9+/_-]*=*", MASK, text)
        return text

    def redact_text(self, text: str) -> str:
        """Return text with its secrets masked."""
        return redact_text(self.mask_known_secrets(text))

    def redact_json(self, value: Any) -> Any:  # noqa: ANN401  # JSON is Any
        """Return a JSON value with its secrets masked."""
        return redact_json(value, self.redact_text)

    def redact_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers with their secrets masked."""
        return {name: self.mask_known_secrets(value) for name, value in redact_headers(headers).items()}

    def redact_url(self, url: str) -> str:
        """Return a URL with its secrets masked."""
        return self.mask_known_secrets(redact_url(url))


def list_text_forms(secret: str) -> set[str]:
    """Return the forms of a secret in text: as it is, percent-encoded, escaped as in JSON."""
    raw = secret.encode("utf-8", "surrogatepass")
    escaped = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return {secret, quote(raw, safe=""), quote(raw), quote_plus(raw), *escaped}


def list_base64_forms(secret: str) -> set[str]:
    """Return the base64 characters that only the secret determines, for each offset of its start."""
    raw = secret.encode("utf-8", "surrogatepass")
    forms = set()
    for offset in range(3):
        encoded = b64encode(b"\0" * offset + raw).decode()
        start = (offset * 8 + 5) // 6
        end = (offset + len(raw)) * 8 // 6
        fragment = encoded[start:end]
        forms |= {fragment, fragment.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= MIN_SECRET_LENGTH}
