"""Which EMQX versions and editions have each operation of the REST API."""

import re
from functools import cache
from math import inf
from typing import NamedTuple

from emqxctl.emqx.operations_data import LIFETIMES

Release = tuple[float, float, float]

VERSION = re.compile(r"[ve]?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+]\S*|\.\d\S*)?", re.IGNORECASE | re.ASCII)
EDITIONS = {"opensource": "ce", "community": "ce", "ce": "ce", "enterprise": "ee", "ee": "ee"}
OTHER_EDITION = {
    "ce": "requires EMQX Enterprise (this is the community edition)",
    "ee": "requires the community edition (this is EMQX Enterprise)",
}
SINGLE_EDITION_SINCE: Release = (5, 9, 0)
# Before it, Enterprise numbered its patch releases separately (e5.0.4 is about v5.0.26).
COMMON_NUMBERING_SINCE: Release = (5, 4, 0)


class VersionRange(NamedTuple):
    """The releases that a version may mean: one, or a whole line if the patch number is missing or ambiguous.

    `edition` is `ce`, `ee`, or empty if there is only one or it is unknown. `name` is for messages.
    """

    first: Release
    last: Release
    edition: str
    name: str


class ReleaseSpan(NamedTuple):
    """Consecutive releases that have an operation; `until` is the first without it, None for the latest.

    `edition` is `ce` or `ee` if, before 5.9, only that edition had it.
    """

    since: Release
    until: Release | None = None
    edition: str = ""

    def overlaps(self, version: VersionRange) -> bool:
        """Return whether it contains a release that the version may mean, whatever the edition."""
        return self.since <= version.last and (self.until is None or version.first < self.until)

    def fits_edition(self, version: VersionRange) -> bool:
        """Return whether the version's edition had it."""
        return not self.edition or not version.edition or self.edition == version.edition


class Availability(NamedTuple):
    """The releases that have an operation: spans, the oldest first."""

    spans: tuple[ReleaseSpan, ...]

    @property
    def since(self) -> str:
        """The first release that has it."""
        return format_release(self.spans[0].since)

    @property
    def until(self) -> str:
        """The release that removed it permanently, empty if the latest has it."""
        last = self.spans[-1].until
        return format_release(last) if last else ""

    @property
    def edition(self) -> str:
        """`ee` or `ce` if, before 5.9, only that edition ever had it."""
        editions = {span.edition for span in self.spans}
        return editions.pop() if len(editions) == 1 else ""

    def unavailable_reason(self, version: VersionRange) -> str | None:
        """Return why a version does not have it; None if it does."""
        current_spans = [span for span in self.spans if span.overlaps(version)]
        if any(span.fits_edition(version) for span in current_spans):
            return None
        edition_spans = [span for span in self.spans if span.fits_edition(version)]
        if current_spans or not edition_spans:
            return OTHER_EDITION[version.edition]
        later_spans = [span for span in edition_spans if span.since > version.last]
        ends = [span.until for span in edition_spans if span.until and span.until <= version.first]
        if later_spans and (later_spans[-1].until is None or not ends):
            return f"requires EMQX {format_release(later_spans[0].since)} or later (this is {version.name})"
        return f"was removed in EMQX {format_release(max(ends)).removesuffix('.0')} (this is {version.name})"


def find_availability(operation: str) -> Availability | None:
    """Return the availability of an operation (`GET /nodes/{node}`, or with a real path); None if unknown."""
    lifetime = find_lifetime(operation)
    return Availability(tuple(map(parse_span, lifetime.split(", ")))) if lifetime else None


def unavailable_reason(operation: str, version: str, edition: str) -> str | None:
    """Return why a version does not have an operation, as the end of a sentence that starts with it.

    None if it has it, or if the version is unknown. `version` is as in EMQX (`5.8.9`, `e5.10.4`,
    `5.8.9-g1234`), `edition` is `Opensource`, `Enterprise` or empty.
    """
    availability, version_range = find_availability(operation), parse_version(version, edition)
    return availability.unavailable_reason(version_range) if availability and version_range else None


def parse_version(version: str, edition: str = "") -> VersionRange | None:
    """Parse a version and edition; None for an unknown form. A release candidate counts as its release."""
    match = VERSION.fullmatch(version.strip())
    if not match:
        return None
    major, minor = int(match[1]), int(match[2])
    prefix_edition = {"v": "ce", "e": "ee"}.get(version.strip()[0].lower(), "")
    edition_code = EDITIONS.get(edition.lower(), "") or prefix_edition
    name = f"{major}.{minor}" + (f".{int(match[3])}" if match[3] else "")
    if not match[3] or (edition_code == "ee" and (major, minor, 0) < COMMON_NUMBERING_SINCE):
        first, last = (major, minor, 0), (major, minor, inf)
    else:
        first = last = (major, minor, int(match[3]))
    return VersionRange(first, last, "" if first >= SINGLE_EDITION_SINCE else edition_code, name)


def parse_numbers(version: str) -> tuple[int, int, int]:
    """Parse major, minor and patch of a version for comparisons; zeros for what is missing or other text."""
    match = VERSION.fullmatch(version.strip())
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else (0, 0, 0)


def parse_span(text: str) -> ReleaseSpan:
    """Parse one span: `5.0.0..6.0.0`, `ee 5.7.0..`."""
    edition, _, releases = text.rpartition(" ")
    since, _, until = releases.partition("..")
    return ReleaseSpan(parse_release(since), parse_release(until) if until else None, edition)


def parse_release(text: str) -> Release:
    """Parse the three numbers of a release."""
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


def format_release(release: Release) -> str:
    """Format a release as in EMQX."""
    return ".".join(str(number) for number in release)


def find_lifetime(operation: str) -> str | None:
    """Return the lifetime of an operation; if a real path fits several, the one with the most fixed parts."""
    method, segments = split_operation(operation)
    lifetime = lifetimes_by_pattern().get((method, segments))
    if lifetime:
        return lifetime
    matches = [
        (sum(part != "{}" for part in pattern), lifetime)
        for (pattern_method, pattern), lifetime in lifetimes_by_pattern().items()
        if pattern_method == method and path_matches(pattern, segments)
    ]
    return max(matches)[1] if matches else None


def path_matches(pattern: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    """Return whether a path fits a pattern; `[...]` at the end of a pattern is any number of segments."""
    if pattern[-1] == "[...]":
        pattern, segments = pattern[:-1], segments[: len(pattern) - 1]
    return len(pattern) == len(segments) and all(
        part in {"{}", segment} for part, segment in zip(pattern, segments, strict=True)
    )


@cache
def lifetimes_by_pattern() -> dict[tuple[str, tuple[str, ...]], str]:
    """Return the lifetimes by method and path, without the names of the placeholders."""
    return {split_operation(operation): lifetime for operation, lifetime in LIFETIMES.items()}


def split_operation(operation: str) -> tuple[str, tuple[str, ...]]:
    """Return the method of an operation and the parts of its path, `{}` for each placeholder."""
    method, _, path = operation.partition(" ")
    parts = path.partition("?")[0].removeprefix("/api/v5").strip("/").split("/")
    return method.upper(), tuple("{}" if part.startswith("{") else part for part in parts)
