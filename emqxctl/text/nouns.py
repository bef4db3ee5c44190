"""Nouns in sentences: the plural, and a count with its noun."""


def pluralize(noun: str) -> str:
    """Return the plural of a noun: `registries`, `collections of topic metrics`, `topic metrics`."""
    head, preposition, rest = noun.partition(" of ")
    if head.endswith("s"):
        return noun
    return head[:-1] + plural_ending(head) + preposition + rest


def plural_ending(head: str) -> str:
    """Return the plural of a noun's last letter: `ies` of `entry`, `hes` of `publish`, `ys` of `key`."""
    if head[-1:] == "y" and head[-2:-1] not in "aeiou":
        return "ies"
    return "hes" if head.endswith(("ch", "sh")) else f"{head[-1:]}s"


def count_noun(count: float, noun: str, *, plural: str = "", form: str = ".0f") -> str:
    """Return a count with its noun: `1 rule`, `2 rules`.

    `plural` is for an irregular one, `form` the format of the number.
    """
    return f"{count:{form}} {noun if count == 1 else plural or pluralize(noun)}"
