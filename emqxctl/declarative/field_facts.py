"""Which fields the objects of a kind have, in which EMQX versions, from EMQX's own OpenAPI documents."""

import json
from functools import cache
from importlib.resources import files

from emqxctl.declarative.documents import Json
from emqxctl.emqx.operations import VersionRange, parse_version

Release = tuple[float, float, float]


@cache
def load_facts() -> dict[str, Json]:
    """Return the facts: `documents` name the kinds that each has, `fields` the fields of each kind."""
    text = files("emqxctl.declarative.data").joinpath("fields.json").read_text("utf-8")
    facts: dict[str, Json] = json.loads(text)
    return facts


def place_of(kind: str, key: str) -> str:
    """Return where the fields of an object are in the facts; settings have theirs by name."""
    return f"{kind}/{key}" if kind == "settings" else kind


def known_fields(kind: str, key: str = "") -> dict[str, Json]:
    """Return the fields of a kind, empty where nothing is known."""
    fields: dict[str, Json] = load_facts()["fields"].get(place_of(kind, key), {})
    return fields


def document_release(name: str) -> Release:
    """Return the release of a document's name: `5.8.9-ce`."""
    parsed = parse_version(name.partition("-")[0])
    return parsed.first if parsed else (0, 0, 0)


def missing_field(kind: str, key: str, field: str, version: VersionRange) -> str:
    """Return why a version does not take a field, or nothing where it does or nothing is known."""
    row = known_fields(kind, key).get(field)
    documents = [name for name, places in load_facts()["documents"].items() if place_of(kind, key) in places]
    if row is None or not documents:
        return ""
    having = sorted(document_release(name) for name in row["in"])
    releases = sorted(document_release(name) for name in documents)
    if version.last < having[0] and any(release <= version.last for release in releases):
        return f"is not in the API before EMQX {format_release(having[0])}"
    later = [release for release in releases if release > having[-1]]
    if not later or version.first <= having[-1]:
        return ""
    last, gone = format_release(having[-1]), format_release(later[0])
    if version.last >= later[0]:
        return f"is not in the API any more (last seen in EMQX {last})"
    return f"is gone in EMQX {gone} (last seen in {last})"


def format_release(release: Release) -> str:
    """Return a release as text."""
    return ".".join(str(part) for part in release)
