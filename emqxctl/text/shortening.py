"""Long text, cut off."""


def shorten(text: str, limit: int) -> str:
    """Return text of at most `limit` characters; `…` marks what was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
