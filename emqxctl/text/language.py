"""The language of texts for a person: English, or a catalog chosen by the environment."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emqxctl.text.catalog import Catalog

# The first that is set decides; the three of the C library in its order.
LANGUAGE_VARIABLES = ("EMQXCTL_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
CATALOGS = {"zh": "zh_CN"}  # by the first part of the locale's name


def translate(text: str) -> str:
    """Return a text for a person in the chosen language; English, and what has no translation, unchanged."""
    catalog = load_catalog(choose_catalog())
    return text if catalog is None else catalog.translate(text)


def choose_catalog() -> str:
    """Return the name of the catalog that the environment chooses, such as `zh_CN`; "" for English."""
    for variable in LANGUAGE_VARIABLES:
        value = os.environ.get(variable)
        if value:
            return CATALOGS.get(value.partition("_")[0].partition("-")[0].partition(".")[0].lower(), "")
    return ""


@cache
def load_catalog(name: str) -> "Catalog | None":
    """Return the catalog of a language; None for English. Nothing is imported for English."""
    if not name:
        return None
    from emqxctl.text.catalog import LOCALE_FOLDER, read_catalog

    return read_catalog(LOCALE_FOLDER / name / "LC_MESSAGES" / "emqxctl.mo")
