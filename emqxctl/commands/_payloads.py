"""Message payloads as EMQX's API returns them, in base64."""

from emqxctl.output.formatters import format_plain


def decode_payload(payload: object) -> bytes | None:
    """Return the bytes of a payload in base64; None if EMQX omitted it or sent something else."""
    import base64

    try:
        return base64.b64decode(payload, validate=True) if isinstance(payload, str) else None
    except ValueError:
        return None


def format_payload(payload: object) -> str:
    """Format a payload for a table: as text if it is text, else the base64 as it came."""
    content = decode_payload(payload)
    try:
        return format_plain(payload) if content is None else content.decode()
    except UnicodeDecodeError:
        return f"{format_plain(payload)} (base64)"
